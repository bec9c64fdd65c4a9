"""Whether the money adds up: what is open, what was settled and by what, to the minor unit."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import Select, and_, false, func, or_, select
from sqlmodel import Session

from app.engine.checks.finding import PromiseCheck, Tally
from app.engine.checks.pages import count, pages
from app.store.given import table_of
from app.store.rows import Allocation, BankEntry, BankStatement, Invoice, Payment, Reversal

_INVOICE, _PAYMENT, _ALLOCATION = table_of(Invoice), table_of(Payment), table_of(Allocation)
_ENTRY, _STATEMENT, _REVERSAL = table_of(BankEntry), table_of(BankStatement), table_of(Reversal)
_SETTLED = func.coalesce(func.sum(_ALLOCATION.c.amount_minor), 0)


def money_adds_up(session: Session) -> PromiseCheck:
    """Not one of the ten: they all lean on it."""
    tally = Tally()
    tally.examined = sum(count(session, table) for table in (_INVOICE, _PAYMENT, _ENTRY))
    for kind, query in (
        ("invoice", _wrong_invoices()),
        ("payment", _overspent_payments()),
        ("allocation", _mixed_currencies()),
        ("bank entry", _wrong_entries()),
    ):
        tally.all_wrong(kind, session.connection().execute(query).scalars())
    tally.all_wrong("bank statement", _wrong_statements(session))
    evidence = "allocations against invoices and payments, bank statements against their entries"
    return tally.finding(11, "Money adds up", evidence)


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


def _wrong_entries() -> Select[Any]:
    """Booked is a payment of the same money, or a reversal of no more; all else is neither."""
    paid = and_(
        _ENTRY.c.kind == "payment",
        _PAYMENT.c.amount_minor == _ENTRY.c.amount_minor,
        _PAYMENT.c.currency == _ENTRY.c.currency,
    )
    taken_back = and_(
        _ENTRY.c.kind == "reversal",
        _REVERSAL.c.amount_minor <= _ENTRY.c.amount_minor,
        _REVERSAL.c.currency == _ENTRY.c.currency,
    )
    untouched = and_(_ENTRY.c.payment_id.is_(None), _ENTRY.c.reversal_id.is_(None))
    booked = _ENTRY.c.state == "booked"
    right = or_(and_(booked, or_(paid, taken_back)), and_(~booked, untouched))
    return (
        select(_ENTRY.c.id)
        .join_from(_ENTRY, _PAYMENT, _PAYMENT.c.id == _ENTRY.c.payment_id, isouter=True)
        .join(_REVERSAL, _REVERSAL.c.id == _ENTRY.c.reversal_id, isouter=True)
        .where(~func.coalesce(right, false()))
        .order_by(_ENTRY.c.id)
    )


def _wrong_statements(session: Session) -> list[int]:
    """What a statement brought is the sum of its entries, in every currency and state."""
    totals: dict[int, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    query = select(
        _ENTRY.c.statement_id, _ENTRY.c.kind, _ENTRY.c.currency, func.sum(_ENTRY.c.amount_minor)
    ).group_by(_ENTRY.c.statement_id, _ENTRY.c.kind, _ENTRY.c.currency)
    for statement_id, kind, currency, minor in session.connection().execute(query):
        totals[statement_id][kind][currency] = int(minor)
    wrong = []
    for page in pages(session, _STATEMENT, ("credited", "reversed")):
        for row in page:
            told = {"payment": row.credited, "reversal": row.reversed}
            if any(totals[row.id][kind] != sums for kind, sums in told.items()):
                wrong.append(row.id)
    return wrong
