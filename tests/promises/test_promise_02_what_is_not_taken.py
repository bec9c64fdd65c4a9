"""Promise 2, once more: what the database or a provider does not take costs nobody else."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from app.store.rows import Case, Message, Task
from channels.sandbox import SandboxEmail
from channels.seam import Envelope, Outcome
from tests.databases import on_both_stores
from tests.promises.stage import Stage


class Mute(SandboxEmail):
    """A provider that takes the call and says nothing, for ever."""

    async def send(self, envelope: Envelope) -> Outcome:
        await asyncio.Event().wait()
        return await super().send(envelope)


def refuse(stage: Stage, table: str, column: str, value: int) -> None:
    """The database takes no row that has this value."""
    if stage.database.dialect == "sqlite":
        stage.run(
            f"CREATE TRIGGER refuses BEFORE INSERT ON {table} WHEN NEW.{column} = {value}"
            " BEGIN SELECT RAISE(ABORT, 'spoilt'); END"
        )
    else:
        stage.run(f"ALTER TABLE {table} ADD CONSTRAINT refuses CHECK ({column} <> {value})")


@on_both_stores
def test_a_message_that_the_database_does_not_take_costs_no_other(stage: Stage) -> None:
    well, ill, fine = stage.owe("Well"), stage.owe("Ill"), stage.owe("Fine")
    refuse(stage, "message", "customer_id", ill)

    stage.loops.settle(stage.now)

    assert [sent.customer_id for sent in stage.sent()] == [well, fine]
    case = stage.case_of(ill)
    assert (case.reason, case.look_at) == ("defect", stage.now + timedelta(hours=1))
    assert stage.one(Task, kind="defect").case_id == case.id


@on_both_stores
def test_an_attempt_that_the_database_does_not_take_costs_no_other(stage: Stage) -> None:
    well, ill, fine = stage.owe("Well"), stage.owe("Ill"), stage.owe("Fine")
    stage.decide()
    refuse(stage, "attempt", "person_id", stage.person_of(ill))

    stage.loops.settle(stage.now)

    assert [sent.customer_id for sent in stage.sent()] == [well, fine]
    held = stage.one(Message, customer_id=ill)
    assert (held.state, held.reason) == ("waiting", "defect")
    assert held.due_at == stage.now + timedelta(hours=1)
    assert stage.one(Task, kind="defect").team == "engineering"


def test_a_campaign_that_cannot_enrol_costs_no_other(stage: Stage) -> None:
    stage.owe("Ill")
    well = stage.owe("Well", creditor=stage.second_creditor())
    refuse(stage, "dunning_case", "creditor_id", stage.creditor)

    with pytest.raises(IntegrityError):
        stage.loops.enrolment.tick(stage.now)

    assert [row.customer_id for row in stage.get(Case)] == [well]


@on_both_stores
def test_a_provider_that_never_answers_is_not_waited_for(stage: Stage) -> None:
    ill, well = stage.owe("Ill", media=("email",)), stage.owe("Well")
    stage.decide()
    channels = {**stage.channels, ("email", "sandbox"): Mute(stage.ledger)}
    loops = stage.worker(channels=channels, call_within=timedelta(milliseconds=50))

    assert loops.delivery.tick(stage.now).settled == 2

    assert [sent.customer_id for sent in stage.sent()] == [well]
    assert stage.one(Message, customer_id=ill).state == "unclear"
