"""Promise 8: webhooks may be forged, repeated, late and out of order: forged ones are refused, the
rest lands once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from app.intake.errors import Forged
from app.intake.inbox import intake_tick, receive
from app.intake.receipts import take_receipts
from app.intake.sources import GatewaySource
from app.payments.checkout import start_checkout
from app.payments.sandbox_gateway import Callback, SandboxGateway
from app.store.rows import Attempt, Case, Checkout, Event, Inbound, Invoice, Message, Payment
from campaigns.money import Money
from channels.delivery import DeliveryStatus, Receipt
from tests.databases import on_both_stores
from tests.promises.stage import Stage, together

OWED = Money(24050, "ILS")


class Till:
    """The sandbox gateway, and one checkout of all that Ada owes."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.gateway = SandboxGateway(secret="a secret of the tests")
        self.source = GatewaySource(self.gateway)
        self.customer = stage.owe("Ada")
        stage.tick()
        started = start_checkout(
            stage.database,
            self.gateway,
            customer_id=self.customer,
            case_id=stage.case_of(self.customer).id,
            amount=OWED,
            invoice_ids=(),
            nonce="form-1",
            now=stage.now,
            return_url="https://pay.example.com/p/token",
        )
        self.session = str(stage.one(Checkout, id=started.checkout_id).session_id)

    def receive(self, call: Callback) -> None:
        receive(self.stage.database, self.source, call.body, call.headers, now=self.stage.now)

    def tick(self) -> None:
        intake_tick(self.stage.database, {self.source.name: self.source}, now=self.stage.now)
        self.stage.tick()


@pytest.fixture
def till(stage: Stage) -> Iterator[Till]:
    till = Till(stage)
    yield till
    till.gateway.close()


def test_a_payment_told_twice_is_posted_once_and_stops_once(till: Till) -> None:
    stage, call = till.stage, till.gateway.pay(till.session, till.stage.now)

    for _ in range(3):
        till.receive(call)
        till.tick()

    assert [row.amount_minor for row in stage.get(Payment)] == [OWED.minor]
    assert stage.one(Invoice).open_minor == 0
    assert len(stage.get(Inbound)) == 1
    assert len(stage.get(Event, kind="payment_received")) == 1
    assert stage.one(Case).outcome == "settled"
    stage.play(days=12)
    assert stage.said(till.customer) == ["due_today", "thank_you"]


@on_both_stores
def test_a_payment_told_by_many_at_once_is_posted_once(till: Till) -> None:
    call = till.gateway.pay(till.session, till.stage.now)

    together(*[lambda: till.receive(call)] * 4)

    assert len(till.stage.get(Payment)) == 1
    assert len(till.stage.get(Event, kind="payment_received")) == 1


def test_a_payment_between_the_words_and_the_gate_stops_the_next_reminder(till: Till) -> None:
    """A callback that is three days late, and signed anew when it is told."""
    stage = till.stage
    till.gateway.pay(till.session, stage.now)
    stage.pass_by(days=3)
    stage.decide()
    (call,) = till.gateway.undelivered(stage.now)

    stage.deliver(after="prepare", act=lambda: till.receive(call))

    assert stage.get(Message)[1].reason == "paid_meanwhile"
    assert stage.said(till.customer) == ["due_today"]


def test_a_forged_payment_changes_nothing_and_stops_nobody(till: Till) -> None:
    stage, call = till.stage, till.gateway.pay(till.session, till.stage.now)
    forged = replace(call, body=call.body.replace(b"24050", b"24051"))

    with pytest.raises(Forged):
        till.receive(forged)
    with pytest.raises(Forged):
        till.receive(replace(call, headers={}))

    assert stage.get(Payment) == stage.get(Inbound) == []
    stage.play(days=4)
    assert stage.said(till.customer) == ["due_today", "reminder_first"]


