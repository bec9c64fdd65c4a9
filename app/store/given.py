"""Rows by many values at once, in the forms that the drivers are fast at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any, TypeVar, cast

from sqlalchemy import BindParameter, Executable, Result, Row, Select, Table, bindparam, select
from sqlmodel import Session, SQLModel

from app.store import tuples
from app.store.sets import by_array, by_document, list_of

T = TypeVar("T")

IN_LIMIT = 5000  # ids in one IN list: well below SQLite's 32,766 and PostgreSQL's 65,535


def table_of(model: type[SQLModel]) -> Table:
    table: Table = model.__table__  # type: ignore[attr-defined]  # SQLModel adds it to tables
    return table


def chunks(items: Sequence[T], size: int = IN_LIMIT) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


GIVEN: BindParameter[Any] = bindparam("given", expanding=True)
"""In a statement, the values that it is asked for: `select(…).where(column.in_(GIVEN))`."""


def rows_given(
    session: Session, statement: Executable, values: Sequence[Any], **params: Any
) -> list[Any]:
    """The rows of a statement that holds `GIVEN`, for any number of values.

    Make the statement once and keep it: to make one costs four times as much as to run it.
    """
    connection = session.connection()
    asked, form = _asking(session, statement)
    found: list[Any] = []
    for part in chunks(values):
        found += connection.execute(asked, {GIVEN.key: form(part), **params}).all()
    return found


def change_given(
    session: Session, statement: Executable, values: Sequence[Any], **params: Any
) -> int:
    """Does an UPDATE or a DELETE that holds `GIVEN`, for any number of values; as `rows_given`.
    Answers how many rows it found."""
    asked, form = _asking(session, statement)
    connection = session.connection()
    return sum(
        connection.execute(asked, {GIVEN.key: form(part), **params}).rowcount
        for part in chunks(values)
    )


def _asking(
    session: Session, statement: Executable
) -> tuple[Executable, Callable[[Sequence[Any]], Any]]:
    """The statement as this store takes many values in one, and the form of the values."""
    if is_postgresql(session):
        return by_array(statement, GIVEN.key), _as_they_are
    return by_document(statement, GIVEN.key), list_of


def tuples_given(
    session: Session, statement: Select[Any], values: Sequence[Any], **params: Any
) -> list[Any]:
    """The same as plain tuples, for what is asked for each case of a walk: SQLAlchemy would look at
    each value of each row of SQLite again. The statement holds no list but `GIVEN`."""
    if is_postgresql(session):
        return rows_given(session, statement, values, **params)
    connection, asked = session.connection(), _asked(statement)
    found: list[Any] = []
    for part in chunks(values):
        bound = asked.values({GIVEN.key: list_of(part), **params})
        answer: Any = connection.exec_driver_sql(asked.sql, bound)
        # By way of the strategy: whoever notes what is read has taken the rows from the cursor.
        found += answer.cursor_strategy.fetchall(answer, answer.cursor)
    return asked.read(found)


@cache
def _asked(statement: Select[Any]) -> tuples.Asked:
    return tuples.Asked.of(cast("Select[Any]", by_document(statement, GIVEN.key)))


def _as_they_are(values: Sequence[Any]) -> Any:
    return values


def rows_by_id(session: Session, model: type[SQLModel], ids: Iterable[int]) -> dict[int, Row[Any]]:
    """The rows with these ids that there are."""
    return {row.id: row for row in rows_given(session, _with_id(model), sorted(ids))}


@cache
def _with_id(model: type[SQLModel]) -> Select[Any]:
    table = table_of(model)
    return select(table).where(table.c.id.in_(GIVEN))


def ids_where(
    session: Session, model: type[SQLModel], column: str, values: Iterable[Any]
) -> dict[Any, int]:
    """The ids of the rows whose `column` is one of `values`, by that value."""
    return dict(map(tuple, rows_given(session, _ids_where(model, column), list(values))))


@cache
def _ids_where(model: type[SQLModel], column: str) -> Select[Any]:
    table = table_of(model)
    return select(table.c[column], table.c.id).where(table.c[column].in_(GIVEN))


def dicts(result: Result[Any]) -> list[dict[str, Any]]:
    """The rows as dicts; several times faster than by their mappings."""
    names = tuple(result.keys())
    return [dict(zip(names, row, strict=True)) for row in result]


def is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"
