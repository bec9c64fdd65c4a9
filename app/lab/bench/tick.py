"""The bench of growth: as many cases fall due in a small book as in a large one, and processes take
as much memory for the one as for the other.

Each second of the bench's own time one more is due, wherever it lies. A round moves the hand on by
as many seconds in both books, and walks until nothing is due.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Final

from app.book.due import AT_A_TIME
from app.engine.catalogue import Catalogue
from app.engine.walk import Walk
from app.garbage import rare_collection
from app.lab.bench.crowd import FIRST_AT, NOW, TABLES, fill
from app.lab.bench.memory import pss_mb
from app.lab.bench.plans import taken_down, whole_tables
from app.lab.bench.processes import web_and_worker
from app.lab.bench.report import Aim, Figure, Report, one, rates
from app.lab.bench.rounds import ROUNDS, Progress, Series, Spread, Timed, stopwatch
from app.lab.bench.stores import Store
from app.store.engines import Database

DUE: Final = 1_000
SMALL: Final = 10_000
LARGE: Final = 1_000_000
VERY_LARGE: Final = 10_000_000
EMPTY_TICKS: Final = 20

AIM_OF_GROWTH: Final = Aim(at_most=2)
AIM_OF_EMPTY: Final = Aim(at_most=5)  # ms
AIM_OF_MEMORY: Final = Aim(at_most=300)  # MB
AIM_OF_FLAT: Final = Aim(at_most=1.25)
PLANNED_FROM: Final = 1_000  # people: what is smaller is best read whole


def run(
    store: Store,
    *,
    folder: Path,
    large: bool = False,
    progress: Progress,
    sizes: tuple[int, int] | None = None,
    due: int = DUE,
    rounds: int = ROUNDS,
) -> Report:
    """`sizes` and `due` make it small for a test; the smaller holds what is due in all rounds."""
    people = sizes or (SMALL, VERY_LARGE if large else LARGE)
    with ExitStack() as stack:
        books = []
        for size in people:
            books.append(stack.enter_context(_book(store, size)))
            progress(len(books), rounds + 2)
        for turn in range(rounds):
            for book in books if turn % 2 else reversed(books):
                book.round(turn, due)
            progress(turn + 3, rounds + 2)
        figures = [*_times(books, due), *_memory(books, folder)]
        return Report(
            "tick", store.name, figures, [each for book in books for each in book.wrong()]
        )


def _times(books: Sequence[_Book], due: int) -> Iterator[Figure]:
    small, large = (f"{due:,} due among {book.people:,}" for book in books)
    series = Series({small: books[0].runs, large: books[1].runs})
    yield Figure(f"{large}, as long", series.ratio(small, large), "times", AIM_OF_GROWTH)
    yield from rates(series)
    for book in books:
        empty, among = Spread.of(book.empty), f"among {book.people:,}"
        yield Figure(f"nothing due {among}", empty, "ms", AIM_OF_EMPTY)
        yield one(f"the first look of a process {among}", book.first, "ms")


def _memory(books: Sequence[_Book], folder: Path) -> Iterator[Figure]:
    if not pss_mb():
        return
    took = [web_and_worker(book.database, folder) for book in books]
    for name, small, large in zip(("web", "worker"), *took, strict=True):
        yield one(f"memory of a {name}, as much", large / small, "times", AIM_OF_FLAT)
        for book, most in zip(books, (small, large), strict=True):
            yield one(f"memory of a {name} over {book.people:,}", most, "MB", AIM_OF_MEMORY)


@dataclass
class _Book:
    """A book that is walked, and what its rounds took. `empty` are milliseconds of ticks that found
    nothing due, the middle one of each round."""

    people: int
    database: Database
    walk: Walk
    first: float
    runs: list[Timed] = field(default_factory=list)
    empty: list[float] = field(default_factory=list)
    scanned: set[str] = field(default_factory=set)

    def round(self, turn: int, due: int) -> None:
        now = FIRST_AT + timedelta(seconds=due * (turn + 1) - 1)
        with rare_collection(), stopwatch() as read:
            looked = _walk_all(self.walk, now)
            self.database.settle_file()
            seconds, cpu_seconds = read()
        self.runs.append(Timed(due, seconds, cpu_seconds, looked))
        self.empty.append(median(_milliseconds(self.walk, now) for _ in range(EMPTY_TICKS)))
        if self.people >= PLANNED_FROM:
            self._explain(now + timedelta(seconds=1))  # one is due

    def _explain(self, now: datetime) -> None:
        with taken_down(self.database) as statements:
            self.walk.tick(now)
        growing = {table.name for table in TABLES}
        self.scanned |= {table for table, _ in whole_tables(self.database, statements, growing)}

    def wrong(self) -> Iterator[str]:
        for run in self.runs:
            if run.checked not in (run.count, run.count - 1):  # `_explain` took one of the next
                yield f"among {self.people:,}: {run.checked} looked at, {run.count} were due"
        for table in sorted(self.scanned):
            yield f"among {self.people:,}: a tick reads all of {table}"


@contextmanager
def _book(store: Store, people: int) -> Iterator[_Book]:
    """Nobody is due but the first of all, who is walked so that caches are warm. When a process
    begins, its first beats search those who sleep for cases behind a publication, a part at each:
    that is over before anything is measured but the first."""
    with store.seeded(lambda database: fill(database, people, due=1)) as seeded:
        database = Database(seeded.url)
        walk = Walk(database, Catalogue())
        for _ in range(people // AT_A_TIME + 2):
            _walk_all(walk, NOW)
        again = Walk(database, Catalogue())
        yield _Book(people, database, walk, _milliseconds(again, NOW))
        database.dispose()


def _walk_all(walk: Walk, now: datetime) -> int:
    looked = 0
    while found := walk.tick(now).looked:
        looked += found
    return looked


def _milliseconds(walk: Walk, now: datetime) -> float:
    with stopwatch() as read:
        walk.tick(now)
        return read()[0] * 1000
