"""Ends checkouts that nobody should pay any more, and tells the cases of those left lying.

A checkout is stale when its time is over or when the customer's ledger moved since it was opened.
It is marked in the transaction that moved it, and the gateway is told afterwards, by tidy. A charge
of a kept card has no page that could be left or closed: its gateway says what became of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, exists, literal, or_, select, update
from sqlmodel import Session

from app.payments.checkout_rows import CheckoutState, end, expire_at
from app.payments.gateway import Gateway, GatewayRefused, GatewayUnavailable, SessionPaid
from app.store import rows
from app.store.columns import word
from app.store.engines import Database
from app.store.given import GIVEN, change_given, table_of
from app.store.guard import lock_persons
from app.store.journal import Happened, record
from campaigns.vocabulary import Signal

ABANDONED_AFTER: Final = timedelta(hours=1)

_CHECKOUT, _CUSTOMER = table_of(rows.Checkout), table_of(rows.Customer)
_EVENT = table_of(rows.Event)


def expire_stale(session: Session, now: datetime) -> int:
    """Marks every open checkout whose time is over or whose ledger moved. Answers how many."""
    revision = (
        select(_CUSTOMER.c.ledger_revision)
        .where(_CUSTOMER.c.id == _CHECKOUT.c.customer_id)
        .scalar_subquery()
    )
    is_stale = or_(_CHECKOUT.c.expires_at <= now, _CHECKOUT.c.ledger_revision != revision)
    return session.connection().execute(_MARK.where(is_stale)).rowcount


def expire_open_of(session: Session, customer_ids: Sequence[int]) -> int:
    """Marks the customers' open checkouts: what they owe has just changed. Answers how many."""
    return change_given(session, _MARK_OF, customer_ids)


def tell_gateways(
    database: Database, gateways: Mapping[str, Gateway], now: datetime, *, limit: int = 100
) -> int:
    """Expires marked checkouts at their gateways. Call it outside of a transaction.

    One that turns out to be paid keeps its mark until its callback comes. One whose gateway does
    not answer, says no, or is not among `gateways`, is tried again by the next call.
    """
    with database.read() as session:
        query = (
            select(_CHECKOUT)
            .where(
                _CHECKOUT.c.state == CheckoutState.EXPIRING,
                or_(_CHECKOUT.c.gateway.in_(list(gateways)), _CHECKOUT.c.session_id.is_(None)),
            )
            .order_by(_CHECKOUT.c.id)
            .limit(limit)
        )
        marked = list(session.connection().execute(query))
    return sum(_tell(database, gateways, row, now) for row in marked)


def signal_abandoned(
    session: Session, now: datetime, *, after: timedelta = ABANDONED_AFTER, limit: int = 500
) -> int:
    """Tells the case of each checkout that was opened and left, once. Answers how many were new.

    Call it before `expire_stale`: a checkout that has expired is not looked at again.
    """
    told = exists().where(_EVENT.c.key == literal(_ABANDONED) + _CHECKOUT.c.key)
    query = (
        select(_CHECKOUT, _CUSTOMER.c.person_id)
        .join(_CUSTOMER, _CUSTOMER.c.id == _CHECKOUT.c.customer_id)
        .where(
            _CHECKOUT.c.state == CheckoutState.OPEN,
            _CHECKOUT.c.session_id.is_not(None),
            _CHECKOUT.c.mandate_id.is_(None),
            _CHECKOUT.c.created_at <= now - after,
            ~told,
        )
        .order_by(_CHECKOUT.c.id)
        .limit(limit)
    )
    found = list(session.connection().execute(query))
    lock_persons(session, [row.person_id for row in found])
    still = _still_open(session, [row.id for row in found])
    return len(record(session, [_abandoned(r, now) for r in found if r.id in still], now=now))


_ABANDONED: Final = "checkout_abandoned:"


def _abandoned(row: Row[Any], now: datetime) -> Happened:
    return Happened(
        Signal.CHECKOUT_ABANDONED,
        at=now,
        customer_id=row.customer_id,
        case_id=row.case_id,
        key=_ABANDONED + row.key,
        payload={"checkout_id": row.id},
    )


def _still_open(session: Session, ids: Sequence[int]) -> set[int]:
    query = select(_CHECKOUT.c.id).where(
        _CHECKOUT.c.id.in_(ids), _CHECKOUT.c.state == CheckoutState.OPEN
    )
    return set(session.connection().execute(query).scalars())


_MARK: Final = (
    update(_CHECKOUT)
    .where(_CHECKOUT.c.state == word(CheckoutState.OPEN), _CHECKOUT.c.mandate_id.is_(None))
    .values(state=CheckoutState.EXPIRING)
)
_MARK_OF: Final = _MARK.where(_CHECKOUT.c.customer_id.in_(GIVEN))


def _tell(
    database: Database, gateways: Mapping[str, Gateway], row: Row[Any], now: datetime
) -> bool:
    database.ensure_going()
    try:
        if row.session_id is not None:
            expire_at(gateways[row.gateway], row.session_id)
    except (SessionPaid, GatewayUnavailable, GatewayRefused):
        return False
    with database.write() as session:
        return end(session, row.id, CheckoutState.EXPIRED, now)
