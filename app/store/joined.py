"""Rows of several tables by one statement, each table's a row of its own.

As entities they would cost three times as much: a state, a place in the session and a look at each
column for every row.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Sequence
from itertools import accumulate
from typing import Any, cast

from sqlalchemy import ColumnElement, Row
from sqlmodel import SQLModel

from app.store.given import table_of


class Joined:
    """The columns of these tables, in a statement that asks for them first and then for more."""

    def __init__(self, *models: type[SQLModel]) -> None:
        tables = [table_of(model) for model in models]
        self.columns: list[ColumnElement[Any]] = [each for table in tables for each in table.c]
        self._kinds: list[Any] = [namedtuple(table.name, table.c.keys()) for table in tables]
        ends = list(accumulate(len(table.c) for table in tables))
        self._cuts = list(zip([0, *ends], ends, strict=False))

    def parted(self, row: Sequence[Any]) -> tuple[list[Row[Any]], Sequence[Any]]:
        """The row of each table, and what was asked for besides."""
        parts = [
            kind._make(row[begin:end])
            for kind, (begin, end) in zip(self._kinds, self._cuts, strict=True)
        ]
        return cast("list[Row[Any]]", parts), row[len(self.columns) :]
