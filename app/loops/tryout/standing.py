"""What a scratch database is told of a customer of the book: all that decisions read of them.

Whoever is tried from today on stands where they stand: what was said to them and their place on the
journey come along. Tried from another day, they begin the journey anew, with what they owe, agreed
to and arranged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, or_, select
from sqlmodel import Session, SQLModel

from app.loops.tryout.asked import NotTried
from app.store.bulk import insert_rows
from app.store.columns import NOTHING, word
from app.store.given import table_of
from app.store.rows import (
    Address,
    Allocation,
    Attempt,
    CallWish,
    Campaign,
    Case,
    CaseSignal,
    Charge,
    Checkout,
    Complaint,
    Consent,
    Contact,
    ContactPoint,
    Customer,
    Dispute,
    Event,
    Hardship,
    Hold,
    Instalment,
    Invoice,
    Mandate,
    Message,
    Notice,
    Payment,
    Person,
    PhoneCall,
    Plan,
    PlanWish,
    Promise,
    Reply,
    Reversal,
    Subscription,
    Suppression,
    Task,
)

_ROWS: Final[Mapping[type[SQLModel], Table]] = MappingProxyType({
    model: table_of(model)
    for model in (
        Address, Allocation, Attempt, CallWish, Campaign, Case, CaseSignal, Charge, Checkout,
        Complaint, Consent, Contact, ContactPoint, Customer, Dispute, Event, Hardship, Hold,
        Instalment, Invoice, Mandate, Message, Notice, Payment, Person, PhoneCall, Plan, PlanWish,
        Promise, Reply, Reversal, Subscription, Suppression, Task,
    )
})  # fmt: skip
_CASE, _CAMPAIGN, _CUSTOMER = _ROWS[Case], _ROWS[Campaign], _ROWS[Customer]
_MESSAGE, _INVOICE, _POINT = _ROWS[Message], _ROWS[Invoice], _ROWS[ContactPoint]

LEFT_OUT: Final[Mapping[str, str]] = MappingProxyType({
    "alarm": "nobody is called",
    "customer_note": "the team's words, which nothing decides by",
    "customer_word": "for the search alone",
    "word_mark": "for the search alone",
    "feedback": "an opinion",
    "inbox_item": "the team's desk",
    "link": "nobody is ever given a link of a trial",
    "message_approval": "a trial assumes that somebody approves",
    "means": "in confidence, and nothing decides by it",
    "proof": "files of the customer",
    "special_note": "in confidence: what it brought is a hold",
    "staff_answer": "the team's words; that they were said is a message",
    "task_question": "between teams",
    "trail_head": "evidence",
    "trail_line": "evidence",
    "refusal": "evidence",
    "bank_entry": "its payment comes along",
    "endpoint_call": "nobody is told",
})  # fmt: skip
"""The tables that know customers and stay behind, each with its reason."""


@dataclass(frozen=True, slots=True)
class Whose:
    """Who is brought: by number, with the person, and the case of the journey that is tried."""

    customer_id: int
    person_id: int
    cases: tuple[int, ...]


def stands_somewhere(known: Session, customer_id: int, journey: str) -> bool:
    """Whether the customer is on this journey, or has arranged what would be lost if they began
    it anew."""
    person = select(_CUSTOMER.c.person_id).where(_CUSTOMER.c.id == customer_id)
    hold, promise, plan, dispute = (_ROWS[model] for model in (Hold, Promise, Plan, Dispute))
    found = (
        _on_it(customer_id, journey).limit(1),
        select(hold.c.id).where(
            hold.c.person_id == person.scalar_subquery(), hold.c.released_at.is_(None)
        ),
        select(promise.c.id).where(
            promise.c.customer_id == customer_id, promise.c.state == word("open")
        ),
        select(plan.c.id).where(plan.c.customer_id == customer_id, plan.c.state == word("running")),
        select(dispute.c.id).where(
            dispute.c.customer_id == customer_id, dispute.c.state == word("open")
        ),
    )
    return any(known.connection().execute(query).first() is not None for query in found)


def campaign_of(
    known: Session, creditor_id: int, journey: str, customer_id: int | None
) -> Mapping[str, Any] | None:
    """The creditor's campaign with this journey: that which the customer is in, else the first."""
    if customer_id is not None:
        theirs = known.connection().execute(_on_it(customer_id, journey)).first()
        if theirs is not None:
            return _first(known, Campaign, _CAMPAIGN.c.id == theirs.campaign_id)
    return _first(
        known, Campaign, (_CAMPAIGN.c.creditor_id == creditor_id) & (_CAMPAIGN.c.journey == journey)
    )


