"""Rows of a query, page by page in id order: any number of rows in fixed memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, func, select
from sqlmodel import Session

PAGE = 1000


def pages(
    session: Session, table: Table, columns: Sequence[str], *where: ColumnElement[bool]
) -> Iterator[Sequence[Row[Any]]]:
    """The rows of `table` with these columns and their id."""
    last = 0
    while True:
        query = (
            select(table.c.id, *(table.c[name] for name in columns))
            .where(table.c.id > last, *where)
            .order_by(table.c.id)
            .limit(PAGE)
        )
        found = session.connection().execute(query).all()
        if not found:
            return
        yield found
        last = found[-1].id


def count(session: Session, table: Table, *where: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(table).where(*where)
    return session.connection().execute(query).scalar_one()


def ids(session: Session, table: Table, *where: ColumnElement[bool]) -> list[int]:
    query = select(table.c.id).where(*where).order_by(table.c.id)
    return list(session.connection().execute(query).scalars())
