"""The lists behind figures of the book: invoices that are open, or were, and what was recovered.

Each goes along the index of the due date. They only read.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from app.console.figures.behind import equal, number, on
from app.console.lists import Asked, Filter, Listing, Sort
from app.console.times import day_asked
from app.figures.reports.months import between, first_of, is_month, last_of, shifted
from app.figures.whole_book import ISSUED_ON, SETTLED_ON
from app.store.columns import NOTHING
from app.store.given import table_of
from app.store.rows import Allocation, Customer, Invoice, Payment, Reversal

_INVOICE, _CUSTOMER, _ALLOCATION = table_of(Invoice), table_of(Customer), table_of(Allocation)
_PAYMENT, _REVERSAL = table_of(Payment), table_of(Reversal)

_LOOKED_AT: Final = 3_000
"""Of each the allocations are added up."""
_DAY: Final = timedelta(days=1)
_ALONG: Final = (_INVOICE.c.due_on, _INVOICE.c.id)


def invoices(asked: Asked, creditor_id: int | None, today: date) -> Listing:
    """Open invoices; with `as_of`, those that were open at the end of that day; with `overdue_in`,
    those that fell overdue in that month, with what was open of them then."""
    as_of, month = end_asked(asked), month_asked(asked)
    if month is not None:
        return _fell_overdue(month, as_of or today, today)
    if as_of is not None:
        return _were_open(as_of, today)
    return _open() if creditor_id is None else _open_of(creditor_id)


def _open_of(creditor_id: int) -> Listing:
    """The oldest first: a creditor's open invoices have an index of their own."""
    of = and_(_INVOICE.c.open_minor > NOTHING, _INVOICE.c.creditor_id == creditor_id)
    by = (_INVOICE.c.due_on, _INVOICE.c.customer_id, _INVOICE.c.id)
    sorts = {"oldest": Sort(by), "newest": Sort(by, descending=True)}
    return Listing(
        _columns(_INVOICE.c.open_minor).where(of),
        sorts,
        {**_FILTERS, "creditor": lambda _: None},
        along=select(*by).where(of),
        found=frozenset({"creditor", "due_from", "due_to"}),
    )


def _open() -> Listing:
    """Of all creditors, the newest first."""
    return _along_due(_columns(_INVOICE.c.open_minor).where(_INVOICE.c.open_minor > NOTHING))


def _were_open(as_of: date, today: date) -> Listing:
    """At the end of a day. What the book knew on a day that is over had been issued by then."""
    billed: ColumnElement[Any] = _INVOICE.c.amount_minor
    if as_of < today:
        billed = case((as_of >= ISSUED_ON, billed), else_=0)
    left = billed - _settled(as_of >= SETTLED_ON)
    return _along_due(_columns(left).where(left != 0), looked_at=_LOOKED_AT)


def _fell_overdue(month: str, as_of: date, today: date) -> Listing:
    """Without what went by credit note or discount up to a day."""
    credited = _ALLOCATION.c.payment_id.is_(None) & (as_of >= SETTLED_ON)
    left = _INVOICE.c.amount_minor - _settled(or_(_INVOICE.c.due_on >= SETTLED_ON, credited))
    within = _due_before(month) & (_INVOICE.c.due_on < today)
    query = _columns(left).where(within, left != 0)
    return _along_due(query, within, looked_at=_LOOKED_AT)


def _along_due(
    query: Select[Any], *within: ColumnElement[bool], looked_at: int | None = None
) -> Listing:
    narrowed = {"looked_at": looked_at} if looked_at else {}
    return Listing(
        query,
        {"newest": Sort(_ALONG, descending=True)},
        _FILTERS,
        along=select(*_ALONG).where(*within),
        found=frozenset({"as_of", "overdue_in", "due_from", "due_to"}),
        **narrowed,
    )


