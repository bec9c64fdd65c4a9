"""Who is claimed: one message a person, what its sender can start in time, nobody twice."""

from __future__ import annotations

from datetime import timedelta

from app.delivery.claim import START_WITHIN, give_back
from app.store.bulk import update_rows
from app.store.engines import Database
from app.store.rows import Sender
from tests.app.delivery.cast import creditor, intend, owing, together
from tests.databases import on_both_stores
from tests.world import World


def senders(world: World, **columns: object) -> None:
    with world.database.write() as session:
        rows = [{"id": row["id"], **columns} for row in world.rows("sender")]
        update_rows(session, Sender, rows)


def test_a_batch_holds_one_message_a_person(world: World) -> None:
    first, second = creditor(world), creditor(world, "galil")
    owing(world, first, "A", person="one")
    owing(world, second, "B", person="one")
    intend(world)

    claimed = world.loops.delivery.claim(world.now)

    assert len(world.rows("message", "state = 'waiting'")) == 2
    assert len(claimed) == 1


def test_a_batch_holds_what_its_sender_can_start_in_time(world: World) -> None:
    owed = creditor(world)
    for number in range(10):
        owing(world, owed, f"C{number}")
    intend(world)
    senders(world, per_second=2.0)
    delivery = world.loops.delivery

    assert len(delivery.claim(world.now)) == 2 * START_WITHIN.total_seconds()
    assert delivery.claim(world.now) == [], "the sender's time is spent"
    world.clock.move_to(world.now + timedelta(seconds=1))
    assert len(delivery.claim(world.now)) == 2, "a second later, two more"


@on_both_stores
def test_two_workers_do_not_give_one_sender_the_same_time_twice(world: World) -> None:
    owed = creditor(world)
    for number in range(30):
        owing(world, owed, f"C{number}")
    intend(world)
    senders(world, per_second=5.0)
    workers = [world.worker(batch=8).delivery for _ in range(2)]

    claimed = together(*[lambda w=worker: len(w.claim(world.now)) for worker in workers])

    assert sum(claimed) <= 5 * START_WITHIN.total_seconds()


@on_both_stores
def test_a_slow_sender_does_not_hold_up_the_others(world: World) -> None:
    slow, quick = creditor(world), creditor(world, "galil")
    for number in range(5):
        owing(world, slow, f"S{number}")
    owing(world, quick, "Q")
    intend(world)
    with world.database.write() as session:
        rows = [{"id": row["id"], "per_second": 0.5} for row in world.rows("sender")[:3]]
        update_rows(session, Sender, rows)
    delivery = world.worker(batch=3).delivery

    found = [len(delivery.claim(world.now)) for _ in range(2)]

    assert found == [1, 1]


def test_nothing_is_claimed_for_a_paused_sender_until_it_is_too_late(world: World) -> None:
    owing(world, creditor(world))
    intend(world)
    senders(world, paused_until=world.now + timedelta(days=9), pause_reason="a test")
    delivery = world.loops.delivery
    assert delivery.claim(world.now) == []

    world.clock.move_to(world.now + timedelta(days=1))
    world.loops.settle(world.now)

    (message,) = world.rows("message", "id = 1")
    assert (message["state"], message["reason"]) == ("expired", "expired")


@on_both_stores
def test_an_idle_tick_takes_no_lock(world: World) -> None:
    """Another writer holds the database; whoever has nothing to do does not notice."""
    owing(world, creditor(world))
    world.loops.settle(world.now)
    world.loops.reconciliation.tick(world.now)
    other = Database(world.url)

    with other.write() as session:
        session.connection().exec_driver_sql("UPDATE person SET revision = revision + 1")
        together(
            lambda: world.loops.enrolment.tick(world.now),
            lambda: world.loops.walk.tick(world.now),
            lambda: world.loops.delivery.tick(world.now),
            lambda: world.loops.reconciliation.tick(world.now),
        )
    other.dispose()


def test_a_link_ends_thirty_days_after_the_last_message_that_carried_it(world: World) -> None:
    owing(world, creditor(world), "A")
    intend(world)
    delivery = world.loops.delivery
    first = delivery.claim(world.now)
    assert {row["expires_at"] for row in world.rows("link")} == {_at(world, days=30)}
    with world.database.write() as session:
        give_back(session, first)
    senders(world, free_at=None)
    world.clock.move_to(world.now + timedelta(days=3))

    (again,) = delivery.claim(world.now)

    assert again.links == first[0].links
    assert {row["expires_at"] for row in world.rows("link")} == {_at(world, days=30)}


def _at(world: World, *, days: int) -> object:
    at = world.now + timedelta(days=days)
    kept = world.rows("link")[0]["created_at"]
    return at if not isinstance(kept, str) else at.strftime("%Y-%m-%d %H:%M:%S.%f")
