"""What may be asked for, invoice by invoice: open, and not carved out by a dispute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, exists, select
from sqlmodel import Session

from app.book.disputes import CARVED_OUT
from app.store.columns import NOTHING
from app.store.given import table_of
from app.store.rows import Dispute, Invoice

_INVOICE = table_of(Invoice)
_DISPUTE = table_of(Dispute)


@dataclass(frozen=True, slots=True)
class ClaimableInvoice:
    id: int
    open_minor: int
    due_on: date
    limitation_on: date | None


def claimable(session: Session, customer_id: int, currency: str) -> list[ClaimableInvoice]:
    """The customer's claimable invoices in one currency, the oldest due date first."""
    asked = {"customer_id": customer_id, "currency": currency}
    return [ClaimableInvoice(*row) for row in session.connection().execute(_CLAIMABLE, asked)]


def total_of(invoices: Sequence[ClaimableInvoice]) -> int:
    """What they add up to, in minor units of their one currency."""
    return sum(invoice.open_minor for invoice in invoices)


_DISPUTED = exists().where(_DISPUTE.c.invoice_id == _INVOICE.c.id, _DISPUTE.c.state.in_(CARVED_OUT))
_CLAIMABLE = (
    select(_INVOICE.c.id, _INVOICE.c.open_minor, _INVOICE.c.due_on, _INVOICE.c.limitation_on)
    .where(
        _INVOICE.c.customer_id == bindparam("customer_id"),
        _INVOICE.c.currency == bindparam("currency"),
        _INVOICE.c.open_minor > NOTHING,
        ~_DISPUTED,
    )
    .order_by(_INVOICE.c.due_on, _INVOICE.c.id)
)
