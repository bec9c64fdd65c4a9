"""The log of a running process: on standard error, and discreet."""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Final, Literal, TypeAlias

OURS = ("app", "campaigns", "channels")
FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"

Format: TypeAlias = Literal["text", "json"]

_BLANK: Final = re.compile(r"%%|(?:\b([a-z]+) )?%[-#0 +\d.]*[a-z]")
_NAMED: Final = frozenset({"attempt", "campaign", "case", "creditor", "message"})
_Failure: TypeAlias = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)


class Discreet(logging.Formatter):
    """Tells the kind and the place of an exception, never its words: they may quote a customer."""

    def formatException(self, ei: _Failure) -> str:  # noqa: N802  # the name is logging's
        return "" if ei[1] is None else discreetly(ei[1])


class DiscreetJson(Discreet):
    """The same as one object a line. `event` is the sentence without what fills it, the same for
    all lines of a kind; a row that the sentence names has a key of its own, such as `case_id`."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": str(record.msg),
            "message": record.getMessage(),
            **_rows_named(record),
        }
        if record.exc_info:
            told["error"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)


def _rows_named(record: logging.LogRecord) -> dict[str, object]:
    given = record.args if isinstance(record.args, tuple) else ()
    blanks = (found[1] for found in _BLANK.finditer(str(record.msg)) if found[0] != "%%")
    return {
        f"{noun}_id": value for noun, value in zip(blanks, given, strict=False) if noun in _NAMED
    }


def discreetly(problem: BaseException) -> str:
    """Where an exception and its causes came from: files, lines and our own code, no values."""
    told: list[str] = []
    each: BaseException | None = problem
    while each is not None:
        told.append("".join(traceback.format_tb(each.__traceback__)) + type(each).__name__)
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)
    return "\ncaused while handling:\n".join(told)


def log_to_stderr(level: str, form: Format) -> None:
    """Ours at `level`; of others only what is wrong. Theirs at a lower level would print rows."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(form))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    for name in OURS:
        logging.getLogger(name).setLevel(level.upper())
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a long tick is no warning


def hush_server(form: Format) -> None:
    """Has uvicorn's own handlers write like ours. Call it once its configuration is made."""
    for name in ("uvicorn", "uvicorn.error"):
        for handler in logging.getLogger(name).handlers:
            handler.setFormatter(_formatter(form))


def _formatter(form: Format) -> logging.Formatter:
    return Discreet(FORMAT) if form == "text" else DiscreetJson()