def _settled(when: ColumnElement[bool]) -> ColumnElement[Any]:
    """How much of an invoice was settled."""
    return (
        select(func.coalesce(func.sum(_ALLOCATION.c.amount_minor), 0))
        .select_from(_ALLOCATION)
        .join(_PAYMENT, _PAYMENT.c.id == _ALLOCATION.c.payment_id, isouter=True)
        .join(_REVERSAL, _REVERSAL.c.id == _ALLOCATION.c.reversal_id, isouter=True)
        .where(_ALLOCATION.c.invoice_id == _INVOICE.c.id, when)
        .correlate(_INVOICE)
        .scalar_subquery()
    )


def _due_before(month: str) -> ColumnElement[bool]:
    """Due so that the day after it lies in the month."""
    first, last = first_of(month), last_of(month)
    return _INVOICE.c.due_on.between(first - _DAY, last - _DAY)


def _columns(left: ColumnElement[Any]) -> Select[Any]:
    return select(
        _INVOICE.c.due_on,
        _INVOICE.c.customer_id,
        _INVOICE.c.id,
        _INVOICE.c.number.label("invoice"),
        _INVOICE.c.currency,
        left.label("left"),
        _CUSTOMER.c.name,
        _CUSTOMER.c.external_id.label("number"),
    ).join(_CUSTOMER, _CUSTOMER.c.id == _INVOICE.c.customer_id)


def recovered(first: str, last: str, months: int) -> Listing:
    """What was paid of what fell overdue from the first to the last month, by the end of so many
    months after each."""
    within = or_(*_in_time(between(first, last), months))
    by = (_INVOICE.c.due_on, _ALLOCATION.c.invoice_id, _ALLOCATION.c.id)
    query = (
        select(
            *by,
            SETTLED_ON.label("paid_on"),
            _ALLOCATION.c.amount_minor,
            _INVOICE.c.customer_id,
            _INVOICE.c.number.label("invoice"),
            _INVOICE.c.currency,
            _CUSTOMER.c.name,
            _CUSTOMER.c.external_id.label("number"),
        )
        .select_from(_INVOICE)
        .join(_CUSTOMER, _CUSTOMER.c.id == _INVOICE.c.customer_id)
        .join(_ALLOCATION, _ALLOCATION.c.invoice_id == _INVOICE.c.id)
        .join(_PAYMENT, _PAYMENT.c.id == _ALLOCATION.c.payment_id)
        .join(_REVERSAL, _REVERSAL.c.id == _ALLOCATION.c.reversal_id, isouter=True)
        .where(_INVOICE.c.due_on < SETTLED_ON, within)
    )
    kept = ("from", "to", "by")
    span = _INVOICE.c.due_on.between(first_of(first) - _DAY, last_of(last) - _DAY)
    along = select(*by).join(_ALLOCATION, _ALLOCATION.c.invoice_id == _INVOICE.c.id).where(span)
    return Listing(
        query.where(span),
        {"newest": Sort(by, descending=True)},
        {
            **dict.fromkeys(kept, _no_condition),
            "creditor": number(_INVOICE.c.creditor_id),
            "currency": equal(_INVOICE.c.currency),
        },
        along=along,
        found=frozenset(kept),
    )


def _in_time(cohorts: Iterable[str], months: int) -> Iterable[ColumnElement[bool]]:
    for month in cohorts:
        yield _due_before(month) & (last_of(shifted(month, months)) >= SETTLED_ON)


def end_asked(asked: Asked) -> date | None:
    """The day at whose end the invoices were as they are listed."""
    return day_asked(asked.get("as_of", ""))


def month_asked(asked: Asked) -> str | None:
    """The month in which they fell overdue."""
    month = asked.get("overdue_in", "")
    return month if is_month(month) else None


def _no_condition(_: str) -> None:
    return None


_FILTERS: Final[dict[str, Filter]] = {
    **dict.fromkeys(("as_of", "overdue_in"), _no_condition),
    "creditor": number(_INVOICE.c.creditor_id),
    "currency": equal(_INVOICE.c.currency),
    "due_from": on(lambda day: _INVOICE.c.due_on >= day),
    "due_to": on(lambda day: _INVOICE.c.due_on <= day),
}
