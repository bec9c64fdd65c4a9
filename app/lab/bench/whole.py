"""The run of the whole: everybody is due, and two workers walk, write, gate and hand over.

The provider is a Twilio in a process of its own on this machine, which takes its time to answer;
its processor is told apart. A run ends when nobody is due and nothing waits.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import func, select

from app.delivery.calls import Calls
from app.delivery.dispatch import Addresses
from app.garbage import rare_collection
from app.lab.bench.crowd import NOW
from app.lab.bench.dispatch import provider
from app.lab.bench.machine import cpu_seconds_of
from app.lab.bench.report import Aim, Report, one
from app.lab.bench.rounds import Progress
from app.lab.bench.stores import Store
from app.lab.bench.waiting import fill_due
from app.lab.drill_field import BASE_URL, SECRET
from app.lab.twilio import ACCOUNT, TOKEN
from app.loops.assembly import assemble
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import Attempt
from campaigns.vocabulary import Medium
from channels.sms_twilio import TwilioSms
from channels.twilio_api import TwilioApi

PEOPLE: Final = 10_000
LARGE: Final = 1_000_000
WORKERS: Final = 2
LATENCY_MS: Final = 50
MINUTES: Final = Aim(at_most=15)  # for a million, on PostgreSQL
LOOK_SECONDS: Final = 0.5
_ATTEMPT: Final = table_of(Attempt)

T = TypeVar("T")


@dataclass(slots=True)
class _Spent:
    """Seconds of a worker: walking, delivering, and of these waiting for the provider."""

    walking: float = 0.0
    delivering: float = 0.0
    waiting: float = 0.0


@dataclass(frozen=True, slots=True)
class _Run:
    """How it went: seconds, processor seconds of the workers and of the provider, and what each
    worker spent its seconds on."""

    seconds: float
    workers: float
    provider: float
    spent: list[_Spent]

    def share(self, what: str) -> float:
        """Of the workers' time, in per cent."""
        seconds: float = sum(getattr(one, what) for one in self.spent)
        return 100 * seconds / (self.seconds * WORKERS)


def run(
    store: Store, *, folder: Path, large: bool, progress: Progress, people: int | None = None
) -> Report:
    """One run, once. What a million takes is reckoned from the rate at this size."""
    del folder
    count = people or (LARGE if large else PEOPLE)
    fill = partial(fill_due, people=count, medium=Medium.SMS, provider="twilio")
    with store.seeded(fill) as seeded, seeded.copied() as url:
        done = _run(url, count, progress)
        accepted, different = _accepted(url)
    rate = count / done.seconds
    aim = MINUTES if store.name == "postgresql" else None
    return Report(
        "whole",
        store.name,
        [
            one(f"people, {WORKERS} workers", rate, "a second"),
            one("a million at this rate", LARGE / rate / 60, "minutes", aim),
            one("the workers' processor for one", done.workers / count * 1e6, "us"),
            one("the provider's processor for one", done.provider / count * 1e6, "us"),
            one("of the workers' time, walking", done.share("walking"), "per cent"),
            one("of the workers' time, delivering", done.share("delivering"), "per cent"),
            one("of the workers' time, handing over", done.share("waiting"), "per cent"),
        ],
        _wrong(count, accepted, different),
    )


def _wrong(count: int, accepted: int, different: int) -> list[str]:
    if count == accepted == different:
        return []
    return [f"{count} people: {accepted} messages accepted, under {different} ids"]


def _accepted(url: str) -> tuple[int, int]:
    """How many the provider took, and under how many ids."""
    query = select(func.count(), func.count(_ATTEMPT.c.provider_id.distinct()))
    database = Database(url)
    try:
        with database.read() as session:
            taken = query.where(_ATTEMPT.c.state == "accepted")
            accepted, different = session.connection().execute(taken).one()
            return accepted, different
    finally:
        database.dispose()


def _run(url: str, count: int, progress: Progress) -> _Run:
    with provider(LATENCY_MS) as (twilio, provider_id), ExitStack() as stack:
        orders = {"database": url, "twilio": twilio}
        workers = [stack.enter_context(_worker(orders)) for _ in range(WORKERS)]
        ids = [worker.pid for worker in workers]
        used, used_there = _used(ids), cpu_seconds_of(provider_id)
        began = time.perf_counter()
        for worker in workers:
            worker.line.send(None)
        _wait(workers, count, progress)
        return _Run(
            time.perf_counter() - began,
            _used(ids) - used,
            cpu_seconds_of(provider_id) - used_there,
            [worker.spent for worker in workers],
        )


def _used(ids: list[int]) -> float:
    return sum(map(cpu_seconds_of, ids))


@dataclass(slots=True)
class _Worker:
    line: Connection
    pid: int
    settled: int = 0
    is_idle: bool = False
    spent: _Spent = field(default_factory=_Spent)

    def hear(self) -> None:
        while self.line.poll():
            self.settled, self.is_idle, self.spent = self.line.recv()


def _wait(workers: list[_Worker], count: int, progress: Progress) -> None:
    """Until none has anything left to do, seen twice: one that just took something may not have
    said so when another said that nothing is left."""
    seen = 0
    while seen < 2:
        time.sleep(LOOK_SECONDS / 10)
        for worker in workers:
            worker.hear()
        seen = seen + 1 if all(worker.is_idle for worker in workers) else 0
        progress(min(sum(worker.settled for worker in workers), count), count)


@contextmanager
def _worker(orders: Mapping[str, str]) -> Iterator[_Worker]:
    """A worker that is ready to begin."""
    context = get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_work, args=(orders, there), daemon=True)
    process.start()
    there.close()
    try:
        assert process.pid is not None
        here.recv()
        yield _Worker(here, process.pid)
    finally:
        process.kill()
        process.join()
        here.close()


def _work(orders: Mapping[str, str], line: Connection) -> None:
    """Walks and delivers what is due, and tells how much is settled, and when it finds nothing."""
    database = Database(orders["database"])
    channel = TwilioSms(
        TwilioApi(ACCOUNT, TOKEN, base_url=orders["twilio"], callback=orders["twilio"])
    )
    with Calls() as calls, rare_collection():
        line.send(None)
        line.recv()
        clock = _from_now_on()
        addresses = Addresses(BASE_URL, SECRET)
        spent, settled = _Spent(), 0

        def handed_over(work: Coroutine[Any, Any, T], /) -> T:
            with _timed(spent, "waiting"):
                return calls.run(work)

        loops = assemble(database, {("sms", "twilio"): channel}, addresses, clock, run=handed_over)
        while True:
            line.send((settled, False, spent))
            with _timed(spent, "walking"):
                looked = loops.walk.tick(clock()).looked
            with _timed(spent, "delivering"):
                delivered = loops.delivery.tick(clock())
            settled += delivered.settled
            is_idle = not (looked or delivered.claimed)
            line.send((settled, is_idle, spent))
            if is_idle:
                time.sleep(LOOK_SECONDS)


@contextmanager
def _timed(spent: _Spent, what: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    setattr(spent, what, getattr(spent, what) + time.perf_counter() - began)


def _from_now_on() -> Callable[[], datetime]:
    """A clock that begins in the morning on which the crowd is due."""
    began = time.monotonic()
    return lambda: NOW + timedelta(seconds=time.monotonic() - began)
