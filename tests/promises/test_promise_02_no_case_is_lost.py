"""Promise 2: no case is lost. What is poisoned is set aside with a task, the rest of its batch goes
on."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from app.engine.catalogue import Catalogue
from app.engine.walk import Walk
from app.intake.queues import Wanted, listed
from app.store.publishing import publish
from app.store.rows import Case, Message, Task
from channels.errors import ChannelClosed
from channels.sandbox import SandboxSms
from channels.seam import Envelope, Outcome
from tests.databases import on_both_stores
from tests.promises.stage import Stage

Poison = Callable[[Stage, int], None]


def in_a_case(column: str, word: str) -> Poison:
    def poison(stage: Stage, customer: int) -> None:
        stage.run(
            f"UPDATE dunning_case SET {column} = :word WHERE customer_id = :id",
            word=word,
            id=customer,
        )

    return poison


def in_a_customer(column: str, word: str) -> Poison:
    def poison(stage: Stage, customer: int) -> None:
        stage.run(f"UPDATE customer SET {column} = :word WHERE id = :id", word=word, id=customer)

    return poison


def with_a_journey_that_is_gone(stage: Stage, customer: int) -> None:
    """Its campaign names a journey that nobody has published."""
    other = stage.second_creditor()
    stage.run(
        "UPDATE dunning_case SET campaign_id = (SELECT id FROM campaign WHERE creditor_id = :other)"
        " WHERE customer_id = :id",
        other=other,
        id=customer,
    )
    stage.run("UPDATE campaign SET journey = 'nowhere' WHERE creditor_id = :other", other=other)


POISONS = {
    "arm": in_a_case("arm", "sleepy"),
    "phase": in_a_case("phase", "sleepy"),
    "outcome": in_a_case("outcome", "sleepy"),
    "kind": in_a_customer("kind", "a ghost"),
    "preferred": in_a_customer("preferred_medium", "pigeon"),
    "journey": with_a_journey_that_is_gone,
}


def open_cases_have_a_look(stage: Stage) -> bool:
    return all(row.look_at is not None for row in stage.get(Case) if row.phase != "closed")


@pytest.mark.parametrize("poison", POISONS.values(), ids=POISONS.keys())
def test_a_case_that_cannot_be_read_is_set_aside_with_a_task(stage: Stage, poison: Poison) -> None:
    ill, well = stage.owe("Ill"), stage.owe("Well")
    stage.loops.enrolment.tick(stage.now)
    poison(stage, ill)

    stage.loops.settle(stage.now)

    assert [sent.customer_id for sent in stage.sent()] == [well]
    case = stage.case_of(ill)
    assert case.reason == "defect"
    assert case.look_at == stage.now + timedelta(hours=1)
    task = stage.one(Task, kind="defect")
    assert (task.team, task.case_id) == ("engineering", case.id)


def test_a_poisoned_case_goes_on_when_it_is_mended(stage: Stage) -> None:
    ill = stage.owe("Ill")
    stage.loops.enrolment.tick(stage.now)
    in_a_case("arm", "sleepy")(stage, ill)
    stage.loops.settle(stage.now)
    in_a_case("arm", "treatment")(stage, ill)

    stage.move(hours=1)

    assert stage.said(ill) == ["due_today"]


@on_both_stores
def test_a_case_that_fails_again_after_its_task_was_closed_gives_another_one(stage: Stage) -> None:
    ill = stage.owe("Ill")
    stage.loops.enrolment.tick(stage.now)
    in_a_case("arm", "sleepy")(stage, ill)
    stage.loops.settle(stage.now)
    stage.move(hours=1)
    assert [row.state for row in stage.get(Task, kind="defect")] == ["open"]

    for closed in (1, 2):
        stage.run("UPDATE task SET state = 'done' WHERE kind = 'defect'")
        stage.move(hours=1)
        stage.move(hours=1)
        tasks = stage.get(Task, kind="defect")
        assert [row.state for row in tasks] == ["done"] * closed + ["open"]


UNWRITABLE = {
    "sqlite": (
        "CREATE TRIGGER stiff BEFORE UPDATE ON dunning_case WHEN NEW.customer_id = {id}"
        " BEGIN SELECT RAISE(ABORT, 'stiff'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql"
        " AS $$ BEGIN RAISE EXCEPTION 'stiff' USING ERRCODE = 'check_violation'; END $$",
        "CREATE TRIGGER stiff BEFORE UPDATE ON dunning_case FOR EACH ROW"
        " WHEN (NEW.customer_id = {id}) EXECUTE FUNCTION refuse()",
    ),
}
WRITABLE = {"sqlite": "DROP TRIGGER stiff", "postgresql": "DROP TRIGGER stiff ON dunning_case"}


@on_both_stores
def test_a_case_that_cannot_even_be_set_aside_steps_back_longer_and_longer(stage: Stage) -> None:
    ill, well = stage.owe("Ill"), stage.owe("Well")
    stage.loops.enrolment.tick(stage.now)
    for statement in UNWRITABLE[stage.database.dialect]:
        stage.run(statement.format(id=ill))
    walk = Walk(stage.database, Catalogue(), batch=1)

    looked = [walk.tick(stage.now).looked for _ in range(3)]

    assert looked == [1, 1, 0]  # it takes its turn once, and starves nobody
    assert stage.case_of(well).phase == "pending"
    assert stage.one(Task, kind="defect").case_id == stage.case_of(ill).id
    again = [walk.tick(stage.now + timedelta(minutes=minute)).looked for minute in range(1, 8)]
    assert again == [1, 0, 1, 0, 0, 0, 1]
    stage.run(WRITABLE[stage.database.dialect])
    assert walk.tick(stage.now + timedelta(hours=1)).said == 1


@pytest.mark.parametrize("poison", POISONS.values(), ids=POISONS.keys())
def test_a_case_that_is_poisoned_while_its_message_waits_costs_no_other(
    stage: Stage, poison: Poison
) -> None:
    ill, well = stage.owe("Ill"), stage.owe("Well")
    stage.decide()

    stage.deliver(after="prepare", act=lambda: poison(stage, ill))

    assert [sent.customer_id for sent in stage.sent()] == [well]
    held = stage.one(Message, customer_id=ill)
    assert (held.state, held.reason) == ("waiting", "defect")
    assert held.due_at == stage.now + timedelta(hours=1)
    task = stage.one(Task, kind="defect")
    assert (task.team, task.customer_id) == ("engineering", ill)


@on_both_stores
@pytest.mark.parametrize("asked", ["engine", "gate"])
def test_what_cannot_be_decided_stands_in_the_queue_of_its_creditor(
    stage: Stage, asked: str
) -> None:
    ill = stage.owe("Ill")
    if asked == "gate":
        stage.decide()
        stage.deliver(after="prepare", act=lambda: POISONS["phase"](stage, ill))
    else:
        stage.loops.enrolment.tick(stage.now)
        POISONS["phase"](stage, ill)
        stage.loops.settle(stage.now)

    with stage.database.read() as session:
        for few in (0, 10):
            wanted = Wanted(kind="defect", creditor_id=stage.creditor)
            (row,) = listed(session, wanted, now=stage.now, few=few).rows
            assert (row.whose, row.creditor_id) == (ill, stage.creditor)


def test_a_customer_in_an_unknown_zone_waits_and_the_others_go_on(stage: Stage) -> None:
    ill = stage.owe("Ill", zone="Mars/Base", country=None)
    well = stage.owe("Well")

    stage.loops.settle(stage.now)

    assert [sent.customer_id for sent in stage.sent()] == [well]
    assert stage.case_of(ill).look_at is not None
    assert "unknown_zone" in {row["reason"] for row in stage.rows("refusal")}
    assert [row.customer_id for row in stage.get(Task)] == [ill]


def test_a_creditor_in_an_unknown_zone_costs_no_other(stage: Stage) -> None:
    other = stage.second_creditor()
    ill, well = stage.owe("Ill", creditor=other), stage.owe("Well")
    stage.loops.enrolment.tick(stage.now)
    stage.run("UPDATE creditor SET zone = 'Mars/Base' WHERE id = :id", id=other)

    stage.loops.settle(stage.now)

    assert [sent.customer_id for sent in stage.sent()] == [well]
    assert stage.case_of(ill).reason == "defect"
    assert open_cases_have_a_look(stage)


def test_a_variable_that_is_missing_refuses_that_text_alone(stage: Stage) -> None:
    """An offer of instalments asks for nothing that could be missing; a promise's date can."""
    ill, well = stage.owe("Ill"), stage.owe("Well")
    stage.decide()
    stage.run("UPDATE message SET template = 'promise_broken' WHERE customer_id = :id", id=ill)

    stage.loops.settle(stage.now)

    assert [sent.customer_id for sent in stage.sent()] == [well]
    held = stage.one(Message, customer_id=ill)
    assert (held.state, held.reason) == ("refused", "variable_missing")
    assert open_cases_have_a_look(stage)


