"""Promises that money keeps. Whoever takes a promise stores `paid_total` in `paid_before_minor`."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, bindparam, case, func, select
from sqlalchemy.engine import Row
from sqlmodel import Session

from app.book.discount_entries import DISCOUNT
from app.store.bulk import update_rows
from app.store.columns import word
from app.store.given import GIVEN, rows_given, table_of
from app.store.journal import Happened
from app.store.rows import Payment, Promise, Reversal
from campaigns.keys import derive
from campaigns.vocabulary import Signal

_PAYMENT = table_of(Payment)
_PROMISE = table_of(Promise)
_REVERSAL = table_of(Reversal)


def paid_total(session: Session, customer_id: int, currency: str) -> int:
    """All that this customer ever paid in a currency, in minor units; reversals are not deducted.

    Later payments are counted against this, so that a chargeback of an old payment does not make
    a promise harder to keep.
    """
    asked = {"customer_id": customer_id, "currency": currency}
    return int(session.connection().execute(_PAID, asked).scalar_one())


_PAID: Final = select(func.coalesce(func.sum(_PAYMENT.c.amount_minor), 0)).where(
    _PAYMENT.c.customer_id == bindparam("customer_id"),
    _PAYMENT.c.currency == bindparam("currency"),
)


def keep_promises(
    session: Session, customer_ids: Collection[int], *, now: datetime
) -> list[Happened]:
    """Marks the open promises that are met as kept; answers what is to be recorded."""
    promises: list[Row[Any]] = rows_given(session, _OPEN, sorted(customer_ids))
    kept = [promise for promise in promises if _is_met(session, promise)]
    update_rows(
        session,
        Promise,
        [{"id": promise.id, "state": "kept", "ended_at": now} for promise in kept],
    )
    return [
        Happened(
            kind=Signal.PROMISE_KEPT,
            at=now,
            customer_id=promise.customer_id,
            key=derive("promise_kept", promise.id),
            payload={"promise_id": promise.id},
        )
        for promise in kept
    ]


_OPEN: Final = (
    select(_PROMISE)
    .where(_PROMISE.c.customer_id.in_(GIVEN), _PROMISE.c.state == word("open"))
    .order_by(_PROMISE.c.id)
)


def _is_met(session: Session, promise: Row[Any]) -> bool:
    """Whether what came in since the promise, and stayed, reaches it with what it earned.

    The payments before it are told by their sum, not by a clock: two may share an instant.
    """
    before = since = 0
    for payment in session.connection().execute(_payments(promise)):
        if before < promise.paid_before_minor:
            before += payment.amount_minor
        else:
            since += payment.amount_minor - payment.went_back
    return bool(since >= promise.amount_minor)


def _payments(promise: Row[Any]) -> Select[int, int]:
    """The customer's payments in the promise's currency, in the order of their posting."""
    lost = case((_REVERSAL.c.kind == DISCOUNT, -1), else_=1) * _REVERSAL.c.amount_minor
    went_back = (
        select(func.coalesce(func.sum(lost), 0))
        .where(_REVERSAL.c.payment_id == _PAYMENT.c.id)
        .scalar_subquery()
    )
    return (
        select(_PAYMENT.c.amount_minor, went_back.label("went_back"))
        .where(
            _PAYMENT.c.customer_id == promise.customer_id,
            _PAYMENT.c.currency == promise.currency,
        )
        .order_by(_PAYMENT.c.id)
    )
