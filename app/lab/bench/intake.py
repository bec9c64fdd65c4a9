"""The bench of the intake: how many calls a second our web takes in for good, and how soon each is
answered, in peace and while a worker walks over the same database.

Providers call from a process of their own, so many at a time. A call counts when it was answered
200, which is after its commit. Then the rest is handled, and all of it has to be on record once:
each call, each fact that it told, each payment.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, cast

from sqlalchemy import func, select

from app.clock import SystemClock
from app.intake.inbox import intake_tick
from app.lab.bench.caller import Answered, calling, keep
from app.lab.bench.intake_book import Page, Sent, fill, pages, sent
from app.lab.bench.intake_calls import Calls, calls_about, size_for
from app.lab.bench.intake_server import Way, serve, sources, walk
from app.lab.bench.measured import Figures, Measured, measured
from app.lab.bench.report import Aim, Figure, Report
from app.lab.bench.rounds import ROUNDS, Progress, Series, Spread, Variant, Work, run_rounds
from app.lab.bench.stores import Seeded, Store, opened
from app.lab.local_sendgrid import LocalSendGrid
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import Event, Inbound, Payment
from campaigns.vocabulary import Medium

_CLOCK: Final = SystemClock()

CALLS: Final = 3000
DUE: Final = 8000
PART: Final = 3
"""A commit per call takes a third of them in: it is slow, and as slow with more."""
TIMES_LARGE: Final = 10
CONNECTIONS: Final = 64

OURS, PER_REQUEST, WALKING = "ours", "a commit per call", "ours, during a walk"
_RATES: Final = {OURS: Aim(at_least=2500), WALKING: Aim(at_least=1000)}
_WAITS: Final = {OURS: Aim(at_most=100), WALKING: Aim(at_most=500)}
_SLICE: Final = Aim(at_most=20)

_INBOUND, _EVENT, _PAYMENT = table_of(Inbound), table_of(Event), table_of(Payment)


def run(
    store: Store,
    *,
    folder: Path,
    large: bool,
    progress: Progress,
    calls: int = CALLS,
    due: int = DUE,
    rounds: int = ROUNDS,
) -> Report:
    """`calls` are made in each run; `due` cases wait for the walk, besides those called about."""
    times = TIMES_LARGE if large else 1
    size = size_for(calls * times, due=due * times)
    with store.seeded(lambda database: fill(database, size)) as seeded:
        bench = _Bench.over(seeded, folder)
        series = run_rounds(seeded, bench.variants(), rounds=rounds, progress=progress)
    wrong = {
        f"{name}: {problem}"
        for name in series.runs
        for problems in series.checked(name)
        for problem in cast("list[str]", problems)
    }
    wrong |= {
        f"{PER_REQUEST}: calls shared a commit"
        for lap in bench.laps[PER_REQUEST]
        if len(lap.web.slices) < lap.answered.count
    }
    return Report("intake", store.name, _figures(bench.laps, series, store.name), sorted(wrong))


@dataclass(frozen=True, slots=True)
class _Lap:
    """What one run of a variant has shown, beside what the rounds time."""

    answered: Answered
    longest_at_first: float
    web: Figures
    cpu_us: float
    worker: Figures | None


@dataclass(frozen=True, slots=True)
class _Bench:
    """What all runs share, and what each has shown."""

    folder: Path
    local: LocalSendGrid
    book: tuple[list[Sent], list[Sent], list[Page]]
    laps: dict[str, list[_Lap]] = field(default_factory=dict)

    @classmethod
    def over(cls, seeded: Seeded, folder: Path) -> _Bench:
        with seeded.copied() as url, opened(url) as database:
            texts, mails = sent(database, Medium.SMS), sent(database, Medium.EMAIL)
            return cls(folder, LocalSendGrid(), (texts, mails, pages(database)))

    def variants(self) -> list[Variant]:
        return [
            self._variant(OURS, Way.OURS),
            self._variant(PER_REQUEST, Way.PER_REQUEST, part=PART),
            self._variant(WALKING, Way.OURS, is_walked=True),
        ]

    def _variant(self, name: str, way: Way, *, part: int = 1, is_walked: bool = False) -> Variant:
        @contextmanager
        def prepare(url: str) -> Iterator[Work]:
            orders, log = self._orders(url), self.folder / "processes.log"
            with ExitStack() as stack:
                listening = stack.enter_context(
                    closing(socket.create_server(("127.0.0.1", 0), backlog=2048))
                )
                web = stack.enter_context(measured(serve, orders, log, listening, way))
                worker = stack.enter_context(measured(walk, orders, log)) if is_walked else None
                port: int = listening.getsockname()[1]
                calls, path = self._told(part), self.folder / "calls.bin"
                keep(calls.requests, path)
                caller = stack.enter_context(calling(path, port, connections=CONNECTIONS))
                caller.ask(calls.first)
                left = calls.count - calls.first
                call = partial(caller.ask, left, first=calls.first)
                yield lambda: self._lap(name, call, web, worker)

        return Variant(name, prepare, partial(self._check, part=part))

    def _lap(
        self,
        name: str,
        call: Callable[[], Answered],
        web: Measured,
        worker: Measured | None,
    ) -> int:
        before = web.figures()
        if worker is not None:
            worker.figures()  # from now on
        answered = call()
        after = web.figures()
        cpu_us = (after.cpu_seconds - before.cpu_seconds) / answered.count * 1e6
        walked = worker.figures() if worker is not None else None
        lap = _Lap(answered, before.longest, after, cpu_us, walked)
        self.laps.setdefault(name, []).append(lap)
        return answered.count

    def _told(self, part: int) -> Calls:
        """The same calls for each run, or one in so many of them; signed now: a signature is fresh
        for minutes."""
        texts, mails, pages = self.book
        some = texts[: len(texts) // part], mails[: len(mails) // part], pages[: len(pages) // part]
        return calls_about(*some, self.local, now=_CLOCK.now())

    def _orders(self, url: str) -> dict[str, str]:
        return {"database": url, "sendgrid_key": self.local.public_key}

    def _check(self, url: str, part: int) -> list[str]:
        """Handles what is left as a worker does, and answers what is not as it should be."""
        told, callers = self._told(part), sources(self._orders(url))
        with opened(url) as database:
            intake_tick(database, {each.name: each for each in callers}, now=_CLOCK.now())
            return _wrong(database, told)


def _wrong(database: Database, told: Calls) -> list[str]:
    due = {"calls": told.count, "calls not handled": 0, "payments": told.payments, **told.events}
    found = _found(database)
    return [
        f"{name}: {found.get(name, 0)} instead of {due.get(name, 0)}"
        for name in sorted({*found, *due})
        if found.get(name, 0) != due.get(name, 0)
    ]


def _found(database: Database) -> dict[str, int]:
    """What is on record of the calls, counted."""
    told = _EVENT.c.key.like("receipt:%") | _EVENT.c.key.like("text:%")
    by_kind = select(_EVENT.c.kind, func.count()).where(told).group_by(_EVENT.c.kind)
    open_ones = select(func.count()).where(_INBOUND.c.handled_at.is_(None))
    with database.read() as session:
        connection = session.connection()
        found: dict[str, int] = dict(map(tuple, connection.execute(by_kind)))
        found["calls"] = connection.scalar(select(func.count(_INBOUND.c.id))) or 0
        found["calls not handled"] = connection.scalar(open_ones) or 0
        found["payments"] = connection.scalar(select(func.count(_PAYMENT.c.id))) or 0
    return found


def _figures(laps: Mapping[str, list[_Lap]], series: Series, store: str) -> list[Figure]:
    ratio = Figure(f"{OURS}, to {PER_REQUEST}", series.ratio(OURS, to=PER_REQUEST), "times")
    return [ratio, *(each for name, runs in laps.items() for each in _of(name, runs, store))]


def _of(name: str, runs: list[_Lap], store: str) -> Iterator[Figure]:
    def figure(what: str, unit: str, of: Callable[[_Lap], float], aim: Aim | None = None) -> Figure:
        return Figure(f"{name}{what}", Spread.of([of(lap) for lap in runs]), unit, aim)

    yield figure("", "a second", lambda lap: lap.answered.per_second, _RATES.get(name))
    yield figure(", 99 of 100 within", "ms", lambda lap: lap.answered.p99, _WAITS.get(name))
    yield figure(", our processor for one", "us", lambda lap: lap.cpu_us)
    yield figure(", memory of the web", "MB", lambda lap: lap.web.memory_mb)
    slices = _SLICE if (store, name) == ("sqlite", WALKING) else None
    yield figure(", longest write of the web", "ms", lambda lap: lap.web.longest, slices)
    yield figure(
        ", longest write of the web that has just started", "ms", lambda lap: lap.longest_at_first
    )
    if name == WALKING:
        yield figure(", longest write of the worker", "ms", _longest_of_worker, slices)
        yield figure(", cases walked meanwhile", "a second", _walked)


def _longest_of_worker(lap: _Lap) -> float:
    return lap.worker.longest if lap.worker is not None else 0.0


def _walked(lap: _Lap) -> float:
    return lap.worker.done / lap.answered.seconds if lap.worker is not None else 0.0
