"""Promise 3: nothing is sent when a payment, an opt-out, a dispute, a hold or a promise was
committed before its gate."""

import pytest

from app.store.rows import Attempt, Case, Message, Person
from campaigns.vocabulary import Medium
from channels.sandbox import SandboxSms
from channels.seam import Envelope, Outcome
from tests.databases import on_both_stores
from tests.factories import add_invoice
from tests.promises.stage import DUE, STOPS, Act, Stage, together

every_stop = pytest.mark.parametrize("how", STOPS)


class Interrupted(SandboxSms):
    """A provider during whose call something happens elsewhere, once."""

    def __init__(self, stage: Stage, act: Act) -> None:
        super().__init__(stage.ledger)
        self._acts = [act]

    async def send(self, envelope: Envelope) -> Outcome:
        while self._acts:
            self._acts.pop()()
        return await super().send(envelope)


def asked(stage: Stage) -> list[str]:
    """What went out that asks for money; receipts and confirmations do not."""
    return [sent.template for sent in stage.sent() if sent.category != "receipt"]


@on_both_stores
@every_stop
def test_a_stop_between_any_two_phases_before_the_gate_stops(stage: Stage, how: str) -> None:
    customers = [stage.owe(name) for name in ("Ada", "Ben", "Cyd")]
    stage.decide()

    stage.stop(customers[0], how)  # before the claim
    stage.deliver(after="claim", act=lambda: stage.stop(customers[1], how))
    assert asked(stage) == ["due_today"]
    (left,) = stage.sent()
    assert left.customer_id == customers[2]
    stage.loops.settle(stage.now)

    held = [row for row in stage.get(Message) if row.category != "receipt"]
    assert [row.state for row in held] == ["stopped", "stopped", "accepted"]
    assert asked(stage) == ["due_today"]


@on_both_stores
@every_stop
def test_a_stop_between_the_words_and_the_gate_stops(stage: Stage, how: str) -> None:
    customer = stage.owe("Ada")
    stage.decide()

    stage.deliver(after="prepare", act=lambda: stage.stop(customer, how))
    stage.play(days=5)

    assert asked(stage) == []


@on_both_stores
@every_stop
def test_a_stop_during_the_call_stops_the_next_message(stage: Stage, how: str) -> None:
    customer = stage.owe("Ada")
    stage.decide()
    stage.channels = {
        **stage.channels,
        ("sms", "sandbox"): Interrupted(stage, lambda: stage.stop(customer, how)),
    }
    stage.loops = stage.worker()

    stage.deliver()
    stage.play(days=5)

    assert asked(stage) == ["due_today"]
    (attempt,) = [row for row in stage.get(Attempt) if row.category != "receipt"]
    assert attempt.state == "accepted"
    guard = stage.one(Person, id=stage.person_of(customer))
    assert guard.revision >= attempt.evidence["guard"] + 2  # this gate's, and the stop's


@on_both_stores
@every_stop
def test_a_stop_that_races_the_gate_is_before_it_or_behind_it(stage: Stage, how: str) -> None:
    customers = [stage.owe(f"P{number}") for number in range(12)]
    stage.decide()
    loops = stage.worker(batch=3)

    def deliver() -> None:
        while loops.delivery.tick(stage.now).claimed:
            continue

    def stop() -> None:
        for customer in reversed(customers):
            stage.stop(customer, how)

    together(deliver, stop)
    stage.loops.settle(stage.now)

    attempts = [row for row in stage.get(Attempt) if row.category != "receipt"]
    assert all(row.evidence["guard"] == 0 for row in attempts)  # raised by nobody before
    told = {row.message_id for row in attempts}
    for message in stage.get(Message):
        if message.category != "receipt":
            assert message.state == ("accepted" if message.id in told else "stopped")


@on_both_stores
def test_an_opt_out_on_one_medium_lets_the_case_go_on_by_another(stage: Stage) -> None:
    customer = stage.owe("Ada", media=("sms", "email"), preferred_medium="sms")
    stage.decide()

    stage.deliver(after="prepare", act=lambda: stage.opt_out(customer, Medium.SMS))
    assert stage.sent() == []
    stage.loops.settle(stage.now)

    assert [sent.medium for sent in stage.sent()] == ["email"]
    stage.play(days=4)
    assert [sent.medium for sent in stage.sent()] == ["email", "email"]


@on_both_stores
def test_a_part_payment_before_the_gate_has_the_text_written_anew(stage: Stage) -> None:
    customer = stage.owe("Ada")
    add_invoice(stage.database, customer, "Ada-2", amount=5000, due_on=DUE)
    stage.decide()

    stage.deliver(after="prepare", act=lambda: stage.pay(customer, 5000))
    assert stage.sent() == []
    assert stage.one(Message).reason == "facts_changed"
    stage.loops.delivery.tick(stage.now)

    (sent,) = stage.sent()
    assert "240.50" in sent.text
    assert "290.50" not in sent.text


@on_both_stores
def test_a_disputed_part_leaves_the_text_and_the_rest_goes_on(stage: Stage) -> None:
    customer = stage.owe("Ada")
    stage.dispute(customer)
    add_invoice(stage.database, customer, "Ada-2", amount=5000, due_on=DUE)

    stage.play(hours=1)

    (sent,) = [sent for sent in stage.sent() if sent.category != "receipt"]
    assert "50.00" in sent.text
    assert "240.50" not in sent.text


@on_both_stores
def test_what_a_stop_held_goes_on_when_it_ends(stage: Stage) -> None:
    customer = stage.owe("Ada")
    stage.decide()
    stage.promise(customer, days=4)

    stage.play(days=4, hours=3)
    assert asked(stage) == []
    stage.play(days=4)

    assert asked(stage)[0] == "promise_broken"
    assert stage.one(Case).phase != "closed"


@on_both_stores
def test_an_opt_out_of_a_number_holds_for_every_creditor(stage: Stage) -> None:
    ours = stage.owe("Ada")
    theirs = stage.owe("Eve", creditor=stage.second_creditor())
    stage.run(
        "UPDATE contact_point SET address_id ="
        " (SELECT address_id FROM contact_point WHERE customer_id = :ours)"
        " WHERE customer_id = :theirs",
        ours=ours,
        theirs=theirs,
    )
    stage.decide()

    stage.deliver(after="prepare", act=lambda: stage.opt_out(ours))
    stage.play(days=1)

    assert stage.sent() == []
