"""Mandates: that a customer's kept card may be debited for the instalments of a plan.

    given ──── kept          the gateway keeps the card: it may be debited from now on
      └ revoked  └ revoked   by the customer, by staff, by a newer card, by the bank, with the plan

Every change is a fact that stops or starts debits, so it is made under the person's guard.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, select, update
from sqlmodel import Session

from app.book.holders import hold, wake_customers
from app.store.bulk import insert_new
from app.store.given import GIVEN, rows_given, table_of
from app.store.guard import raise_revisions
from app.store.journal import Happened, record
from app.store.rows import Mandate, Plan

_MANDATE, _PLAN = table_of(Mandate), table_of(Plan)
LIVE: tuple[ColumnElement[bool], ...] = (
    _MANDATE.c.kept_at.is_not(None),
    _MANDATE.c.revoked_at.is_(None),
)


class EndedBy(StrEnum):
    """Who ended a mandate, or what. Stable: it is stored."""

    PAGE = "page"
    STAFF = "staff"
    REPLACED = "replaced"  # by a newer card for the same plan
    BANK = "bank"  # a debit was taken back
    PLAN = "plan"  # it is paid, or over


class UnknownMandate(LookupError):
    """No mandate of this key was given at this gateway."""


@dataclass(frozen=True, slots=True)
class MandateIn:
    """What was agreed to on a page. `text_hash` is that of the very words, in `locale`."""

    key: str
    creditor_id: int
    customer_id: int
    plan_id: int
    currency: str
    gateway: str
    text_hash: str
    locale: str
    given_by: str = "page"


@dataclass(frozen=True, slots=True)
class CardIn:
    """A card by the gateway's own ids, and what it shows of it."""

    customer_ref: str
    method_ref: str
    brand: str | None = None
    last_four: str | None = None


def give_mandate(session: Session, given: MandateIn, *, now: datetime) -> Row[Any]:
    """Puts the agreement on record, once for its key. Nothing is debited before its card is kept.
    Raises `UnknownCustomer`."""
    hold(session, [given.customer_id])
    row = {name: getattr(given, name) for name in MandateIn.__dataclass_fields__}
    insert_new(session, Mandate, [row | {"given_at": now}])
    made = _one(session, _MANDATE.c.key == given.key)
    assert made is not None
    record(session, [_told("mandate_given", made, now)], now=now)
    return made


def keep_card(session: Session, gateway: str, key: str, card: CardIn, *, now: datetime) -> None:
    """The gateway keeps this card for the mandate of this key; any other card of the plan gives way
    to it. Told again, it only adds what was not yet known of the card.

    Raises `UnknownMandate`.
    """
    given = _MANDATE.c.key == key, _MANDATE.c.gateway == gateway
    found = _one(session, *given)
    if found is None:
        raise UnknownMandate(f"no mandate of this key was given at {gateway}")
    hold(session, [found.customer_id])
    mandate = _one(session, *given)
    assert mandate is not None
    if mandate.revoked_at is not None:
        return
    if mandate.kept_at is not None:
        brand, last_four = card.brand or mandate.brand, card.last_four or mandate.last_four
        _set(session, [mandate.id], brand=brand, last_four=last_four)
        return
    older = [row for row in mandates_of(session, mandate.customer_id) if _gives_way(row, mandate)]
    _end(session, older, EndedBy.REPLACED, now)
    refs = {"customer_ref": card.customer_ref, "method_ref": card.method_ref}
    shown = {"brand": card.brand, "last_four": card.last_four}
    _set(session, [mandate.id], **refs, **shown, kept_at=now)
    _tell(session, "card_kept", [mandate], now)


def revoke_mandates(
    session: Session,
    customer_id: int,
    *,
    by: EndedBy,
    now: datetime,
    recorded_by: str | None = None,
) -> int:
    """Ends every mandate of the customer: no debit begins after this. Answers how many ended.
    Raises `UnknownCustomer`."""
    hold(session, [customer_id])
    running = [row for row in mandates_of(session, customer_id) if row.revoked_at is None]
    _end(session, running, by, now, recorded_by=recorded_by)
    return len(running)


