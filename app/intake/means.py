"""What somebody has a month, and could pay: told once, read by name, and not kept for long.

No event, no task and no log holds a figure of it. Who read it is on record.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, delete, exists, select
from sqlmodel import Session

from app.intake.special import reader_named
from app.store.bulk import insert_returning_ids
from app.store.given import dicts, table_of
from app.store.journal import Happened, record
from app.store.rows import Customer, Means, Plan
from campaigns.affordability import Affordable, affordable
from campaigns.money import Money

MOST_DEPENDANTS = 30

_CUSTOMER, _MEANS, _PLAN = table_of(Customer), table_of(Means), table_of(Plan)


class About(StrEnum):
    """What it was told for."""

    HARDSHIP = "hardship"
    PLAN = "plan"


@dataclass(frozen=True, slots=True)
class Told:
    """A month's figures in one currency, as far as they were told. The repr shows nothing of it."""

    currency: str
    income: Money | None = field(default=None, repr=False)
    costs: Money | None = field(default=None, repr=False)
    payable: Money | None = field(default=None, repr=False)
    dependants: int | None = field(default=None, repr=False)

    @property
    def is_empty(self) -> bool:
        return all(
            each is None for each in (self.income, self.costs, self.payable, self.dependants)
        )

    @property
    def affordable(self) -> Affordable | None:
        return affordable(income=self.income, costs=self.costs, payable=self.payable)


def tell_means(
    session: Session, *, customer_id: int, about: About, told: Told, now: datetime
) -> int | None:
    """Keeps it, and answers its number, which says nothing. Nothing told is nothing kept. What was
    told before goes: people's means change, and only the newest are looked at."""
    if told.is_empty:
        return None
    session.connection().execute(delete(_MEANS).where(_MEANS.c.customer_id == customer_id))
    row = {
        "customer_id": customer_id,
        "about": str(about),
        "currency": told.currency,
        "income_minor": _minor(told.income),
        "costs_minor": _minor(told.costs),
        "payable_minor": _minor(told.payable),
        "dependants": told.dependants,
        "told_at": now,
    }
    return insert_returning_ids(session, Means, [row])[0]


def read_means(session: Session, customer_id: int, *, read_by: str, now: datetime) -> Told | None:
    """What is kept of a customer, for somebody who gives their name; None: nothing, or it is past
    its time. The reading is a fact of its own. Raises `ValueError` for no name."""
    rows = means_of(session, customer_id, read_by=read_by, now=now)
    return _told(rows[-1]) if rows else None


def means_of(
    session: Session, customer_id: int, *, read_by: str, now: datetime
) -> list[dict[str, Any]]:
    """The same as rows; that they were read is a fact."""
    reader = reader_named(read_by)
    query = select(_MEANS).where(_MEANS.c.customer_id == customer_id).order_by(_MEANS.c.id)
    rows = dicts(session.connection().execute(query))
    if rows:
        payload = {"read_by": reader}
        seen = Happened("means_read", at=now, customer_id=customer_id, payload=payload)
        record(session, [seen], now=now)
    return rows


def means_kept(session: Session) -> Sequence[Row[Any, Any, Any]]:
    """Whose means are kept, since when and for what, the oldest first: no figure."""
    query = (
        select(_CUSTOMER.c.external_id.label("customer"), _MEANS.c.about, _MEANS.c.told_at)
        .join(_CUSTOMER, _CUSTOMER.c.id == _MEANS.c.customer_id)
        .order_by(_MEANS.c.told_at)
    )
    return session.connection().execute(query).all()


def forget_means(session: Session, creditor_id: int, before: datetime) -> int:
    """Deletes what a creditor's customers told before then, and what has led to a plan: it has
    served. Answers how many."""
    own = select(_CUSTOMER.c.id).where(_CUSTOMER.c.creditor_id == creditor_id)
    has_served = exists().where(
        _PLAN.c.customer_id == _MEANS.c.customer_id, _PLAN.c.agreed_at >= _MEANS.c.told_at
    )
    gone = delete(_MEANS).where(
        _MEANS.c.customer_id.in_(own), (_MEANS.c.told_at < before) | has_served
    )
    return session.connection().execute(gone).rowcount


def _minor(money: Money | None) -> int | None:
    return money.minor if money is not None else None


def _told(row: dict[str, Any]) -> Told:
    def of(name: str) -> Money | None:
        minor = row[f"{name}_minor"]
        return Money(minor, row["currency"]) if minor is not None else None

    return Told(
        row["currency"], of("income"), of("costs"), of("payable"), dependants=row["dependants"]
    )
