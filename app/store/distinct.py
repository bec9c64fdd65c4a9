"""The few values of an indexed column, found by one look into the index each: however many rows
have each of them, none but the first is read."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ColumnElement, Select, select


def values_of(column: Column[Any], *where: ColumnElement[bool], by: Any = ()) -> Select[Any]:
    """The values in order, without NULL. An index begins with `by`, columns that `where` fixes, and
    goes on with this one."""
    # Not the least: of PostgreSQL that reads all where a column before is fixed to NULL.
    first = select(column).where(*where).order_by(*by, column).limit(1)
    found = select(first.where(column.is_not(None)).scalar_subquery().label("value"))
    each = found.cte("found", recursive=True)
    following = first.where(column > each.c.value).scalar_subquery()
    each = each.union_all(select(following).where(each.c.value.is_not(None)))
    return select(each.c.value).where(each.c.value.is_not(None))
