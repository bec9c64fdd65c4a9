"""Turns at writing a SQLite file: threads and processes wait in line, and are woken.

SQLite lets whoever finds its file locked sleep and try again, ever longer. Whoever has just written
comes back first, and who sleeps is starved: a payment waited two seconds for transactions of thirty
milliseconds. A line is only manners: what protects the rows is SQLite's own lock, which those who
know no line (the command-line tool of SQLite) take as ever.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import local
from typing import Final

if sys.platform != "win32":
    from fcntl import LOCK_EX, LOCK_NB, LOCK_UN, flock
else:  # no such lock there: SQLite's own waiting, as before

    def flock(_file: int, _operation: int) -> None: ...

    LOCK_EX, LOCK_NB, LOCK_UN = 2, 4, 8

NEXT: Final = "-next"
TURN: Final = "-turn"
BESIDE: Final = (NEXT, TURN)
"""The files beside the database's. They stay empty and may be removed while nobody writes."""


class Line:
    """The line before one file. Thread-safe."""

    def __init__(self, path: Path) -> None:
        self._next = path.with_name(path.name + NEXT)
        self._turn = path.with_name(path.name + TURN)
        self._mine = local()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Waits for the turn and has it to the end of the block. Who has had it stands behind those
        who wait: the next in line keeps the door until the turn is free, and so comes in before.

        Raises `RuntimeError` in a thread that has it already: it would wait for itself for ever.
        """
        if getattr(self._mine, "has_it", False):
            raise RuntimeError("a transaction that writes was begun within another one")
        with ExitStack() as held:
            with ExitStack() as door:
                try:
                    keep = door.enter_context(_opened(self._next))
                    turn = held.enter_context(_opened(self._turn))
                except OSError:  # no folder, or not ours: SQLite says that better
                    pass
                else:
                    door.enter_context(_locked(keep))
                    held.enter_context(_locked(turn))
            self._mine.has_it = True
            held.callback(setattr, self._mine, "has_it", False)
            yield

    def is_wanted(self) -> bool:
        """Whether somebody waits for the turn."""
        try:
            with _opened(self._next) as keep, _locked(keep, wait=False):
                return False
        except BlockingIOError:
            return True
        except OSError:
            return False


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield file
    finally:
        os.close(file)


@contextmanager
def _locked(file: int, *, wait: bool = True) -> Iterator[None]:
    """Let go by word, and not by closing: a copy of this process may hold the file open. Raises
    `BlockingIOError` where it is taken and is not waited for."""
    flock(file, LOCK_EX if wait else LOCK_EX | LOCK_NB)
    try:
        yield
    finally:
        flock(file, LOCK_UN)
