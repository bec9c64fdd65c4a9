"""Counts the whole book: what is open, was billed, was settled, fell overdue and was recovered.

Days are those of the documents: an invoice counts from its date of issue (without one, from the day
it was due), a payment on the day it was paid. So a book that was imported yesterday has its past.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import case, extract, func, select
from sqlmodel import Session

from app.book.days import day_of
from app.figures.keeping import Told
from app.figures.names import SETTLED_WITHIN, Standing
from app.figures.open_items import Found, Key
from app.figures.quarters import QUARTER, Quarter, instant_of
from app.store.columns import NOTHING
from app.store.given import table_of
from app.store.rows import (
    Allocation,
    Case,
    Creditor,
    Customer,
    Instalment,
    Invoice,
    Payment,
    Plan,
    Reversal,
)
from campaigns.vocabulary import Outcome

_INVOICE, _ALLOCATION, _PAYMENT = table_of(Invoice), table_of(Allocation), table_of(Payment)
_REVERSAL, _CREDITOR, _CUSTOMER = table_of(Reversal), table_of(Creditor), table_of(Customer)
_PLAN, _INSTALMENT, _CASE = table_of(Plan), table_of(Instalment), table_of(Case)

_DAY: Final = timedelta(days=1)


class _Sums:
    """Numbers and amounts by key."""

    def __init__(self) -> None:
        self._numbers: Counter[Key] = Counter()
        self._amounts: Counter[Key] = Counter()

    def add(self, key: Key, number: int, amount: int = 0) -> None:
        self._numbers[key] += number
        self._amounts[key] += amount

    def told(self) -> dict[Key, Told]:
        return {key: (number, self._amounts[key]) for key, number in self._numbers.items()}


def count_book(session: Session, now: datetime) -> Found:
    zones = dict(map(tuple, session.connection().execute(_ZONES)))
    today = {creditor_id: day_of(now, zone) for creditor_id, zone in zones.items()}
    sums = _Sums()
    _open(session, sums)
    _billed(session, sums, today)
    _fell_due(session, sums, today)
    _settled(session, sums, today)
    _plans(session, sums)
    _arms(session, sums, now)
    return sums.told()


def month_name(day: date) -> str:
    """The month of a day: 2026-06."""
    return f"{day:%Y-%m}"


def months_between(first: date, second: date) -> int:
    """How many months of the calendar later the second day is."""
    return (second.year - first.year) * 12 + second.month - first.month


def _open(session: Session, sums: _Sums) -> None:
    for row in session.connection().execute(_OPEN):
        key = (row.creditor_id, Standing.OPEN, row.currency, "", "", str(row.due_on), 0)
        sums.add(key, row.number, int(row.amount))


def _billed(session: Session, sums: _Sums, today: Mapping[int, date]) -> None:
    for row in session.connection().execute(_BILLED):
        month = month_name(min(row.day, today[row.creditor_id]))
        key = (row.creditor_id, Standing.BILLED, row.currency, "", "", month, 0)
        sums.add(key, row.number, int(row.amount))


def _fell_due(session: Session, sums: _Sums, today: Mapping[int, date]) -> None:
    """All of what fell due; `_settled` takes from it what was settled until then."""
    for row in session.connection().execute(_FELL_DUE):
        if row.due_on < today[row.creditor_id]:
            key = _cohort(row, Standing.FELL_OVERDUE)
            sums.add(key, row.number, int(row.amount))


def _cohort(row: Any, figure: Standing, age: int = 0) -> Key:
    return (row.creditor_id, figure, row.currency, "", "", month_name(row.due_on + _DAY), age)


def _settled(session: Session, sums: _Sums, today: Mapping[int, date]) -> None:
    for row in session.connection().execute(_SETTLED):
        amount, day = int(row.amount), date(int(row.year), int(row.month), 1)
        month = (row.creditor_id, Standing.SETTLED, row.currency, "", "", month_name(day), 0)
        sums.add(month, row.number, amount)
        if row.due_on >= today[row.creditor_id]:
            continue
        if not row.late:
            sums.add(_cohort(row, Standing.FELL_OVERDUE), 0, -amount)
            continue
        figure = Standing.RECOVERED if row.paid else Standing.CREDITED
        sums.add(_cohort(row, figure, months_between(row.due_on + _DAY, day)), row.number, amount)


def last_compared(now: datetime) -> date:
    """The last day, in UTC, of which all cases have had their time by now."""
    return (now - SETTLED_WITHIN - _DAY).date()


def _plans(session: Session, sums: _Sums) -> None:
    for row in session.connection().execute(_PLANS):
        key = (row.creditor_id, Standing.PLANS, row.currency, "", row.state, "", row.paid)
        sums.add(key, row.number, int(row.amount))


def _arms(session: Session, sums: _Sums, now: datetime) -> None:
    """Only cases that have had their time: the others would make every arm look worse."""
    for row in session.connection().execute(_ARMS):
        opened = instant_of(row.opened * _A_DAY)
        if opened.date() > last_compared(now):
            continue
        about, month = f"{row.campaign_id}:{row.arm}", month_name(opened.date())
        sums.add((row.creditor_id, Standing.ARMS, "", "", about, month, row.settled), row.number)


_ZONES: Final = select(_CREDITOR.c.id, _CREDITOR.c.zone)
_BOOK: Final = (_INVOICE.c.creditor_id, _INVOICE.c.currency)
_OPEN: Final = (
    select(
        *_BOOK,
        _INVOICE.c.due_on,
        func.count().label("number"),
        func.sum(_INVOICE.c.open_minor).label("amount"),
    )
    .where(_INVOICE.c.open_minor > NOTHING)
    .group_by(*_BOOK, _INVOICE.c.due_on)
)
ISSUED_ON: Final = func.coalesce(
    _INVOICE.c.issued_on, _INVOICE.c.due_on, type_=_INVOICE.c.due_on.type
)
_BILLED: Final = select(
    *_BOOK,
    ISSUED_ON.label("day"),
    func.count().label("number"),
    func.sum(_INVOICE.c.amount_minor).label("amount"),
).group_by(*_BOOK, ISSUED_ON)
_FELL_DUE: Final = select(
    *_BOOK,
    _INVOICE.c.due_on,
    func.count().label("number"),
    func.sum(_INVOICE.c.amount_minor).label("amount"),
).group_by(*_BOOK, _INVOICE.c.due_on)

SETTLED_ON: Final = func.coalesce(
    _REVERSAL.c.reversed_on, _PAYMENT.c.paid_on, type_=_PAYMENT.c.paid_on.type
)
_LATE: Final = case((_INVOICE.c.due_on < SETTLED_ON, 1), else_=0)
_PAID: Final = case((_ALLOCATION.c.payment_id.is_not(None), 1), else_=0)
_YEAR, _MONTH = extract("year", SETTLED_ON), extract("month", SETTLED_ON)
_SETTLED: Final = (
    select(
        *_BOOK,
        _INVOICE.c.due_on,
        _YEAR.label("year"),
        _MONTH.label("month"),
        _LATE.label("late"),
        _PAID.label("paid"),
        func.count().label("number"),
        func.sum(_ALLOCATION.c.amount_minor).label("amount"),
    )
    .select_from(_ALLOCATION)
    .join(_INVOICE, _INVOICE.c.id == _ALLOCATION.c.invoice_id)
    .join(_PAYMENT, _PAYMENT.c.id == _ALLOCATION.c.payment_id, isouter=True)
    .join(_REVERSAL, _REVERSAL.c.id == _ALLOCATION.c.reversal_id, isouter=True)
    .group_by(*_BOOK, _INVOICE.c.due_on, _YEAR, _MONTH, _LATE, _PAID)
)
PLAN_COUNTS: Final = _PLAN.c.state != "offered"
"""Of what the report of plans is made."""
_PAID_OF: Final = (
    select(_INSTALMENT.c.plan_id, func.count().label("paid"))
    .where(_INSTALMENT.c.state == "paid")
    .group_by(_INSTALMENT.c.plan_id)
    .subquery()
)
_PAID_PARTS: Final = func.coalesce(_PAID_OF.c.paid, 0)
_PLANS: Final = (
    select(
        _CUSTOMER.c.creditor_id,
        _PLAN.c.currency,
        _PLAN.c.state,
        _PAID_PARTS.label("paid"),
        func.count().label("number"),
        func.sum(_PLAN.c.amount_minor).label("amount"),
    )
    .join(_CUSTOMER, _CUSTOMER.c.id == _PLAN.c.customer_id)
    .join(_PAID_OF, _PAID_OF.c.plan_id == _PLAN.c.id, isouter=True)
    .where(PLAN_COUNTS)
    .group_by(_CUSTOMER.c.creditor_id, _PLAN.c.currency, _PLAN.c.state, _PAID_PARTS)
)
_A_DAY: Final = _DAY // QUARTER
_OPENED: Final = Quarter(_CASE.c.opened_at)
_SETTLED_SOON: Final = (_CASE.c.outcome == str(Outcome.SETTLED)) & (
    Quarter(_CASE.c.closed_at) - _OPENED <= SETTLED_WITHIN // QUARTER
)
_SOON: Final = case((_SETTLED_SOON, 1), else_=0)
IS_SETTLED_SOON: Final = case((_SETTLED_SOON, "1"), else_="0")
"""The age of a case in `Standing.ARMS`, for lists that tell it as a kind."""
_OPENED_ON: Final = _OPENED // _A_DAY
_ARMS: Final = select(
    _CASE.c.creditor_id,
    _CASE.c.campaign_id,
    _CASE.c.arm,
    _OPENED_ON.label("opened"),
    _SOON.label("settled"),
    func.count().label("number"),
).group_by(_CASE.c.creditor_id, _CASE.c.campaign_id, _CASE.c.arm, _OPENED_ON, _SOON)