def bring(
    known: Session,
    session: Session,
    customer_id: int,
    starts_at: datetime,
    *,
    stands: bool,
    campaign_id: int | None,
) -> None:
    """Puts a customer of the book into the scratch database, under their own ids. Nothing of it is
    newer there than `starts_at`."""
    query = select(_CUSTOMER.c.person_id).where(_CUSTOMER.c.id == customer_id)
    person_id = known.connection().execute(query).scalar_one()
    cases = _cases(known, customer_id, campaign_id) if stands else ()
    whose = Whose(customer_id, person_id, cases)
    wanted = {**_known_anyhow(whose), **(_said(whose) if stands else {})}
    fresh = _ANYHOW if stands else {**_ANYHOW, **_ANEW}
    for model, where in wanted.items():
        changed = fresh.get(model, {})
        rows = [_as_of({**row, **changed}, starts_at) for row in _rows(known, model, where)]
        insert_rows(session, model, rows)


def creditor_of(known: Session, customer_id: int) -> int:
    """Whom the customer owes. Raises `NotTried` for one who is not there or owes nothing."""
    query = select(_CUSTOMER.c.creditor_id).where(
        _CUSTOMER.c.id == customer_id, _CUSTOMER.c.erased_at.is_(None)
    )
    found: int | None = known.connection().scalar(query)
    if found is None:
        raise NotTried("no_customer")
    first_due(known, customer_id)
    return found


def first_due(session: Session, customer_id: int) -> date:
    """When the oldest invoice that a customer owes fell due. Raises `NotTried` where there is
    none."""
    query = select(_INVOICE.c.due_on).where(
        _INVOICE.c.customer_id == customer_id, _INVOICE.c.open_minor > NOTHING
    )
    found: date | None = session.connection().scalar(query.order_by(_INVOICE.c.due_on).limit(1))
    if found is None:
        raise NotTried("owes_nothing")
    return found


def _known_anyhow(whose: Whose) -> Mapping[type[SQLModel], ColumnElement[bool]]:
    """Who they are, how they may be reached, what they owe and paid, what they arranged."""
    rows, own = _ROWS, whose.customer_id
    points = select(_POINT.c.address_id).where(_POINT.c.customer_id == own)
    invoices = select(_INVOICE.c.id).where(_INVOICE.c.customer_id == own)
    plans = select(rows[Plan].c.id).where(rows[Plan].c.customer_id == own)
    suppressed, hold = rows[Suppression], rows[Hold]
    theirs = (
        Customer, Contact, ContactPoint, Consent, Invoice, Payment, Reversal, Checkout, Promise,
        Plan, PlanWish, Mandate, Dispute, Hardship, Subscription, Complaint, CallWish,
    )  # fmt: skip
    return {
        Person: rows[Person].c.id == whose.person_id,
        Address: rows[Address].c.id.in_(points),
        **{model: _of_customer(model, own) for model in theirs},
        Suppression: suppressed.c.address_id.in_(points) & suppressed.c.lifted_at.is_(None),
        Allocation: rows[Allocation].c.invoice_id.in_(invoices),
        Charge: rows[Charge].c.late_invoice_id.in_(invoices),
        Instalment: rows[Instalment].c.plan_id.in_(plans),
        Hold: (hold.c.person_id == whose.person_id) & hold.c.released_at.is_(None),
    }


