"""Walks the thousand in a process of its own, so that the stage stays quick meanwhile."""

from __future__ import annotations

import multiprocessing
import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from multiprocessing.connection import Connection
from typing import Any

from app.lab.demo import run_demo
from app.lab.result import DemoResult
from app.store.engines import Database

GENTLY = 5  # how much the walk gives way to the stage


@dataclass(frozen=True, slots=True)
class Walk:
    """What is walked: a migrated, empty database, and the demo's own numbers."""

    url: str
    customers: int
    days: int
    seed: int
    today: date
    scenario: str = ""


class WalkFailed(RuntimeError):
    """The walk ended without a result: what it said, or that it was ended."""


class Walking:
    """A walk, once it is started. `done` of `total` days are behind it; `result` is there in the
    end."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        self.done, self.total = 0, walk.days
        self.result: DemoResult | None = None
        self.is_stopped = False
        fresh = multiprocessing.get_context("spawn")
        self._heard, self._told = fresh.Pipe(duplex=False)
        self._process = fresh.Process(target=_walk, args=(walk, self._told), daemon=True)

    def start(self) -> None:
        self._process.start()
        self._told.close()  # ours: the end of the process is then the end of the pipe

    @property
    def is_running(self) -> bool:
        return self.result is None

    def follow(self, tell: Any) -> DemoResult:
        """Tells how far it has come until it is over. Raises `WalkFailed`."""
        try:
            while True:
                word = self._heard.recv()
                match word:
                    case DemoResult():
                        self.result = word
                        return word
                    case str():
                        raise WalkFailed(word)
                    case _:
                        self.done, self.total = word
                        tell(self.done, self.total)
        except EOFError:
            raise WalkFailed("The walk of the thousand was ended before it was done.") from None

    def stop(self) -> None:
        """Ends the walk where it is. What was walked stays in the database."""
        self.is_stopped = True
        self._process.terminate()
        self._process.join()


def _walk(walk: Walk, told: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the stage ends us when it ends
    with suppress(OSError, AttributeError):
        os.nice(GENTLY)
    database = Database(walk.url)
    try:
        result = run_demo(
            database,
            customers=walk.customers,
            days=walk.days,
            seed=walk.seed,
            today=walk.today,
            progress=lambda done, total: told.send((done, total)),
            scenario=walk.scenario,
        )
    except Exception as problem:  # told to whoever follows
        told.send(f"The walk of the thousand failed ({type(problem).__name__}).")
        raise
    finally:
        database.dispose()
    told.send(result)
