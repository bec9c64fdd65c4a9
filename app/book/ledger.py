"""The only way by which money enters or leaves the book.

Every posting locks the guards of the persons it concerns, raises their revisions, and records what
happened; it may flush, the edge commits. Each is told once: repeating it changes nothing.
Currencies never mix.

    invoices   amount - open = sum of its allocations; nothing is ever negative
    payments   payments - reversals of payments = allocations of payments + credit
    credit     waits for a person: it is never spent on a later invoice by itself
"""

from __future__ import annotations

from sqlalchemy import Select, func, select
from sqlmodel import Session

from app.book.allocation import Share
from app.book.errors import LedgerError, UnknownCustomer, UnknownPayment
from app.book.invoices import InvoiceIn, InvoiceRejected, InvoicesUpserted, upsert_invoices
from app.book.payments import PaymentIn, PaymentPosted, post_payment, post_payments
from app.book.promises import paid_total
from app.book.reversals import ReversalIn, ReversalKind, ReversalPosted, post_reversal
from app.store.bulk import table_of
from app.store.rows import Allocation, Invoice, Payment, Reversal

__all__ = [
    "InvoiceIn",
    "InvoiceRejected",
    "InvoicesUpserted",
    "LedgerError",
    "PaymentIn",
    "PaymentPosted",
    "ReversalIn",
    "ReversalKind",
    "ReversalPosted",
    "Share",
    "UnknownCustomer",
    "UnknownPayment",
    "balance",
    "credit",
    "paid_total",
    "post_payment",
    "post_payments",
    "post_reversal",
    "upsert_invoices",
]

_ALLOCATION = table_of(Allocation)
_INVOICE = table_of(Invoice)
_PAYMENT = table_of(Payment)
_REVERSAL = table_of(Reversal)


def balance(session: Session, customer_id: int) -> dict[str, int]:
    """What is open, in minor units by currency; currencies with nothing open are left out."""
    query = (
        select(_INVOICE.c.currency, func.sum(_INVOICE.c.open_minor))
        .where(_INVOICE.c.customer_id == customer_id, _INVOICE.c.open_minor > 0)
        .group_by(_INVOICE.c.currency)
    )
    return _by_currency(session, query)


def credit(session: Session, customer_id: int) -> dict[str, int]:
    """What came in or was credited and settles nothing, in minor units by currency."""
    sums: dict[str, int] = {}
    for sign, query in _credit_parts(customer_id):
        for currency, minor in _by_currency(session, query).items():
            sums[currency] = sums.get(currency, 0) + sign * minor
    return {currency: minor for currency, minor in sorted(sums.items()) if minor}


def _credit_parts(customer_id: int) -> list[tuple[int, Select[str, int]]]:
    credit_note = _REVERSAL.c.kind == str(ReversalKind.CREDIT_NOTE)
    came_in = select(_PAYMENT.c.currency, func.sum(_PAYMENT.c.amount_minor)).where(
        _PAYMENT.c.customer_id == customer_id
    )
    reversed_ = select(_REVERSAL.c.currency, func.sum(_REVERSAL.c.amount_minor)).where(
        _REVERSAL.c.customer_id == customer_id
    )
    settled = (
        select(_INVOICE.c.currency, func.sum(_ALLOCATION.c.amount_minor))
        .join_from(_ALLOCATION, _INVOICE)
        .where(_INVOICE.c.customer_id == customer_id)
    )
    return [
        (1, came_in.group_by(_PAYMENT.c.currency)),
        (1, reversed_.where(credit_note).group_by(_REVERSAL.c.currency)),
        (-1, reversed_.where(~credit_note).group_by(_REVERSAL.c.currency)),
        (-1, settled.group_by(_INVOICE.c.currency)),
    ]


def _by_currency(session: Session, query: Select[str, int]) -> dict[str, int]:
    return {currency: int(minor) for currency, minor in session.connection().execute(query)}
