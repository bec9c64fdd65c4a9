"""A creditor's world, and the hands of all who act in it: customers, banks, workers that die.

What was said is read from the provider's own ledger, never from our rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from threading import Barrier
from typing import Any

from sqlalchemy import Row, select, text, update
from sqlmodel import SQLModel

from app.book.ledger import (
    PaymentIn,
    PaymentPosted,
    ReversalIn,
    ReversalKind,
    post_payment,
    post_reversal,
)
from app.delivery.deliver import Delivery
from app.intake.concerned import stop_customer
from app.intake.disputes import DisputeKind, dispute_invoice
from app.intake.holds import place_hold
from app.intake.opt_outs import StopSaid, opt_out
from app.intake.promises import MadeBy, make_promise
from app.intake.receipts import take_receipts
from app.intake.tidy import break_promises, end_holds
from app.loops.assembly import Loops
from app.store.given import table_of
from app.store.rows import Attempt, Case, ContactPoint, Customer, Invoice, Message
from campaigns.money import Money
from campaigns.reach import StopAct
from campaigns.vocabulary import HoldKind, Medium
from channels.sandbox_faults import Faults
from tests.factories import (
    NOON,
    add_address,
    add_campaign,
    add_creditor,
    add_customer,
    add_invoice,
)
from tests.world import World

Act = Callable[[], object]

PHASES = ("claim", "prepare", "gate", "dispatch", "settle")
DUE = date(2026, 6, 1)  # the day of NOON, a Monday


class Died(BaseException):
    """The worker was killed. Nothing of ours may catch it."""


def die() -> None:
    raise Died


def nothing() -> None:
    pass


@dataclass(frozen=True, slots=True)
class Sent:
    """One acceptance of the provider, and the message that it was."""

    at: datetime
    attempt_key: str
    message_id: int
    customer_id: int
    person_id: int
    template: str
    category: str
    medium: str
    text: str


class Stage(World):
    """A creditor in Haifa with its gentle campaign. Customers come by `owe`."""

    def __init__(
        self,
        url: str,
        *,
        faults: Faults | None = None,
        start: datetime = NOON,
        creditor: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(url, faults=faults, start=start)
        self.creditor = add_creditor(self.database, **(creditor or {}))
        self.campaign = add_campaign(self.database, self.creditor)
        self._phones = 0
        self._payments = 0
        self._is_arranged = False  # so that the tidy chores have something to do

    # Rows

    def get(self, model: type[SQLModel], **where: object) -> list[Row[Any]]:
        table = table_of(model)
        query = select(table).where(*(table.c[name] == value for name, value in where.items()))
        with self.database.read() as session:
            return list(session.connection().execute(query.order_by(*table.primary_key)))

    def one(self, model: type[SQLModel], **where: object) -> Row[Any]:
        (row,) = self.get(model, **where)
        return row

    def run(self, statement: str, **values: object) -> None:
        with self.database.write() as session:
            session.connection().execute(text(statement), values)

    def put(self, model: type[SQLModel], **columns: object) -> None:
        """Sets these columns on every row."""
        with self.database.write() as session:
            session.connection().execute(update(table_of(model)).values(columns))

    # People

    def owe(
        self,
        name: str,
        *,
        media: tuple[str, ...] = ("sms",),
        due_on: date = DUE,
        amount: int = 24050,
        creditor: int | None = None,
        **columns: Any,
    ) -> int:
        """A customer who agreed to these media and has one invoice, `{name}-1`."""
        customer = add_customer(self.database, creditor or self.creditor, name, **columns)
        phone = tuple(medium for medium in media if medium != "email")
        if phone:
            self._phones += 1
            number = f"+97252{self._phones:07}"
            add_address(self.database, customer, "phone", number, phone)
        if "email" in media:
            add_address(
                self.database, customer, "email", f"{name.lower()}@people.example", ("email",)
            )
        add_invoice(self.database, customer, f"{name}-1", amount=amount, due_on=due_on)
        return customer

    def second_creditor(self, **columns: Any) -> int:
        """Another creditor with a gentle campaign of its own."""
        named = {"external_id": "other", "name": "Other Gas", **columns}
        creditor = add_creditor(self.database, **named)
        add_campaign(self.database, creditor)
        return creditor

    # What people do

    def pay(
        self, customer: int, minor: int | None = None, *, key: str | None = None
    ) -> PaymentPosted:
        """Money of the customer; all that is owed unless `minor` says less."""
        self._payments += 1
        owed = sum(row.open_minor for row in self.get(Invoice, customer_id=customer))
        payment = PaymentIn(
            key or f"payment-{self._payments}",
            customer,
            Money(minor or owed, "ILS"),
            self.now.date(),
            self.now,
        )
        with self.database.write() as session:
            return post_payment(session, payment, now=self.now)

    def take_back(self, customer: int, payment_id: int, minor: int) -> None:
        reversal = ReversalIn(
            f"reversal-{payment_id}",
            ReversalKind.CHARGEBACK,
            customer,
            Money(minor, "ILS"),
            self.now.date(),
            self.now,
            payment_id=payment_id,
        )
        with self.database.write() as session:
            post_reversal(session, reversal, now=self.now)

    def opt_out(self, customer: int, medium: Medium | None = None) -> None:
        """From this medium's address; from all of the customer's when it is None."""
        points = self.get(ContactPoint, customer_id=customer)
        addresses = {p.address_id for p in points if medium in (None, p.medium)}
        with self.database.write() as session:
            for address in sorted(addresses):
                said = StopSaid(StopAct.PAGE, medium, "link:1")
                opt_out(session, said, address_id=address, now=self.now)

    def dispute(self, customer: int) -> None:
        """Everything that is open."""
        with self.database.write() as session:
            for invoice in self.get(Invoice, customer_id=customer):
                dispute_invoice(
                    session,
                    customer_id=customer,
                    invoice_id=invoice.id,
                    kind=DisputeKind.WRONG_AMOUNT,
                    words=None,
                    now=self.now,
                )

    def hold(self, customer: int) -> None:
        """Until somebody lifts it."""
        self._is_arranged = True
        with self.database.write() as session:
            concerned = stop_customer(session, customer)
            place_hold(session, concerned, HoldKind.STAFF, until=None, why="a call", now=self.now)

    def promise(self, customer: int, *, days: int = 10) -> None:
        """To pay everything in so many days."""
        owed = sum(row.open_minor for row in self.get(Invoice, customer_id=customer))
        self._is_arranged = True
        with self.database.write() as session:
            make_promise(
                session,
                customer_id=customer,
                amount=Money(owed, "ILS"),
                due_on=(self.now + timedelta(days=days)).date(),
                made_by=MadeBy.PAGE,
                now=self.now,
            )

    def stop(self, customer: int, how: str) -> None:
        """One of `STOPS`."""
        stops: dict[str, Callable[[int], object]] = {
            "payment": self.pay,
            "opt_out": self.opt_out,
            "dispute": self.dispute,
            "hold": self.hold,
            "promise": self.promise,
        }
        stops[how](customer)

    # What loops do

    def decide(self, loops: Loops | None = None) -> None:
        """Enrols and walks until every due case rests. Nothing is sent."""
        ours = loops or self.loops
        ours.enrolment.tick(self.now)
        while ours.walk.tick(self.now).looked:
            continue

    def deliver(
        self, *, after: str = "", act: Act = nothing, delivery: Delivery | None = None
    ) -> int:
        """One batch, phase by phase; `act` happens right after the phase `after`."""
        ours = delivery or self.loops.delivery

        def done(phase: str) -> None:
            if phase == after:
                act()

        claimed = ours.claim(self.now)
        done("claim")
        drafts = ours.prepare(claimed, self.now)
        done("prepare")
        passed = ours.gate(drafts)
        done("gate")
        tried = ours.dispatch(passed)
        done("dispatch")
        ours.settle(tried)
        done("settle")
        return len(passed)

    def hear(self) -> None:
        """Takes in the receipts that the provider has by now."""
        due = self.ledger.receipts(until=self.now)
        if due:
            with self.database.write() as session:
                take_receipts(session, [each.receipt for each in due], now=self.now)
            self.ledger.mark_handed([each.sequence for each in due], at=self.now)

    def tick(self) -> None:
        """Every loop, at this instant."""
        self.hear()
        if self._is_arranged:
            with self.database.write() as session:
                break_promises(session, self.now)
                end_holds(session, self.now)
        self.loops.reconciliation.tick(self.now)
        self.loops.settle(self.now)

    def pass_by(self, **delta: float) -> None:
        """The clock moves on and nothing happens."""
        self.clock.move_to(self.now + timedelta(**delta))

    def play(self, **delta: float) -> None:
        """Lives on for so long: ticks now, and whenever anything can change."""
        end = self.now + timedelta(**delta)
        self.tick()
        while self.now < end:
            self.clock.move_to(self._next_instant(end))
            self.tick()

    def _next_instant(self, end: datetime) -> datetime:
        looks: list[datetime | None] = [
            row.look_at for row in self.get(Case) if row.phase != "closed"
        ]
        dues: list[datetime | None] = [row.due_at for row in self.get(Message, state="waiting")]
        later = [at for at in (*looks, *dues) if at is not None and at > self.now]
        return min([*later, end, self.now + timedelta(days=1)])

    # What came of it

    def sent(self, **where: object) -> list[Sent]:
        """What the provider accepted, in order; `where` picks by the fields of `Sent`."""
        attempts = {row.key: row for row in self.get(Attempt)}
        messages = {row.id: row for row in self.get(Message)}
        found = []
        for taken in self.ledger.acceptances():
            attempt = attempts[taken.attempt_key]
            message = messages[attempt.message_id]
            found.append(
                Sent(
                    taken.accepted_at,
                    taken.attempt_key,
                    message.id,
                    message.customer_id,
                    message.person_id,
                    message.template,
                    message.category,
                    message.medium,
                    taken.text,
                )
            )
        return [s for s in found if all(getattr(s, name) == v for name, v in where.items())]

    def said(self, customer: int) -> list[str]:
        """The templates that the provider accepted for this customer, in order."""
        return [sent.template for sent in self.sent(customer_id=customer)]

    def said_twice(self) -> list[int]:
        """Messages accepted twice while the earlier one was not certainly reported failed."""
        failed = {row.key for row in self.get(Attempt) if row.failed}
        counts = Counter(s.message_id for s in self.sent() if s.attempt_key not in failed)
        return sorted(message for message, count in counts.items() if count > 1)

    def case_of(self, customer: int) -> Row[Any]:
        """The newest case of the customer."""
        return self.get(Case, customer_id=customer)[-1]

    def person_of(self, customer: int) -> int:
        return int(self.one(Customer, id=customer).person_id)


STOPS = ("payment", "opt_out", "dispute", "hold", "promise")


@contextmanager
def staging(url: str, **options: Any) -> Iterator[Stage]:
    stage = Stage(url, **options)
    try:
        yield stage
    finally:
        stage.close()
        stage.ledger.close()


def together(*acts: Act) -> list[object]:
    """Each act in a thread of its own, all let go at once. Raises what one of them raises."""
    ready = Barrier(len(acts))

    def run(act: Act) -> object:
        ready.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))
