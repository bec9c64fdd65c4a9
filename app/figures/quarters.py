"""Quarters of an hour since 1970 in SQL: the finest step by which the clocks of two zones differ.

Rows are grouped by them in the database; which hour of which zone one is, is worked out here.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Column, Integer
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

QUARTER: Final = timedelta(minutes=15)
_SECONDS: Final = int(QUARTER.total_seconds())


class Quarter(FunctionElement[int]):
    """The quarter in which the instant of a column lies."""

    inherit_cache = True
    type = Integer()

    def __init__(self, column: Column[Any]) -> None:
        super().__init__(column)


@compiles(Quarter, "postgresql")
def _by_epoch(element: Quarter, compiler: SQLCompiler, **options: Any) -> str:
    (column,) = element.clauses
    told = compiler.process(column, **options)
    return f"CAST(FLOOR(EXTRACT(EPOCH FROM {told}) / {_SECONDS}) AS INTEGER)"


@compiles(Quarter, "sqlite")
def _by_text(element: Quarter, compiler: SQLCompiler, **options: Any) -> str:
    (column,) = element.clauses
    told = compiler.process(column, **options)
    return f"(CAST(STRFTIME('%s', {told}) AS INTEGER) / {_SECONDS})"


def instant_of(quarter: int) -> datetime:
    """Its first instant."""
    return datetime.fromtimestamp(quarter * _SECONDS, UTC)


@lru_cache(maxsize=50_000)
def hour_of(quarter: int, zone: str) -> int:
    """The hour that clocks of the zone showed then."""
    return instant_of(quarter).astimezone(ZoneInfo(zone)).hour
