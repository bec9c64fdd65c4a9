"""Counts that take a moment with many cases: kept for a while, and counted anew beside the pages.

A page waits a little for a count that is not there, and no page waits for one that only aged, if it
takes long. What takes longer to count is counted less often.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from time import perf_counter
from typing import Final, Generic, TypeVar

from sqlmodel import Session

from app.clock import Clock
from app.store.engines import Database

FRESH: Final = timedelta(seconds=60)
PATIENCE: Final = 0.15  # seconds
SHARE: Final = 30
"""A count is made anew when so many times as long has passed as it took."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Counted(Generic[T]):
    """A count, when it was true, and how long it took, in seconds."""

    value: T
    at: datetime
    took: float


class Counts(Generic[T]):
    """One kind of count, by key. One is counted at a time, by a thread of their own."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        count: Callable[[Session, str], T],
        *,
        fresh: timedelta = FRESH,
        patience: float = PATIENCE,
    ) -> None:
        self._database = database
        self._clock = clock
        self._count = count
        self._fresh = fresh
        self._patience = patience
        self._known: dict[Hashable, Counted[T]] = {}
        self._under_way: dict[Hashable, Future[None]] = {}
        self._lock = Lock()
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="counts")

    def of(self, key: str) -> Counted[T] | None:
        """The count as it is known; None while it is counted for the first time."""
        known = self._known.get(key)
        if known is not None and self._clock.now() - known.at < self._lasts(known):
            return known
        begun = self._begun(key)
        if known is None or known.took < self._patience:
            wait([begun], timeout=self._patience)
        return self._known.get(key)

    def _lasts(self, known: Counted[T]) -> timedelta:
        return max(self._fresh, timedelta(seconds=SHARE * known.took))

    def _begun(self, key: str) -> Future[None]:
        with self._lock:
            running = self._under_way.get(key)
            if running is None or running.done():
                running = self._under_way[key] = self._worker.submit(self._recount, key)
            return running

    def _recount(self, key: str) -> None:
        now, began = self._clock.now(), perf_counter()
        with self._database.read() as session:
            value = self._count(session, key)
        self._known[key] = Counted(value, now, perf_counter() - began)
