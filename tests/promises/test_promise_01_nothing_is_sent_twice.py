"""Nothing is sent twice: under a crash anywhere, with two workers, with a provider that forgets."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app.delivery.deliver import Delivery
from app.delivery.reconcile import Reconciliation
from app.loops.assembly import Loops
from channels.sandbox_faults import Faults
from tests.promises.cast import creditor, gate, intend, owing, send, together
from tests.world import SECRET, World

MANY = 40
OUTCOME_KNOWN = {"accepted", "assumed_sent"}


def deliver_all(loops: Loops, world: World) -> int:
    return sum(iter(lambda: loops.delivery.tick(world.now).claimed, 0))


def sent_once(world: World) -> bool:
    """Whether the provider's own book has every message at most once."""
    keys = {row["key"]: row["message_id"] for row in world.rows("attempt")}
    return all(n == 1 for n in Counter(keys[key] for key in world.accepted()).values())


def test_two_workers_share_the_messages_and_send_each_once(world: World) -> None:
    owed = creditor(world)
    for number in range(MANY):
        owing(world, owed, f"C{number}")
    intend(world)
    workers = [world.worker(batch=7), world.worker(batch=7)]

    together(*[lambda loops=loops: deliver_all(loops, world) for loops in workers])

    assert len(world.accepted()) == MANY
    assert sent_once(world)
    assert {row["state"] for row in world.rows("message")} == {"accepted"}


def test_two_walks_intend_each_message_once(world: World) -> None:
    owed = creditor(world)
    for number in range(MANY):
        owing(world, owed, f"C{number}")
    world.loops.enrolment.tick(world.now)
    workers = [world.worker(batch=7), world.worker(batch=7)]

    def walk_all(loops: Loops) -> int:
        return sum(iter(lambda: loops.walk.tick(world.now).looked, 0))

    together(*[lambda loops=loops: walk_all(loops) for loops in workers])

    assert len(world.rows("message")) == MANY
    assert len(world.rows("event", "kind = 'MessageIntended'")) == MANY


def test_two_enrolments_open_one_case_a_customer(world: World) -> None:
    owed = creditor(world)
    for number in range(MANY):
        owing(world, owed, f"C{number}")
    workers = [world.worker(), world.worker()]

    together(*[lambda loops=loops: loops.enrolment.tick(world.now) for loops in workers])

    assert len(world.rows("dunning_case")) == MANY
    assert len(world.rows("event", "kind = 'CaseOpened'")) == MANY


def to_the_claim(world: World, delivery: Delivery) -> None:
    delivery.claim(world.now)


def to_the_draft(world: World, delivery: Delivery) -> None:
    delivery.prepare(delivery.claim(world.now), world.now)


def to_the_gate(world: World, delivery: Delivery) -> None:
    delivery.gate(delivery.prepare(delivery.claim(world.now), world.now))


def to_the_provider(world: World, delivery: Delivery) -> None:
    delivery.dispatch(delivery.gate(delivery.prepare(delivery.claim(world.now), world.now)))


@pytest.mark.parametrize(
    ("crash", "at_the_provider"),
    [(to_the_claim, 1), (to_the_draft, 1), (to_the_gate, 0), (to_the_provider, 1)],
)
def test_a_worker_that_dies_between_two_phases_costs_nobody_a_second_message(
    world: World, crash: Callable[[World, Delivery], None], at_the_provider: int
) -> None:
    owing(world, creditor(world))
    intend(world)
    crash(world, world.worker().delivery)

    world.live(until=world.now + timedelta(hours=2), step=timedelta(minutes=1))

    (message,) = world.rows("message")
    assert message["state"] in OUTCOME_KNOWN
    assert len(world.accepted()) == at_the_provider
    (case,) = world.rows("dunning_case")
    assert case["phase"] == "ready"  # and the journey goes on
    assert case["look_at"] is not None


def test_a_provider_that_accepts_and_times_out_is_asked_and_not_sent_to_again(
    migrated_url: str,
) -> None:
    world = World(migrated_url, faults=Faults(timeout_after=1.0, hidden=1.0, hidden_for=3))
    owing(world, creditor(world))
    world.loops.settle(world.now)
    assert world.rows("message")[0]["state"] == "unclear"

    world.live(until=world.now + timedelta(minutes=30), step=timedelta(minutes=1))

    (message,) = world.rows("message")
    (attempt,) = world.rows("attempt")
    assert (message["state"], attempt["state"]) == ("accepted", "accepted")
    assert attempt["provider_id"] is not None
    assert len(world.accepted()) == 1
    world.close()


