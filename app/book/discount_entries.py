"""The entries by which a discount is written off, and taken back.

Each is a reversal of its own: `discount`, with its offer, its payment and its invoice, and
`discount_withdrawn` once what it settled together with that payment is open again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import select
from sqlmodel import Session

from app.book.allocation import Share
from app.store.bulk import insert_returning_ids, insert_rows
from app.store.given import table_of
from app.store.rows import Allocation, Reversal
from campaigns.keys import derive

DISCOUNT: Final = "discount"
WITHDRAWN: Final = "discount_withdrawn"

_REVERSAL = table_of(Reversal)
_KEPT: Final = (
    "customer_id", "payment_id", "invoice_id", "currency", "amount_minor", "offer_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Given:
    """A discount that a payment earned. In a replay nobody knows the offer."""

    offer_id: int | None
    share: Share


def give(
    session: Session,
    given: Sequence[Given],
    *,
    payment: Mapping[str, Any],
    payment_id: int,
    now: datetime,
) -> None:
    """Writes what a payment earned; `payment` is its row. The open amounts are the caller's."""
    rows = [
        {
            "key": derive(DISCOUNT, payment["key"], one.share.invoice_id),
            "kind": DISCOUNT,
            "customer_id": payment["customer_id"],
            "payment_id": payment_id,
            "invoice_id": one.share.invoice_id,
            "currency": payment["currency"],
            "amount_minor": one.share.minor,
            "reversed_on": payment["paid_on"],
            "received_at": payment["received_at"],
            "offer_id": one.offer_id,
        }
        for one in given
    ]
    _settle(session, rows, insert_returning_ids(session, Reversal, rows), sign=1, now=now)


def withdraw(
    session: Session,
    payment_id: int,
    reopened: Collection[int],
    *,
    on: date,
    received_at: datetime,
    now: datetime,
) -> tuple[Share, ...]:
    """Takes back the discounts of a payment on the invoices that are open again; answers what is
    open again with them. The open amounts are the caller's."""
    rows = [
        {
            **{name: row[name] for name in _KEPT},
            "key": derive(WITHDRAWN, row["key"]),
            "kind": WITHDRAWN,
            "reversed_on": on,
            "received_at": received_at,
        }
        for row in _standing_discounts(session, payment_id)
        if row["invoice_id"] in reopened
    ]
    _settle(session, rows, insert_returning_ids(session, Reversal, rows), sign=-1, now=now)
    return tuple(Share(row["invoice_id"], row["amount_minor"]) for row in rows)


def earned_by(session: Session, payment_id: int) -> bool:
    """Whether a payment earned a discount, withdrawn since or not."""
    query = select(_REVERSAL.c.id).where(
        _REVERSAL.c.payment_id == payment_id, _REVERSAL.c.kind == DISCOUNT
    )
    return session.connection().execute(query.limit(1)).first() is not None


def _standing_discounts(session: Session, payment_id: int) -> list[Mapping[str, Any]]:
    query = select(_REVERSAL).where(
        _REVERSAL.c.payment_id == payment_id, _REVERSAL.c.kind.in_((DISCOUNT, WITHDRAWN))
    )
    rows = session.connection().execute(query.order_by(_REVERSAL.c.id)).mappings().all()
    gone = {row["invoice_id"] for row in rows if row["kind"] == WITHDRAWN}
    return [dict(row) for row in rows if row["invoice_id"] not in gone]


def _settle(
    session: Session,
    rows: Sequence[Mapping[str, Any]],
    ids: Sequence[int],
    *,
    sign: int,
    now: datetime,
) -> None:
    allocations = [
        {
            "invoice_id": row["invoice_id"],
            "reversal_id": reversal_id,
            "amount_minor": sign * row["amount_minor"],
            "at": now,
        }
        for row, reversal_id in zip(rows, ids, strict=True)
    ]
    insert_rows(session, Allocation, allocations)
