"""The bench of a stop: how long from a payment's webhook to the message that does not leave.

Everybody owes and has a message that waits. Some pay: Stripe's call goes to our web over the wire,
and at its answer the hour of that payer's message has come. The web, and one worker that walks and
delivers without a pause, are processes of their own over one database.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from math import ceil
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select, update

from app.clock import SystemClock
from app.delivery.deliver import Pace
from app.delivery.dispatch import Addresses
from app.lab.drill_door import Wire
from app.lab.drill_field import BASE_URL, OWED, SANDBOX, SECRET, Fighter, call_up, lay_out
from app.lab.drill_lines import gateway, opened
from app.lab.drill_places import Place, Say
from app.lab.drill_web import serve
from app.lab.stripe import LocalStripe
from app.lab.twilio_calls import Call
from app.loops.assembly import Loops, assemble, publish_shipped
from app.payments.checkout import start_checkout
from app.payments.stripe_gateway import StripeGateway
from app.store import migrate
from app.store.bulk import table_of
from app.store.engines import Database
from app.store.rows import Message
from campaigns.keys import derive

AT_ONCE: Final = 4  # payments
CALLED_UP: Final = 5000  # people in one transaction
LATER: Final = timedelta(hours=12)
IDLE_SECONDS: Final = 0.005
PATIENCE: Final = 60.0  # seconds, for one message
_MESSAGE = table_of(Message)

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class StopResult:
    """In milliseconds, of all payments. `answered`: from the call to its answer, after which no
    gate lets the message pass. `stopped`: from the call to the message on record as stopped, its
    hour having come at the answer. `left` counts messages that left all the same: must be 0."""

    store: str
    cases: int
    payments: int
    at_once: int
    answered_p50: float
    answered_p99: float
    stopped_p50: float
    stopped_p99: float
    stopped_max: float
    left: int

    def as_json(self) -> dict[str, Any]:
        return {
            name: round(value, 1) if isinstance(value, float) else value
            for name, value in asdict(self).items()
        }


def run_bench_stop(
    *, cases: int, payments: int, database_url: str, folder: Path, progress: Progress
) -> StopResult:
    """Runs on an empty database. `folder` takes the sandbox's ledger and the processes' log.
    `progress` is told (people called up and walked, cases)."""
    migrate.upgrade(database_url)
    with ExitStack() as stack:
        database = Database(database_url)
        stack.callback(database.dispose)
        clock = SystemClock()
        local = LocalStripe(clock.now)
        orders = {
            "database": database_url,
            "seed": "1",
            "ledger": str(folder / "ledger.sqlite3"),
            "stripe": stack.enter_context(local.running()),
        }
        people = _fill(database, cases, clock, progress)
        pay_here = stack.enter_context(closing(gateway(orders)))
        port = stack.enter_context(_running(orders, folder / "processes.log"))
        bench = _Bench(database, clock, local, pay_here, Wire(port))
        payers = people[:: max(1, len(people) // payments)][:payments]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            took = list(pool.map(bench.pay, payers))
        return _result(database, cases, took)


def _fill(database: Database, cases: int, clock: SystemClock, progress: Progress) -> list[Fighter]:
    """Everybody is written to once, and nobody yet."""
    now = clock.now()
    publish_shipped(database, now, kinds=("journey", "template"))
    with database.write() as session:
        (ground,) = lay_out(session, [SANDBOX], now)
    people: list[Fighter] = []
    for first in range(0, cases, CALLED_UP):
        numbers = range(first, min(first + CALLED_UP, cases))
        with database.write() as session:
            people += call_up(session, ground, numbers, today=now.date(), now=now)
        progress(numbers.stop // 2, cases)
    loops = assemble(database, {}, Addresses(BASE_URL, SECRET), clock.now)
    loops.enrolment.tick(now)
    walked = 0
    while looked := loops.walk.tick(now).looked:
        walked += looked
        progress(cases // 2 + min(walked, cases) // 2, cases)
    with database.write() as session:
        session.connection().execute(update(_MESSAGE).values(due_at=now + LATER))
    return people


@contextmanager
def _running(orders: Mapping[str, str], log: Path) -> Iterator[int]:
    """The port of the web, while it and the worker run."""
    with closing(socket.create_server(("127.0.0.1", 0), backlog=512)) as listening:
        places = [Place(serve, orders, log, listening), Place(deliver, orders, log)]
        try:
            for place in places:
                place.wait_until("ready")
            yield listening.getsockname()[1]
        finally:
            for place in places:
                place.kill()


def deliver(orders: Mapping[str, str], say: Say) -> None:
    """The worker: walks and delivers until it is ended."""
    clock, database = SystemClock(), Database(orders["database"])
    with opened(orders) as (channels, run):
        addresses = Addresses(BASE_URL, SECRET)
        loops = assemble(database, channels, addresses, clock.now, pace=Pace(), run=run)
        say("ready")
        _tick(loops, clock)


def _tick(loops: Loops, clock: SystemClock) -> None:
    read_clock = clock.now
    while True:
        busy = loops.walk.tick(read_clock()).looked
        busy += loops.delivery.tick(read_clock()).claimed
        if not busy:
            time.sleep(IDLE_SECONDS)


@dataclass(frozen=True, slots=True)
class _Took:
    """How one payment went, in seconds, and what became of the message."""

    answered: float
    stopped: float
    state: str


@dataclass(frozen=True, slots=True)
class _Bench:
    database: Database
    clock: SystemClock
    local: LocalStripe
    gateway: StripeGateway
    wire: Wire

    def pay(self, someone: Fighter) -> _Took:
        """Opens a page and pays in it; what is measured begins with Stripe's call."""
        now = self.clock.now()
        checkout = start_checkout(
            self.database,
            self.gateway,
            customer_id=someone.customer_id,
            case_id=None,
            amount=OWED,
            invoice_ids=[],
            nonce=derive("bench", someone.customer_id),
            now=now,
            return_url=BASE_URL,
        )
        assert checkout.url is not None
        told = self.local.book.pay(checkout.url.rpartition("/")[2], now)
        began = time.perf_counter()
        answer = self.wire.knock(Call(f"{BASE_URL}/webhooks/stripe", told.body, told.headers), now)
        answered = time.perf_counter() - began
        if answer != 200:
            raise RuntimeError(f"the web answered {answer} to a payment")
        self._make_due(someone)
        state = self._wait(someone, until=began + PATIENCE)
        return _Took(answered, time.perf_counter() - began, state)

    def _make_due(self, someone: Fighter) -> None:
        with self.database.write() as session:
            due = update(_MESSAGE).where(_MESSAGE.c.customer_id == someone.customer_id)
            session.connection().execute(due.values(due_at=self.clock.now()))

    def _wait(self, someone: Fighter, *, until: float) -> str:
        """What becomes of the message."""
        query = select(_MESSAGE.c.state).where(_MESSAGE.c.customer_id == someone.customer_id)
        state = "waiting"
        while state == "waiting" and time.perf_counter() < until:
            with self.database.read() as session:
                state = str(session.connection().execute(query.order_by(_MESSAGE.c.id)).scalar())
            time.sleep(IDLE_SECONDS)
        return state


def _result(database: Database, cases: int, took: Sequence[_Took]) -> StopResult:
    answered = sorted(each.answered * 1000 for each in took)
    stopped = sorted(each.stopped * 1000 for each in took)
    return StopResult(
        store=database.dialect,
        cases=cases,
        payments=len(took),
        at_once=AT_ONCE,
        answered_p50=_at(answered, 0.5),
        answered_p99=_at(answered, 0.99),
        stopped_p50=_at(stopped, 0.5),
        stopped_p99=_at(stopped, 0.99),
        stopped_max=stopped[-1],
        left=sum(each.state != "stopped" for each in took),
    )


def _at(ordered: Sequence[float], share: float) -> float:
    """The smallest figure that this share of all does not exceed."""
    return ordered[ceil(share * len(ordered)) - 1]
