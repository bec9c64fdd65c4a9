"""The drill: workers are killed at random moments while they send, and then the books are compared.

The workers are real processes over one database. They die by SIGKILL, which leaves them no last
word. Meanwhile this process brings new debts, payments, opt-outs, disputes, holds and promises. In
the end, when no worker is left, it winds the clock forward until nothing is on its way any more.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select

from app.clock import SystemClock, VirtualClock
from app.delivery.dispatch import Addresses
from app.intake.promises import PromiseRefused
from app.intake.receipts import take_receipts
from app.lab import drill_compare as compare
from app.lab.drill_carriers import CARRIERS, Carrier
from app.lab.drill_field import BASE_URL, SECRET, Fighter, Stop, StopKind, call_up, lay_out, stop
from app.loops.assembly import Loops, assemble, publish_shipped
from app.store import migrate
from app.store.bulk import table_of
from app.store.engines import Database
from app.store.rows import Attempt, Message
from campaigns.keys import draw

WAVE: Final = 40  # people called up before each death
STOPS: Final = 8  # tried in each wave
EARLY: Final = 0.3  # of the deaths come soon after the start, the others after a first batch
LIVES: Final = 0.9  # seconds, at most, from there to death
ROUND: Final = tuple(timedelta(seconds=s) for s in (5, 60, 60, 300, 1800, 7200, 90_000))
ROUNDS: Final = 12  # four messages, each of which may stay unclear for a day, and room to spare
_ATTEMPT, _MESSAGE = table_of(Attempt), table_of(Message)

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class DrillResult:
    """`sent_twice`, `lost` and `after_stop` must be 0. `under_fire` were accepted before the last
    worker had died, and `unclear` attempts had no answer on record then; `stops` are those that
    were committed meanwhile."""

    store: str
    carrier: str
    kills: int
    workers: int
    customers: int
    stops: int
    acceptances: int
    under_fire: int
    unclear: int
    sent_twice: int
    lost: int
    after_stop: int
    seconds: float
    findings: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        figures = asdict(self)
        return {**figures, "seconds": round(self.seconds, 1), "findings": list(self.findings)}


class Worker:
    """One place for a worker: whoever dies there is followed by another."""

    def __init__(self, orders: Mapping[str, str], log: Path) -> None:
        self._orders = json.dumps(orders) + "\n"
        self._log = log
        self._process = self._start()

    def _start(self) -> subprocess.Popen[str]:
        with self._log.open("a") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "app.lab.drill_worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                encoding="utf-8",
            )
        assert process.stdin is not None
        with process.stdin as orders:
            orders.write(self._orders)
        return process

    def wait_until(self, word: str) -> None:
        """Until it has said this. Raises `RuntimeError` when it ended by itself, which no worker
        may."""
        assert self._process.stdout is not None
        for said in self._process.stdout:
            if said == f"{word}\n":
                return
        raise RuntimeError(f"a worker ended before it was {word}; see {self._log}")

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def follow(self) -> None:
        self._process = self._start()


def run_drill(
    *,
    kills: int,
    workers: int,
    seed: int,
    database_url: str,
    folder: Path,
    progress: Progress,
    carrier: str = "sandbox",
) -> DrillResult:
    """Runs the drill on an empty database. `folder` takes the sandbox's ledger and the workers'
    log, `carrier` is one of `CARRIERS`. `progress` is told (kills done, kills)."""
    began = time.perf_counter()
    migrate.upgrade(database_url)
    field = _Field(database_url, folder, seed, CARRIERS[carrier](folder, seed))
    try:
        _fight(field, kills, workers, progress)
        fought = field.fought()
        field.settle()
        return field.judge(kills, workers, fought, began)
    finally:
        field.close()


def _fight(field: _Field, kills: int, workers: int, progress: Progress) -> None:
    places = [Worker(field.orders, field.log) for _ in range(workers)]
    try:
        for done in range(kills):
            place = places[done % workers]
            field.wave()
            # A slow machine would see them die before they did anything: most have sent before.
            is_early = draw(field.seed, "early", done) < EARLY
            place.wait_until("ready" if is_early else "sent")
            time.sleep(draw(field.seed, "life", done) * LIVES)
            place.kill()
            place.follow()
            progress(done + 1, kills)
    finally:
        for place in places:
            place.kill()


class _Field:
    """The database, the carrier, and what this process itself committed."""

    def __init__(self, database_url: str, folder: Path, seed: int, carrier: Carrier) -> None:
        self.seed = seed
        self.log = folder / "workers.log"
        self.orders = {"database": database_url, **carrier.orders}
        self._database = Database(database_url)
        self._carrier = carrier
        self._clock = SystemClock()
        self._people: list[Fighter] = []
        self._stopped: set[int] = set()
        self._stops: list[Stop] = []
        publish_shipped(self._database, self._read_clock(), kinds=("template",))
        with self._database.write() as session:
            now = self._read_clock()
            self._creditor_id = lay_out(session, now, provider=carrier.provider)

    def close(self) -> None:
        self._carrier.close()
        self._database.dispose()

    def wave(self) -> None:
        """New people come, some of those before say stop, and receipts arrive."""
        now = self._read_clock()
        numbers = range(len(self._people), len(self._people) + WAVE)
        with self._database.write() as session:
            new = call_up(session, self._creditor_id, numbers, today=now.date(), now=now)
        self._people += new
        for turn in range(STOPS):
            point = draw(self.seed, "who", len(self._people), turn)
            self._stop(self._people[-1 - int(point * min(3 * WAVE, len(self._people)))])
        self._report(self._read_clock())

    def _stop(self, someone: Fighter) -> None:
        if someone.person_id in self._stopped:
            return
        self._stopped.add(someone.person_id)
        kinds = tuple(StopKind)
        kind = kinds[int(draw(self.seed, "stop", someone.customer_id) * len(kinds))]
        now = self._read_clock()
        with suppress(PromiseRefused), self._database.write() as session:
            told = stop(session, kind, someone, today=now.date(), now=now)
        self._stops.append(told)

    def _report(self, now: datetime) -> None:
        receipts = self._carrier.receipts(now)
        if receipts:
            with self._database.write() as session:
                take_receipts(session, receipts, now=now)
            self._carrier.told()

    def fought(self) -> tuple[int, int]:
        """How many were accepted so far, and how many attempts have no answer on record."""
        unclear = self._count(_ATTEMPT.c.state.in_(("sending", "unclear")))
        return len(self._carrier.taken()), unclear

    def moving(self) -> int:
        """How many messages are on their way."""
        return self._count(_MESSAGE.c.state.in_(compare.MOVING))

    def _count(self, where: ColumnElement[bool]) -> int:
        with self._database.read() as session:
            query = select(func.count()).where(where)
            return int(session.connection().execute(query).scalar_one())

    def settle(self) -> None:
        """Ticks this process's own loops, later and later, until nothing is on its way."""
        now = self._read_clock()
        clock = VirtualClock(now)
        addresses = Addresses(BASE_URL, SECRET)
        channels, run = self._carrier.open()
        loops = assemble(self._database, channels, addresses, clock.now, run=run)
        for step in ROUND * ROUNDS:
            now += step
            clock.move_to(now)
            self._report(now)
            _quiet(loops, now)
            if not self.moving():
                return

    def judge(self, kills: int, workers: int, fought: tuple[int, int], began: float) -> DrillResult:
        """What the two books say of each other."""
        taken = self._carrier.taken()
        with self._database.read() as session:
            tried = compare.attempts(session)
            stuck = compare.stuck(session)
        twice = compare.sent_twice(taken, tried)
        lost = compare.unknown(taken, tried) + stuck
        after = compare.after_stop(taken, tried, self._stops)
        return DrillResult(
            store=self._database.dialect,
            carrier=self._carrier.provider,
            kills=kills,
            workers=workers,
            customers=len(self._people),
            stops=len(self._stops),
            acceptances=len(taken),
            under_fire=fought[0],
            unclear=fought[1],
            sent_twice=len(twice),
            lost=len(lost),
            after_stop=len(after),
            seconds=time.perf_counter() - began,
            findings=tuple(twice + lost + after)[:50],
        )

    def _read_clock(self) -> datetime:
        read = self._clock.now
        return read()


def _quiet(loops: Loops, now: datetime) -> None:
    while loops.reconciliation.tick(now):
        continue
    loops.settle(now)