def test_a_template_that_is_gone_refuses_that_text_alone(stage: Stage) -> None:
    ill, well = stage.owe("Ill"), stage.owe("Well")
    stage.decide()
    stage.run("UPDATE message SET template = 'nothing' WHERE customer_id = :id", id=ill)

    stage.loops.settle(stage.now)

    assert [sent.customer_id for sent in stage.sent()] == [well]
    assert stage.one(Message, customer_id=ill).reason == "template_missing"
    assert open_cases_have_a_look(stage)


class Faulty(SandboxSms):
    """An adapter with a defect: it raises instead of answering."""

    def __init__(self, stage: Stage, problem: Exception) -> None:
        super().__init__(stage.ledger)
        self._problem = problem

    async def send(self, envelope: Envelope) -> Outcome:
        raise self._problem


@on_both_stores
@pytest.mark.parametrize(
    ("problem", "state"),
    [(RuntimeError("a defect"), "unclear"), (ChannelClosed("closed"), "waiting")],
    ids=["defect", "misuse"],
)
def test_a_channel_that_raises_costs_no_other_message(
    stage: Stage, problem: Exception, state: str
) -> None:
    ill, well = stage.owe("Ill"), stage.owe("Well", media=("email",))
    stage.channels = {**stage.channels, ("sms", "sandbox"): Faulty(stage, problem)}
    loops = stage.worker()

    loops.settle(stage.now)

    assert [sent.customer_id for sent in stage.sent()] == [well]
    assert stage.one(Message, customer_id=ill).state == state
    stage.play(days=2)
    assert stage.said_twice() == []
    assert open_cases_have_a_look(stage)


