"""What the payments of a replayed book settled, and what they earned."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlmodel import Session

from app.book.allocation import Share
from app.book.discount_entries import DISCOUNT
from app.store.given import chunks, table_of
from app.store.rows import Allocation, Reversal

_ALLOCATION, _REVERSAL = table_of(Allocation), table_of(Reversal)


def settled_by(session: Session, payment_ids: Sequence[int]) -> Mapping[int, Sequence[int]]:
    """What each payment settled, in the order in which it did."""
    found: dict[int, list[int]] = {payment_id: [] for payment_id in payment_ids}
    for part in chunks(payment_ids):
        query = (
            select(_ALLOCATION.c.payment_id, _ALLOCATION.c.invoice_id)
            .where(_ALLOCATION.c.payment_id.in_(part), _ALLOCATION.c.amount_minor > 0)
            .order_by(_ALLOCATION.c.id)
        )
        for row in session.connection().execute(query):
            found[row.payment_id].append(row.invoice_id)
    return found


def earned_by_each(session: Session, payment_ids: Sequence[int]) -> Mapping[int, Sequence[Share]]:
    """What each payment earned. What was withdrawn of it goes with the payment by itself."""
    found: dict[int, list[Share]] = defaultdict(list)
    for part in chunks(payment_ids):
        query = (
            select(_REVERSAL)
            .where(_REVERSAL.c.payment_id.in_(part), _REVERSAL.c.kind == DISCOUNT)
            .order_by(_REVERSAL.c.id)
        )
        for row in session.connection().execute(query):
            found[row.payment_id].append(Share(row.invoice_id, row.amount_minor))
    return found
