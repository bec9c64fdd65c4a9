"""What is counted beside the pages, and what came of a journey's messages."""

from datetime import timedelta
from threading import Event
from time import monotonic, sleep

import pytest
from sqlmodel import Session

from app.clock import VirtualClock
from app.console.journeys.counting import Counts
from app.drafting.figures import figures
from app.store.engines import Database
from tests.databases import on_both_stores, opened
from tests.factories import NOON, add_campaign, add_creditor, add_customer, add_invoice
from tests.world import World

sqlite_only = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture
def database(migrated_url: str) -> Database:
    return opened(migrated_url)


@sqlite_only
def test_a_count_is_kept_for_a_while_and_then_made_anew(database: Database) -> None:
    clock, asked = VirtualClock(NOON), []

    def count(_: Session, key: str) -> int:
        asked.append(key)
        return len(asked)

    counts = Counts(database, clock, count, patience=5)
    first, again = counts.of("a"), counts.of("a")
    assert first == again
    assert first is not None
    assert (first.value, first.at) == (1, NOON)
    clock.move_to(NOON + timedelta(minutes=2))
    later = counts.of("a")
    assert later is not None
    assert (later.value, asked) == (2, ["a", "a"])


@sqlite_only
def test_no_page_waits_long_for_a_count(database: Database) -> None:
    clock, may_end = VirtualClock(NOON), Event()

    def count(_: Session, key: str) -> str:
        may_end.wait(10)
        return key

    counts = Counts(database, clock, count, patience=0.01)
    assert counts.of("a") is None
    may_end.set()
    patient = Counts(database, clock, count, patience=5)
    found = patient.of("a")
    assert found is not None
    assert found.value == "a"


@sqlite_only
def test_no_page_waits_for_a_long_count_that_only_aged(database: Database) -> None:
    clock, may_end, asked = VirtualClock(NOON), Event(), []

    def count(_: Session, key: str) -> int:
        asked.append(key)
        if len(asked) == 1:
            sleep(0.2)
        else:
            may_end.wait(10)
        return len(asked)

    counts = Counts(database, clock, count, fresh=timedelta(seconds=1), patience=0.1)
    while counts.of("a") is None:
        continue
    clock.move_to(NOON + timedelta(seconds=5))
    counts.of("a")
    assert asked == ["a"]  # it took so long that it lasts
    clock.move_to(NOON + timedelta(minutes=2))
    began = monotonic()
    aged = counts.of("a")
    assert monotonic() - began < 5
    assert aged is not None
    assert (aged.value, aged.at) == (1, NOON)
    may_end.set()


@on_both_stores
def test_what_came_of_messages_is_told_by_step(migrated_url: str) -> None:
    world = World(migrated_url)
    creditor_id = add_creditor(world.database)
    add_campaign(world.database, creditor_id)
    for number in (1, 2):
        customer_id = add_customer(
            world.database, creditor_id, f"C{number}", email=f"c{number}@x.example"
        )
        add_invoice(world.database, customer_id, f"I{number}", due_on=NOON.date())
    world.loops.settle(world.now)
    world.run("UPDATE message SET delivered_at = accepted_at WHERE case_id = 1")
    world.run("UPDATE dunning_case SET outcome = 'settled', phase = 'closed' WHERE id = 1")
    with world.database.read() as session:
        found = figures(session, "consumer_gentle")
        nothing = figures(session, "business_net30")
    world.close()
    step = found.by_step["due_today"]
    assert (step.sent, step.delivered, step.clicked, step.settled) == (2, 1, 0, 1)
    assert found.since == world.now
    assert (nothing.since, nothing.by_step) == (None, {})