def is_any_kept(session: Session) -> bool:
    """Whether any card may be debited at all."""
    return (
        session.connection().execute(select(_MANDATE.c.id).where(*LIVE).limit(1)).first()
        is not None
    )


def ends_with_plans(session: Session) -> bool:
    """Whether a mandate's plan is paid, or over: a cheap look that locks nothing."""
    return session.connection().execute(_OVER.limit(1)).first() is not None


def end_with_plans(session: Session, *, now: datetime, limit: int = 500) -> int:
    """Ends the mandates whose plan is paid, or over. Answers how many."""
    found = session.connection().execute(_OVER.limit(limit)).all()
    hold(session, {row.customer_id for row in found})
    again = _OVER.where(_MANDATE.c.id.in_([row.id for row in found]))
    still = session.connection().execute(again).all()
    _end(session, still, EndedBy.PLAN, now)
    return len(still)


def mandates_of(session: Session, customer_id: int) -> Sequence[Row[Any]]:
    """Every mandate that the customer gave, the oldest first."""
    query = select(_MANDATE).where(_MANDATE.c.customer_id == customer_id).order_by(_MANDATE.c.id)
    return session.connection().execute(query).all()


def live_of_plans(session: Session, plan_ids: Iterable[int]) -> dict[int, Row[Any]]:
    """The mandate in force of each plan that has one."""
    return {row.plan_id: row for row in rows_given(session, _OF_PLANS, sorted(set(plan_ids)))}


_OVER = (
    select(_MANDATE)
    .join(_PLAN, _PLAN.c.id == _MANDATE.c.plan_id)
    .where(_MANDATE.c.revoked_at.is_(None), _PLAN.c.state != "running")
    .order_by(_MANDATE.c.id)
)
_OF_PLANS = select(_MANDATE).where(_MANDATE.c.plan_id.in_(GIVEN), *LIVE)


def _gives_way(row: Row[Any], mandate: Row[Any]) -> bool:
    return row.plan_id == mandate.plan_id and row.kept_at is not None and row.revoked_at is None


def _end(
    session: Session,
    mandates: Sequence[Row[Any]],
    by: EndedBy,
    now: datetime,
    *,
    recorded_by: str | None = None,
) -> None:
    ended = {"revoked_at": now, "revoked_by": by.value, "recorded_by": recorded_by}
    _set(session, [row.id for row in mandates], **ended)
    _tell(session, "mandate_revoked", mandates, now, by=by.value)


def _tell(
    session: Session, kind: str, mandates: Sequence[Row[Any]], now: datetime, **payload: str
) -> None:
    """Also wakes the cases: what their next message says of the card has changed."""
    record(session, [_told(kind, row, now, **payload) for row in mandates], now=now)
    customers = {row.customer_id for row in mandates}
    held = hold(session, customers) if customers else {}
    raise_revisions(session, (holder.person_id for holder in held.values()))
    wake_customers(session, customers, now=now)


def _told(kind: str, mandate: Row[Any], now: datetime, **payload: str) -> Happened:
    return Happened(
        kind,
        at=now,
        customer_id=mandate.customer_id,
        key=f"{kind}:{mandate.id}",
        own_act=payload.get("by", EndedBy.PAGE) == EndedBy.PAGE,
        payload={"mandate_id": mandate.id, "plan_id": mandate.plan_id, **payload},
    )


def _one(session: Session, *where: ColumnElement[bool]) -> Row[Any] | None:
    return session.connection().execute(select(_MANDATE).where(*where)).one_or_none()


def _set(session: Session, ids: Sequence[int], **values: Any) -> None:
    session.connection().execute(update(_MANDATE).where(_MANDATE.c.id.in_(ids)).values(**values))
