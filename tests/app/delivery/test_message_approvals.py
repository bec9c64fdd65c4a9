"""A message that a person approves: what it waits for, what the approval binds to, and its end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import event

from app.delivery.approving import NotWaiting, SaysOtherwise
from app.delivery.prepare import Draft
from app.delivery.withdrawal import withdraw
from app.engine.checks import check
from app.store.bulk import update_rows
from app.store.publishing import contents, current, publish
from app.store.rows import Address
from campaigns.reasons import sentence
from tests.app.delivery.approvals import (
    BY,
    JOURNEY,
    approve,
    approver,
    asked,
    creditor,
    refuse,
    waiting,
)
from tests.app.delivery.cast import gate, intend, owing, together
from tests.app.delivery.stops import STOPS, pay_oldest
from tests.databases import on_both_stores
from tests.factories import add_invoice
from tests.world import World


def _message(world: World) -> dict[str, object]:
    return world.rows("message")[-1]


def _is_asked(world: World) -> bool:
    (task,) = world.rows("task", "kind = 'message_approval'")
    return bool(task["state"] == "open")


def _kept(world: World) -> bool:
    """Whether the promises that rows can break hold."""
    return not any(found.violations for found in check(world.database, world.now))


@on_both_stores
def test_it_does_not_go_before_somebody_has_approved_it(world: World) -> None:
    waiting(world)

    world.live(until=world.now + timedelta(days=2), step=timedelta(hours=6))
    assert world.accepted() == []
    assert _message(world)["reason"] == "approval_wanted"
    assert _message(world)["approval"] == "finance"
    assert _is_asked(world)

    approve(world)
    world.loops.settle(world.now)

    assert len(world.accepted()) == 1
    assert not _is_asked(world)
    assert {"approval_wanted", "message_approved"} <= {e["kind"] for e in world.rows("event")}
    assert _kept(world)


def test_its_approver_sees_it_as_it_would_go(world: World) -> None:
    waiting(world)

    message = asked(world).message

    assert isinstance(message, Draft)
    assert message.material.recipient == "c1-1@people.example"
    assert "INV-C1" in message.rendered.text
    assert asked(world).facts["invoices"][0][0] == "INV-C1"
    assert "people.example" not in str(asked(world).facts)


@on_both_stores
def test_nobody_approves_it_in_time_so_the_journey_goes_on(world: World) -> None:
    waiting(world)

    world.live(until=world.now + timedelta(days=4), step=timedelta(hours=6))

    message, (case,) = _message(world), world.rows("dunning_case")
    assert (message["state"], message["reason"]) == ("expired", "approval_missing")
    assert not _is_asked(world)
    assert "first" in str(case["done"])
    assert case["phase"] == "ready"
    assert _kept(world)


@on_both_stores
def test_one_that_is_refused_is_not_said_and_the_journey_goes_on(world: World) -> None:
    waiting(world)

    refuse(world)
    world.loops.settle(world.now)

    message, (case,) = _message(world), world.rows("dunning_case")
    assert (message["state"], message["reason"]) == ("expired", "approval_refused")
    assert BY in sentence("approval_refused", {"by": BY})
    assert "first" in str(case["done"])
    assert world.rows("message_approval")[0]["note"] == "Too early."
    assert not _is_asked(world)
    world.live(until=world.now + timedelta(days=21), step=timedelta(hours=12))
    assert [row["template"] for row in world.rows("message")][-1] == "reminder_second"
    assert _kept(world)


def _another_amount(world: World, customer_id: int) -> None:
    add_invoice(world.database, customer_id, "INV-2", due_on=world.now.date())


def _another_address(world: World, _: int) -> None:
    with world.database.write() as session:
        (address,) = world.rows("address")
        update_rows(session, Address, [{"id": address["id"], "value": "other@people.example"}])


def _other_words(world: World, _: int) -> None:
    with world.database.write() as session:
        digest = current(session, "template")["reminder_first"]
        text = contents(session, [digest])[digest].replace("Hello", "Good day")
        publish(session, "template", "reminder_first", text, now=world.now)


CHANGES: dict[str, Callable[[World, int], None]] = {
    "amounts": _another_amount,
    "recipient": _another_address,
    "template": _other_words,
}


@on_both_stores
@pytest.mark.parametrize("what", sorted(CHANGES))
def test_what_changes_before_the_gate_brings_it_back_to_its_approver(
    world: World, what: str
) -> None:
    customer_id = waiting(world)
    approve(world)
    CHANGES[what](world, customer_id)

    world.loops.settle(world.now)

    assert world.accepted() == []
    assert (_message(world)["reason"], _message(world)["approved_at"]) == ("approval_void", None)
    assert _is_asked(world)
    assert what in asked(world).changed
    approve(world)
    world.loops.settle(world.now)
    assert len(world.accepted()) == 1
    assert [row["void_at"] is None for row in world.rows("message_approval")] == [False, True]
    assert _kept(world)


@pytest.mark.parametrize("what", sorted(CHANGES))
def test_nobody_approves_what_they_did_not_see(world: World, what: str) -> None:
    customer_id = waiting(world)
    seen = asked(world).seen
    CHANGES[what](world, customer_id)

    with pytest.raises(SaysOtherwise):
        approve(world, seen=seen)

    assert world.rows("message_approval") == []


@pytest.mark.parametrize("stop", ["payment", "dispute", "hold", "promise"])
@pytest.mark.parametrize("is_approved", [False, True])
def test_a_stop_withdraws_it_and_nobody_is_asked_any_more(
    world: World, stop: str, is_approved: bool
) -> None:
    customer_id = waiting(world)
    if is_approved:
        approve(world)

    with world.database.write() as session:
        STOPS[stop](session, customer_id, world.now)
        withdraw(session, now=world.now)

    assert _message(world)["state"] == "stopped"
    assert not _is_asked(world)
    world.loops.settle(world.now)
    assert world.accepted() == []
    assert _kept(world)


@on_both_stores
def test_a_payment_that_withdraws_nothing_itself_is_heard_at_the_gate(world: World) -> None:
    """As when a whole book comes in."""
    customer_id = waiting(world)
    approve(world)
    with world.database.write() as session:
        pay_oldest(session, customer_id, world.now)

    world.loops.settle(world.now)

    assert world.accepted() == []
    assert _message(world)["state"] == "stopped"
    assert not _is_asked(world)


@on_both_stores
def test_two_approvers_decide_it_once(world: World) -> None:
    waiting(world)
    seen = asked(world).seen

    def decide() -> bool:
        try:
            approve(world, seen=seen)
        except NotWaiting:
            return False
        return True

    assert sorted(together(decide, decide)) == [False, True]
    assert len(world.rows("message_approval")) == 1


@on_both_stores
def test_an_approval_and_a_payment_at_once_never_send_what_is_paid(world: World) -> None:
    customer_id = waiting(world)
    seen = asked(world).seen

    def decide() -> None:
        try:
            approve(world, seen=seen)
        except (NotWaiting, SaysOtherwise):
            return

    def pay() -> None:
        with world.database.write() as session:
            pay_oldest(session, customer_id, world.now)
            withdraw(session, now=world.now)

    together(decide, pay)
    world.loops.settle(world.now)

    assert world.accepted() == []
    assert _kept(world)


def test_a_draft_made_before_the_approval_was_void_passes_no_gate(world: World) -> None:
    customer_id = waiting(world)
    approve(world)
    delivery = world.loops.delivery
    drafts = delivery.prepare(delivery.claim(world.now), world.now)
    _another_amount(world, customer_id)

    assert delivery.gate(drafts) == []
    assert gate(world) == []

    assert _message(world)["reason"] == "approval_void"


def test_those_alike_are_shown_together_each_with_facts_of_its_own(world: World) -> None:
    creditor_id = creditor(world)
    for number in range(3):
        owing(world, creditor_id, f"A{number}")
    intend(world)

    with world.database.read() as session:
        found = approver(world).alike(session, 1, world.now)

    assert [one.id for one in found] == [1, 2, 3]
    assert len({one.seen for one in found}) == 3
    assert len({one.facts["template"] for one in found}) == 1


def test_one_that_wants_no_approval_costs_no_statement_more(world: World) -> None:
    owing(world, creditor(world))
    with world.database.write() as session:
        publish(session, "journey", "asks_first", _plain(), now=world.now)
    intend(world)
    told: list[str] = []

    def hear(_c: object, _k: object, sql: str, *_: object) -> None:
        told.append(sql)

    event.listen(world.database.engine, "before_cursor_execute", hear)
    world.loops.settle(world.now)

    assert len(world.accepted()) == 1
    assert not [sql for sql in told if "message_approval" in sql]


def _plain() -> str:
    return JOURNEY.replace("approval: accounting, ", "")


@pytest.mark.parametrize(
    "lie",
    [
        "DELETE FROM message_approval",
        "UPDATE message_approval SET template_hash = 'of other words'",
        "UPDATE message_approval SET outcome = 'refused'",
        "UPDATE message_approval SET void_at = decided_at",
    ],
)
def test_the_check_finds_what_left_without_somebodys_word(world: World, lie: str) -> None:
    waiting(world)
    world.move(hours=1)
    approve(world)
    world.move(minutes=5)
    assert len(world.accepted()) == 1
    assert _kept(world)

    world.run(lie)

    found = check(world.database, world.now)
    assert [one.number for one in found if one.violations] == [3]


def test_whoever_sends_it_now_still_waits_for_somebodys_word(world: World) -> None:
    waiting(world)
    world.run("UPDATE message SET due_at = created_at")

    world.loops.settle(world.now)

    assert world.accepted() == []
    assert (_message(world)["state"], _message(world)["reason"]) == ("waiting", "approval_wanted")
    assert _message(world)["due_at"] == _message(world)["valid_until"]
    approve(world)
    world.loops.settle(world.now)
    assert len(world.accepted()) == 1


def test_an_answer_may_want_it_too(world: World) -> None:
    answered = f"{JOURNEY}on:\n  promise_made: {{send: promise_confirmed, approval: care}}\n"
    customer_id = waiting(world)
    with world.database.write() as session:
        publish(session, "journey", "asks_first", answered, now=world.now)
        STOPS["promise"](session, customer_id, world.now)
        withdraw(session, now=world.now)

    world.loops.settle(world.now)

    assert (_message(world)["template"], _message(world)["approval"]) == (
        "promise_confirmed",
        "care",
    )
    assert world.accepted() == []
    approve(world, 2)
    world.loops.settle(world.now)
    assert len(world.accepted()) == 1


def test_a_fallback_goes_to_another_address_and_is_approved_anew(world: World) -> None:
    waiting(world, phone="+972500000100")
    first = _message(world)
    approve(world)
    (attempted,) = gate(world)
    assert attempted.draft.claimed.row["medium"] == first["medium"]
    world.run("UPDATE message SET state = 'refused', reason = 'provider_refused'")
    world.run("UPDATE attempt SET state = 'refused', failed = TRUE")
    world.run("UPDATE dunning_case SET look_at = opened_at")

    world.move(minutes=1)

    second = _message(world)
    assert second["medium"] != first["medium"]
    assert (second["state"], second["approval"]) == ("waiting", "finance")
    assert second["approved_at"] is None
