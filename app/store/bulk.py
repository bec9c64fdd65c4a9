"""Many rows at once, in the forms that the drivers are fast at. Values are dicts by column name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar, cast

from sqlalchemy import (
    Insert,
    Integer,
    Result,
    Select,
    Update,
    bindparam,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql.dml import ReturningInsert
from sqlmodel import Session, SQLModel

from app.store import tuples
from app.store.given import GIVEN, is_postgresql, rows_given, table_of
from app.store.recordsets import AT_ONCE, document_of, inserting, inserting_new, updating

Values = Mapping[str, Any]
T = TypeVar("T")
R = TypeVar("R")


class UnknownColumn(ValueError):
    """A row names what its table does not have."""


def insert_rows(session: Session, model: type[SQLModel], rows: Sequence[Values]) -> None:
    """Inserts all rows; the session's transaction decides whether they stay."""
    _insert_all(session, model, [_complete(model, row) for row in rows])


def insert_returning_ids(
    session: Session, model: type[SQLModel], rows: Sequence[Values]
) -> list[int]:
    """Inserts all rows and answers their ids in the order of `rows`."""
    if not rows:
        return []
    if len(rows) == 1 and not is_postgresql(session):
        return [_insert_one(session, model, _complete(model, rows[0]), key=None)[1]]
    ids = _new_ids(session, model, len(rows))
    numbered = [{**_complete(model, row), "id": id_} for id_, row in zip(ids, rows, strict=True)]
    _insert_all(session, model, numbered)
    return ids


def _insert_all(session: Session, model: type[SQLModel], rows: Sequence[dict[str, Any]]) -> None:
    """All rows name the same columns."""
    if not rows:
        return
    columns = tuple(rows[0])
    if not is_postgresql(session):
        _execute_many(session, model, tuples.inserting(table_of(model), columns), columns, rows)
    elif len(rows) >= AT_ONCE:
        statement = inserting(table_of(model).name, columns)
        session.connection().execute(statement, {"document": document_of(rows)})
    else:
        session.connection().execute(_insert(model), rows)


def _execute_many(
    session: Session,
    model: type[SQLModel],
    statement: str,
    columns: tuple[str, ...],
    rows: Sequence[Values],
) -> int:
    """Answers how many rows it inserted or found."""
    values = tuples.tuples_of(table_of(model), columns, rows)
    return session.connection().exec_driver_sql(statement, values).rowcount


def _insert_one(
    session: Session, model: type[SQLModel], row: Values, *, key: tuple[str, ...] | None
) -> tuple[bool, int]:
    """On SQLite, whose driver tells the id of one row. With a `key`, answers whether it is new."""
    table, columns = table_of(model), tuple(row)
    statement = (
        tuples.inserting(table, columns) if key is None
        else tuples.inserting_new(table, columns, key)
    )  # fmt: skip
    (values,) = tuples.tuples_of(table, columns, [row])
    done = session.connection().exec_driver_sql(statement, values)
    return done.rowcount == 1, done.lastrowid


@cache
def _insert(model: type[SQLModel]) -> Insert:
    return insert(table_of(model))


def _new_ids(session: Session, model: type[SQLModel], count: int) -> list[int]:
    """The ids that the database would give to the next rows. Taken beforehand, rows go in by the
    drivers' bulk form; answered by RETURNING, they would go in one by one (SQLite), or be compiled
    anew for each batch."""
    connection = session.connection()
    if is_postgresql(session):
        return list(connection.execute(_next_ids(model), {"count": count}).scalars())
    # SQLite's writer is alone, so the highest id stays the highest until the rows are in.
    highest = connection.execute(_highest_id(model)).scalar_one() or 0
    return list(range(highest + 1, highest + 1 + count))


@cache
def _next_ids(model: type[SQLModel]) -> Select[Any]:
    sequence = func.pg_get_serial_sequence(table_of(model).name, "id")
    each = func.generate_series(1, bindparam("count", type_=Integer)).table_valued("value")
    return select(func.nextval(sequence)).select_from(each)


