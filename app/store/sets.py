"""Many values asked for at once, as one parameter: an array (PostgreSQL), a document (SQLite).

`IN (…)` would be rendered, and parsed by the database, anew for every length.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, cast

from sqlalchemy import (
    BinaryExpression,
    ColumnElement,
    Executable,
    String,
    any_,
    bindparam,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.operators import in_op
from sqlalchemy.sql.visitors import ExternallyTraversible, replacement_traverse
from sqlalchemy.types import NullType

from app.store.json_text import text_of


@cache
def by_array(statement: Executable, parameter: str) -> Executable:
    """The statement with `= any(array)` where it says `IN (…)` of that parameter."""

    def among(left: ColumnElement[Any]) -> ColumnElement[bool]:
        kind = String() if isinstance(left.type, NullType) else left.type
        return left == any_(bindparam(parameter, type_=ARRAY(kind)))

    return _with(statement, parameter, among)


@cache
def by_document(statement: Executable, parameter: str) -> Executable:
    """The statement with `IN (SELECT … json_each)` where it says `IN (…)` of that parameter."""

    def among(left: ColumnElement[Any]) -> ColumnElement[bool]:
        given = func.json_each(bindparam(parameter, type_=String())).table_valued("value")
        return left.in_(select(given.c.value))

    return _with(statement, parameter, among)


def list_of(values: Sequence[Any]) -> str:
    """What `by_document` takes: numbers and words. Raises `TypeError` for anything else."""
    return text_of(values)


def _with(
    statement: Executable,
    parameter: str,
    among: Callable[[ColumnElement[Any]], ColumnElement[bool]],
) -> Executable:
    def replaced(element: Any, **_: Any) -> ColumnElement[bool] | None:
        if not isinstance(element, BinaryExpression) or element.operator is not in_op:
            return None
        if getattr(element.right, "key", None) != parameter:
            return None
        return among(element.left)

    made = replacement_traverse(cast("ExternallyTraversible", statement), {}, replaced)
    return cast("Executable", made)
