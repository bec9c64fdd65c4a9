"""The chain: whatever happens to a line, verifying names it; and no line is ever linked twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import JSON, Date, Integer, delete, func, select, text, update
from sqlmodel.sql.sqltypes import UTCDateTime

from app.records.sources import SOURCES
from app.records.trail import SETTLED, has_news, link, link_persons
from app.records.verify import Broken, Fault, verify_all, verify_persons
from app.store.bulk import insert_rows
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import Customer, Event, Person, TrailHead, TrailLine, TrailMark, TrailSalt
from tests.app.records.life import live
from tests.databases import on_both_stores, opened
from tests.factories import NOON, add_creditor, add_customer
from tests.promises.stage import Stage, staging

_EVENT, _LINE = table_of(Event), table_of(TrailLine)
_HEAD, _MARK, _SALT = table_of(TrailHead), table_of(TrailMark), table_of(TrailSalt)


@pytest.fixture
def database(migrated_url: str) -> Iterator[Database]:
    found = opened(migrated_url)
    yield found
    found.dispose()


@pytest.fixture
def customers(database: Database) -> tuple[int, int]:
    creditor = add_creditor(database)
    return add_customer(database, creditor, "Ada"), add_customer(database, creditor, "Ben")


def happen(database: Database, customer_id: int, *kinds: str) -> None:
    with database.write() as session:
        rows = [{"kind": kind, "at": NOON, "customer_id": customer_id} for kind in kinds]
        insert_rows(session, Event, rows)


def link_now(database: Database, at: timedelta = timedelta()) -> int:
    with database.write() as session:
        return link(session, NOON + at)


def faults(database: Database, at: timedelta = timedelta()) -> set[tuple[int, Fault]]:
    with database.read() as session:
        return {(one.number, one.fault) for one in verify_all(session, NOON + at).broken}


@pytest.fixture
def chained(database: Database, customers: tuple[int, int]) -> Database:
    """Five lines of one person, one of another."""
    happen(database, customers[0], "a", "b", "c", "d", "e")
    happen(database, customers[1], "z")
    link_now(database)
    return database


def test_an_honest_chain_verifies_and_is_linked_once(chained: Database) -> None:
    assert link_now(chained) == 0
    with chained.read() as session:
        found = verify_all(session, NOON)
        assert (found.persons, found.lines, found.broken) == (2, 6, ())


def test_a_changed_fact_is_named(chained: Database) -> None:
    with chained.write() as session:
        session.connection().execute(update(_EVENT).where(_EVENT.c.kind == "c").values(kind="x"))

    assert faults(chained) == {(3, Fault.CHANGED)}


@pytest.mark.parametrize(("kind", "number"), [("c", 3), ("e", 5)])
def test_a_removed_fact_is_named(chained: Database, kind: str, number: int) -> None:
    with chained.write() as session:
        session.connection().execute(delete(_EVENT).where(_EVENT.c.kind == kind))

    assert faults(chained) == {(number, Fault.REMOVED)}


@pytest.mark.parametrize("number", [1, 3, 5])
def test_a_fact_that_is_removed_with_its_line_is_missed(chained: Database, number: int) -> None:
    cut(chained, number)

    found = faults(chained)
    assert (number, Fault.LINE_MISSING) in found
    assert {at for at, _ in found} <= {number, number + 1}


def cut(database: Database, number: int) -> None:
    with database.write() as session:
        connection = session.connection()
        line = connection.execute(
            select(_LINE).where(_LINE.c.number == number, _LINE.c.kind == "event")
        ).first()
        assert line is not None
        connection.execute(delete(_SALT).where(_SALT.c.line_id == line.id))
        connection.execute(delete(_LINE).where(_LINE.c.id == line.id))
        connection.execute(delete(_EVENT).where(_EVENT.c.id == line.row_id))


def test_a_cut_that_is_renumbered_still_breaks_the_chain(chained: Database) -> None:
    cut(chained, 3)
    with chained.write() as session:
        for number in (4, 5):
            moved = update(_LINE).where(_LINE.c.number == number)
            session.connection().execute(moved.values(number=number - 1))
        head = update(_HEAD).where(_HEAD.c.number == 5)
        session.connection().execute(head.values(number=4))

    assert faults(chained) == {(3, Fault.LINE_CHANGED)}


@on_both_stores
def test_a_salt_is_not_lost_in_silence(chained: Database) -> None:
    with chained.write() as session:
        session.connection().execute(delete(_SALT).where(_SALT.c.line_id == 2))

    assert faults(chained) == {(2, Fault.UNSALTED)}


def test_a_fact_that_is_slipped_in_later_is_found(
    chained: Database, customers: tuple[int, int]
) -> None:
    later = SETTLED + timedelta(minutes=1)
    with chained.write() as session:
        session.connection().execute(text("DELETE FROM trail_salt WHERE line_id = 6"))
        session.connection().execute(text("DELETE FROM trail_line WHERE id = 6"))
    with chained.write() as session:
        session.connection().execute(
            text("UPDATE trail_mark SET low_id = 6, high_id = 6 WHERE kind = 'event'")
        )

    with chained.read() as session:
        found = verify_all(session, NOON + later).broken
    assert Broken(0, 0, "event", 6, Fault.PASSED_OVER) in found


def test_a_fact_that_waits_too_long_is_told(chained: Database, customers: tuple[int, int]) -> None:
    happen(chained, customers[0], "new")

    assert faults(chained) == set()
    assert faults(chained, timedelta(hours=2)) == {(0, Fault.LATE)}


def test_what_is_settled_is_not_looked_through_again(
    chained: Database, customers: tuple[int, int]
) -> None:
    for minutes in (11, 22):
        link_now(chained, timedelta(minutes=minutes))

    with chained.read() as session:
        assert not has_news(session, NOON)
        low = select(_MARK.c.low_id).where(_MARK.c.kind == "event")
        assert session.connection().scalar(low) == 6
    happen(chained, customers[0], "new")
    with chained.read() as session:
        assert has_news(session, NOON)


def test_one_person_can_be_linked_alone(database: Database, customers: tuple[int, int]) -> None:
    happen(database, customers[0], "a", "b")
    happen(database, customers[1], "z")
    with database.write() as session:
        person = session.connection().scalar(
            select(table_of(Customer).c.person_id).where(table_of(Customer).c.id == customers[0])
        )
        assert person is not None
        assert link_persons(session, [person]) == 2
        assert verify_persons(session, [person]).lines == 2
    assert link_now(database) == 1


@on_both_stores
def test_two_workers_link_each_fact_once_while_others_write(
    database: Database, customers: tuple[int, int], migrated_url: str
) -> None:
    """Chains stay whole however writers and linkers meet."""
    start = Barrier(4)
    problems: list[BaseException] = []

    def write(customer_id: int) -> None:
        start.wait()
        for number in range(25):
            happen(database, customer_id, *(f"k{number}",) * (number % 4 + 1))

    def linking() -> None:
        other = Database(migrated_url)
        start.wait()
        for _ in range(25):
            with other.write() as session:
                link(session, NOON, most=7)
        other.dispose()

    def guarded(work: object, *given: object) -> None:
        try:
            work(*given)  # type: ignore[operator]  # one of the two above
        except BaseException as problem:  # noqa: BLE001  # told below
            problems.append(problem)

    threads = [
        *(Thread(target=guarded, args=(write, customer)) for customer in customers),
        *(Thread(target=guarded, args=(linking,)) for _ in range(2)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    while link_now(database):
        continue
    with database.read() as session:
        written = session.connection().scalar(select(func.count()).select_from(_EVENT))
        found = verify_all(session, NOON)
    assert (found.lines, found.broken) == (written, ())


@on_both_stores
def test_a_changed_or_removed_row_of_every_kind_is_named(migrated_url: str, tmp_path: Path) -> None:
    with staging(migrated_url) as stage:
        live(stage, tmp_path)
        with stage.database.write() as session:
            link(session, stage.now)
        for source in SOURCES:
            column = next(name for name in source.columns if _is_own(source.table.c[name]))
            changed = update(source.table).values({column: _other(source.table.c[column])})
            assert broken(stage, changed) == {(source.kind, Fault.CHANGED)}, source.kind
            removed = update(_LINE).where(_LINE.c.kind == source.kind).values(row_id=-_LINE.c.id)
            assert broken(stage, removed) == {(source.kind, Fault.REMOVED)}, source.kind
        assert broken(stage, update(_LINE).values(kind=_LINE.c.kind)) == set()


def _is_own(column: Any) -> bool:
    return not column.foreign_keys and column.name not in ("message_id", "key")


def _other(column: Any) -> Any:
    """A value that no row of ours has."""
    kind = column.type
    if isinstance(kind, JSON):
        return {"other": 1}
    if isinstance(kind, UTCDateTime):
        return NOON - timedelta(days=999)
    if isinstance(kind, Date):
        return date(1999, 1, 1)
    return 99 if isinstance(kind, Integer) else "changed"


def broken(stage: Stage, statement: Any) -> set[tuple[str, Fault]]:
    """What verifying finds after the statement, which is then taken back."""
    with suppress(_TakenBack), stage.database.write() as session:
        session.connection().execute(statement)
        persons = [row.id for row in stage.get(Person)]
        found = {(one.kind, one.fault) for one in verify_persons(session, persons).broken}
        raise _TakenBack
    return found


class _TakenBack(Exception):
    pass
