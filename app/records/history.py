"""All that is on record about one customer, as it stands. Reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlmodel import Session, SQLModel

from app.records.claims import entries_of
from app.store.given import dicts, table_of
from app.store.rows import (
    Address,
    Allocation,
    Attempt,
    BankEntry,
    CallWish,
    Campaign,
    Case,
    Charge,
    Checkout,
    Complaint,
    Consent,
    Contact,
    ContactPoint,
    Creditor,
    Customer,
    CustomerNote,
    Dispute,
    Event,
    Feedback,
    Hardship,
    Hold,
    Instalment,
    Invoice,
    Link,
    Mandate,
    Message,
    Notice,
    Payment,
    Plan,
    PlanWish,
    Promise,
    Proof,
    Refused,
    Reply,
    Reversal,
    StaffAnswer,
    Subscription,
    Suppression,
    Task,
    TaskQuestion,
)

Rows = Mapping[int, Mapping[str, Any]]
_CASE, _CUSTOMER, _MESSAGE = table_of(Case), table_of(Customer), table_of(Message)
_ATTEMPT, _REFUSED = table_of(Attempt), table_of(Refused)
_ADDRESS, _ALLOCATION, _HOLD = table_of(Address), table_of(Allocation), table_of(Hold)
_INSTALMENT, _INVOICE, _PLAN = table_of(Instalment), table_of(Invoice), table_of(Plan)
_POINT, _SUPPRESSION = table_of(ContactPoint), table_of(Suppression)
_CHARGE = table_of(Charge)


@dataclass(frozen=True, slots=True)
class History:
    """Rows by id, each in the order of their ids."""

    customer: Mapping[str, Any]
    creditor: Mapping[str, Any]
    events: Sequence[Mapping[str, Any]]
    refusals: Sequence[Mapping[str, Any]]
    tasks: Sequence[Mapping[str, Any]]
    cases: Rows
    messages: Rows
    attempts: Rows
    invoices: Rows
    payments: Rows
    reversals: Rows
    promises: Rows
    plans: Rows
    plan_wishes: Rows
    disputes: Rows
    replies: Rows
    contacts: Sequence[Mapping[str, Any]]
    addresses: Sequence[Mapping[str, Any]]
    suppressions: Sequence[Mapping[str, Any]]
    consents: Sequence[Mapping[str, Any]]
    allocations: Sequence[Mapping[str, Any]]
    instalments: Sequence[Mapping[str, Any]]
    hardships: Sequence[Mapping[str, Any]]
    complaints: Sequence[Mapping[str, Any]]
    holds: Sequence[Mapping[str, Any]]
    links: Sequence[Mapping[str, Any]]
    checkouts: Sequence[Mapping[str, Any]]
    notices: Sequence[Mapping[str, Any]]
    charges: Sequence[Mapping[str, Any]]
    bank_entries: Sequence[Mapping[str, Any]]
    subscriptions: Sequence[Mapping[str, Any]]
    mandates: Sequence[Mapping[str, Any]]
    proofs: Sequence[Mapping[str, Any]]
    answers: Sequence[Mapping[str, Any]]
    calls: Sequence[Mapping[str, Any]]
    feedback: Sequence[Mapping[str, Any]]
    team_notes: Sequence[Mapping[str, Any]]
    questions: Sequence[Mapping[str, Any]]

    @property
    def zone(self) -> str:
        return str(self.customer["zone"] or self.creditor["zone"])


def read_history(session: Session, customer_id: int) -> History | None:
    """The customer's own rows; None where there is no such customer.

    What other creditors have on record about the same person or address is theirs, and left out.
    """

    def owned(model: type[SQLModel]) -> list[Mapping[str, Any]]:
        table = table_of(model)
        return _rows(session, model, table.c.customer_id == customer_id)

    customers = _rows(session, Customer, _CUSTOMER.c.id == customer_id)
    if not customers:
        return None
    creditors = _rows(session, Creditor, table_of(Creditor).c.id == customers[0]["creditor_id"])
    campaigns = _by_id(_rows(session, Campaign))
    cases = [{**case, "journey": campaigns[case["campaign_id"]]["journey"]} for case in owned(Case)]
    messages = select(_MESSAGE.c.id).where(_MESSAGE.c.customer_id == customer_id)
    used = select(_POINT.c.address_id).where(_POINT.c.customer_id == customer_id)
    invoices = select(_INVOICE.c.id).where(_INVOICE.c.customer_id == customer_id)
    plans = select(_PLAN.c.id).where(_PLAN.c.customer_id == customer_id)
    return History(
        customer=customers[0],
        creditor=creditors[0],
        events=owned(Event),
        refusals=_rows(session, Refused, _REFUSED.c.case_id.in_([case["id"] for case in cases])),
        tasks=owned(Task),
        cases=_by_id(cases),
        messages=_by_id(owned(Message)),
        attempts=_by_id(_rows(session, Attempt, _ATTEMPT.c.message_id.in_(messages))),
        invoices=_by_id(owned(Invoice)),
        payments=_by_id(owned(Payment)),
        reversals=_by_id(owned(Reversal)),
        promises=_by_id(owned(Promise)),
        plans=_by_id(owned(Plan)),
        plan_wishes=_by_id(owned(PlanWish)),
        disputes=_by_id(owned(Dispute)),
        replies=_by_id(owned(Reply)),
        contacts=owned(Contact),
        addresses=_rows(session, Address, _ADDRESS.c.id.in_(used)),
        suppressions=_rows(
            session,
            Suppression,
            _SUPPRESSION.c.address_id.in_(used),
            _of_all_or(_SUPPRESSION.c.creditor_id, customers[0]["creditor_id"]),
        ),
        consents=owned(Consent),
        allocations=_rows(session, Allocation, _ALLOCATION.c.invoice_id.in_(invoices)),
        instalments=_rows(session, Instalment, _INSTALMENT.c.plan_id.in_(plans)),
        hardships=owned(Hardship),
        complaints=owned(Complaint),
        holds=_rows(
            session,
            Hold,
            _HOLD.c.person_id == customers[0]["person_id"],
            _of_all_or(_HOLD.c.customer_id, customer_id),
        ),
        links=owned(Link),
        checkouts=owned(Checkout),
        notices=owned(Notice),
        charges=_rows(session, Charge, _CHARGE.c.invoice_id.in_(invoices)),
        bank_entries=_rows(session, BankEntry, entries_of([customer_id])),
        subscriptions=owned(Subscription),
        mandates=owned(Mandate),
        proofs=owned(Proof),
        answers=owned(StaffAnswer),
        calls=owned(CallWish),
        feedback=owned(Feedback),
        team_notes=owned(CustomerNote),
        questions=owned(TaskQuestion),
    )


def _of_all_or(column: ColumnElement[int | None], own: int) -> ColumnElement[bool]:
    return or_(column.is_(None), column == own)


def _rows(
    session: Session, model: type[SQLModel], *where: ColumnElement[bool]
) -> list[Mapping[str, Any]]:
    table = table_of(model)
    return list(dicts(session.connection().execute(select(table).where(*where).order_by("id"))))


def _by_id(rows: Sequence[Mapping[str, Any]]) -> Rows:
    return {row["id"]: row for row in rows}
