"""A crowd for a bench: one person as the book and the engine make them, multiplied in the database.

Everybody owes one invoice that was due three days ago, can be reached by SMS, and has an open case
of the shipped journey. Each row is a copy of that one person's, with ids and names of its own, so
millions are made in a minute or two.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    String,
    Table,
    case,
    cast,
    func,
    literal,
    select,
    update,
)
from sqlmodel import SQLModel

from app.engine.catalogue import Catalogue
from app.engine.enrol import Enrolment
from app.lab.bench.copies import AT_ONCE, Changed, Copies, go_on_counting, moved, trust
from app.lab.drill_field import SANDBOX, call_up, lay_out
from app.loops.assembly import publish_shipped
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import (
    Address,
    Campaign,
    Case,
    Consent,
    ContactPoint,
    Customer,
    Event,
    Invoice,
    Person,
)

NOW: Final = datetime(2026, 3, 10, 8, tzinfo=UTC)
"""A Tuesday morning in Haifa: nothing forbids to write."""

FIRST_AT: Final = NOW + timedelta(days=1)
"""When the first of those who sleep is due; from then on one is each second."""

JOURNEY: Final = "consumer_gentle"
DUE_BEFORE: Final = timedelta(days=3)  # the journey's first reminder is on that day

_MODELS: Final[tuple[type[SQLModel], ...]] = (
    Person, Customer, Address, ContactPoint, Consent, Invoice, Case, Event,
)  # fmt: skip
TABLES: Final = tuple(table_of(model) for model in _MODELS)
_CASE, _ADDRESS = table_of(Case), table_of(Address)
_FIRST_PHONE: Final = 10_000_000
_STRIDE: Final = 48_271


def fill(database: Database, people: int, *, due: int) -> None:
    """Puts so many people in. The cases of `due` of them, spread over all, are due at `NOW`, in
    another order than they lie in; the others sleep. `people` is a multiple of `due`."""
    _first_of_all(database)
    with database.write() as session:
        connection = session.connection()
        trust(connection)
        ids = {table: _count(connection, table) for table in TABLES}
        crowd = Copies(ids, _changed(connection, ids, people, people // due))
        for start in range(1, people, AT_ONCE):
            for table in TABLES:
                crowd.grow(connection, table, start, min(start + AT_ONCE, people))
        go_on_counting(connection, TABLES)


def _first_of_all(database: Database) -> None:
    publish_shipped(database, NOW)
    with database.write() as session:
        (ground,) = lay_out(session, [SANDBOX], NOW)
        session.connection().execute(update(table_of(Campaign)).values(journey=JOURNEY))
        called_up_on = (NOW - DUE_BEFORE + timedelta(days=1)).date()  # a day after it was due
        call_up(session, ground, range(1), today=called_up_on, now=NOW)
    Enrolment(database, Catalogue()).tick(NOW)


def _count(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _changed(
    connection: Connection, ids: Mapping[Table, int], people: int, one_in: int
) -> Mapping[Column[Any], Changed]:
    """`one_in` so many is due."""
    subject, anchor = _CASE.c.subject_id, _CASE.c.anchor_invoice_id
    return {
        subject: lambda number: moved(subject, number, ids[table_of(Customer)]),
        anchor: lambda number: moved(anchor, number, ids[table_of(Invoice)]),
        _ADDRESS.c.value: lambda number: literal("+9725") + cast(number + _FIRST_PHONE, String),
        _CASE.c.look_at: lambda number: _instant(_seconds(number, people, one_in), connection),
    }


def _seconds(number: ColumnElement[int], people: int, one_in: int) -> ColumnElement[int]:
    """When a case is looked at. Whose numbers are neighbours are far apart here."""
    scattered = number * _STRIDE % people
    is_due = number % one_in == 0
    past, future = int(NOW.timestamp()) - scattered, int(FIRST_AT.timestamp()) + scattered
    return case((is_due, past), else_=future)


def _instant(seconds: ColumnElement[int], connection: Connection) -> ColumnElement[Any]:
    if connection.dialect.name == "postgresql":
        return func.to_timestamp(seconds)
    return func.strftime("%Y-%m-%d %H:%M:%S.000000", seconds, "unixepoch")
