"""The hour that clocks of a zone show at an instant, in SQL.

PostgreSQL knows zones. SQLite does not: its connections are taught to ask Python's.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from sqlite3 import Connection as SqliteConnection
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Column, ColumnElement, Integer
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

_NAME: Final = "hour_in_zone"
_TO_THE_MINUTE: Final = 16  # 2026-06-01 09:30: no zone is off by less


class HourIn(FunctionElement[int]):
    """The hour of the instant of a column, by the zone that an expression names."""

    inherit_cache = True
    type = Integer()

    def __init__(self, at: Column[Any], zone: ColumnElement[str]) -> None:
        super().__init__(at, zone)


def teach_hours(connection: SqliteConnection) -> None:
    connection.create_function(
        _NAME, 2, lambda at, zone: _hour(at[:_TO_THE_MINUTE], zone), deterministic=True
    )


@lru_cache(maxsize=50_000)
def _hour(at: str, zone: str) -> int:
    return datetime.fromisoformat(at).replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).hour


@compiles(HourIn, "postgresql")
def _by_zone(element: HourIn, compiler: SQLCompiler, **options: Any) -> str:
    at, zone = (compiler.process(each, **options) for each in element.clauses)
    return f"CAST(EXTRACT(HOUR FROM ({at} AT TIME ZONE {zone})) AS INTEGER)"


@compiles(HourIn, "sqlite")
def _by_function(element: HourIn, compiler: SQLCompiler, **options: Any) -> str:
    at, zone = (compiler.process(each, **options) for each in element.clauses)
    return f"{_NAME}({at}, {zone})"
