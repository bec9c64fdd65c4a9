"""Where a creditor's customers live and what they are, whatever their number: it reads an index,
one look for each place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, select
from sqlmodel import Session

from app.store.distinct import values_of
from app.store.given import table_of
from app.store.rows import Customer

_CUSTOMER: Final = table_of(Customer)
_INDEXED: Final = (
    _CUSTOMER.c.creditor_id,
    _CUSTOMER.c.country,
    _CUSTOMER.c.kind,
    _CUSTOMER.c.region,
)
"""The columns of `ix_customer_place`."""


@dataclass(frozen=True, slots=True)
class Living:
    """That somebody lives there. `country` None is that of their creditor."""

    country: str | None
    kind: str
    region: str | None


def living_of(session: Session, creditor_id: int) -> list[Living]:
    """Each place once."""
    found = _each(session, _CUSTOMER.c.creditor_id == creditor_id)
    return [Living(country, kind, region) for country, kind, region in found]


def _each(session: Session, *fixed: ColumnElement[bool]) -> Iterator[tuple[Any, ...]]:
    if len(fixed) == len(_INDEXED):
        yield ()
        return
    column = _INDEXED[len(fixed)]
    for value in _values(session, column, fixed):
        same = column.is_(None) if value is None else column == value
        for rest in _each(session, *fixed, same):
            yield (value, *rest)


def _values(
    session: Session, column: Column[Any], fixed: tuple[ColumnElement[bool], ...]
) -> list[Any]:
    by = _INDEXED[: len(fixed)]
    known = session.connection().execute(values_of(column, *fixed, by=by)).scalars().all()
    if not column.nullable:
        return list(known)
    without = select(_CUSTOMER.c.id).where(*fixed, column.is_(None)).limit(1)
    return [*known, None] if session.connection().execute(without).first() else list(known)
