"""Whom a creditor can write to at all: who has a usable address, by medium."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import and_, distinct, func, or_, select
from sqlmodel import Session

from app.store.given import table_of
from app.store.rows import Address, ContactPoint, Creditor, Customer, Suppression

_ADDRESS, _CREDITOR = table_of(Address), table_of(Creditor)
_CUSTOMER, _POINT = table_of(Customer), table_of(ContactPoint)
_SUPPRESSION = table_of(Suppression)


@dataclass(frozen=True, slots=True)
class Contactable:
    """Customers: all, by medium, and those that have no address. Consent is the policy's matter."""

    customers: int
    by_medium: Mapping[str, int]
    nobody: int


def contactable(session: Session, creditor: str) -> Contactable:
    """Counts the customers of the creditor that has this external id."""
    owned = (
        select(func.count(_CUSTOMER.c.id))
        .join(_CREDITOR, _CREDITOR.c.id == _CUSTOMER.c.creditor_id)
        .where(_CREDITOR.c.external_id == creditor)
    )
    customers = int(session.connection().execute(owned).scalar_one())
    suppressed = (
        select(_SUPPRESSION.c.id)
        .where(
            _SUPPRESSION.c.address_id == _POINT.c.address_id,
            _SUPPRESSION.c.lifted_at.is_(None),
            or_(_SUPPRESSION.c.medium.is_(None), _SUPPRESSION.c.medium == _POINT.c.medium),
            or_(
                _SUPPRESSION.c.creditor_id.is_(None),
                _SUPPRESSION.c.creditor_id == _CUSTOMER.c.creditor_id,
            ),
        )
        .exists()
    )
    usable = and_(
        _CREDITOR.c.external_id == creditor, _POINT.c.active, _ADDRESS.c.valid, ~suppressed
    )
    points = (
        select(_POINT.c.medium, func.count(distinct(_CUSTOMER.c.id)))
        .join_from(_POINT, _CUSTOMER)
        .join(_CREDITOR, _CREDITOR.c.id == _CUSTOMER.c.creditor_id)
        .join(_ADDRESS, _ADDRESS.c.id == _POINT.c.address_id)
        .where(usable)
    )
    by_medium = session.connection().execute(points.group_by(_POINT.c.medium))
    reached = session.connection().execute(
        points.with_only_columns(func.count(distinct(_CUSTOMER.c.id)))
    )
    media = {medium: int(count) for medium, count in by_medium}
    return Contactable(
        customers, dict(sorted(media.items())), customers - int(reached.scalar_one())
    )
