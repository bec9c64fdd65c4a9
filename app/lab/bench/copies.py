"""A few people multiplied in the database: each row is a copy of one of theirs, with ids and names
of its own. So millions are made in minutes, and look as the book and the engine make them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    String,
    Table,
    cast,
    func,
    insert,
    literal,
    select,
    text,
    true,
)
from sqlalchemy.exc import DBAPIError
from sqlmodel import AutoString

Changed = Callable[[ColumnElement[int]], ColumnElement[Any]]
"""What stands in a column of the copy of that number."""

AT_ONCE: Final = 50_000  # people in one statement


@dataclass(frozen=True, slots=True)
class Copies:
    """`ids` says up to which id a table holds those who are copied. A column that names a row of
    one of these tables moves along; `changed` tells of the others that do not stay as they are."""

    ids: Mapping[Table, int]
    changed: Mapping[Column[Any], Changed] = field(default_factory=dict)

    def grow(self, connection: Connection, table: Table, start: int, stop: int) -> None:
        """Copies the rows of a table for each number from `start` to before `stop`."""
        numbers = select(literal(start, BigInteger).label("number")).cte("numbers", recursive=True)
        following = numbers.c.number + 1
        numbers = numbers.union_all(select(following).where(following < literal(stop, BigInteger)))
        copied = [self._copied(column, numbers.c.number) for column in table.c]
        rows = select(*copied).join_from(table, numbers, true()).where(*self._first(table))
        connection.execute(insert(table).from_select([column.name for column in table.c], rows))

    def _copied(self, column: Column[Any], number: ColumnElement[int]) -> ColumnElement[Any]:
        if column in self.changed:
            return self.changed[column](number)
        owner = _owner(column)
        if owner is not None and owner in self.ids:
            return moved(column, number, self.ids[owner])
        return column + literal("-") + cast(number, String) if _is_name(column) else column

    def _first(self, table: Table) -> list[ColumnElement[bool]]:
        """Those who are copied, by the key of the table."""
        return [
            column <= self.ids[owner]
            for column in table.primary_key
            if (owner := _owner(column)) is not None and owner in self.ids
        ]


def moved(column: Column[Any], number: ColumnElement[int], ids: int) -> ColumnElement[Any]:
    """The id of the same row of the copy of that number."""
    there: ColumnElement[Any] = column + number * ids
    return there


def trust(connection: Connection) -> None:
    """Copies refer to copies: that PostgreSQL need not look costs a third. Who may not have that
    waits."""
    if connection.dialect.name != "postgresql":
        return
    with suppress(DBAPIError), connection.begin_nested():
        connection.execute(text("SET LOCAL session_replication_role = replica"))


def go_on_counting(connection: Connection, tables: Sequence[Table]) -> None:
    """PostgreSQL gives the next ids from counters that saw none of these rows."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables:
        if "id" not in table.c:
            continue
        highest = select(func.max(table.c.id)).scalar_subquery()
        sequence = func.pg_get_serial_sequence(table.name, "id")
        connection.execute(select(func.setval(sequence, highest)))


def _owner(column: Column[Any]) -> Table | None:
    """The table whose id the column holds, by the schema."""
    for key in column.foreign_keys:
        return key.column.table
    return column.table if column.primary_key and column.name == "id" else None


def _is_name(column: Column[Any]) -> bool:
    """Whether people or a key of ours call a row by it."""
    return column.name in _CALLED and isinstance(column.type, String | AutoString)


_CALLED: Final = frozenset({"key", "external_id", "number"})
