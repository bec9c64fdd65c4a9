"""What waits is stopped by the fact itself, in its transaction: what no hour helps, and no more."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.delivery.withdrawal import MOST, withdraw
from app.intake.concerned import stop_customer, stop_persons
from app.intake.holds import place_hold
from app.store.bulk import insert_returning_ids, update_rows
from app.store.rows import Message, Person
from campaigns.vocabulary import HoldKind
from tests.app.delivery.cast import creditor, gate, intend, owing, together
from tests.app.delivery.stops import STOPS, Stop, pay_oldest
from tests.databases import on_both_stores
from tests.factories import add_invoice
from tests.world import World

WHY = {
    "payment": "paid_meanwhile",
    "dispute": "dispute_open",
    "hold": "hold",
    "promise": "promise_open",
}


def _tell(world: World, stop: Stop, customer_id: int) -> list[int]:
    with world.database.write() as session:
        stop(session, customer_id, world.now)
        return withdraw(session, now=world.now)


def _intended(world: World) -> int:
    """A customer whose message waits."""
    customer_id = owing(world, creditor(world))
    intend(world)
    return customer_id


def _states(world: World) -> list[tuple[str, str | None]]:
    return [(row["state"], row["reason"]) for row in world.rows("message")]


def _tried(world: World) -> set[int]:
    return {row["message_id"] for row in world.rows("attempt")}


@pytest.mark.parametrize("kind", sorted(WHY))
def test_what_stops_a_message_withdraws_it_at_once_with_its_reason(world: World, kind: str) -> None:
    customer_id = _intended(world)

    withdrawn = _tell(world, STOPS[kind], customer_id)

    (message,) = world.rows("message")
    (case,) = world.rows("dunning_case")
    assert withdrawn == [message["id"]]
    assert (message["state"], message["reason"]) == ("stopped", WHY[kind])
    assert case["look_at"] <= message["updated_at"]
    world.loops.settle(world.now)
    assert message["id"] not in _tried(world)


def test_a_case_goes_on_after_its_message_was_withdrawn(world: World) -> None:
    customer_id = _intended(world)
    _tell(world, STOPS["hold"], customer_id)

    world.live(until=world.now + timedelta(days=4), step=timedelta(hours=6))

    assert len(world.accepted()) == 1


def test_what_is_owed_in_part_is_still_said_with_what_is_left(world: World) -> None:
    customer_id = owing(world, creditor(world))
    add_invoice(world.database, customer_id, "INV-2", due_on=world.now.date())
    intend(world)

    assert _tell(world, pay_oldest, customer_id) == []

    world.loops.settle(world.now)
    assert 1 in _tried(world)


def test_a_message_whose_hour_comes_after_the_hold_waits_on(world: World) -> None:
    customer_id = _intended(world)
    due_at = world.now + timedelta(hours=20)

    with world.database.write() as session:
        update_rows(session, Message, [{"id": 1, "due_at": due_at}])
        until = due_at - timedelta(hours=1)
        concerned = stop_customer(session, customer_id)
        place_hold(session, concerned, HoldKind.STAFF, until=until, why="a test", now=world.now)
        withdrawn = withdraw(session, now=world.now)

    assert withdrawn == []
    assert _states(world) == [("waiting", None)]


def test_what_policy_alone_refuses_dies_at_the_gate(world: World) -> None:
    customer_id = _intended(world)

    assert _tell(world, STOPS["opt-out"], customer_id) == []

    world.loops.settle(world.now)
    assert next(state for state, _ in _states(world)) == "stopped"
    assert world.accepted() == []


def test_a_claimed_message_is_withdrawn_and_its_gate_passes_nothing(world: World) -> None:
    customer_id = _intended(world)
    delivery = world.loops.delivery
    drafts = delivery.prepare(delivery.claim(world.now), world.now)

    _tell(world, STOPS["payment"], customer_id)

    assert delivery.gate(drafts) == []
    assert _states(world) == [("stopped", "paid_meanwhile")]
    assert world.rows("attempt") == []


def test_what_is_on_its_way_is_left_alone(world: World) -> None:
    customer_id = _intended(world)
    gate(world)

    assert _tell(world, STOPS["payment"], customer_id) == []
    assert _states(world) == [("sending", None)]


def test_other_people_keep_their_messages(world: World) -> None:
    owed = creditor(world)
    first, _ = owing(world, owed, "A"), owing(world, owed, "B")
    intend(world)

    _tell(world, STOPS["payment"], first)

    assert sorted(_states(world)) == [("stopped", "paid_meanwhile"), ("waiting", None)]


def test_a_fact_stands_when_the_message_cannot_be_read(world: World) -> None:
    customer_id = _intended(world)
    world.run("UPDATE message SET category = 'nonsense'")

    assert _tell(world, STOPS["hold"], customer_id) == []

    assert len(world.rows("hold")) == 1
    assert [state for state, _ in _states(world)] == ["waiting"]


def test_a_book_that_comes_in_is_left_to_the_gate(world: World) -> None:
    customer_id = _intended(world)
    with world.database.write() as session:
        others = insert_returning_ids(session, Person, [{"key": f"more-{n}"} for n in range(MOST)])
        STOPS["payment"](session, customer_id, world.now)
        stop_persons(session, others)
        assert withdraw(session, now=world.now) == []

    assert _states(world) == [("waiting", None)]


@on_both_stores
def test_a_payment_and_a_gate_at_once_are_one_after_the_other(world: World) -> None:
    owed = creditor(world)
    customers = [owing(world, owed, f"C{number}") for number in range(8)]
    intend(world)
    delivery = world.worker().delivery
    drafts = delivery.prepare(delivery.claim(world.now), world.now)

    def pay_all() -> None:
        for customer_id in reversed(customers):
            _tell(world, STOPS["payment"], customer_id)

    together(lambda: delivery.gate(drafts), pay_all)

    became = {row["id"]: row["state"] for row in world.rows("message")}
    assert set(became.values()) <= {"sending", "stopped"}
    assert _tried(world) == {id_ for id_, state in became.items() if state == "sending"}