def test_a_payment_taken_back_before_it_is_told_lands_when_it_is(till: Till) -> None:
    stage, at = till.stage, till.stage.now
    paid = till.gateway.pay(till.session, at)
    ((_, reference, _),) = till.gateway.payments()
    back = till.gateway.charge_back(reference, at)

    till.receive(back)
    till.tick()
    assert stage.get(Payment) == []
    till.receive(paid)
    stage.pass_by(minutes=30)
    till.tick()

    assert len(stage.get(Payment)) == 1
    assert stage.one(Invoice).open_minor == OWED.minor
    assert stage.get(Inbound, handled_at=None) == []
    assert len(stage.get(Event, kind="payment_reversed")) == 1


# Receipts

COURSES = (
    (("sent", "delivered"), "delivered"),
    (("sent", "delivered", "bounced"), "bounced"),
    (("sent", "delivered", "read"), "read"),
    (("sent", "failed", "delivered"), "delivered"),
)


def receipts(stage: Stage, statuses: tuple[str, ...]) -> list[Receipt]:
    attempt = stage.one(Attempt)
    return [
        Receipt(
            receipt_id=f"receipt-{status}",
            provider="sandbox",
            provider_id=attempt.provider_id,
            attempt_key=attempt.key,
            status=DeliveryStatus(status),
            at=stage.now + timedelta(seconds=DeliveryStatus(status).rank),
        )
        for status in statuses
    ]


def take(stage: Stage, told: list[Receipt]) -> int:
    with stage.database.write() as session:
        return take_receipts(session, told, now=stage.now).landed


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("course", "end"), COURSES, ids=["-".join(c) for c, _ in COURSES])
def test_receipts_in_any_order_end_in_the_same_place(
    stage: Stage, course: tuple[str, ...], end: str
) -> None:
    """Each order over the same message, rolled back in between."""

    class Enough(Exception):
        """Ends the transaction, and undoes it."""

    stage.owe("Ada")
    stage.tick()
    told = {receipt.status: receipt for receipt in receipts(stage, course)}
    for order in permutations(told.values()):
        with suppress(Enough), stage.database.write() as session:
            for receipt in [*order, *order]:
                take_receipts(session, [receipt], now=stage.now)
            found = session.connection().exec_driver_sql("SELECT delivery FROM message").scalar()
            assert found == end
            kinds = session.connection().exec_driver_sql(
                "SELECT count(*) FROM event WHERE key LIKE 'receipt:%'"
            )
            assert kinds.scalar() == len(course)
            raise Enough


@pytest.mark.parametrize("course", [("delivered", "sent"), ("bounced", "delivered", "sent")])
def test_late_and_repeated_receipts_never_move_a_message_back(
    stage: Stage, course: tuple[str, ...]
) -> None:
    stage.owe("Ada", media=("email",))
    stage.tick()
    told = receipts(stage, course)

    landed = [take(stage, [receipt]) for receipt in [*told, *told]]

    assert landed == [1] * len(told) + [0] * len(told)
    assert stage.one(Message).delivery == course[0]


def test_a_receipt_long_after_the_end_of_its_case_wakes_nobody(stage: Stage) -> None:
    customer = stage.owe("Ada")
    stage.loops.settle(stage.now)
    told = receipts(stage, ("delivered",))
    stage.pay(customer)
    stage.loops.settle(stage.now)
    before = stage.one(Case)
    stage.pass_by(days=40)

    take(stage, told)
    stage.loops.settle(stage.now)

    assert stage.one(Case) == before
    assert stage.one(Message, template="due_today").delivery == "delivered"


def test_a_receipt_of_an_attempt_that_nobody_knows_changes_nothing(stage: Stage) -> None:
    stage.owe("Ada")
    stage.tick()
    (known,) = receipts(stage, ("delivered",))
    stranger = replace(known, provider_id="SB-other", attempt_key="nobody's")

    assert take(stage, [stranger]) == 0

    assert stage.one(Message).delivery == "accepted"
