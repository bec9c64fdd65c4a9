"""Posts money that went back, and credit notes, which settle an invoice without money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.engine import Row
from sqlmodel import Session

from app.book.allocation import Claims, Share
from app.book.discount_entries import withdraw
from app.book.errors import LedgerError, UnknownPayment
from app.book.holders import Holder, hold, mark_changed, wake_customers
from app.store.bulk import insert_new, insert_returning_ids, insert_rows
from app.store.given import ids_where, table_of
from app.store.journal import Happened, record
from app.store.rows import Allocation, Invoice, Payment, Reversal, Task
from app.store.tasks import DONE_WITHIN
from campaigns.keys import derive
from campaigns.money import Money
from campaigns.vocabulary import Signal

CREDIT_NOTE_POSTED = "credit_note_posted"
EXCESS_TITLE = "More went back than came in, or was credited than is open: look into it"

_ALLOCATION = table_of(Allocation)
_INVOICE = table_of(Invoice)
_PAYMENT = table_of(Payment)
_REVERSAL = table_of(Reversal)


class ReversalKind(StrEnum):
    REFUND = "refund"
    CHARGEBACK = "chargeback"
    RETURNED_DEBIT = "returned_debit"
    CREDIT_NOTE = "credit_note"


WENT_BACK = (ReversalKind.REFUND, ReversalKind.CHARGEBACK, ReversalKind.RETURNED_DEBIT)
"""Money that went back. A discount stands among the reversals of its payment, and is none."""


@dataclass(frozen=True, slots=True)
class ReversalIn:
    """What went back of `payment_id`; or a credit note, for `invoice_id` or the oldest due."""

    key: str
    kind: ReversalKind
    customer_id: int
    amount: Money
    reversed_on: date
    received_at: datetime
    payment_id: int | None = None
    invoice_id: int | None = None


@dataclass(frozen=True, slots=True)
class ReversalPosted:
    """`shares` is what was reopened, or what a credit note settled.

    `reversal_id` is None when the key was known or nothing could go back. `excess` found no place:
    more than was left of the payment, or more than was open for a credit note.
    """

    reversal_id: int | None
    shares: tuple[Share, ...]
    excess: Money


def post_reversal(session: Session, reversal: ReversalIn, *, now: datetime) -> ReversalPosted:
    """Posts one reversal, once.

    Of a payment, what is still credit goes back first, then its allocations, newest first; never
    more than is left of the payment. A discount that it earned on what is open again goes with it.
    An excess is a task for finance, because a provider that
    reports too much would only repeat itself if it were refused. Raises `LedgerError` for an amount
    that is not positive or in another currency than its payment, `UnknownCustomer`, and
    `UnknownPayment`.
    """
    if reversal.amount.minor <= 0:
        raise LedgerError(f"reversal {reversal.key} is not positive; say how much went back")
    holder = hold(session, [reversal.customer_id])[reversal.customer_id]
    if ids_where(session, Reversal, "key", [reversal.key]):
        return ReversalPosted(None, (), Money(0, reversal.amount.currency))
    if reversal.kind is ReversalKind.CREDIT_NOTE:
        return _credit(session, reversal, holder, now)
    return _take_back(session, reversal, holder, now)


def _credit(
    session: Session, reversal: ReversalIn, holder: Holder, now: datetime
) -> ReversalPosted:
    claims = Claims.load(session, [reversal.customer_id])
    amount = reversal.amount
    if reversal.invoice_id is None:
        shares = claims.settle(reversal.customer_id, amount.currency, amount.minor)
    else:
        shares = claims.settle_one(
            reversal.customer_id, amount.currency, amount.minor, reversal.invoice_id
        )
    reversal_id = _insert(session, reversal, amount.minor)
    _allocate(session, shares, reversal_id=reversal_id, payment_id=None, sign=1, now=now)
    claims.save(session)
    excess = Money(amount.minor - sum(share.minor for share in shares), amount.currency)
    record(session, [_fact(CREDIT_NOTE_POSTED, reversal, reversal_id, shares)], now=now)
    wake_customers(session, [reversal.customer_id], now=now)
    _give_task(session, reversal, excess, now)
    mark_changed(session, [holder], now=now)
    return ReversalPosted(reversal_id, shares, excess)


def _take_back(
    session: Session, reversal: ReversalIn, holder: Holder, now: datetime
) -> ReversalPosted:
    payment = _payment(session, reversal)
    left = payment.amount_minor - _already_back(session, payment.id)
    taken = min(left, reversal.amount.minor)
    excess = Money(reversal.amount.minor - taken, reversal.amount.currency)
    _give_task(session, reversal, excess, now)
    if not taken:
        return ReversalPosted(None, (), excess)
    settled = _settled_by(session, payment.id)
    credit = left - sum(share.minor for share in settled)
    shares = _newest_first(settled, max(taken - credit, 0))
    reversal_id = _insert(session, reversal, taken)
    _allocate(session, shares, reversal_id=reversal_id, payment_id=payment.id, sign=-1, now=now)
    undone = withdraw(
        session,
        payment.id,
        {share.invoice_id for share in shares},
        on=reversal.reversed_on,
        received_at=reversal.received_at,
        now=now,
    )
    _reopen(session, [*shares, *undone])
    record(session, [_fact(Signal.PAYMENT_REVERSED, reversal, reversal_id, shares)], now=now)
    mark_changed(session, [holder], now=now)
    return ReversalPosted(reversal_id, shares, excess)


def _payment(session: Session, reversal: ReversalIn) -> Row[Any]:
    query = select(_PAYMENT).where(
        _PAYMENT.c.id == reversal.payment_id, _PAYMENT.c.customer_id == reversal.customer_id
    )
    payment = session.connection().execute(query).one_or_none()
    if payment is None:
        raise UnknownPayment(reversal.key)
    if payment.currency != reversal.amount.currency:
        raise LedgerError(
            f"reversal {reversal.key} is in {reversal.amount.currency}, its payment in"
            f" {payment.currency}; convert it where it is made"
        )
    return payment


def _already_back(session: Session, payment_id: int) -> int:
    query = select(func.coalesce(func.sum(_REVERSAL.c.amount_minor), 0)).where(
        _REVERSAL.c.payment_id == payment_id, _REVERSAL.c.kind.in_(WENT_BACK)
    )
    return int(session.connection().execute(query).scalar_one())


def _settled_by(session: Session, payment_id: int) -> list[Share]:
    """What the payment still settles, its newest allocation first."""
    query = (
        select(_ALLOCATION.c.invoice_id, func.sum(_ALLOCATION.c.amount_minor).label("minor"))
        .where(_ALLOCATION.c.payment_id == payment_id)
        .group_by(_ALLOCATION.c.invoice_id)
        .order_by(func.min(_ALLOCATION.c.id).desc())
    )
    return [Share(row.invoice_id, int(row.minor)) for row in session.connection().execute(query)]


def _newest_first(settled: Sequence[Share], minor: int) -> tuple[Share, ...]:
    shares = []
    for share in settled:
        taken = min(share.minor, minor)
        if taken:
            minor -= taken
            shares.append(Share(share.invoice_id, taken))
    return tuple(shares)


def _reopen(session: Session, shares: Sequence[Share]) -> None:
    for share in shares:
        session.connection().execute(
            update(_INVOICE)
            .where(_INVOICE.c.id == share.invoice_id)
            .values(open_minor=_INVOICE.c.open_minor + share.minor)
        )


def _insert(session: Session, reversal: ReversalIn, minor: int) -> int:
    credit_note = reversal.kind is ReversalKind.CREDIT_NOTE
    row = {
        "key": reversal.key,
        "kind": str(reversal.kind),
        "customer_id": reversal.customer_id,
        "payment_id": None if credit_note else reversal.payment_id,
        "invoice_id": reversal.invoice_id,
        "currency": reversal.amount.currency,
        "amount_minor": minor,
        "reversed_on": reversal.reversed_on,
        "received_at": reversal.received_at,
    }
    return insert_returning_ids(session, Reversal, [row])[0]


def _allocate(
    session: Session,
    shares: Sequence[Share],
    *,
    reversal_id: int,
    payment_id: int | None,
    sign: int,
    now: datetime,
) -> None:
    rows: list[dict[str, Any]] = [
        {
            "invoice_id": share.invoice_id,
            "payment_id": payment_id,
            "reversal_id": reversal_id,
            "amount_minor": sign * share.minor,
            "at": now,
        }
        for share in shares
    ]
    insert_rows(session, Allocation, rows)


def _fact(kind: str, reversal: ReversalIn, reversal_id: int, shares: Sequence[Share]) -> Happened:
    return Happened(
        kind=kind,
        at=reversal.received_at,
        customer_id=reversal.customer_id,
        key=derive("reversal", reversal.key),
        payload={
            "reversal_id": reversal_id,
            "payment_id": reversal.payment_id,
            "invoice_ids": [share.invoice_id for share in shares],
        },
    )


def _give_task(session: Session, reversal: ReversalIn, excess: Money, now: datetime) -> None:
    if not excess.minor:
        return
    task = {
        "key": derive("excess", reversal.key),
        "team": "finance",
        "kind": "excess",
        "title": EXCESS_TITLE,
        "customer_id": reversal.customer_id,
        "detail": {
            "payment_id": reversal.payment_id,
            "invoice_id": reversal.invoice_id,
            "currency": excess.currency,
            "excess_minor": excess.minor,
        },
        "created_at": now,
        "due_at": now + DONE_WITHIN,
    }
    insert_new(session, Task, [task])
