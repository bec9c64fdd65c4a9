"""Places for the processes of the drill: whoever dies there is followed by another.

Safe for threads. A process is forked from one that has imported everything, so that a life begins
at once. Its orders go through a pipe, because an address may hold a password and every process can
read the arguments of all.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Lock
from typing import Final

Say = Callable[[str], None]
Work = Callable[..., None]
"""Is given its orders, how to say how far it is, and whatever else its place was made with."""

_CONTEXT: Final = get_context("forkserver")
_ONE_BY_ONE: Final = Lock()  # whoever starts a process asks after all others
_CONTEXT.set_forkserver_preload(["app.lab.drill_worker", "app.lab.drill_web", "app.lab.drill_pipe"])


class Place:
    """`log` takes what its processes write to standard error."""

    def __init__(self, work: Work, orders: Mapping[str, str], log: Path, *more: object) -> None:
        self._given = (work, dict(orders), log, *more)
        self.follow()

    def wait_until(self, word: str) -> None:
        """Until it has said this. Raises `RuntimeError` when it ended by itself, which none may."""
        try:
            while self._heard.recv() != word:
                continue
        except EOFError:
            raise RuntimeError(
                f"a process ended before it was {word}; see {self._given[2]}"
            ) from None

    def ensure_alive(self) -> None:
        """Raises `RuntimeError` when it ended by itself."""
        with _ONE_BY_ONE:
            is_alive = self._process.is_alive()
        if not is_alive:
            raise RuntimeError(f"a process ended by itself; see {self._given[2]}")

    def kill(self) -> None:
        """By SIGKILL, which leaves it no last word."""
        with _ONE_BY_ONE:
            self._process.kill()
            self._process.join()
            self._process.close()
        self._heard.close()

    def follow(self) -> None:
        self._heard, saying = _CONTEXT.Pipe(duplex=False)
        self._process = _CONTEXT.Process(target=_live, args=(saying, *self._given), daemon=True)
        with _ONE_BY_ONE:
            self._process.start()
        saying.close()


def _live(
    saying: Connection, work: Work, orders: Mapping[str, str], log: Path, *more: object
) -> None:
    with log.open("a") as file:
        os.dup2(file.fileno(), 2)
    work(orders, saying.send, *more)
