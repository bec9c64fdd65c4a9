"""Many rows at once, in the forms that the drivers are fast at. Values are dicts by column name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

Row = Mapping[str, Any]
T = TypeVar("T")

IN_LIMIT = 5000  # ids in one IN list: well below SQLite's 32,766 and PostgreSQL's 65,535


def table_of(model: type[SQLModel]) -> Table:
    table: Table = model.__table__  # type: ignore[attr-defined]  # SQLModel adds it to tables
    return table


def chunks(items: Sequence[T], size: int = IN_LIMIT) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def insert_rows(session: Session, model: type[SQLModel], rows: Sequence[Row]) -> None:
    """Inserts all rows; the session's transaction decides whether they stay."""
    if rows:
        table = table_of(model)
        session.connection().execute(insert(table), [_complete(model, row) for row in rows])


def insert_returning_ids(session: Session, model: type[SQLModel], rows: Sequence[Row]) -> list[int]:
    """Inserts all rows and answers their ids in the order of `rows`."""
    if not rows:
        return []
    table = table_of(model)
    statement = insert(table).returning(table.c.id, sort_by_parameter_order=True)
    result = session.connection().execute(statement, [_complete(model, row) for row in rows])
    return [row[0] for row in result]


def insert_new(
    session: Session, model: type[SQLModel], rows: Sequence[Row], *, unique: str = "key"
) -> dict[str, int]:
    """Inserts the rows whose `unique` value is not there yet. Answers the ids of the new ones."""
    if not rows:
        return {}
    table = table_of(model)
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table).on_conflict_do_nothing(index_elements=[unique])
    found: dict[str, int] = {}
    for part in chunks(rows, 500):
        returning = statement.values([_complete(model, row) for row in part]).returning(
            table.c[unique], table.c.id
        )
        found.update({row[0]: row[1] for row in session.connection().execute(returning)})
    return found


def update_rows(
    session: Session, model: type[SQLModel], rows: Sequence[Row], *, by: str = "id"
) -> None:
    """Sets, for each row, the columns it names on the row whose `by` it names."""
    if not rows:
        return
    table = table_of(model)
    columns = [name for name in rows[0] if name != by]
    statement = (
        update(table)
        .where(table.c[by] == bindparam("row_key"))
        .values({name: bindparam(f"new_{name}") for name in columns})
    )
    values = [
        {"row_key": row[by], **{f"new_{name}": row[name] for name in columns}} for row in rows
    ]
    session.connection().execute(statement, values)


def ids_where(
    session: Session, model: type[SQLModel], column: str, values: Iterable[Any]
) -> dict[Any, int]:
    """The ids of the rows whose `column` is one of `values`, by that value."""
    table = table_of(model)
    found: dict[Any, int] = {}
    for part in chunks(list(values)):
        query = select(table.c[column], table.c.id).where(table.c[column].in_(part))
        found.update({row[0]: row[1] for row in session.connection().execute(query)})
    return found


def _complete(model: type[SQLModel], row: Row) -> dict[str, Any]:
    """Every column but the id, so that all rows of a statement have one shape."""
    return {**_defaults(model), **row}


def _defaults(model: type[SQLModel]) -> dict[str, Any]:
    return {
        name: field.get_default(call_default_factory=True)
        for name, field in model.model_fields.items()
        if name != "id" and not field.is_required()
    }