def test_an_address_that_cannot_be_sealed_costs_no_other_message(stage: Stage) -> None:
    ill, well = stage.owe("Ill", media=("email",)), stage.owe("Well", media=("email",))
    stage.run("UPDATE address SET value = 'a@b.example\nBcc: c@d.example' WHERE id = 1")

    stage.loops.settle(stage.now)

    assert [sent.customer_id for sent in stage.sent()] == [well]
    assert stage.one(Message, customer_id=ill).state == "refused"


def test_a_journey_that_cannot_be_read_leaves_the_version_before(stage: Stage) -> None:
    customer = stage.owe("Ada")
    stage.loops.settle(stage.now)
    with stage.database.write() as session:
        publish(session, "journey", "consumer_gentle", "journey: [", now=stage.now)

    stage.play(days=4)

    assert stage.said(customer) == ["due_today", "reminder_first"]


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_every_open_case_has_a_look_on_every_day_of_its_journey(stage: Stage) -> None:
    people = [stage.owe("Ada"), stage.owe("Ben", media=()), stage.owe("Cyd", media=("email",))]
    stage.owe("Dov", zone="Mars/Base", country=None)
    stage.owe("Eli", amount=300)
    stage.tick()

    for _ in range(66):
        stage.play(days=1)
        assert open_cases_have_a_look(stage)

    ends = {row.customer_id: row.outcome for row in stage.get(Case)}
    assert [ends[customer] for customer in people] == ["handed_over", "exhausted", "handed_over"]
    assert {row.phase for row in stage.get(Case)} == {"closed"}
