"""Column shapes that rows share: keys to other rows, JSON, and indexes over live rows only."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Column, ColumnElement, ForeignKey, Index, Text, literal_column, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import Field


def key() -> Any:
    """The row's own id, given by the database."""
    return Field(default=None, primary_key=True)


def ref(table: str, *, index: bool = True, null: bool = False) -> Any:
    """A reference to a row of `table`. Rows are never deleted under a reference."""
    options: dict[str, Any] = {"index": index, "sa_column_args": [ForeignKey(f"{table}.id")]}
    return Field(default=None, nullable=True, **options) if null else Field(**options)


def json_column() -> Any:
    return Field(default_factory=dict, sa_type=JSON, nullable=False)


def long_text(*, null: bool = False) -> Any:
    return Field(default=None, sa_type=Text, nullable=True) if null else Field(sa_type=Text)


def live_index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """A partial index. `where` is a literal: a bound parameter would miss it on PostgreSQL."""
    live = text(where)
    return Index(name, *columns, unique=unique, sqlite_where=live, postgresql_where=live)


def word(value: str) -> ColumnElement[str]:
    """A constant of a query over a `live_index`, written out: see there."""
    if not value.isidentifier():
        raise ValueError(f"{value!r} is no plain word; bind it as a parameter")
    return literal_column(f"'{value}'")


class Filtered(FunctionElement[Any]):
    """A column that rows are filtered by and not found by: SQLite, which counts nothing, would go
    by its index and then sort all that it found. PostgreSQL knows better by itself."""

    inherit_cache = True

    def __init__(self, column: Column[Any]) -> None:
        super().__init__(column)
        self.type = column.type


@compiles(Filtered)
def _as_column(element: Filtered, compiler: SQLCompiler, **options: Any) -> str:
    (column,) = element.clauses
    return compiler.process(column, **options)


@compiles(Filtered, "sqlite")
def _without_index(element: Filtered, compiler: SQLCompiler, **options: Any) -> str:
    return f"+{_as_column(element, compiler, **options)}"


NOTHING: ColumnElement[int] = literal_column("0")
"""The zero of `open_minor > 0`, written out for the same reason."""
