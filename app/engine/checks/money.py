"""Whether the money adds up: what is open, what was settled and by what, to the minor unit."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlmodel import Session

from app.engine.checks.finding import PromiseCheck, Tally
from app.engine.checks.pages import count
from app.store.bulk import table_of
from app.store.rows import Allocation, Invoice, Payment

_INVOICE, _PAYMENT, _ALLOCATION = table_of(Invoice), table_of(Payment), table_of(Allocation)
_SETTLED = func.coalesce(func.sum(_ALLOCATION.c.amount_minor), 0)


def money_adds_up(session: Session) -> PromiseCheck:
    """Not one of the ten: they all lean on it."""
    tally = Tally()
    tally.examined = count(session, _INVOICE) + count(session, _PAYMENT)
    for kind, query in (
        ("invoice", _wrong_invoices()),
        ("payment", _overspent_payments()),
        ("allocation", _mixed_currencies()),
    ):
        tally.all_wrong(kind, session.connection().execute(query).scalars())
    return tally.finding(11, "Money adds up", "allocations against invoices and payments")


def _wrong_invoices() -> Select[Any]:
    """Open is the amount less what its allocations settled."""
    return (
        select(_INVOICE.c.id)
        .join_from(_INVOICE, _ALLOCATION, _ALLOCATION.c.invoice_id == _INVOICE.c.id, isouter=True)
        .group_by(_INVOICE.c.id, _INVOICE.c.amount_minor, _INVOICE.c.open_minor)
        .having(_INVOICE.c.amount_minor - _SETTLED != _INVOICE.c.open_minor)
        .order_by(_INVOICE.c.id)
    )


def _overspent_payments() -> Select[Any]:
    """No payment settles more than it brought, nor less than nothing."""
    return (
        select(_PAYMENT.c.id)
        .join_from(_PAYMENT, _ALLOCATION, _ALLOCATION.c.payment_id == _PAYMENT.c.id)
        .group_by(_PAYMENT.c.id, _PAYMENT.c.amount_minor)
        .having(or_(_PAYMENT.c.amount_minor < _SETTLED, _SETTLED < 0))
        .order_by(_PAYMENT.c.id)
    )


def _mixed_currencies() -> Select[Any]:
    return (
        select(_ALLOCATION.c.id)
        .join_from(_ALLOCATION, _INVOICE, _INVOICE.c.id == _ALLOCATION.c.invoice_id)
        .join(_PAYMENT, _PAYMENT.c.id == _ALLOCATION.c.payment_id)
        .where(_PAYMENT.c.currency != _INVOICE.c.currency)
        .order_by(_ALLOCATION.c.id)
    )