@cache
def _highest_id(model: type[SQLModel]) -> Select[Any]:
    return select(func.max(table_of(model).c.id))


def insert_new(
    session: Session,
    model: type[SQLModel],
    rows: Sequence[Values],
    *,
    unique: str = "key",
    within: tuple[str, ...] = (),
) -> dict[str, int]:
    """Inserts the rows whose `unique` value is not there yet, among those that agree in `within`.
    Answers the ids of the new ones by that value."""
    if not rows:
        return {}
    complete = [_complete(model, row) for row in rows]
    columns, connection = tuple(complete[0]), session.connection()
    result: Result[Any]
    if not is_postgresql(session):
        return _insert_new_alone(session, model, columns, complete, (*within, unique))
    if len(rows) >= AT_ONCE:
        statement = inserting_new(table_of(model).name, columns, (*within, unique))
        result = connection.execute(statement, {"document": document_of(complete)})
    else:
        # A list of parameters, not of VALUES: the statement is then compiled once for any length.
        result = connection.execute(_insert_new(model, unique, within), complete)
    return {row[0]: row[1] for row in result}


def insert_unless_there(session: Session, model: type[SQLModel], rows: Sequence[Values]) -> int:
    """Inserts the rows whose `key` is not there yet. Answers how many those were."""
    if not rows:
        return 0
    if is_postgresql(session):
        return len(insert_new(session, model, rows))
    complete = [_complete(model, row) for row in rows]
    columns = tuple(complete[0])
    statement = tuples.inserting_new(table_of(model), columns, ("key",))
    return _execute_many(session, model, statement, columns, complete)


def _insert_new_alone(
    session: Session,
    model: type[SQLModel],
    columns: tuple[str, ...],
    rows: Sequence[Values],
    key: tuple[str, ...],
) -> dict[str, int]:
    """SQLite's writer is alone: what is above the highest id afterwards is new."""
    if len(rows) == 1:
        is_new, id_ = _insert_one(session, model, rows[0], key=key)
        return {rows[0][key[-1]]: id_} if is_new else {}
    connection = session.connection()
    highest = connection.execute(_highest_id(model)).scalar_one() or 0
    statement = tuples.inserting_new(table_of(model), columns, key)
    _execute_many(session, model, statement, columns, rows)
    found = connection.execute(_above(model, key[-1]), {"highest": highest})
    return {row[0]: row[1] for row in found}


@cache
def _above(model: type[SQLModel], column: str) -> Select[Any]:
    table = table_of(model)
    return select(table.c[column], table.c.id).where(table.c.id > bindparam("highest"))


@cache
def _insert_new(
    model: type[SQLModel], unique: str, within: tuple[str, ...]
) -> ReturningInsert[Any]:
    table = table_of(model)
    statement: ReturningInsert[Any] = (
        postgresql.insert(table)
        .on_conflict_do_nothing(index_elements=[*within, unique])
        .returning(table.c[unique], table.c.id)
    )
    return statement


def update_rows(
    session: Session, model: type[SQLModel], rows: Sequence[Values], *, by: str = "id"
) -> None:
    """Sets, for each row, the columns it names on the row whose `by` it names.

    One statement for all rows that name the same columns.
    """
    for columns, given in _shapes(rows, by):
        if by == "id" and len(given) >= AT_ONCE:
            lock_rows(session, model, [row["id"] for row in given])
        _update_all(session, model, by, columns, given)


def update_held_rows(session: Session, model: type[SQLModel], rows: Sequence[Values]) -> None:
    """The same, by id, for rows that this transaction has claimed: they are not locked anew."""
    for columns, given in _shapes(rows, "id"):
        _update_all(session, model, "id", columns, given)


