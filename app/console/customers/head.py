"""Who a customer is, what they owe, and what holds: the head of their page. It only reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import BindParameter, Row, bindparam, select
from sqlmodel import Session

from app.book.snapshot_channels import channels
from app.console.customers.case_list import balances
from app.intake.holds import standing_holds
from app.store.columns import NOTHING, Filtered, word
from app.store.given import table_of
from app.store.rows import (
    Address,
    Campaign,
    Case,
    Contact,
    ContactPoint,
    Creditor,
    Customer,
    Dispute,
    Hardship,
    Instalment,
    Invoice,
    Plan,
    Promise,
)
from campaigns.calendar import local_date
from campaigns.facts import ChannelFact, ConsentState
from campaigns.money import Money

MOST: Final = 50

_ADDRESS, _CAMPAIGN, _CASE = table_of(Address), table_of(Campaign), table_of(Case)
_CONTACT, _CREDITOR, _CUSTOMER = table_of(Contact), table_of(Creditor), table_of(Customer)
_DISPUTE, _HARDSHIP, _INVOICE = table_of(Dispute), table_of(Hardship), table_of(Invoice)
_INSTALMENT, _PLAN, _POINT = table_of(Instalment), table_of(Plan), table_of(ContactPoint)
_PROMISE = table_of(Promise)


@dataclass(frozen=True, slots=True)
class Reached:
    """One address on one medium. `why` is a code: what keeps it from being used, or nothing."""

    id: int
    medium: str
    value: str
    who: str
    consent: str
    why: str


@dataclass(frozen=True, slots=True)
class Head:
    """Rows as they stand. `today` is the creditor's calendar day, `days` the greatest past due."""

    customer: Row[Any]
    creditor: Row[Any]
    today: date
    balances: Sequence[Money]
    days: int | None
    invoices: Sequence[Row[Any]]
    cases: Sequence[Row[Any]]
    holds: Sequence[Row[Any]]
    reached: Sequence[Reached]
    promises: Sequence[Row[Any]]
    plan: Row[Any] | None
    instalments: Sequence[Row[Any]]
    disputes: Sequence[Row[Any]]
    hardships: Sequence[Row[Any]]

    @property
    def open_cases(self) -> list[Row[Any]]:
        return [case for case in self.cases if case.phase != "closed"]

    @property
    def is_erased(self) -> bool:
        return self.customer.erased_at is not None

    def open_of(self, invoice: Row[Any]) -> Money:
        return Money(invoice.open_minor, invoice.currency)

    @property
    def name(self) -> str:
        return str(self.customer.name or self.customer.external_id)


def read_head(session: Session, customer_id: int, now: datetime) -> Head | None:
    """None where there is no such customer."""
    connection, asked = session.connection(), {"whose": customer_id}
    customer = connection.execute(_WHO, asked).first()
    if customer is None:
        return None
    creditor = connection.execute(_OWNER, {"id": customer.creditor_id}).one()
    today = local_date(now, ZoneInfo(creditor.zone))
    invoices = connection.execute(_OPEN_INVOICES, asked).all()
    plan = connection.execute(_RUNNING, asked).first()
    parts = connection.execute(_PARTS, {"plan_id": plan.id}).all() if plan is not None else ()
    return Head(
        customer=customer,
        creditor=creditor,
        today=today,
        balances=balances(session, [customer_id]).get(customer_id, ()),
        days=max(((today - row.due_on).days for row in invoices), default=None),
        invoices=invoices,
        cases=connection.execute(_CASES, asked).all(),
        holds=standing_holds(session, customer_id),
        reached=_reached(session, customer, now),
        promises=connection.execute(_PROMISED, asked).all(),
        plan=plan,
        instalments=parts,
        disputes=connection.execute(_DISPUTED, asked).all(),
        hardships=connection.execute(_HELPED, asked).all(),
    )


