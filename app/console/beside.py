"""What stands beside whoever reads or calls a customer: who that is, what is owed and agreed, what
was said, and what the customer has seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Row, Select, func, select
from sqlmodel import Session

from app.book.envelope import EnvelopeError, team_hours
from app.book.finding.search import search
from app.book.thread import Answered, Entry, Reminded, Wrote, thread
from app.intake.holds import standing_holds
from app.intake.phone.outcomes import calls_made
from app.intake.replies.handling import notes_about
from app.store.columns import NOTHING, word
from app.store.given import GIVEN, rows_given, table_of
from app.store.rows import (
    Attempt,
    Campaign,
    Case,
    Creditor,
    Customer,
    Invoice,
    Message,
    Plan,
    Promise,
)
from app.web.catalogues import N_
from app.wording.formats import formats_for
from app.wording.links import mask
from campaigns.money import Money

_MOST: Final = 8
_LONGEST: Final = 320

_CASE, _CAMPAIGN, _MESSAGE = table_of(Case), table_of(Campaign), table_of(Message)
_ATTEMPT, _INVOICE = table_of(Attempt), table_of(Invoice)
_PLAN, _PROMISE = table_of(Plan), table_of(Promise)
_CREDITOR, _CUSTOMER = table_of(Creditor), table_of(Customer)

HOLDS: Final[Mapping[str, str]] = {
    "dispute": N_("Held: a dispute"),
    "hardship": N_("Held: a hard time"),
    "reply": N_("Held: a reply waits"),
    "payment": N_("Held: a payment is under way"),
    "staff": N_("Held by the team"),
    "legal": N_("Held: legal"),
    "wrong_person": N_("Held: perhaps the wrong person"),
    "breathing_space": N_("Held: breathing space"),
    "mental_health_crisis": N_("Held: mental health crisis"),
    "debt_advice": N_("Held: debt advice"),
    "attorney": N_("Held: a lawyer"),
    "cease": N_("Held: no contact wanted"),
    "objection": N_("Held: an objection"),
    "danger": N_("Held: danger"),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as the customer saw it. Links in it are masked."""

    at: datetime
    medium: str
    text: str = field(repr=False)
    locale: str
    delivered_at: datetime | None
    clicked_at: datetime | None

    @property
    def direction(self) -> str:
        return "rtl" if formats_for(self.locale).rtl else "ltr"


@dataclass(frozen=True, slots=True)
class Beside:
    """All of it, of one customer."""

    customer: Row[Any]
    creditor: Row[Any]
    locale: str
    owed: Sequence[Money]
    invoices: Sequence[Row[Any]]
    cases: Sequence[Row[Any]]
    holds: Sequence[Row[Any]]
    promises: Sequence[Row[Any]]
    plans: Sequence[Row[Any]]
    said: Sequence[tuple[str, Entry]]
    seen: Sequence[Seen]
    calls: Sequence[Any]
    notes: Sequence[Row[Any]]

    @property
    def country(self) -> str:
        customer, creditor = self.customer, self.creditor
        return str(customer.country or customer.postal.get("country") or creditor.country)


def beside(session: Session, customer_id: int) -> Beside | None:
    """Everything about one customer that a talk needs; None for nobody."""
    connection = session.connection()
    found = select(_CUSTOMER).where(_CUSTOMER.c.id == customer_id)
    customer = connection.execute(found).one_or_none()
    if customer is None:
        return None
    of_theirs = select(_CREDITOR).where(_CREDITOR.c.id == customer.creditor_id)
    creditor = connection.execute(of_theirs).one()
    invoices = _invoices(session, customer_id)
    owed: dict[str, int] = {}
    for each in invoices:
        owed[each.currency] = owed.get(each.currency, 0) + each.open_minor
    running = select(_PLAN).where(_PLAN.c.customer_id == customer_id, _PLAN.c.state == "running")
    promised = select(_PROMISE).where(
        _PROMISE.c.customer_id == customer_id, _PROMISE.c.state == word("open")
    )
    return Beside(
        customer=customer,
        creditor=creditor,
        locale=customer.locale or creditor.locale,
        owed=[Money(minor, currency) for currency, minor in sorted(owed.items())],
        invoices=invoices,
        cases=_cases(session, customer_id),
        holds=standing_holds(session, customer_id),
        promises=connection.execute(promised).all(),
        plans=connection.execute(running).all(),
        said=[(_kind(each), each) for each in reversed(thread(session, customer_id)[-30:])],
        seen=_seen(session, customer_id),
        calls=calls_made(session, customer_id),
        notes=notes_about(session, customer_id),
    )


