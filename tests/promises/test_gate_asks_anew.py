"""What the gate must see that came after the decision: later stops, other senders, its own hour."""

from datetime import datetime, timedelta
from threading import Event as Signalled

import pytest
from sqlalchemy import update

from app.intake.disputes import DisputeKind, dispute_invoice, resolve_dispute
from app.store.given import table_of
from app.store.guard import lock_persons
from app.store.journal import Happened, record
from app.store.rows import Attempt, Case, Checkout, Invoice, Message, Sender
from campaigns.vocabulary import Signal
from tests.databases import on_both_stores
from tests.factories import add, add_invoice
from tests.promises.stage import DUE, Stage, together


def decline(stage: Stage, customer: int) -> None:
    """The customer's card is declined; the journey answers that."""
    case = stage.case_of(customer)
    add(
        stage.database,
        Checkout,
        key=f"checkout-{customer}",
        customer_id=customer,
        currency="ILS",
        amount_minor=24050,
        ledger_revision=0,
        gateway="sandbox",
        state="declined",
        created_at=stage.now,
        expires_at=stage.now,
    )
    fact = Happened(
        Signal.PAYMENT_DECLINED, stage.now, customer_id=customer, case_id=case.id, own_act=True
    )
    with stage.database.write() as session:
        record(session, [fact], now=stage.now)


def answered(stage: Stage) -> list[str]:
    return [sent.template for sent in stage.sent() if sent.template == "payment_failed"]


@pytest.mark.parametrize("how", ["hold", "promise"])
def test_a_stop_that_is_later_than_the_customers_act_stops_the_answer_too(
    stage: Stage, how: str
) -> None:
    customer = stage.owe("Ada")
    stage.tick()
    decline(stage, customer)
    stage.decide()
    stage.pass_by(minutes=1)

    stage.deliver(after="prepare", act=lambda: stage.stop(customer, how))
    stage.play(days=1)

    assert answered(stage) == []


def test_a_stop_that_was_there_before_the_customers_act_does_not_stop_the_answer(
    stage: Stage,
) -> None:
    customer = stage.owe("Ada")
    stage.tick()
    stage.hold(customer)
    stage.pass_by(minutes=1)

    decline(stage, customer)
    stage.play(hours=1)

    assert answered(stage) == ["payment_failed"]


def test_an_invoice_whose_dispute_was_upheld_is_never_asked_for(stage: Stage) -> None:
    customer = stage.owe("Ada", amount=24050)
    stage.dispute(customer)
    add_invoice(stage.database, customer, "Ada-2", amount=5000, due_on=DUE)
    stage.tick()
    with stage.database.write() as session:
        resolve_dispute(session, dispute_id=1, upheld=True, now=stage.now)

    stage.play(days=12)

    asked = [sent for sent in stage.sent() if sent.category != "receipt"]
    assert len(asked) >= 3
    assert not [sent for sent in asked if "240.50" in sent.text or "290.50" in sent.text]


def test_nobody_is_enrolled_for_an_invoice_whose_dispute_was_upheld(stage: Stage) -> None:
    customer = stage.owe("Ada")
    invoice = stage.one(Invoice, customer_id=customer)
    with stage.database.write() as session:
        dispute = dispute_invoice(
            session,
            customer_id=customer,
            invoice_id=invoice.id,
            kind=DisputeKind.NOT_MINE,
            words=None,
            now=stage.now,
        )
        resolve_dispute(session, dispute_id=dispute, upheld=True, now=stage.now)

    stage.play(days=2)

    assert stage.get(Case) == []


def test_a_sender_that_was_taken_out_before_the_gate_sends_nothing(stage: Stage) -> None:
    stage.owe("Ada")
    stage.decide()
    old = stage.one(Sender, medium="sms")

    def replace() -> None:
        stage.run("UPDATE sender SET active = :no WHERE id = :id", no=False, id=old.id)
        fresh = {name: getattr(old, name) for name in ("creditor_id", "medium", "provider")}
        fresh |= {"address": "+972520000009", "display_name": "Carmel", "per_second": 100.0}
        add(stage.database, Sender, **fresh)

    stage.deliver(after="claim", act=replace)
    assert stage.sent() == []
    stage.loops.settle(stage.now)

    (attempt,) = stage.get(Attempt)
    assert attempt.sender_id != old.id
    assert [row.state for row in stage.get(Message)] == ["accepted"], "it was handed over"


def test_an_answer_that_came_after_a_day_counts_against_the_caps(stage: Stage) -> None:
    early, late = stage.owe("Ada"), stage.owe("Ben")
    stage.tick()
    for customer in (early, late):
        decline(stage, customer)
    stage.decide()
    message = table_of(Message)
    kept = update(message).where(message.c.state == "waiting")
    with stage.database.write() as session:
        run = session.connection().execute
        run(kept.values(valid_until=stage.now + timedelta(days=9)))
        run(
            kept.where(message.c.customer_id == late).values(due_at=stage.now + timedelta(hours=25))
        )

    stage.play(hours=25)

    exempt = {row.slot: row.exempt for row in stage.get(Attempt)}
    answers = [row for row in stage.get(Message) if row.template == "payment_failed"]
    assert {row.customer_id: exempt[row.slot] for row in answers} == {early: True, late: False}


@on_both_stores
def test_the_gate_reads_the_time_when_it_holds_the_guard_and_not_before(stage: Stage) -> None:
    """Whoever waits for a lock must not be asked by an hour that is over."""
    customer = stage.owe("Ada")
    stage.decide()
    delivery = stage.loops.delivery
    drafts = delivery.prepare(delivery.claim(stage.now), stage.now)
    asked_at: list[datetime] = []
    held = Signalled()

    def somebody_else() -> None:
        with stage.database.write() as session:
            lock_persons(session, [stage.person_of(customer)])
            held.set()
            Signalled().wait(0.4)
            stage.pass_by(seconds=10)

    def gate() -> None:
        held.wait()
        asked_at.extend(passed.gated_at for passed in delivery.gate(drafts))

    together(somebody_else, gate)

    assert asked_at == [stage.now]
