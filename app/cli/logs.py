"""The log of a running process: on standard error, and discreet."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import TracebackType
from typing import Final, Literal, TypeAlias

from structlog.processors import EventRenamer, JSONRenderer
from structlog.stdlib import ProcessorFormatter, add_log_level, add_logger_name
from structlog.typing import EventDict

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


class DiscreetJson(ProcessorFormatter):
    """The same as one object a line. `event` is the sentence without what fills it, the same for
    all lines of a kind; a row that the sentence names has a key of its own, such as `case_id`."""

    def __init__(self) -> None:
        super().__init__(
            foreign_pre_chain=[_begun, add_log_level, add_logger_name, _named, _failed],
            processors=[
                EventRenamer("message", replace_by="sentence"),
                ProcessorFormatter.remove_processors_meta,
                JSONRenderer(ensure_ascii=False),
            ],
            pass_foreign_args=True,
        )


def _begun(_logger: object, _method: str, told: EventDict) -> EventDict:
    """A line begins with its time."""
    at = datetime.fromtimestamp(told["_record"].created, UTC)
    return {"at": at.isoformat(timespec="milliseconds"), **told}


def _named(_logger: object, _method: str, told: EventDict) -> EventDict:
    """The sentence, and the rows that it names."""
    sentence, given = str(told["_record"].msg), told.pop("positional_args")
    blanks = (found[1] for found in _BLANK.finditer(sentence) if found[0] != "%%")
    if isinstance(given, tuple):
        for noun, value in zip(blanks, given, strict=False):
            if noun in _NAMED:
                told[f"{noun}_id"] = value
    told["sentence"] = sentence
    return told


def _failed(_logger: object, _method: str, told: EventDict) -> EventDict:
    """The kind and the place of an exception."""
    failure: _Failure | None = told.pop("exc_info", None)
    if failure is not None and failure[1] is not None:
        told["error"] = discreetly(failure[1])
    return told


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


@contextmanager
def nothing_below(level: str) -> Iterator[None]:
    """Ours at `level` and worse while the block lasts, for a command that tells the rest itself."""
    before = {name: logging.getLogger(name).level for name in OURS}
    for name in OURS:
        logging.getLogger(name).setLevel(level.upper())
    try:
        yield
    finally:
        for name, each in before.items():
            logging.getLogger(name).setLevel(each)


def hush_server(form: Format) -> None:
    """Has uvicorn's own handlers write like ours. Call it once its configuration is made."""
    for name in ("uvicorn", "uvicorn.error"):
        for handler in logging.getLogger(name).handlers:
            handler.setFormatter(_formatter(form))


def _formatter(form: Format) -> logging.Formatter:
    return Discreet(FORMAT) if form == "text" else DiscreetJson()
