"""Rows as SQLite's driver takes many: one prepared statement, and a tuple of plain values for each.

SQLAlchemy would carry every value of every row through Python three times. The forms are its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import JSON, Select, Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.types import TypeEngine
from sqlmodel.sql.sqltypes import UTCDateTime

from app.store.json_text import text_of, value_of

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


@dataclass(frozen=True, slots=True)
class Asked:
    """A statement that looks for rows, with the names of what it is given, in order."""

    sql: str
    _given: tuple[tuple[str, Form | None], ...]
    _constants: Mapping[str, Any]
    _forms: tuple[tuple[int, Form], ...]

    @classmethod
    def of(cls, statement: Select[Any]) -> Asked:
        compiled = statement.compile(dialect=_DIALECT)
        names = compiled.positiontup or ()
        read = enumerate(_read(column.type) for column in statement.selected_columns)
        return cls(
            compiled.string,
            tuple((name, _bound(compiled.binds[name].type)) for name in names),
            compiled.params,
            tuple((at, form) for at, form in read if form is not None),
        )

    def values(self, given: Mapping[str, Any]) -> tuple[Any, ...]:
        """What the driver takes."""
        everything = {**self._constants, **given}
        return tuple(
            everything[name] if form is None else form(everything[name])
            for name, form in self._given
        )

    def read(self, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """The rows as the columns' types have them."""
        if not self._forms or not rows:
            return rows
        values: list[Iterable[Any]] = list(zip(*rows, strict=True))
        for at, form in self._forms:
            values[at] = map(form, values[at])
        return list(zip(*values, strict=True))


@cache
def _forms(table: Table, columns: tuple[str, ...]) -> tuple[tuple[int, Form], ...]:
    """What changes the values, by position; most columns take theirs as they are."""
    found = ((at, _form(table, name)) for at, name in enumerate(columns))
    return tuple((at, form) for at, form in found if form is not None)


def _form(table: Table, name: str) -> Form | None:
    return _bound(table.c[name].type)


def _bound(kind: TypeEngine[Any]) -> Form | None:
    if isinstance(kind, UTCDateTime):
        return _instant
    if isinstance(kind, JSON):
        return text_of
    form: Form | None = kind.dialect_impl(_DIALECT).bind_processor(_DIALECT)
    return form


def _read(kind: TypeEngine[Any]) -> Form | None:
    if isinstance(kind, UTCDateTime):
        return _instant_of
    if isinstance(kind, JSON):
        return value_of
    form: Form | None = kind.dialect_impl(_DIALECT).result_processor(_DIALECT, None)
    return form


def _instant_of(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(f"{text}+00:00")


@lru_cache(maxsize=1024)  # the same now stands in many rows
def _instant(value: datetime | None) -> str | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError("an instant without a zone; give it one")
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
