"""What a customer's page shows: what is open and what is not asked for, each currency by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BindParameter, Row, bindparam, func, select
from sqlmodel import Session, col
from sqlmodel import select as entities

from app.book.discounts import Discounts, Reduction
from app.book.disputes import CARVED_OUT
from app.book.ledger import credit
from app.intake.plan_wishes import open_wish_of, standing_offer
from app.store.columns import NOTHING, word
from app.store.given import GIVEN, rows_given, table_of
from app.store.rows import (
    Allocation,
    Checkout,
    Creditor,
    Dispute,
    Instalment,
    Invoice,
    Plan,
    Promise,
    Reversal,
)
from app.web.traces import Traces, traces
from app.web.visits import Visit
from campaigns.money import Money, totals

_INVOICE, _DISPUTE, _PROMISE, _PLAN, _INSTALMENT = (
    table_of(row) for row in (Invoice, Dispute, Promise, Plan, Instalment)
)
_ALLOCATION, _REVERSAL = table_of(Allocation), table_of(Reversal)


class Standing(StrEnum):
    """Whether an invoice is asked for."""

    ASKED = "asked"
    DISPUTED = "disputed"
    LIMITED = "limited"


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One invoice as the page lists it. `days_past_due` is signed: -3 before, 3 after. Of what is
    settled, `credited` came by credit notes and the rest was paid."""

    id: int
    number: str
    issued_on: date | None
    due_on: date
    days_past_due: int
    amount: Money
    open: Money
    credited: Money
    standing: Standing
    document: str | None = None

    @property
    def paid(self) -> Money:
        return self.amount - self.credited - self.open

    @property
    def invoice_id(self) -> int:
        return self.id

    @property
    def open_minor(self) -> int:
        return self.open.minor


@dataclass(frozen=True)
class Account:
    """One customer's standing with one creditor on `today`, the creditor's own date."""

    today: date
    lines: tuple[InvoiceLine, ...]
    promises: tuple[Row[Any], ...]
    plan: Row[Any] | None
    instalments: tuple[Row[Any], ...]
    wish: Row[Any] | None  # a plan that was asked for, and that nobody has decided on
    traces: Traces
    credit: tuple[Money, ...]  # came in, and settles nothing: never taken off by itself
    offered: Row[Any] | None = None  # another plan than was asked for, which they may agree to
    reductions: Mapping[int, Reduction] = field(default_factory=dict)  # what is paid now has them

    def having(self, standing: Standing | str) -> tuple[InvoiceLine, ...]:
        return tuple(line for line in self.lines if line.standing == standing)

    @cached_property
    def asked(self) -> tuple[InvoiceLine, ...]:
        """The invoices that the customer is asked to pay."""
        return self.having(Standing.ASKED)

    @cached_property
    def owed(self) -> tuple[Money, ...]:
        """What is asked for, one total a currency."""
        return totals(line.open for line in self.asked)

    def owed_in(self, currency: str) -> Money | None:
        """The total in `currency`, if anything is asked for in it."""
        return next((money for money in self.owed if money.currency == currency), None)

    def asked_ids(self, currency: str) -> list[int]:
        return [line.id for line in self.asked if line.open.currency == currency]

    def promised_in(self, currency: str) -> Row[Any] | None:
        return next((p for p in self.promises if p.currency == currency), None)


def account(session: Session, visit: Visit, now: datetime) -> Account:
    """Reads the account as it stands in this transaction."""
    today = local_day(visit.creditor, now)
    whose = {"customer_id": visit.customer_id}
    read = session.connection().execute
    there = traces(session, visit)
    invoices = read(_OPEN_INVOICES, whose).all()
    disputed = set(read(_DISPUTED, whose).scalars()) if there.disputes else set()
    plan = read(_RUNNING_PLAN, whose).first() if there.plans else None
    credited = _credited(session, invoices)
    lines = tuple(_line(invoice, disputed, credited, today) for invoice in invoices)
    return Account(
        today=today,
        lines=lines,
        promises=tuple(read(_OPEN_PROMISES, whose)) if there.promises else (),
        plan=plan,
        instalments=tuple(read(_INSTALMENTS, {"plan_id": plan.id})) if plan else (),
        wish=open_wish_of(session, visit.customer_id) if there.wishes else None,
        offered=standing_offer(session, visit.customer_id, today) if there.wishes else None,
        traces=there,
        credit=_credit(session, visit.customer_id) if there.money else (),
        reductions=_reductions(session, visit, lines, today, now) if there.offers else {},
    )


