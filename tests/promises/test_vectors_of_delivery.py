"""The test vectors of contact law that a message meets on its way, by their numbers."""

from __future__ import annotations

from app.store.rows import Attempt, Message, Person
from channels.sandbox_faults import Faults
from tests.databases import on_both_stores
from tests.promises.stage import Stage, staging


@on_both_stores
def test_vector_12_after_a_time_out_the_callback_of_the_attempt_settles_one_message(
    migrated_url: str,
) -> None:
    with staging(migrated_url, faults=Faults(timeout_after=1.0)) as stage:
        stage.owe("Ada")
        stage.tick()
        assert stage.one(Message).state == "unclear"

        stage.pass_by(seconds=20)
        stage.hear()

        assert stage.one(Message).state == "accepted"
        assert stage.one(Attempt).state == "accepted"
        assert len(list(stage.ledger.acceptances())) == 1


def test_vector_24_a_payment_between_the_gate_and_the_post_denies_and_gives_the_slot_back(
    stage: Stage,
) -> None:
    """A gate that no post followed at once is asked again; the void attempt takes no place, so
    another creditor of the same person may write on the same day."""
    ada = stage.owe("Ada")
    key = stage.one(Person, id=stage.person_of(ada)).key

    def pay_meanwhile() -> None:
        stage.pay(ada)
        stage.pass_by(seconds=3)

    stage.decide()
    stage.deliver(after="gate", act=pay_meanwhile)
    stage.loops.settle(stage.now)

    assert stage.sent(template="due_today") == []
    assert stage.get(Message)[0].reason == "paid_meanwhile"
    assert stage.get(Attempt)[0].state == "void"
    other = stage.owe("Ben", creditor=stage.second_creditor(), person=key)
    stage.tick()
    assert stage.said(other) == ["due_today"]
