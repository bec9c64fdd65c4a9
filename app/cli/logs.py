"""The log of a running process: on standard error, and discreet."""

from __future__ import annotations

import logging
import sys
import traceback
from types import TracebackType
from typing import TypeAlias

OURS = ("app", "campaigns", "channels")
FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"

_Failure: TypeAlias = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)


class Discreet(logging.Formatter):
    """Tells the kind and the place of an exception, never its words: they may quote a customer."""

    def formatException(self, ei: _Failure) -> str:  # noqa: N802  # the name is logging's
        return "" if ei[1] is None else discreetly(ei[1])


def discreetly(problem: BaseException) -> str:
    """Where an exception and its causes came from: files, lines and our own code, no values."""
    told: list[str] = []
    each: BaseException | None = problem
    while each is not None:
        told.append("".join(traceback.format_tb(each.__traceback__)) + type(each).__name__)
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)
    return "\ncaused while handling:\n".join(told)


def log_to_stderr(level: str) -> None:
    """Ours at `level`; of others only what is wrong. Theirs at a lower level would print rows."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Discreet(FORMAT))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    for name in OURS:
        logging.getLogger(name).setLevel(level.upper())
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a long tick is no warning


def hush_server() -> None:
    """Has uvicorn's own handlers write like ours. Call it once its configuration is made."""
    for name in ("uvicorn", "uvicorn.error"):
        for handler in logging.getLogger(name).handlers:
            handler.setFormatter(Discreet(FORMAT))