def _credit(session: Session, customer_id: int) -> tuple[Money, ...]:
    return tuple(Money(minor, code) for code, minor in credit(session, customer_id).items())


def _reductions(
    session: Session, visit: Visit, lines: Sequence[InvoiceLine], today: date, now: datetime
) -> Mapping[int, Reduction]:
    if not lines:
        return {}
    owners = {visit.customer_id: visit.customer.creditor_id}
    return Discounts.load(session, owners, now).reductions(lines, today)


def local_day(creditor: Row[Any] | Creditor, now: datetime) -> date:
    """The date at the creditor's; days past due are counted on its calendar."""
    return now.astimezone(ZoneInfo(creditor.zone)).date()


def checkout_of(session: Session, customer_id: int, checkout_id: int | None) -> Checkout | None:
    """The named checkout if it is this customer's, else the latest one."""
    query = entities(Checkout).where(
        Checkout.customer_id == customer_id, col(Checkout.mandate_id).is_(None)
    )
    if checkout_id is not None:
        named = session.exec(query.where(Checkout.id == checkout_id)).first()
        if named is not None:
            return named
    return session.exec(query.order_by(col(Checkout.id).desc()).limit(1)).first()


def _credited(session: Session, invoices: Sequence[Row[Any]]) -> Mapping[int, int]:
    """What credit notes settled of the invoices, in minor units; asked for only where something
    did."""
    begun = [row.id for row in invoices if row.open_minor != row.amount_minor]
    rows = rows_given(session, _CREDITED, begun) if begun else ()
    return {row.invoice_id: int(row.minor) for row in rows}


def _line(
    invoice: Row[Any], disputed: set[int], credited: Mapping[int, int], today: date
) -> InvoiceLine:
    standing = Standing.ASKED
    if invoice.id in disputed:
        standing = Standing.DISPUTED
    elif invoice.limitation_on is not None and invoice.limitation_on <= today:
        standing = Standing.LIMITED  # neither a payment nor a promise may be asked for
    return InvoiceLine(
        id=invoice.id,
        number=invoice.number,
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        days_past_due=(today - invoice.due_on).days,
        amount=Money(invoice.amount_minor, invoice.currency),
        open=Money(invoice.open_minor, invoice.currency),
        credited=Money(credited.get(invoice.id, 0), invoice.currency),
        standing=standing,
        document=invoice.document,
    )


_SHOWN = (
    "id",
    "number",
    "issued_on",
    "due_on",
    "currency",
    "amount_minor",
    "open_minor",
    "limitation_on",
    "document",
)
_CUSTOMER: BindParameter[int] = bindparam("customer_id")
_OPEN_INVOICES = (
    select(*(_INVOICE.c[name] for name in _SHOWN))
    .where(_INVOICE.c.customer_id == _CUSTOMER, _INVOICE.c.open_minor > NOTHING)
    .order_by(_INVOICE.c.due_on, _INVOICE.c.id)
)
_DISPUTED = select(_DISPUTE.c.invoice_id).where(
    _DISPUTE.c.customer_id == _CUSTOMER, _DISPUTE.c.state.in_(map(word, CARVED_OUT))
)
_CREDITED = (
    select(_ALLOCATION.c.invoice_id, func.sum(_ALLOCATION.c.amount_minor).label("minor"))
    .join(_REVERSAL, _REVERSAL.c.id == _ALLOCATION.c.reversal_id)
    .where(_ALLOCATION.c.invoice_id.in_(GIVEN), _REVERSAL.c.kind == word("credit_note"))
    .group_by(_ALLOCATION.c.invoice_id)
)
_OPEN_PROMISES = (
    select(_PROMISE)
    .where(_PROMISE.c.customer_id == _CUSTOMER, _PROMISE.c.state == word("open"))
    .order_by(_PROMISE.c.id)
)
_RUNNING_PLAN = select(_PLAN).where(
    _PLAN.c.customer_id == _CUSTOMER, _PLAN.c.state == word("running")
)
_INSTALMENTS = (
    select(_INSTALMENT)
    .where(_INSTALMENT.c.plan_id == bindparam("plan_id"), _INSTALMENT.c.state != word("moved"))
    .order_by(_INSTALMENT.c.due_on, _INSTALMENT.c.number)
)
