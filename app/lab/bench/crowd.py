"""A crowd for a bench: one person as the book and the engine make them, multiplied in the database.

Everybody owes one invoice that was due three days ago, can be reached by SMS, and has an open case
of the shipped journey. Each row is a copy of that one person's, with ids and names of its own, so
millions are made in a minute or two.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    String,
    Table,
    case,
    cast,
    func,
    insert,
    literal,
    select,
    text,
    true,
    update,
)
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from app.engine.catalogue import Catalogue
from app.engine.enrol import Enrolment
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
AT_ONCE: Final = 50_000  # people in one statement

_MODELS: Final[tuple[type[SQLModel], ...]] = (
    Person, Customer, Address, ContactPoint, Consent, Invoice, Case, Event,
)  # fmt: skip
TABLES: Final = tuple(table_of(model) for model in _MODELS)
_NAMES: Final = frozenset({"key", "external_id", "number"})
_CASE, _ADDRESS = table_of(Case), table_of(Address)
_OWNERS: Final = {
    _CASE.c.subject_id: table_of(Customer),
    _CASE.c.anchor_invoice_id: table_of(Invoice),
}
_FIRST_PHONE: Final = 10_000_000
_STRIDE: Final = 48_271


def fill(database: Database, people: int, *, due: int) -> None:
    """Puts so many people in. The cases of `due` of them, spread over all, are due at `NOW`, in
    another order than they lie in; the others sleep. `people` is a multiple of `due`."""
    _first_of_all(database)
    with database.write() as session:
        connection = session.connection()
        _trust(connection)
        crowd = _Crowd(
            people, people // due, {table: _count(connection, table) for table in TABLES}
        )
        for start in range(1, people, AT_ONCE):
            for table in TABLES:
                crowd.grow(connection, table, start, min(start + AT_ONCE, people))
        _go_on_counting(connection)


def _trust(connection: Connection) -> None:
    """Copies refer to copies: that PostgreSQL need not look costs a third. Who may not have that
    waits."""
    if connection.dialect.name != "postgresql":
        return
    with suppress(DBAPIError), connection.begin_nested():
        connection.execute(text("SET LOCAL session_replication_role = replica"))


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


@dataclass(frozen=True, slots=True)
class _Crowd:
    """`one_in` so many is due; `each` says how many rows of a table everybody has."""

    people: int
    one_in: int
    each: Mapping[Table, int]

    def grow(self, connection: Connection, table: Table, start: int, stop: int) -> None:
        """Copies the first person's rows for each number from `start` to before `stop`."""
        numbers = select(literal(start, BigInteger).label("number")).cte("numbers", recursive=True)
        following = numbers.c.number + 1
        numbers = numbers.union_all(select(following).where(following < literal(stop, BigInteger)))
        copied = [self._copied(column, numbers.c.number, connection) for column in table.c]
        rows = select(*copied).join_from(table, numbers, true())
        rows = rows.where(table.c.id <= self.each[table])
        connection.execute(insert(table).from_select([column.name for column in table.c], rows))

    def _copied(
        self, column: Column[Any], number: ColumnElement[int], connection: Connection
    ) -> ColumnElement[Any]:
        owner = _owner(column)
        if owner is not None and owner in self.each:
            moved: ColumnElement[Any] = column + number * self.each[owner]
            return moved
        if column.name in _NAMES:
            return column + literal("-") + cast(number, String)
        if column is _ADDRESS.c.value:
            return literal("+9725") + cast(number + _FIRST_PHONE, String)
        if column is _CASE.c.look_at:
            return _instant(self._seconds(number), connection)
        return column

    def _seconds(self, number: ColumnElement[int]) -> ColumnElement[int]:
        """When a case is looked at. Whose numbers are neighbours are far apart here."""
        scattered = number * _STRIDE % self.people
        is_due = number % self.one_in == 0
        past, future = int(NOW.timestamp()) - scattered, int(FIRST_AT.timestamp()) + scattered
        return case((is_due, past), else_=future)


def _owner(column: Column[Any]) -> Table | None:
    """Whose id the column holds, by the schema or by the kind of the case."""
    if column.primary_key:
        return column.table
    if column in _OWNERS:
        return _OWNERS[column]
    return next((key.column.table for key in column.foreign_keys), None)


def _instant(seconds: ColumnElement[int], connection: Connection) -> ColumnElement[Any]:
    if connection.dialect.name == "postgresql":
        return func.to_timestamp(seconds)
    return func.strftime("%Y-%m-%d %H:%M:%S.000000", seconds, "unixepoch")


def _go_on_counting(connection: Connection) -> None:
    """PostgreSQL gives the next ids from counters that saw none of these rows."""
    if connection.dialect.name != "postgresql":
        return
    for table in TABLES:
        highest = select(func.max(table.c.id)).scalar_subquery()
        sequence = func.pg_get_serial_sequence(table.name, "id")
        connection.execute(select(func.setval(sequence, highest)))
