"""The drill: workers are killed at random moments while they send, and then the books are compared.

The workers, and the web that providers call, are real processes over one database. They die by
SIGKILL, which leaves them no last word. Meanwhile this process fills the field. In the end, when
none of them is left, it winds the clock forward until nothing is on its way any more.
"""

from __future__ import annotations

import socket
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import asdict
from pathlib import Path
from typing import Final, assert_never

from sqlalchemy import func, select

from app.engine.checks import check
from app.lab import drill_compare as compare
from app.lab.drill_battle import Field
from app.lab.drill_carriers import CARRIERS
from app.lab.drill_compare import Finding, Tried
from app.lab.drill_deaths import Death, await_write, cut_connections, death
from app.lab.drill_door import Door, Doors, Wire
from app.lab.drill_heard import misheard
from app.lab.drill_money import Booked, booked, booked_twice, never_paid, not_booked, paid_twice
from app.lab.drill_payers import Payers
from app.lab.drill_pipe import Pipe
from app.lab.drill_places import Place
from app.lab.drill_post import MARK
from app.lab.drill_result import CallsResult, DrillResult, MoneyResult, route_results
from app.lab.drill_web import serve
from app.lab.drill_worker import work
from app.store import migrate
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import Inbound
from campaigns.keys import draw

EARLY: Final = 0.3  # of the deaths come soon after the start, the others after a first batch
LIVES: Final = 0.9  # seconds, at most, from there to death

Progress = Callable[[int, int], None]


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


class _Army:
    """The processes that are there to be killed: workers, and the web where anybody calls."""

    def __init__(self, field: Field, log: Path, workers: int) -> None:
        self._field = field
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=512)
        self._workers = [Place(work, field.orders, log) for _ in range(workers)]
        self._web: Place | None = None
        self.door: Door | None = None
        if field.payers is not None:
            self._web = Place(serve, field.orders, log, self._listening)
            self._web.wait_until("ready")
            wire = Wire(self._listening.getsockname()[1])
            self.door = Doors(wire, Pipe(field.orders, log))

    def die(self, nth: int) -> None:
        """Somebody dies, and is followed; or everybody loses the database."""
        kind = Death.WORKER
        if self._web is not None:
            kind = death(self._field.seed, nth, self._field.database.dialect)
        match kind:
            case Death.WORKER | Death.IN_A_WRITE:
                self._lose_worker(kind, nth)
            case Death.WEB:
                self._lose([self._web])
            case Death.ALL:
                self._lose([self._web, *self._workers])
            case Death.CONNECTIONS:
                cut_connections(self._field.database)
            case _:
                assert_never(kind)

    def _lose_worker(self, kind: Death, nth: int) -> None:
        seed, place = self._field.seed, self._workers[nth % len(self._workers)]
        # A slow machine would see them die before they did anything: most have sent before.
        is_early = draw(seed, "early", nth) < EARLY
        place.wait_until("ready" if is_early else "sent")
        time.sleep(draw(seed, "life", nth) * LIVES)
        if kind is Death.IN_A_WRITE:
            await_write(self._field.database)
        self._lose([place])

    def _lose(self, places: Sequence[Place | None]) -> None:
        dying = [place for place in places if place is not None]
        for place in dying:
            place.ensure_alive()
            place.kill()
        for place in dying:
            place.follow()

    def close(self) -> None:
        """The last of them dies, and nobody follows."""
        for place in (self._web, *self._workers):
            if place is not None:
                place.kill()
        self._listening.close()


def _fight(field: Field, log: Path, kills: int, workers: int, progress: Progress) -> None:
    with closing(_Army(field, log, workers)) as army, ThreadPoolExecutor(1) as beside:
        for done in range(kills):
            field.wave()
            calling = beside.submit(field.report, army.door)
            army.die(done)
            calling.result()
            progress(done + 1, kills)


def _judged(
    field: Field, kills: int, workers: int, fought: Mapping[str, Counter[str]], began: float
) -> DrillResult:
    """What the two books say of each other."""
    with field.database.read() as session:
        tried, stuck = compare.attempts(session), compare.stuck(session)
        rows, unheard = booked(session), misheard(session, field.wrote)
    taken = field.carrier.taken(tried)
    found = {
        "sent_twice": compare.sent_twice(taken, tried),
        "lost": [
            *compare.unknown(taken, tried),
            *compare.imagined(taken, tried),
            *stuck,
            *unheard,
        ],
        "after_stop": compare.after_stop(taken, tried, field.stops),
        "without_word": compare.without_word(taken, tried),
    }
    counts = {
        **fought,
        "customers": Counter(each.route.name for each in field.people),
        "acceptances": Counter(one.route for one in taken),
        "approved": Counter(t.route for t in tried.values() if t.wants_word and t.has_word),
        "assumed_sent": Counter(t.route for t in tried.values() if t.state == "assumed_sent"),
        "replies": Counter(wrote.someone.route.name for wrote in field.wrote),
    }
    money, wrong = (None, []) if field.payers is None else _money(field.payers, rows)
    calls, wrong_calls = _calls(field, tried)
    promises = check(field.database, field.ended_at)
    routes = route_results([route.name for route in field.carrier.routes], found, counts)
    return DrillResult(
        store=field.database.dialect,
        kills=kills,
        workers=workers,
        stops=len(field.stops),
        routes=routes,
        money=money,
        calls=calls,
        promises={each.name: each.violations for each in promises},
        seconds=time.perf_counter() - began,
        findings=(
            *wrong,
            *wrong_calls,
            *(Finding("check", f"{each.name}: {each.sample}") for each in promises if each.sample),
            *(one for findings in found.values() for one in findings),
            *(Finding(each.route, "nobody was reached") for each in routes if each.proves_nothing),
        ),
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


def _calls(field: Field, tried: Mapping[str, Tried]) -> tuple[CallsResult, list[Finding]]:
    """Whether anything that was forged left a trace, or a late call undid an earlier one."""
    query = select(func.count()).where(table_of(Inbound).c.body.contains(MARK.decode()))
    with field.database.read() as session:
        kept = session.connection().execute(query).scalar_one()
    told = asdict(field.post.mishaps)
    told["believed"] = believed = max(told["believed"], kept)
    undone = compare.fell_back(tried, field.carrier.delivered)
    forged = [Finding("calls", f"{believed} forged calls were believed")] if believed else []
    return CallsResult(**told, fell_back=len(undone)), [*forged, *undone]
