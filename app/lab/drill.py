"""The drill: workers are killed at random moments while they send, and then the books are compared.

The workers are real processes over one database. They die by SIGKILL, which leaves them no last
word. Meanwhile this process fills the field. In the end, when no worker is left, it winds the clock
forward until nothing is on its way any more.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Final

from app.lab import drill_compare as compare
from app.lab.drill_battle import Field
from app.lab.drill_carriers import CARRIERS
from app.lab.drill_compare import Finding
from app.lab.drill_money import Booked, booked, booked_twice, never_paid, not_booked, paid_twice
from app.lab.drill_payers import Payers
from app.lab.drill_result import DrillResult, MoneyResult, route_results
from app.store import migrate
from app.store.engines import Database
from campaigns.keys import draw

EARLY: Final = 0.3  # of the deaths come soon after the start, the others after a first batch
LIVES: Final = 0.9  # seconds, at most, from there to death

Progress = Callable[[int, int], None]


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
    with ExitStack() as stack:
        database = Database(database_url)
        stack.callback(database.dispose)
        carried = stack.enter_context(closing(CARRIERS[carrier](folder, seed)))
        payers = None
        if carrier != "sandbox":
            payers = stack.enter_context(closing(Payers(database, seed)))
        field = Field(database, seed, carried, payers)
        _fight(field, folder / "workers.log", kills, workers, progress)
        fought = field.fought()
        field.settle()
        return _judged(field, kills, workers, fought, began)


def _fight(field: Field, log: Path, kills: int, workers: int, progress: Progress) -> None:
    places = [Worker(field.orders, log) for _ in range(workers)]
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


def _judged(
    field: Field, kills: int, workers: int, fought: Mapping[str, Counter[str]], began: float
) -> DrillResult:
    """What the two books say of each other."""
    with field.database.read() as session:
        tried, stuck = compare.attempts(session), compare.stuck(session)
        rows = booked(session)
    taken = field.carrier.taken(tried)
    found = {
        "sent_twice": compare.sent_twice(taken, tried),
        "lost": [*compare.unknown(taken, tried), *compare.imagined(taken, tried), *stuck],
        "after_stop": compare.after_stop(taken, tried, field.stops),
    }
    counts = {
        **fought,
        "customers": Counter(each.route.name for each in field.people),
        "acceptances": Counter(one.route for one in taken),
        "assumed_sent": Counter(t.route for t in tried.values() if t.state == "assumed_sent"),
    }
    money, wrong = (None, []) if field.payers is None else _money(field.payers, rows)
    return DrillResult(
        store=field.database.dialect,
        kills=kills,
        workers=workers,
        stops=len(field.stops),
        routes=route_results([route.name for route in field.carrier.routes], found, counts),
        money=money,
        seconds=time.perf_counter() - began,
        findings=(*wrong, *(one for findings in found.values() for one in findings)),
    )


def _money(payers: Payers, rows: Sequence[Booked]) -> tuple[MoneyResult, list[Finding]]:
    taken = payers.taken()
    found = {
        "paid_twice": paid_twice(taken),
        "booked_twice": booked_twice(rows),
        "not_booked": not_booked(taken, rows),
        "never_paid": never_paid(taken, rows),
    }
    result = MoneyResult(
        payers.sessions, len(taken), **{name: len(each) for name, each in found.items()}
    )
    return result, [one for findings in found.values() for one in findings]
