"""Rounds: variants of the same work, one after another on copies of one database, several times.

The speed of a machine wanders by a third and more, so one run against another says nothing. What
is told is the ratio of two variants within a round, the middle of all rounds, and how far it
spread.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Final

from app.garbage import rare_collection
from app.lab.bench.stores import Seeded

ROUNDS: Final = 5

Work = Callable[[], int]
"""What is timed. Answers how many it did."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to do the work. `prepare` gets the address of its own copy and gives the work, ready
    to begin. `check` reads what was done from that copy, for the comparison with others."""

    name: str
    prepare: Callable[[str], AbstractContextManager[Work]]
    check: Callable[[str], object] = lambda _url: None


@dataclass(frozen=True, slots=True)
class Timed:
    """One run of a variant. `cpu_seconds` is the processor time of this process and of those that
    it started and waited for, and so without a server's."""

    count: int
    seconds: float
    cpu_seconds: float
    checked: object = None

    @property
    def per_second(self) -> float:
        return self.count / self.seconds

    @property
    def cpu_us(self) -> float:
        """Microseconds of our processor time for one."""
        return self.cpu_seconds / self.count * 1e6


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure of each round: the one in the middle, and the two ends."""

    middle: float
    low: float
    high: float

    @classmethod
    def of(cls, figures: Sequence[float]) -> Spread:
        return cls(median(figures), min(figures), max(figures))

    @property
    def is_wide(self) -> bool:
        """Whether the rounds disagree by more than twice: then nothing can be told from them."""
        return self.high > 2 * self.low


@dataclass(frozen=True, slots=True)
class Series:
    """All rounds: of each variant its runs, in the order of the rounds."""

    runs: Mapping[str, Sequence[Timed]]

    def ratio(self, name: str, to: str) -> Spread:
        """How many times as many a second the one did as the other."""
        return Spread.of(
            [
                one.per_second / other.per_second
                for one, other in zip(self.runs[name], self.runs[to], strict=True)
            ]
        )

    def per_second(self, name: str) -> Spread:
        return Spread.of([each.per_second for each in self.runs[name]])

    def cpu_us(self, name: str) -> Spread:
        return Spread.of([each.cpu_us for each in self.runs[name]])

    def checked(self, name: str) -> Sequence[object]:
        """What each round's check has read."""
        return [each.checked for each in self.runs[name]]


def run_rounds(
    seeded: Seeded, variants: Sequence[Variant], *, rounds: int = ROUNDS, progress: Progress
) -> Series:
    """Runs every variant once a round. Each begins another round, so that none is always first."""
    runs: dict[str, list[Timed]] = {each.name: [] for each in variants}
    for turn in range(rounds):
        at = turn % len(variants)
        for number, variant in enumerate((*variants[at:], *variants[:at])):
            with seeded.copied() as url:
                runs[variant.name].append(_run(variant, url))
            progress(turn * len(variants) + number + 1, rounds * len(variants))
    return Series(runs)


def _run(variant: Variant, url: str) -> Timed:
    with variant.prepare(url) as work, rare_collection(), stopwatch() as read:
        count = work()
        seconds, cpu_seconds = read()
    return Timed(count, seconds, cpu_seconds, variant.check(url))


@contextmanager
def stopwatch() -> Iterator[Callable[[], tuple[float, float]]]:
    """Gives what reads it: seconds since it began, and processor seconds of ours."""
    began, used = time.perf_counter(), _cpu_seconds()
    yield lambda: (time.perf_counter() - began, _cpu_seconds() - used)


def _cpu_seconds() -> float:
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )
