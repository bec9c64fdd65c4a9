"""The bench of a stop: how long from a payment's webhook to the message that does not leave.

Everybody owes and has a message that waits. Some pay: Stripe's call goes to our web over the wire,
and at its answer the hour of that payer's message has come. The web, and a worker that walks and
delivers at its usual pace, are processes of their own over one database. First there is nothing
else to do; then everybody else is to be written to at the same time.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from threading import Event
from typing import Final

from sqlalchemy import select, update

from app.clock import SystemClock
from app.delivery.calls import Calls
from app.delivery.dispatch import Addresses
from app.lab.bench.report import Aim, Figure, Report, one
from app.lab.bench.rounds import Progress
from app.lab.bench.shares import at_share
from app.lab.bench.stop_book import Payer, call_others, fill, payers_of, written_to, wrong_of
from app.lab.bench.stores import Store
from app.lab.drill_door import Wire
from app.lab.drill_field import BASE_URL, OWED, SECRET
from app.lab.drill_lines import gateway
from app.lab.drill_places import Place, Say
from app.lab.drill_web import serve
from app.lab.stripe import LocalStripe
from app.lab.twilio_calls import Call
from app.loops.assembly import assemble
from app.loops.schedule import Job, Schedule
from app.payments.checkout import start_checkout
from app.payments.stripe_gateway import StripeGateway
from app.settings import Settings
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import Message
from campaigns.keys import derive
from channels.sandbox import SandboxSms
from channels.sandbox_ledger import Ledger

AIM: Final = Aim(at_most=1000)
AT_ONCE: Final = 4  # payments
FIRST: Final = 2 * AT_ONCE
"""Payments that are told apart: a process that has just started has all its statements to make."""
LOOK_SECONDS: Final = 0.002
PATIENCE: Final = 60.0  # seconds, for one message
_MESSAGE = table_of(Message)


def run(
    store: Store,
    *,
    folder: Path,
    large: bool = False,
    cases: int | None = None,
    payments: int = 300,
    progress: Progress,
) -> Report:
    """Of 20,000 open cases, of 100,000 if `large`, or of as many as `cases` says."""
    size = cases or (100_000 if large else 20_000)
    figures: list[Figure] = []
    wrong: list[str] = []
    with store.seeded(partial(fill, cases=size, progress=progress)) as seeded:
        for is_busy in (False, True):
            with seeded.copied() as url, _bench(url, folder, payments) as bench:
                found = bench.busy() if is_busy else bench.quiet()
            figures += found.figures
            wrong += found.wrong
    return Report(f"stop, {size} open cases", store.name, figures, wrong)


@dataclass(frozen=True, slots=True)
class _Found:
    figures: list[Figure]
    wrong: list[str]


@dataclass(frozen=True, slots=True)
class _Took:
    """How long one payment took, in milliseconds."""

    answered: float
    stopped: float


@dataclass(frozen=True, slots=True)
class _Bench:
    """`answered` is the time from the call to its answer: from then on no gate lets the message
    pass. `stopped` is the time from the call to the message on record as stopped."""

    database: Database
    clock: SystemClock
    local: LocalStripe
    gateway: StripeGateway
    wire: Wire
    payers: list[Payer]

    def quiet(self) -> _Found:
        return self._told("nothing else to do")

    def busy(self) -> _Found:
        with self.database.write() as session:
            call_others(session, self.payers, self.clock.now())
        began = time.perf_counter()
        while not (before := self._written()) and not self._is_late(began):
            time.sleep(LOOK_SECONDS)
        found = self._told("busy")
        written = one("busy: messages to others meanwhile", self._written() - before, "in all")
        idle = [] if before else ["busy: nobody else was written to"]
        return _Found([*found.figures, written], [*found.wrong, *idle])

    def _written(self) -> int:
        with self.database.read() as session:
            return written_to(session)

    def _told(self, when: str) -> _Found:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            first = list(pool.map(self._pay, self.payers[:FIRST]))
            took = list(pool.map(self._pay, self.payers[FIRST:]))
        with self.database.read() as session:
            wrong = wrong_of(session, self.payers)
        answered = sorted(each.answered for each in took)
        stopped = sorted(each.stopped for each in took)
        figures = [
            one(f"{when}: stopped, p99", at_share(stopped, 0.99), "ms", AIM),
            one(f"{when}: stopped, p50", at_share(stopped, 0.5), "ms"),
            one(f"{when}: stopped, longest", stopped[-1], "ms"),
            one(f"{when}: answered, p99", at_share(answered, 0.99), "ms"),
            one(f"{when}: answered, p50", at_share(answered, 0.5), "ms"),
            one(f"{when}: stopped, first of a process", max(e.stopped for e in first), "ms"),
        ]
        return _Found(figures, [f"{when}: {each}" for each in wrong])

    def _pay(self, payer: Payer) -> _Took:
        """Opens a page and pays in it; what is measured begins with Stripe's call."""
        now = self.clock.now()
        checkout = start_checkout(
            self.database,
            self.gateway,
            customer_id=payer.customer_id,
            case_id=None,
            amount=OWED,
            invoice_ids=[],
            nonce=derive("bench", payer.customer_id),
            now=now,
            return_url=BASE_URL,
        )
        assert checkout.url is not None
        told = self.local.book.pay(checkout.url.rpartition("/")[2], now)
        call = Call(f"{BASE_URL}/webhooks/stripe", told.body, told.headers)
        began = time.perf_counter()
        while (answer := self.wire.knock(call, now)) is None and not self._is_late(began):
            continue  # as a provider would
        answered = time.perf_counter() - began
        if answer != 200:
            raise RuntimeError(f"the web answered {answer} to a payment")
        self._make_due(payer)
        while self._waits(payer) and not self._is_late(began):
            time.sleep(LOOK_SECONDS)
        return _Took(answered * 1000, (time.perf_counter() - began) * 1000)

    def _make_due(self, payer: Payer) -> None:
        """What the answer has left waiting is for the gate."""
        if self._waits(payer):
            due = update(_MESSAGE).where(_MESSAGE.c.id == payer.message_id)
            with self.database.write() as session:
                session.connection().execute(due.values(due_at=self.clock.now()))

    def _is_late(self, began: float) -> bool:
        return time.perf_counter() > began + PATIENCE

    def _waits(self, payer: Payer) -> bool:
        query = select(_MESSAGE.c.state).where(_MESSAGE.c.id == payer.message_id)
        with self.database.read() as session:
            return bool(session.connection().scalar(query) == "waiting")


@contextmanager
def _bench(url: str, folder: Path, payments: int) -> Iterator[_Bench]:
    with ExitStack() as stack:
        database, clock = Database(url), SystemClock()
        stack.callback(database.dispose)
        with database.read() as session:
            payers = payers_of(session, payments + FIRST)
        local = LocalStripe(clock.now)
        orders = {
            "database": url,
            "ledger": str(folder / f"ledger{len(list(folder.iterdir()))}.sqlite3"),
            "stripe": stack.enter_context(local.running()),
        }
        pay_here = stack.enter_context(closing(gateway(orders)))
        port = stack.enter_context(_running(orders, folder / "processes.log"))
        yield _Bench(database, clock, local, pay_here, Wire(port), payers)


@contextmanager
def _running(orders: Mapping[str, str], log: Path) -> Iterator[int]:
    """The port of the web, while it and the worker run."""
    with closing(socket.create_server(("127.0.0.1", 0), backlog=512)) as listening:
        places = [Place(serve, orders, log, listening), Place(work, orders, log)]
        try:
            for place in places:
                place.wait_until("ready")
            yield listening.getsockname()[1]
        finally:
            for place in places:
                place.kill()


def work(orders: Mapping[str, str], say: Say) -> None:
    """The worker: walks and delivers as often as the settings have it, until it is ended."""
    clock, database, settings = SystemClock(), Database(orders["database"]), Settings()
    channel = SandboxSms(Ledger(Path(orders["ledger"])))
    with Calls() as calls:
        loops = assemble(
            database,
            {(str(channel.medium), channel.provider): channel},
            Addresses(BASE_URL, SECRET),
            clock.now,
            run=calls.run,
        )
        paces = {
            "walk": (settings.walk_every_seconds, lambda now: loops.walk.tick(now).looked > 0),
            "deliver": (
                settings.deliver_every_seconds,
                lambda now: loops.delivery.tick(now).claimed > 0,
            ),
        }
        jobs = [Job(name, timedelta(seconds=pace), tick) for name, (pace, tick) in paces.items()]
        skew = timedelta(seconds=settings.clock_skew_seconds)
        Schedule(jobs, database, clock, skew=skew).start()
        say("ready")
        Event().wait()