def _shapes(rows: Sequence[Values], by: str) -> Iterator[tuple[tuple[str, ...], list[Values]]]:
    """The columns to be set, and the rows that name just these."""
    shapes: dict[tuple[str, ...], list[Values]] = {}
    for row in rows:
        shapes.setdefault(tuple(row), []).append(row)
    for names, given in shapes.items():
        yield tuple(name for name in names if name != by), given


def _update_all(
    session: Session,
    model: type[SQLModel],
    by: str,
    columns: tuple[str, ...],
    given: Sequence[Values],
) -> None:
    if not is_postgresql(session):
        statement = tuples.updating(table_of(model), columns, by)
        _execute_many(session, model, statement, (*columns, by), given)
    elif len(given) >= AT_ONCE and columns and by == "id":
        latest = {row["id"]: row for row in given}
        document = document_of(list(latest.values()))
        session.connection().execute(
            updating(table_of(model).name, columns), {"document": document}
        )
    else:
        values = [
            {"row_key": row[by], **{f"new_{name}": row[name] for name in columns}} for row in given
        ]
        session.connection().execute(_update(model, by, columns), values)


@cache
def _update(model: type[SQLModel], by: str, columns: tuple[str, ...]) -> Update:
    table = table_of(model)
    return (
        update(table)
        .where(table.c[by] == bindparam("row_key"))
        .values({name: bindparam(f"new_{name}") for name in columns})
    )


def writes_alone(session: Session) -> bool:
    """Whether nobody else can write before this transaction ends, so that what it has read stays
    true."""
    return session.get_bind().dialect.name == "sqlite"


def lock_rows(session: Session, model: type[SQLModel], ids: Sequence[int]) -> None:
    """Locks these rows in the order of their ids, so that two batches never wait for each other.

    An UPDATE locks in the order of its plan. SQLite's writer holds everything already.
    """
    if writes_alone(session):
        return
    rows_given(session, _locking(model), sorted(set(ids)))


@cache
def _locking(model: type[SQLModel]) -> Select[Any]:
    id_ = table_of(model).c.id
    return select(id_).where(id_.in_(GIVEN)).order_by(id_).with_for_update(key_share=True)


def survivors(
    items: Sequence[T],
    work: Callable[[Sequence[T]], Sequence[R]],
    spoiled: Callable[[T, Exception], R],
) -> list[R]:
    """`work` over all items at once; if that raises, over halves, down to the item that spoils it.

    So one row that cannot be read never stops its batch, and costs nothing while there is none.
    What the database itself refuses is nobody's row: that is raised.
    """
    try:
        return list(work(items))
    except SQLAlchemyError:
        raise
    except Exception as problem:  # noqa: BLE001  # any defect of one row; handed to `spoiled`
        if len(items) == 1:
            return [spoiled(items[0], problem)]
    middle = len(items) // 2
    return survivors(items[:middle], work, spoiled) + survivors(items[middle:], work, spoiled)


def _complete(model: type[SQLModel], row: Values) -> dict[str, Any]:
    """Every column but the id, so that all rows of a statement have one shape."""
    names, constants, makers = _defaults(model)
    if not row.keys() <= names:  # the compiler would leave them out in silence
        unknown = ", ".join(sorted(row.keys() - names))
        raise UnknownColumn(f"{model.__name__} has no {unknown}; correct the name, or add a column")
    return {**constants, **{name: make() for name, make in makers}, **row}


@cache
def _defaults(
    model: type[SQLModel],
) -> tuple[frozenset[str], Mapping[str, Any], tuple[tuple[str, Callable[[], Any]], ...]]:
    """All names, and what a row has that does not say: the values, and the makers of those that are
    mutable."""
    fields = {
        name: field
        for name, field in model.model_fields.items()
        if name != "id" and not field.is_required()
    }
    constants = {name: f.get_default() for name, f in fields.items() if f.default_factory is None}
    makers = [
        (name, cast("Callable[[], Any]", field.default_factory))
        for name, field in fields.items()
        if name not in constants
    ]
    return frozenset(model.model_fields), constants, tuple(makers)