def answer_day(creditor: Row[Any], now: datetime) -> date:
    """By when the team answers what it takes up now."""
    try:
        return team_hours(creditor).answer_by(now).on
    except EnvelopeError:
        return now.date()


def _kind(entry: Entry) -> str:
    match entry:
        case Wrote():
            return "wrote"
        case Answered():
            return "answered"
        case Reminded():
            return "reminded"


def _invoices(session: Session, customer_id: int) -> Sequence[Row[Any]]:
    query = (
        select(*(_INVOICE.c[name] for name in ("id", "number", "currency", "open_minor", "due_on")))
        .where(_INVOICE.c.customer_id == customer_id, _INVOICE.c.open_minor > NOTHING)
        .order_by(_INVOICE.c.due_on, _INVOICE.c.id)
    )
    found: Sequence[Row[Any]] = session.connection().execute(query.limit(200)).all()
    return found


def _cases(session: Session, customer_id: int) -> Sequence[Row[Any]]:
    query: Select[Any] = (
        select(_CASE.c.id, _CASE.c.next_step, _CAMPAIGN.c.name)
        .join_from(_CASE, _CAMPAIGN, _CAMPAIGN.c.id == _CASE.c.campaign_id)
        .where(
            _CASE.c.customer_id == customer_id,
            _CASE.c.phase != word("closed"),
            _CAMPAIGN.c.active,
        )
        .order_by(_CASE.c.id)
        .limit(_MOST)
    )
    found: Sequence[Row[Any]] = session.connection().execute(query).all()
    return found


def _seen(session: Session, customer_id: int) -> list[Seen]:
    """The last messages that were taken, the newest first, each as its last try was frozen."""
    messages = (
        select(
            *(_MESSAGE.c[n] for n in ("id", "accepted_at", "medium", "delivered_at", "clicked_at"))
        )
        .where(_MESSAGE.c.customer_id == customer_id, _MESSAGE.c.accepted_at.is_not(None))
        .order_by(_MESSAGE.c.id.desc())
        .limit(_MOST)
    )
    rows = session.connection().execute(messages).all()
    last = (
        select(func.max(_ATTEMPT.c.id).label("id"))
        .where(_ATTEMPT.c.message_id.in_([row.id for row in rows]), _ATTEMPT.c.state != "void")
        .group_by(_ATTEMPT.c.message_id)
    )
    tries: Select[Any] = select(
        *(_ATTEMPT.c[n] for n in ("message_id", "subject", "text", "locale"))
    ).where(_ATTEMPT.c.id.in_(last))
    texts = {row.message_id: row for row in session.connection().execute(tries)} if rows else {}
    return [
        Seen(
            r.accepted_at,
            r.medium,
            _short(texts[r.id]),
            texts[r.id].locale,
            r.delivered_at,
            r.clicked_at,
        )
        for r in rows
        if r.id in texts
    ]


def _short(attempt: Row[Any]) -> str:
    plain = mask(attempt.subject or attempt.text).strip()
    return plain if len(plain) <= _LONGEST else plain[:_LONGEST] + "…"


def found_by(session: Session, typed: str) -> Sequence[Row[Any]]:
    """Customers by a number, an address or a name, those of a whole number first."""
    found = [each.customer_id for each in search(session, typed, limit=_MOST).found]
    rows = {row.id: row for row in rows_given(session, _FOUND, found)}
    return [rows[customer_id] for customer_id in found if customer_id in rows]


_FOUND: Final[Select[Any]] = (
    select(_CUSTOMER.c.id, _CUSTOMER.c.name, _CUSTOMER.c.external_id.label("number"))
    .add_columns(_CREDITOR.c.name.label("creditor"))
    .join_from(_CUSTOMER, _CREDITOR, _CREDITOR.c.id == _CUSTOMER.c.creditor_id)
    .where(_CUSTOMER.c.id.in_(GIVEN), _CUSTOMER.c.erased_at.is_(None))
)