def _reached(session: Session, customer: Row[Any], now: datetime) -> list[Reached]:
    facts = channels(session, {customer.id: customer.creditor_id}, now)[customer.id]
    known: Mapping[int, ChannelFact] = {fact.contact_point_id: fact for fact in facts}
    rows = session.connection().execute(_POINTS, {"whose": customer.id}).all()
    return [
        Reached(
            row.id,
            row.medium,
            row.value,
            row.who or "",
            str(known[row.id].consent if row.id in known else ConsentState.UNKNOWN),
            _why_not(row, known.get(row.id)),
        )
        for row in rows
        if row.valid or not row.value.startswith("erased:")
    ]


def _why_not(row: Any, fact: ChannelFact | None) -> str:
    """A word for what keeps the address from being used; the first counts."""
    if not row.active or fact is None:
        return "retired"
    if not row.valid:
        return "invalid"
    if fact.suppressed is not None:
        return "suppressed"
    if fact.consent is ConsentState.WITHDRAWN:
        return "withdrawn"
    if fact.sender_id is None:
        return "no_sender"
    return "unhealthy" if fact.unhealthy is not None else ""


_WHOSE: Final[BindParameter[int]] = bindparam("whose")
_WHO: Final = select(_CUSTOMER).where(_CUSTOMER.c.id == _WHOSE)
_OWNER: Final = select(_CREDITOR).where(_CREDITOR.c.id == bindparam("id"))
_OPEN_INVOICES: Final = (
    select(_INVOICE)
    .where(_INVOICE.c.customer_id == _WHOSE, Filtered(_INVOICE.c.open_minor) > NOTHING)
    .order_by(_INVOICE.c.due_on, _INVOICE.c.id)
    .limit(MOST)
)
_CASES: Final = (
    select(_CASE, _CAMPAIGN.c.name.label("campaign"), _CAMPAIGN.c.journey)
    .join(_CAMPAIGN, _CAMPAIGN.c.id == _CASE.c.campaign_id)
    .where(_CASE.c.customer_id == _WHOSE)
    .order_by(_CASE.c.phase == "closed", _CASE.c.id.desc())
    .limit(MOST)
)
_POINTS: Final = (
    select(
        _POINT.c.id,
        _POINT.c.medium,
        _POINT.c.active,
        _ADDRESS.c.value,
        _ADDRESS.c.valid,
        _CONTACT.c.name.label("who"),
    )
    .join(_ADDRESS, _ADDRESS.c.id == _POINT.c.address_id)
    .outerjoin(_CONTACT, _CONTACT.c.id == _POINT.c.contact_id)
    .where(_POINT.c.customer_id == _WHOSE)
    .order_by(_POINT.c.active.desc(), _POINT.c.medium, _POINT.c.id)
    .limit(MOST)
)
_PROMISED: Final = (
    select(_PROMISE)
    .where(_PROMISE.c.customer_id == _WHOSE, _PROMISE.c.state == word("open"))
    .order_by(_PROMISE.c.id)
)
_RUNNING: Final = select(_PLAN).where(
    _PLAN.c.customer_id == _WHOSE, _PLAN.c.state == word("running")
)
_PARTS: Final = (
    select(_INSTALMENT)
    .where(_INSTALMENT.c.plan_id == bindparam("plan_id"), _INSTALMENT.c.state != "moved")
    .order_by(_INSTALMENT.c.due_on, _INSTALMENT.c.number)
)
_DISPUTED: Final = (
    select(_DISPUTE, _INVOICE.c.number)
    .join(_INVOICE, _INVOICE.c.id == _DISPUTE.c.invoice_id)
    .where(_DISPUTE.c.customer_id == _WHOSE, _DISPUTE.c.state == word("open"))
    .order_by(_DISPUTE.c.id)
)
_HELPED: Final = (
    select(_HARDSHIP)
    .where(_HARDSHIP.c.customer_id == _WHOSE, _HARDSHIP.c.ended_at.is_(None))
    .order_by(_HARDSHIP.c.id)
)
