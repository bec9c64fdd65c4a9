"""The guard and the journal under two transactions at once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy.exc import DBAPIError

from app.store.engines import Database, DatabaseUrlError
from app.store.guard import lock_persons, raise_revisions
from app.store.journal import Happened, record, wake
from app.store.publishing import current, probe, publish
from app.store.rows import Person
from campaigns.vocabulary import Signal
from tests.app.delivery.cast import creditor, owing, together
from tests.databases import on_both_stores
from tests.factories import NOON, add
from tests.world import World


@pytest.fixture
def world(migrated_url: str) -> Iterator[World]:
    made = World(migrated_url)
    yield made
    made.close()


@on_both_stores
def test_revisions_that_two_raise_at_once_are_both_counted(world: World) -> None:
    people = [add(world.database, Person, key=f"p{number}") for number in range(20)]
    databases = [Database(world.url) for _ in range(2)]

    def raise_all(database: Database, order: list[int]) -> None:
        for _ in range(10):
            with database.write() as session:
                lock_persons(session, order)
                raise_revisions(session, order)

    together(
        lambda: raise_all(databases[0], people),
        lambda: raise_all(databases[1], people[::-1]),
    )

    assert {row["revision"] for row in world.rows("person")} == {20}
    for database in databases:
        database.dispose()


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_a_walk_does_not_wait_for_a_stop_that_holds_the_guard(world: World) -> None:
    """It inserts a message of the person. If that waited, the stop that then wakes the case, which
    the walk has locked, would wait for the walk: a deadlock."""
    owing(world, creditor(world))
    world.loops.enrolment.tick(world.now)
    walker, other = world.worker().walk, Database(world.url)

    with ThreadPoolExecutor(1) as pool, other.write() as session:
        lock_persons(session, [1])
        raise_revisions(session, [1])
        session.connection().exec_driver_sql("SET LOCAL lock_timeout = '10s'")
        walked = pool.submit(walker.tick, world.now)
        assert walked.result(timeout=10).said == 1
        wake(session, [1], now=world.now)
    other.dispose()


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_two_that_wake_the_same_cases_do_not_wait_for_each_other(world: World) -> None:
    owed = creditor(world)
    for number in range(40):
        owing(world, owed, f"C{number}")
    world.loops.enrolment.tick(world.now)
    cases = [row["id"] for row in world.rows("dunning_case")]
    databases = [Database(world.url) for _ in range(2)]

    def wake_often(database: Database, order: list[int]) -> None:
        for _ in range(15):
            with database.write() as session:
                wake(session, order, now=world.now)

    together(
        lambda: wake_often(databases[0], cases),
        lambda: wake_often(databases[1], cases[::-1]),
    )

    assert {row["revision"] for row in world.rows("dunning_case")} == {30}
    for database in databases:
        database.dispose()


@on_both_stores
def test_a_signal_wakes_the_open_cases_of_its_customer_once(world: World) -> None:
    owed = creditor(world)
    first, second = owing(world, owed, "A"), owing(world, owed, "B")
    world.loops.settle(world.now)
    later = world.now + timedelta(minutes=5)
    fact = Happened(Signal.HARDSHIP_REPORTED, later, customer_id=first, key="told-1")

    for _ in range(2):
        with world.database.write() as session:
            record(session, [fact, fact], now=later)

    (signal,) = world.rows("case_signal")
    looks = {row["customer_id"]: str(row["look_at"])[:16] for row in world.rows("dunning_case")}
    assert signal["case_id"] == next(
        row["id"] for row in world.rows("dunning_case") if row["customer_id"] == first
    )
    assert looks[first] == str(later)[:16]
    assert looks[second] != looks[first]


@on_both_stores
def test_a_fact_of_one_case_wakes_no_other_and_one_of_nobody_wakes_none(world: World) -> None:
    owing(world, creditor(world))
    world.loops.settle(world.now)
    signals = [
        Happened(Signal.LINK_CLICKED, world.now, case_id=1),
        Happened(Signal.LINK_CLICKED, world.now),
        Happened("something_else", world.now, case_id=1),
    ]
    with world.database.write() as session:
        assert len(record(session, signals, now=world.now)) == 3

    assert [row["case_id"] for row in world.rows("case_signal")] == [1]


@on_both_stores
def test_publishing_is_seen_by_its_probe_and_the_same_again_is_none(world: World) -> None:
    with world.database.write() as session:
        before = probe(session)
        publish(session, "journey", "own", "words", now=NOON)
        after = probe(session)
        publish(session, "journey", "own", "words", now=NOON)
        assert before != after == probe(session)
        old = current(session, "journey")["own"]
        publish(session, "journey", "own", "other words", now=NOON)
        publish(session, "journey", "own", "words", now=NOON)
        assert current(session, "journey")["own"] == old  # back to what it was, as a new sequence


@on_both_stores
def test_readers_see_one_state_while_somebody_writes(world: World) -> None:
    start = Barrier(2)

    def write() -> None:
        with world.database.write() as session:
            session.connection().exec_driver_sql("UPDATE sender SET per_second = 1")
            start.wait(10)
            start.wait(10)

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        start.wait(10)
        with world.database.read() as session:
            found = session.connection().exec_driver_sql("SELECT count(*) FROM creditor")
            assert found.scalar() == 0
        start.wait(10)
        writing.result(timeout=10)


@on_both_stores
def test_a_reader_cannot_write(world: World) -> None:
    with world.database.read() as session, pytest.raises(DBAPIError):
        session.connection().exec_driver_sql("UPDATE person SET revision = 9")


def test_a_store_that_duly_does_not_know_is_refused() -> None:
    with pytest.raises(DatabaseUrlError, match="mysql"):
        Database("mysql://somewhere/duly")
