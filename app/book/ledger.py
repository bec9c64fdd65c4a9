"""The only way by which money enters or leaves the book.

Every posting locks the guards of the persons it concerns, raises their revisions, and records what
happened; it may flush, the edge commits. Each is told once: repeating it changes nothing.
Currencies never mix.

    invoices   amount - open = sum of its allocations; nothing is ever negative
    payments   payments - reversals of payments = allocations of payments + credit
    discounts  settle what a payment in time leaves of an invoice, and go again with that payment
    credit     waits for a person: it is never spent on a later invoice by itself
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, Select, Table, case, func, select, union_all
from sqlmodel import Session

from app.book.allocation import Share
from app.book.discount_entries import DISCOUNT
from app.book.errors import LedgerError, UnknownCustomer, UnknownPayment
from app.book.invoices import InvoiceIn, InvoiceRejected, InvoicesUpserted, upsert_invoices
from app.book.payments import PaymentIn, PaymentPosted, post_payment, post_payments
from app.book.promises import paid_total
from app.book.reversals import ReversalIn, ReversalKind, ReversalPosted, post_reversal
from app.store.columns import NOTHING
from app.store.given import GIVEN, rows_given, table_of
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
    "credits_of",
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
        .where(_INVOICE.c.customer_id == customer_id, _INVOICE.c.open_minor > NOTHING)
        .group_by(_INVOICE.c.currency)
    )
    return _by_currency(session, query)


def credit(session: Session, customer_id: int) -> dict[str, int]:
    """What came in or was credited and settles nothing, in minor units by currency."""
    return credits_of(session, [customer_id]).get(customer_id, {})


def credits_of(session: Session, customer_ids: Sequence[int]) -> Mapping[int, dict[str, int]]:
    """The credit of each of these customers who has any, as above."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for customer_id, currency, minor in rows_given(session, _CREDITS, sorted(set(customer_ids))):
        found[customer_id][currency] = int(minor)
    return found


def _parts(owners: Table, amount: ColumnElement[int]) -> Select[int, str, int]:
    query = select(owners.c.customer_id, owners.c.currency, amount.label("minor"))
    return query.where(owners.c.customer_id.in_(GIVEN))


_SETTLES = _REVERSAL.c.kind.in_((str(ReversalKind.CREDIT_NOTE), DISCOUNT))
_CREDIT_PARTS = union_all(
    _parts(_PAYMENT, _PAYMENT.c.amount_minor),
    _parts(_REVERSAL, case((_SETTLES, 1), else_=-1) * _REVERSAL.c.amount_minor),
    _parts(_INVOICE, -_ALLOCATION.c.amount_minor).join_from(_ALLOCATION, _INVOICE),
).subquery()
_CREDIT = func.sum(_CREDIT_PARTS.c.minor)
_CREDITS = (
    select(_CREDIT_PARTS.c.customer_id, _CREDIT_PARTS.c.currency, _CREDIT)
    .group_by(_CREDIT_PARTS.c.customer_id, _CREDIT_PARTS.c.currency)
    .having(_CREDIT != 0)
    .order_by(_CREDIT_PARTS.c.customer_id, _CREDIT_PARTS.c.currency)
)


def _by_currency(session: Session, query: Select[str, int]) -> dict[str, int]:
    return {currency: int(minor) for currency, minor in session.connection().execute(query)}