@pytest.mark.parametrize(("address", "hours"), [({"email": "a@b.example"}, 1), ({}, 24)])
def test_what_stays_unclear_is_assumed_sent(
    migrated_url: str, address: dict[str, Any], hours: int
) -> None:
    world = World(migrated_url, faults=Faults(timeout_before=1.0))
    address = address or {"email": None, "phone": "+972521234567"}
    owing(world, creditor(world), **address)
    world.loops.settle(world.now)
    start = world.now

    world.live(until=start + timedelta(hours=hours, minutes=-1), step=timedelta(minutes=20))
    assert world.rows("message")[0]["state"] == "unclear"
    world.live(until=start + timedelta(hours=hours), step=timedelta(minutes=1))

    assert world.rows("message")[0]["state"] == "assumed_sent"
    assert world.accepted() == []
    assert len(world.rows("attempt")) == 1
    assert len(world.rows("task", "kind = 'unclear'")) == (1 if hours == 24 else 0)
    world.close()


def test_every_page_of_what_is_unclear_is_asked_about(migrated_url: str) -> None:
    world = World(migrated_url, faults=Faults(timeout_after=1.0))
    owed = creditor(world)
    for number in range(5):
        owing(world, owed, f"C{number}")
    world.loops.settle(world.now)
    silent = Reconciliation(world.database, {}, secret=SECRET, batch=2)
    world.clock.move_to(world.now + timedelta(minutes=61))

    assert [silent.tick(world.now) for _ in range(3)] == [2, 2, 1]
    world.close()


def test_a_gate_older_than_two_seconds_is_void_and_asked_again(world: World) -> None:
    owing(world, creditor(world))
    intend(world)
    passed = gate(world)
    world.clock.move_to(world.now + timedelta(seconds=3))

    world.loops.delivery.settle(world.loops.delivery.dispatch(passed))
    assert world.accepted() == []
    assert world.rows("message")[0]["reason"] == "gate_void"
    assert world.rows("attempt")[0]["state"] == "void"

    world.loops.settle(world.now)
    assert len(world.accepted()) == 1
    assert [row["state"] for row in world.rows("attempt")] == ["void", "accepted"]


def test_a_worker_whose_lease_ran_out_cannot_gate(world: World) -> None:
    owing(world, creditor(world))
    intend(world)
    slow, quick = world.worker().delivery, world.worker().delivery
    late = slow.prepare(slow.claim(world.now), world.now)
    world.clock.move_to(world.now + timedelta(seconds=61))

    assert slow.gate(late) == []
    passed = quick.gate(quick.prepare(quick.claim(world.now), world.now))
    assert slow.gate(late) == []

    assert len(passed) == 1
    assert len(world.rows("attempt")) == 1


def test_two_workers_with_the_same_claim_gate_it_once(world: World) -> None:
    owing(world, creditor(world))
    intend(world)
    workers = [world.worker().delivery, world.worker().delivery]
    claimed = workers[0].claim(world.now)
    drafts = [worker.prepare(claimed, world.now) for worker in workers]

    passed = together(
        lambda: workers[0].gate(drafts[0]),
        lambda: workers[1].gate(drafts[1]),
    )

    assert sorted(map(len, passed)) == [0, 1]
    assert len(world.rows("attempt")) == 1


def test_an_answer_that_was_settled_meanwhile_is_not_written_again(world: World) -> None:
    owing(world, creditor(world))
    intend(world)
    tried = send(world)

    assert world.loops.delivery.settle(tried) == 1
    assert world.loops.delivery.settle(tried) == 0

    assert world.rows("contact_point")[0]["asked"] == 1
    assert len(world.rows("event", "kind = 'message_accepted'")) == 1


def test_a_late_answer_of_a_worker_that_was_given_up_still_counts(world: World) -> None:
    owing(world, creditor(world))
    intend(world)
    tried = send(world)
    world.clock.move_to(world.now + timedelta(seconds=61))
    world.worker(channels={}).reconciliation.tick(world.now)
    assert world.rows("message")[0]["state"] == "unclear"

    world.loops.delivery.settle(tried)

    assert world.rows("message")[0]["state"] == "accepted"


def test_a_message_that_may_be_tried_later_is_a_new_attempt_of_the_same_message(
    migrated_url: str,
) -> None:
    world = World(migrated_url, faults=Faults(later=0.6, retry_after=timedelta(minutes=1)))
    owed = creditor(world)
    for number in range(12):
        owing(world, owed, f"C{number}")

    world.live(until=world.now + timedelta(hours=1), step=timedelta(minutes=5))

    assert len(world.rows("message")) == 12
    assert len(world.rows("attempt")) > 12
    assert sent_once(world)
    world.close()
