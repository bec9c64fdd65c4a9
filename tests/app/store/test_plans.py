"""The hot queries go by an index: nothing that a tick asks reads a whole table that grows.

Every statement of a tick is taken down as it is executed and explained by the database itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from app.book.due import due_ids
from app.book.snapshot import load
from app.console.inbox.listing import INBOX
from app.intake.call_hours import own_numbers
from app.intake.concerned import known_customer
from app.intake.inbox import intake_tick
from app.intake.phone.call_list import call_list
from app.intake.phone.numbers import Known
from app.intake.receipts import take_receipts
from app.intake.replies import Written, receive_reply
from app.intake.tidy import break_promises, end_holds, miss_instalments
from app.lab.bench.plans import explained, taken_down, whole_tables
from app.loops.tidy import Tidy
from app.store.bulk import insert_returning_ids, insert_rows
from app.store.rows import Hold, Person
from campaigns.calendar import BusinessCalendar
from campaigns.ruleset import RuleSet
from campaigns.vocabulary import Medium
from channels.sandbox_faults import Faults
from tests.app.delivery.cast import creditor, owing
from tests.app.delivery.stops import STOPS
from tests.app.intake.make import receipt
from tests.databases import on_both_stores
from tests.world import SECRET, World

GROWING = frozenset(
    "person customer address contact_point suppression consent invoice payment reversal allocation"
    " promise plan instalment dispute hold task dunning_case case_signal event refusal message"
    " attempt link inbound reply".split()
)


@pytest.fixture
def peopled(migrated_url: str) -> Iterator[World]:
    """Some of everything that is open: cases, messages, unclear attempts."""
    world = World(migrated_url, faults=Faults(timeout_before=0.5))
    owed = creditor(world)
    for number in range(12):
        owing(world, owed, f"C{number}", phone=f"+97252123400{number:02d}")
    world.live(until=world.now + timedelta(days=4), step=timedelta(hours=12))
    with world.database.write() as session:
        people = insert_returning_ids(session, Person, [{"key": f"x{n}"} for n in range(300)])
        placed = {"placed_at": world.now, "renewed_at": world.now}
        holds = [{"person_id": n, "kind": "staff", **placed} for n in people]
        insert_rows(session, Hold, holds)
        if world.database.dialect == "postgresql":
            session.connection().exec_driver_sql("ANALYZE")
    yield world
    world.close()


def an_idle_second(world: World) -> None:
    """Every loop, tidy and intake too."""
    loops = world.loops
    Tidy(world.database, loops.reconciliation, {}, secret=SECRET).tick(world.now)
    intake_tick(world.database, {}, now=world.now)
    loops.enrolment.tick(world.now)
    loops.walk.tick(world.now)
    loops.delivery.tick(world.now)
    loops.reconciliation.tick(world.now)


def a_busy_week(world: World) -> None:
    """Walks, sends and asks again; but does not enrol, which reads the open invoices once a day."""
    for _ in range(7):
        world.clock.move_to(world.now + timedelta(days=1))
        while (
            world.loops.walk.tick(world.now).looked or world.loops.delivery.tick(world.now).claimed
        ):
            continue
        world.loops.reconciliation.tick(world.now)


def a_busy_hour_of_intake(world: World) -> None:
    """Receipts, a reply, a payment, a dispute, a promise and an opt-out."""
    told = [receipt(key, "delivered") for key in world.accepted()[:3]]
    text = Written("t:1", Medium.SMS, "+972521234001", "+972520000000", "why?", world.now)
    with world.database.write() as session:
        take_receipts(session, told, now=world.now)
        receive_reply(session, text, now=world.now)
        for customer, stop in enumerate(STOPS.values(), 1):
            stop(session, customer, world.now)
    world.clock.move_to(world.now + timedelta(days=30))
    with world.database.write() as session:
        break_promises(session, world.now)
        end_holds(session, world.now)
        miss_instalments(session, world.now)


@on_both_stores
@pytest.mark.parametrize("hours", [an_idle_second, a_busy_week, a_busy_hour_of_intake])
def test_no_tick_reads_a_whole_table_that_grows(
    peopled: World, hours: Callable[[World], None]
) -> None:
    with taken_down(peopled.database) as statements:
        hours(peopled)

    assert len(statements) >= 4
    assert whole_tables(peopled.database, statements, GROWING) == set()


def due_cases(world: World) -> None:
    with world.database.read() as session:
        due_ids(session, world.now, 100, lock=False)


def due_messages(world: World) -> None:
    world.loops.delivery.claim(world.now)


def facts(world: World) -> None:
    with world.database.read() as session:
        load(session, [1, 2, 3], world.now)


def unclear(world: World) -> None:
    world.loops.reconciliation.tick(world.now)


def texts_to_read(world: World) -> None:
    with world.database.read() as session:
        INBOX.read(session, {"owner": "noa"})


def calls_to_make(world: World) -> None:
    with world.database.read() as session:
        call_list(session, lambda _: RuleSet((), BusinessCalendar("IL", None)), world.now)


@on_both_stores
@pytest.mark.parametrize(
    ("ask", "indexes"),
    [
        (due_cases, {"ix_case_due"}),
        (due_messages, {"ix_message_due"}),
        (facts, {"ix_attempt_person", "ix_hold_open", "ix_signal_open"}),
        (unclear, {"ix_attempt_sending"}),
        (texts_to_read, {"ix_inbox_open"}),
        (calls_to_make, {"ix_task_open_kind"}),
    ],
)
def test_a_partial_index_answers_for_what_is_open(
    peopled: World, ask: Callable[[World], None], indexes: set[str]
) -> None:
    with taken_down(peopled.database) as statements:
        ask(peopled)

    plans = " ".join(line for s in statements for line in explained(peopled.database, s))
    assert {index for index in indexes if index not in plans} == set(), plans


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_numbers_are_found_from_those_who_have_them(peopled: World) -> None:
    """An index that begins with the kind of an address leads through all telephones there are."""
    with taken_down(peopled.database) as statements, peopled.database.read() as session:
        Known.of(session, [1, 2], lambda _: RuleSet((), BusinessCalendar("IL", None)), peopled.now)
        own_numbers(session, known_customer(session, 1))

    plans = [line for each in statements for line in explained(peopled.database, each)]
    assert any(line.startswith("SEARCH address") for line in plans)
    assert not [line for line in plans if "(kind=?)" in line]


@on_both_stores
def test_a_query_that_reads_it_all_is_seen(peopled: World) -> None:
    with taken_down(peopled.database) as statements, peopled.database.read() as session:
        session.connection().exec_driver_sql("SELECT * FROM message WHERE template = 'x'").all()

    assert {table for table, _ in whole_tables(peopled.database, statements, GROWING)} == {
        "message"
    }
