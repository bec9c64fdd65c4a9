"""Rows as SQLite's driver takes many: one prepared statement, and a tuple of plain values for each.

SQLAlchemy would carry every value of every row through Python three times. The forms are its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache
from json import dumps
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import JSON, Table
from sqlalchemy.dialects import sqlite
from sqlmodel.sql.sqltypes import UTCDateTime

_DIALECT: Final = sqlite.dialect()

Form = Callable[[Any], Any]


@cache
def inserting(table: Table, columns: tuple[str, ...]) -> str:
    marks = ", ".join("?" * len(columns))
    return f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({marks})"


@cache
def inserting_new(table: Table, columns: tuple[str, ...], key: tuple[str, ...]) -> str:
    """Leaves out what is there under its key."""
    return f"{inserting(table, columns)} ON CONFLICT ({', '.join(key)}) DO NOTHING"


@cache
def updating(table: Table, columns: tuple[str, ...], by: str) -> str:
    """Takes the new values, and then the one of `by`."""
    changes = ", ".join(f"{name} = ?" for name in columns)
    return f"UPDATE {table.name} SET {changes} WHERE {by} = ?"


def tuples_of(
    table: Table, columns: tuple[str, ...], rows: Sequence[Mapping[str, Any]]
) -> list[tuple[Any, ...]]:
    """The values of these columns, two of them at least, as the driver takes them.

    Raises `ValueError` for an instant without a zone.
    """
    picked = list(map(itemgetter(*columns), rows))
    forms = _forms(table, columns)
    if not forms:
        return picked
    values = [list(column) for column in zip(*picked, strict=True)]
    for at, form in forms:
        values[at] = list(map(form, values[at]))
    return list(zip(*values, strict=True))


@cache
def _forms(table: Table, columns: tuple[str, ...]) -> tuple[tuple[int, Form], ...]:
    """What changes the values, by position; most columns take theirs as they are."""
    found = ((at, _form(table, name)) for at, name in enumerate(columns))
    return tuple((at, form) for at, form in found if form is not None)


def _form(table: Table, name: str) -> Form | None:
    kind = table.c[name].type
    if isinstance(kind, UTCDateTime):
        return _instant
    if isinstance(kind, JSON):
        return _document
    form: Form | None = kind.dialect_impl(_DIALECT).bind_processor(_DIALECT)
    return form


@lru_cache(maxsize=1024)  # the same now stands in many rows
def _instant(value: datetime | None) -> str | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError("an instant without a zone; give it one")
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _document(value: Any) -> str:
    """Nothing in it is what most documents say."""
    if not value:
        return "{}" if type(value) is dict else "[]" if type(value) is list else dumps(value)
    return dumps(value)
