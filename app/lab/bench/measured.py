"""Processes that are measured from within: their processor time, their memory, and for how long
each of their transactions held SQLite's one write lock.

They answer when they are asked, over a pipe, and are killed in the end.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final, cast

from sqlalchemy import event

from app.garbage import rare_collection
from app.lab.bench.memory import pss_mb
from app.store.engines import Database

_CONTEXT: Final = get_context("forkserver")
_CONTEXT.set_forkserver_preload(["app.lab.bench.intake_warm"])


@dataclass(frozen=True, slots=True)
class Figures:
    """Of a process. `slices` are the milliseconds of each write transaction, from the lock to the
    end of the commit; they and `done` count since the last question."""

    cpu_seconds: float
    memory_mb: float
    slices: list[float]
    done: int

    @property
    def longest(self) -> float:
        return max(self.slices, default=0.0)


@dataclass(slots=True)
class Witness:
    """What a measured process tells with. `done` is whatever it counts; `asked` is set when it is
    asked for the first time, which is when what is measured begins."""

    done: int = 0
    asked: threading.Event = field(default_factory=threading.Event)
    _slices: list[float] = field(default_factory=list)
    _ready: threading.Event = field(default_factory=threading.Event)

    def ready(self) -> None:
        self._ready.set()

    def watch(self, database: Database) -> Database:
        """Notes each write transaction of it from now on."""

        @event.listens_for(database.engine, "begin")
        def begun(connection: Any) -> None:
            # After the listener that takes the lock, which was there first.
            connection.info["locked_at"] = time.perf_counter()

        @event.listens_for(database.engine, "checkin")
        def over(_connection: object, record: Any) -> None:
            # Not at `commit`, which is told of before the disk has it.
            locked_at = record.info.pop("locked_at", None)
            if locked_at is not None:
                self._slices.append((time.perf_counter() - locked_at) * 1000)

        return database

    def answer(self, pipe: Connection) -> None:
        """Says that it is ready, and then its figures whenever it is asked."""
        self._ready.wait()
        pipe.send("ready")
        while pipe.recv():
            slices, self._slices = self._slices, []
            done, self.done = self.done, 0
            pipe.send(Figures(time.process_time(), pss_mb(), slices, done))
            self.asked.set()


Work = Callable[..., None]
"""Is given its orders, its witness, and whatever else it was started with."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A running process."""

    _pipe: Connection

    def figures(self) -> Figures:
        """Raises `RuntimeError` when it has ended by itself."""
        self._pipe.send("figures")
        return cast("Figures", self._hear())

    def wait(self) -> None:
        """Until it is ready."""
        self._hear()

    def _hear(self) -> object:
        try:
            return self._pipe.recv()
        except EOFError:
            raise RuntimeError("a process of the bench ended too early") from None


@contextmanager
def measured(work: Work, orders: Mapping[str, str], log: Path, *more: object) -> Iterator[Measured]:
    """Runs it in a process of its own, ready when this yields; killed with the block."""
    ours, theirs = _CONTEXT.Pipe()
    process = _CONTEXT.Process(
        target=_live, args=(theirs, log, work, dict(orders), *more), daemon=True
    )
    process.start()
    theirs.close()
    running = Measured(ours)
    try:
        running.wait()
        yield running
    finally:
        process.kill()
        process.join()
        process.close()
        ours.close()


def _live(pipe: Connection, log: Path, work: Work, orders: Mapping[str, str], *more: Any) -> None:
    with log.open("a") as file:
        os.dup2(file.fileno(), 2)
    witness = Witness()
    threading.Thread(target=witness.answer, args=(pipe,), daemon=True).start()
    with rare_collection():
        work(orders, witness, *more)
