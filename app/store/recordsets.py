"""Rows as PostgreSQL takes many: in one document, and not in a message for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import TextClause, text

from app.store.json_text import text_of

AT_ONCE: Final = 10
"""From so many rows on a document is quicker."""

_RECORDS: Final = "json_populate_recordset(CAST(NULL AS {}), CAST(:document AS json))"


def document_of(rows: Sequence[Mapping[str, Any]]) -> str:
    """What the statements below take as `document`. Raises `TypeError` for a value without a form,
    and `ValueError` for an instant without a zone."""
    return text_of(rows, _plain)


def _plain(value: Any) -> Any:
    match value:
        case datetime() if value.tzinfo is None:
            raise ValueError("an instant without a zone; give it one")
        case datetime() | date():
            return value.isoformat()
        case bytes():
            return f"\\x{value.hex()}"
        case _:
            raise TypeError(f"{type(value).__name__} has no form that the database reads")


@cache
def inserting(table: str, columns: tuple[str, ...]) -> TextClause:
    names = ", ".join(columns)
    return text(f"INSERT INTO {table} ({names}) SELECT {names} FROM {_RECORDS.format(table)}")


@cache
def inserting_new(table: str, columns: tuple[str, ...], key: tuple[str, ...]) -> TextClause:
    """Leaves out what is there under its key; answers the last column of the key, and the id."""
    inserted, unique = inserting(table, columns).text, ", ".join(key)
    return text(f"{inserted} ON CONFLICT ({unique}) DO NOTHING RETURNING {key[-1]}, id")


@cache
def updating(table: str, columns: tuple[str, ...]) -> TextClause:
    """Found by id. It locks in the order of its plan: whoever needs another order locks before."""
    changes = ", ".join(f"{name} = new.{name}" for name in columns)
    records = _RECORDS.format(table)
    return text(f"UPDATE {table} SET {changes} FROM {records} AS new WHERE {table}.id = new.id")
