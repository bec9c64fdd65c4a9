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
from app.lab.drill_field import BASE_URL, SECRET, Fighter, Stop, StopKind, call_up, lay_out, stop
from app.lab.drill_worker import channels
from app.loops.assembly import Loops, assemble, publish_shipped
from app.store import migrate
from app.store.bulk import table_of
from app.store.engines import Database
from app.store.rows import Attempt, Message
from campaigns.keys import draw
from channels.sandbox_ledger import Ledger

WAVE: Final = 40  # people called up before each death
STOPS: Final = 8  # tried in each wave
LIVES: Final = 0.9  # seconds, at most, from ready to death
ROUND: Final = tuple(timedelta(seconds=s) for s in (5, 60, 60, 300, 1800, 7200, 90_000))
ROUNDS: Final = 12  # four messages, each of which may stay unclear for a day, and room to spare
_ATTEMPT, _MESSAGE = table_of(Attempt), table_of(Message)

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class DrillResult:
    """`sent_twice`, `lost` and `after_stop` must be 0. `unclear` attempts had no answer on record
    when the last worker had died; `stops` are those that were committed meanwhile."""

    store: str
    kills: int
    workers: int
    customers: int
    stops: int
    acceptances: int
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

    def wait_until_ready(self) -> None:
        """Raises `RuntimeError` when it ended by itself, which no worker may."""
        assert self._process.stdout is not None
        if self._process.stdout.readline() != "ready\n":
            raise RuntimeError(f"a worker ended before it began; see {self._log}")

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
) -> DrillResult:
    """Runs the drill on an empty database. `folder` takes the provider's ledger and the workers'
    log. `progress` is told (kills done, kills)."""
    began = time.perf_counter()
    migrate.upgrade(database_url)
    field = _Field(database_url, folder, seed)
    try:
        _fight(field, kills, workers, progress)
        unclear = field.unclear()
        field.settle()
        return field.judge(kills, workers, unclear, began)
    finally:
        field.close()


def _fight(field: _Field, kills: int, workers: int, progress: Progress) -> None:
    places = [Worker(field.orders, field.log) for _ in range(workers)]
    try:
        for done in range(kills):
            place = places[done % workers]
            field.wave()
            place.wait_until_ready()
            time.sleep(draw(field.seed, "life", done) * LIVES)
            place.kill()
            place.follow()
            progress(done + 1, kills)
    finally:
        for place in places:
            place.kill()


class _Field:
    """The database, the provider's ledger, and what this process itself committed."""

    def __init__(self, database_url: str, folder: Path, seed: int) -> None:
        self.seed = seed
        self.log = folder / "workers.log"
        path = folder / "ledger.sqlite3"
        self.orders = {"database": database_url, "ledger": str(path), "seed": str(seed)}
        self._database = Database(database_url)
        self._ledger = Ledger(path)
        self._clock = SystemClock()
        self._people: list[Fighter] = []
        self._stopped: set[int] = set()
        self._stops: list[Stop] = []
        publish_shipped(self._database, self._read_clock(), kinds=("template",))
        with self._database.write() as session:
            self._creditor_id = lay_out(session, self._read_clock())

    def close(self) -> None:
        self._ledger.close()
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
        due = self._ledger.receipts(until=now)
        if due:
            with self._database.write() as session:
                take_receipts(session, [each.receipt for each in due], now=now)
            self._ledger.mark_handed((each.sequence for each in due), at=now)

    def unclear(self) -> int:
        """How many attempts have no answer on record."""
        return self._count(_ATTEMPT.c.state.in_(("sending", "unclear")))

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
        loops = assemble(self._database, channels(self._ledger, self.seed), addresses, clock.now)
        for step in ROUND * ROUNDS:
            now += step
            clock.move_to(now)
            self._report(now)
            _quiet(loops, now)
            if not self.moving():
                return

    def judge(self, kills: int, workers: int, unclear: int, began: float) -> DrillResult:
        """What the two books say of each other."""
        taken = list(self._ledger.acceptances())
        with self._database.read() as session:
            tried = compare.attempts(session)
            stuck = compare.stuck(session)
        twice = compare.sent_twice(taken, tried)
        lost = compare.unknown(taken, tried) + stuck
        after = compare.after_stop(taken, tried, self._stops)
        return DrillResult(
            store=self._database.dialect,
            kills=kills,
            workers=workers,
            customers=len(self._people),
            stops=len(self._stops),
            acceptances=len(taken),
            unclear=unclear,
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