def _said(whose: Whose) -> Mapping[type[SQLModel], ColumnElement[bool]]:
    """What was said to the person and by them, and the case, which alone goes on."""
    rows, own = _ROWS, whose.customer_id
    going_on = _MESSAGE.c.case_id.in_(whose.cases)
    begun = _MESSAGE.c.state.not_in((word("waiting"), word("sending")))
    return {
        Case: _CASE.c.id.in_(whose.cases),
        CaseSignal: rows[CaseSignal].c.case_id.in_(whose.cases),
        Event: rows[Event].c.customer_id == own,
        Message: (_MESSAGE.c.person_id == whose.person_id) & or_(going_on, begun),
        Attempt: rows[Attempt].c.person_id == whose.person_id,
        PhoneCall: rows[PhoneCall].c.person_id == whose.person_id,
        Notice: rows[Notice].c.customer_id == own,
        Reply: rows[Reply].c.customer_id == own,
        Task: rows[Task].c.customer_id == own,
    }


_ANYHOW: Final[Mapping[type[SQLModel], Mapping[str, Any]]] = MappingProxyType({
    Person: {"revision": 0},
    Customer: {"ledger_revision": 0, "ledger_changed_at": None},
    Checkout: {"ledger_revision": 0},  # one that is open is of the ledger as it is
})  # fmt: skip
_ANEW: Final[Mapping[type[SQLModel], Mapping[str, Any]]] = MappingProxyType({
    ContactPoint: {"asked": 0, "answered": 0},
})  # fmt: skip
_DATED: Final = (
    "at", "created_at", "known_at", "recorded_at", "looked_up_at", "made_at", "agreed_at",
    "wished_at", "opened_at", "reported_at", "placed_at", "renewed_at", "received_at", "given_at",
    "kept_at", "changed_at", "asked_at",
)  # fmt: skip
"""When something came to be known."""


def _as_of(row: dict[str, Any], starts_at: datetime) -> dict[str, Any]:
    """A row that nobody learns of later than at the beginning."""
    dated = {name: min(row[name], starts_at) for name in _DATED if row.get(name) is not None}
    return {**row, **dated}


def _of_customer(model: type[SQLModel], customer_id: int) -> ColumnElement[bool]:
    table = _ROWS[model]
    column = table.c.id if model is Customer else table.c.customer_id
    return column == customer_id


def _on_it(customer_id: int, journey: str) -> Any:
    """The open cases of a customer on this journey."""
    return (
        select(_CASE.c.id, _CASE.c.campaign_id)
        .join(_CAMPAIGN, _CAMPAIGN.c.id == _CASE.c.campaign_id)
        .where(
            _CASE.c.customer_id == customer_id,
            _CASE.c.phase != word("closed"),
            _CAMPAIGN.c.journey == journey,
        )
        .order_by(_CASE.c.id)
    )


def _cases(known: Session, customer_id: int, campaign_id: int | None) -> tuple[int, ...]:
    """All of this campaign: those that are closed say which episode comes next."""
    query = select(_CASE.c.id).where(
        _CASE.c.customer_id == customer_id, _CASE.c.campaign_id == campaign_id
    )
    return tuple(known.connection().execute(query).scalars())


def _rows(
    session: Session, model: type[SQLModel], where: ColumnElement[bool]
) -> Iterator[dict[str, Any]]:
    table = table_of(model)
    for row in session.connection().execute(select(table).where(where).order_by(table.c.id)):
        yield dict(row._mapping)


def _first(
    session: Session, model: type[SQLModel], where: ColumnElement[bool]
) -> Mapping[str, Any] | None:
    return next(_rows(session, model, where), None)


BROUGHT: Final = frozenset(
    _ROWS[model].name for part in (_known_anyhow, _said) for model in part(Whose(0, 0, ()))
)
"""The tables of which something comes along."""
