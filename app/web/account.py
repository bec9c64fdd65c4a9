"""What a customer's page shows: what is open and what is not asked for, each currency by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import BindParameter, bindparam
from sqlmodel import Session, col, select

from app.book.disputes import CARVED_OUT
from app.book.ledger import credit
from app.store.rows import Checkout, Creditor, Dispute, Instalment, Invoice, Plan, Promise
from app.web.visits import Visit
from campaigns.money import Money, totals


class Standing(StrEnum):
    """Whether an invoice is asked for."""

    ASKED = "asked"
    DISPUTED = "disputed"
    LIMITED = "limited"


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One invoice as the page lists it. `days_past_due` is signed: -3 before, 3 after."""

    id: int
    number: str
    due_on: date
    days_past_due: int
    amount: Money
    open: Money
    standing: Standing
    document: str | None = None

    @property
    def paid(self) -> Money:
        return self.amount - self.open


@dataclass(frozen=True, slots=True)
class Account:
    """One customer's standing with one creditor on `today`, the creditor's own date."""

    today: date
    lines: tuple[InvoiceLine, ...]
    promises: tuple[Promise, ...]
    plan: Plan | None
    instalments: tuple[Instalment, ...]
    credit: tuple[Money, ...]  # came in, and settles nothing: never taken off by itself

    def having(self, standing: Standing | str) -> tuple[InvoiceLine, ...]:
        return tuple(line for line in self.lines if line.standing == standing)

    @property
    def asked(self) -> tuple[InvoiceLine, ...]:
        """The invoices that the customer is asked to pay."""
        return self.having(Standing.ASKED)

    @property
    def owed(self) -> tuple[Money, ...]:
        """What is asked for, one total a currency."""
        return totals(line.open for line in self.asked)

    def owed_in(self, currency: str) -> Money | None:
        """The total in `currency`, if anything is asked for in it."""
        return next((money for money in self.owed if money.currency == currency), None)

    def asked_ids(self, currency: str) -> list[int]:
        return [line.id for line in self.asked if line.open.currency == currency]

    def promised_in(self, currency: str) -> Promise | None:
        return next((p for p in self.promises if p.currency == currency), None)


def account(session: Session, visit: Visit, now: datetime) -> Account:
    """Reads the account as it stands in this transaction."""
    today = local_day(visit.creditor, now)
    whose = {"customer_id": visit.customer_id}
    invoices = session.exec(_OPEN_INVOICES, params=whose).all()
    disputed = set(session.exec(_DISPUTED, params=whose))
    promises = session.exec(_OPEN_PROMISES, params=whose).all()
    plan, instalments = _plan(session, visit.customer_id)
    return Account(
        today=today,
        lines=tuple(_line(invoice, disputed, today) for invoice in invoices),
        promises=tuple(promises),
        plan=plan,
        instalments=tuple(instalments),
        credit=tuple(Money(m, code) for code, m in credit(session, visit.customer_id).items()),
    )


def local_day(creditor: Creditor, now: datetime) -> date:
    """The date at the creditor's; days past due are counted on its calendar."""
    return now.astimezone(ZoneInfo(creditor.zone)).date()


def checkout_of(session: Session, customer_id: int, checkout_id: int | None) -> Checkout | None:
    """The named checkout if it is this customer's, else the latest one."""
    query = select(Checkout).where(
        Checkout.customer_id == customer_id, col(Checkout.mandate_id).is_(None)
    )
    if checkout_id is not None:
        named = session.exec(query.where(Checkout.id == checkout_id)).first()
        if named is not None:
            return named
    return session.exec(query.order_by(col(Checkout.id).desc()).limit(1)).first()


def _plan(session: Session, customer_id: int) -> tuple[Plan | None, Sequence[Instalment]]:
    plan = session.exec(_RUNNING_PLAN, params={"customer_id": customer_id}).first()
    if plan is None:
        return None, ()
    instalments = session.exec(
        select(Instalment)
        .where(Instalment.plan_id == plan.id, Instalment.state != "moved")
        .order_by(col(Instalment.due_on), col(Instalment.number))
    ).all()
    return plan, instalments


def _line(invoice: Invoice, disputed: set[int], today: date) -> InvoiceLine:
    assert invoice.id is not None
    standing = Standing.ASKED
    if invoice.id in disputed:
        standing = Standing.DISPUTED
    elif invoice.limitation_on is not None and invoice.limitation_on <= today:
        standing = Standing.LIMITED  # neither a payment nor a promise may be asked for
    return InvoiceLine(
        id=invoice.id,
        number=invoice.number,
        due_on=invoice.due_on,
        days_past_due=(today - invoice.due_on).days,
        amount=Money(invoice.amount_minor, invoice.currency),
        open=Money(invoice.open_minor, invoice.currency),
        standing=standing,
        document=invoice.document,
    )


_CUSTOMER: BindParameter[int] = bindparam("customer_id")
_OPEN_INVOICES = (
    select(Invoice)
    .where(Invoice.customer_id == _CUSTOMER, Invoice.open_minor > 0)
    .order_by(col(Invoice.due_on), col(Invoice.id))
)
_DISPUTED = select(Dispute.invoice_id).where(
    Dispute.customer_id == _CUSTOMER, col(Dispute.state).in_(CARVED_OUT)
)
_OPEN_PROMISES = (
    select(Promise)
    .where(Promise.customer_id == _CUSTOMER, Promise.state == "open")
    .order_by(col(Promise.id))
)
_RUNNING_PLAN = select(Plan).where(Plan.customer_id == _CUSTOMER, Plan.state == "running")
