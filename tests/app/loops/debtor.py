"""A customer who pays in parts from a kept card, and a gateway that plays her bank."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from app.book.ledger import PaymentIn, post_payment
from app.book.mandates import EndedBy, MandateIn, give_mandate, revoke_mandates
from app.engine.outfit import outfit
from app.intake.disputes import DisputeKind, dispute_invoice
from app.intake.instalments import miss_instalments
from app.intake.plans import Part, agree_plan
from app.intake.promises import MadeBy
from app.loops.debits import Debits
from app.loops.sandbox import hand_callbacks
from app.payments.charging import KeepRequest
from app.payments.choice import Gateways
from app.payments.sandbox_cards import CardCourse
from app.payments.sandbox_gateway import SandboxGateway
from app.store.given import table_of
from app.store.rows import Customer, Invoice
from campaigns.money import Money
from tests.factories import add_creditor, add_customer, add_invoice
from tests.world import World

START = datetime(2026, 6, 1, 7, 0, tzinfo=UTC)  # a Monday, 10:00 in Vilnius
FIRST, SECOND = date(2026, 6, 10), date(2026, 7, 8)  # Wednesdays
PARTS = (40_000, 60_050)


@dataclass
class Debtor:
    """Owes 1,000.50 EUR on two invoices, in two parts, from a card that is kept."""

    world: World
    gateway: SandboxGateway
    customer_id: int
    small: int
    large: int
    plan_id: int
    debits: Debits

    def keep_card(self, key: str = "mandate-1") -> str:
        """Gives a mandate and enters a card for it; answers the gateway's id of the card."""
        now = self.world.now
        with self.world.database.write() as session:
            customer = session.get_one(Customer, self.customer_id)
            given = MandateIn(
                key=key,
                creditor_id=customer.creditor_id,
                customer_id=self.customer_id,
                plan_id=self.plan_id,
                currency="EUR",
                gateway="sandbox",
                text_hash="a hash of the words",
                locale="en",
            )
            give_mandate(session, given, now=now)
        back = "https://pay.example.com/p/token"
        until = now + timedelta(hours=2)
        request = KeepRequest(key, "EUR", back, back, f"customer-{key}", until)
        opened = self.gateway.keep_card(request)
        card = self.gateway.cards.enter_card(opened.session_id, now, CardCourse.PAYS)
        self.hand()
        return card.method_ref

    def plays(self, course: CardCourse) -> None:
        self.gateway.cards.play(course)

    def tick(self) -> int:
        """One tick of the loop, and what the gateway then calls back with."""
        done = self.debits.tick(self.world.now)
        self.hand()
        return done

    def hand(self) -> None:
        hand_callbacks(self.world.database, self.gateway, self.world.now)

    def live(self, until: datetime, *, step: timedelta = timedelta(hours=4)) -> None:
        """Everything as production would, a few times a day, debits included."""
        while self.world.now < until:
            self.world.move(seconds=min(step, until - self.world.now).total_seconds())
            self.tick()
            with self.world.database.write() as session:
                miss_instalments(session, self.world.now)
            self.world.loops.settle(self.world.now)

    def charges(self) -> list[dict[str, Any]]:
        return self.world.rows("checkout", "mandate_id IS NOT NULL")

    def taken(self) -> list[int]:
        """By the gateway's own list."""
        return [amount.minor for _, _, amount in self.gateway.payments()]

    def said(self) -> list[str]:
        return [row["template"] for row in self.world.rows("message", "state = 'accepted'")]

    def withheld(self) -> list[str]:
        told = self.world.rows("event", "kind = 'debit_withheld'")
        return [str(row["key"]).rpartition(":")[2] for row in told]

    def tasks(self) -> list[str]:
        return [row["kind"] for row in self.world.rows("task", "state = 'open'")]

    def states(self) -> list[str]:
        return [row["state"] for row in self.world.rows("instalment")]

    def pay(self, minor: int, key: str = "transfer") -> None:
        now = self.world.now
        told = PaymentIn(key, self.customer_id, Money(minor, "EUR"), now.date(), now)
        with self.world.database.write() as session:
            post_payment(session, told, now=now)

    def dispute(self, invoice_id: int) -> None:
        with self.world.database.write() as session:
            dispute_invoice(
                session,
                customer_id=self.customer_id,
                invoice_id=invoice_id,
                kind=DisputeKind.OTHER,
                words=None,
                now=self.world.now,
            )

    def revoke(self) -> None:
        with self.world.database.write() as session:
            revoke_mandates(session, self.customer_id, by=EndedBy.PAGE, now=self.world.now)

    def open_minor(self) -> int:
        invoice = table_of(Invoice)
        with self.world.database.read() as session:
            return int(session.connection().scalar(select(func.sum(invoice.c.open_minor))) or 0)


@contextmanager
def debtor(url: str, **creditor: Any) -> Iterator[Debtor]:
    """The plan is agreed, and no card is kept yet."""
    world = World(url, start=START)
    gateway = SandboxGateway(secret="a secret of the tests")
    try:
        told = {"country": "LT", "zone": "Europe/Vilnius", "currency": "EUR", "locale": "en"}
        creditor_id = add_creditor(world.database, **(told | creditor))
        customer_id = add_customer(
            world.database,
            creditor_id,
            email="dana@example.com",
            country="LT",
            zone="Europe/Vilnius",
            locale="en",
        )
        owed: dict[str, Any] = {"currency": "EUR", "due_on": date(2026, 5, 20)}
        small = add_invoice(world.database, customer_id, "INV-1", amount=24_050, **owed)
        large = add_invoice(world.database, customer_id, "INV-2", amount=76_000, **owed)
        parts = [
            Part(Money(minor, "EUR"), on) for minor, on in zip(PARTS, (FIRST, SECOND), strict=True)
        ]
        with world.database.write() as session:
            outfit(session)
            plan_id = agree_plan(
                session,
                customer_id=customer_id,
                parts=parts,
                agreed_by=MadeBy.PAGE,
                now=START,
            )
        debits = Debits(world.database, Gateways.of(gateway))
        yield Debtor(world, gateway, customer_id, small, large, plan_id, debits)
    finally:
        gateway.close()
        world.close()
