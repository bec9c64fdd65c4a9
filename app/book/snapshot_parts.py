"""The set-based reads behind a snapshot: each answers its rows grouped by their owner."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, bindparam, func, or_, select
from sqlmodel import Session

from app.book.disputes import CARVED_OUT
from app.store.columns import NOTHING, word
from app.store.given import GIVEN, rows_given, table_of, tuples_given
from app.store.rows import (
    Attempt,
    Dispute,
    Hold,
    Instalment,
    Invoice,
    Message,
    Notice,
    PhoneCall,
    Plan,
    Promise,
)
from campaigns.facts import (
    HoldFact,
    InvoiceFact,
    NoticeFact,
    PastContact,
    PlanFact,
    PromiseFact,
)
from campaigns.money import Money
from campaigns.teamhours import VOICE
from campaigns.value import value
from campaigns.vocabulary import Category, ContactPlace, DebtClass, HoldKind, Medium

MEDIA = {medium.value: medium for medium in Medium}
"""By name: a look-up costs a tenth of calling the enum, and this is asked for every contact."""

PLACES: Mapping[str | None, ContactPlace | None] = {
    None: None,
    **{place.value: place for place in ContactPlace},
}

_DEBTS = {debt.value: debt for debt in DebtClass}
_CATEGORIES = {category.value: category for category in Category}

CONTACT_MEMORY = timedelta(days=31)  # the longest cap looks back 30 days

_INVOICE, _DISPUTE = table_of(Invoice), table_of(Dispute)
_ATTEMPT, _PHONE = table_of(Attempt), table_of(PhoneCall)
_HOLD, _PROMISE, _NOTICE = table_of(Hold), table_of(Promise), table_of(Notice)
_MESSAGE = table_of(Message)
_PLAN, _INSTALMENT = table_of(Plan), table_of(Instalment)


@value
class OpenInvoice:
    creditor_id: int
    fact: InvoiceFact


def open_invoices(session: Session, customers: Sequence[int]) -> Mapping[int, list[OpenInvoice]]:
    """The invoices with something open, oldest due first, by customer."""
    found: dict[int, list[OpenInvoice]] = defaultdict(list)
    carved_out = frozenset(id_ for (id_,) in tuples_given(session, _CARVED_OUT, customers))
    for row in tuples_given(session, _OPEN, customers):
        customer, creditor, id_, number, minor, currency, due_on, debt, limit = row
        fact = InvoiceFact(
            id=id_,
            number=number,
            open=Money(minor, currency),
            due_on=due_on,
            disputed=id_ in carved_out,
            debt_class=_DEBTS[debt],
            limitation_on=limit,
        )
        found[customer].append(OpenInvoice(creditor, fact))
    return found


_OPEN = (
    select(
        _INVOICE.c.customer_id,
        _INVOICE.c.creditor_id,
        _INVOICE.c.id,
        _INVOICE.c.number,
        _INVOICE.c.open_minor,
        _INVOICE.c.currency,
        _INVOICE.c.due_on,
        _INVOICE.c.debt_class,
        _INVOICE.c.limitation_on,
    )
    .where(_INVOICE.c.customer_id.in_(GIVEN), _INVOICE.c.open_minor > NOTHING)
    .order_by(_INVOICE.c.due_on, _INVOICE.c.id)
)
_CARVED_OUT = select(_DISPUTE.c.invoice_id).where(
    _DISPUTE.c.customer_id.in_(GIVEN), _DISPUTE.c.state.in_(map(word, CARVED_OUT))
)
"""Invoices that a dispute takes out. Asked apart: beside each invoice, PostgreSQL would read all
disputes that there are."""


def contacts(
    session: Session, persons: Sequence[int], now: datetime
) -> Mapping[int, list[PastContact]]:
    """Every attempt and every call of the last 31 days, by any creditor, by person."""
    found: dict[int, list[PastContact]] = defaultdict(list)
    for row in tuples_given(session, _CONTACTS, persons, since=now - CONTACT_MEMORY):
        person, at, medium, category, creditor, slot, failed, exempt, invoices, place = row
        found[person].append(
            PastContact(
                at,
                MEDIA[medium],
                _CATEGORIES[category],
                creditor,
                slot,
                failed,
                exempt,
                tuple(invoices),
                PLACES[place],
            )
        )
    for person, called in calls(session, persons, now - CONTACT_MEMORY).items():
        found[person] += called
    return found


def calls(
    session: Session, persons: Sequence[int], since: datetime
) -> Mapping[int, list[PastContact]]:
    """Every call of the team after `since`, as the caps see it, by person."""
    found: dict[int, list[PastContact]] = defaultdict(list)
    for row in tuples_given(session, _CALLED, persons, since=since):
        person, at, creditor, call_id, asked_for = row
        slot = f"call:{call_id}"
        call = PastContact(at, VOICE, Category.REMINDER, creditor, slot, exempt=asked_for)
        found[person].append(call)
    return found


_CONTACTS = (
    select(
        _ATTEMPT.c.person_id,
        _ATTEMPT.c.gated_at,
        _ATTEMPT.c.medium,
        _ATTEMPT.c.category,
        _ATTEMPT.c.creditor_id,
        _ATTEMPT.c.slot,
        _ATTEMPT.c.failed,
        _ATTEMPT.c.exempt,
        _ATTEMPT.c.invoice_ids,
        _ATTEMPT.c.place,
    )
    .where(
        _ATTEMPT.c.person_id.in_(GIVEN),
        _ATTEMPT.c.gated_at > bindparam("since"),
        _ATTEMPT.c.state != word("void"),
    )
    .order_by(_ATTEMPT.c.gated_at, _ATTEMPT.c.id)
)
"""Never the frozen text."""
_CALLED = (
    select(
        _PHONE.c.person_id, _PHONE.c.called_at, _PHONE.c.creditor_id, _PHONE.c.id,
        _PHONE.c.asked_for,
    )
    .where(_PHONE.c.person_id.in_(GIVEN), _PHONE.c.called_at > bindparam("since"))
    .order_by(_PHONE.c.called_at, _PHONE.c.id)
)  # fmt: skip


def holds(session: Session, persons: Sequence[int], now: datetime) -> Mapping[int, list[HoldFact]]:
    """What holds these persons at `now`, by person."""
    found: dict[int, list[HoldFact]] = defaultdict(list)
    for person, kind, until, since, freezes in tuples_given(session, _HOLDS, persons, now=now):
        found[person].append(HoldFact(HoldKind(kind), until, since, frozenset(freezes)))
    return found


_HOLDS = (
    select(_HOLD.c.person_id, _HOLD.c.kind, _HOLD.c.until, _HOLD.c.renewed_at, _HOLD.c.freezes)
    .where(
        _HOLD.c.person_id.in_(GIVEN),
        _HOLD.c.released_at.is_(None),
        or_(_HOLD.c.until.is_(None), _HOLD.c.until > bindparam("now")),
    )
    .order_by(_HOLD.c.id)
)


def notices(session: Session, customers: Sequence[int]) -> Mapping[int, list[NoticeFact]]:
    """What the law counts time from, by customer. Of messages, those that a provider accepted and
    that did not bounce."""
    found: dict[int, list[NoticeFact]] = defaultdict(list)
    for customer, act, at in tuples_given(session, _NOTICES, customers):
        found[customer].append(NoticeFact(act, at))
    return found


_NOTICES = (
    select(
        _NOTICE.c.customer_id,
        _NOTICE.c.act,
        func.coalesce(_MESSAGE.c.accepted_at, _NOTICE.c.at).label("at"),
    )
    .outerjoin(_MESSAGE, _MESSAGE.c.id == _NOTICE.c.message_id)
    .where(
        _NOTICE.c.customer_id.in_(GIVEN),
        or_(
            _NOTICE.c.message_id.is_(None),
            and_(
                _MESSAGE.c.state.in_((word("accepted"), word("assumed_sent"))),
                func.coalesce(_MESSAGE.c.delivery, "").not_in((word("failed"), word("bounced"))),
            ),
        ),
    )
    .order_by(_NOTICE.c.at, _NOTICE.c.id)
)


@dataclass(frozen=True, slots=True)
class Arrangements:
    promise: PromiseFact | None = None
    plan: PlanFact | None = None
    kept: int = 0
    broken: int = 0


NOTHING_ARRANGED = Arrangements()


def arrangements(session: Session, customers: Sequence[int]) -> Mapping[int, Arrangements]:
    """Open promises and running plans, and how earlier promises ended."""
    found: dict[int, Arrangements] = defaultdict(Arrangements)
    for row in rows_given(session, _OPEN_PROMISES, customers):
        amount = Money(row.amount_minor, row.currency)
        fact = PromiseFact(row.due_on, row.grace_until, amount, row.made_at)
        found[row.customer_id] = replace(found[row.customer_id], promise=fact)
    for row in rows_given(session, _ENDED_PROMISES, customers):
        ended = {row.state: row.n}
        found[row.customer_id] = replace(found[row.customer_id], **ended)
    for row in rows_given(session, _RUNNING_PLANS, customers):
        plan = found[row.customer_id].plan or PlanFact(None, row.resumed_at or row.agreed_at)
        found[row.customer_id] = replace(found[row.customer_id], plan=_with_part(plan, row))
    return found


def _with_part(plan: PlanFact, row: Row[Any]) -> PlanFact:
    if row.due_on is None:
        return plan
    part = row.due_on, Money(row.amount_minor, row.currency)
    next_due_on = row.due_on if row.state == "due" else None
    return replace(plan, next_due_on=plan.next_due_on or next_due_on, parts=(*plan.parts, part))


_OPEN_PROMISES = (
    select(_PROMISE)
    .where(_PROMISE.c.customer_id.in_(GIVEN), _PROMISE.c.state == word("open"))
    .order_by(_PROMISE.c.grace_until.desc())
)
_ENDED_PROMISES = (
    select(_PROMISE.c.customer_id, _PROMISE.c.state, func.count().label("n"))
    .where(_PROMISE.c.customer_id.in_(GIVEN), _PROMISE.c.state.in_(("kept", "broken")))
    .group_by(_PROMISE.c.customer_id, _PROMISE.c.state)
)
_RUNNING_PLANS = (
    select(
        _PLAN.c.customer_id,
        _PLAN.c.agreed_at,
        _PLAN.c.resumed_at,
        _PLAN.c.currency,
        _INSTALMENT.c.due_on,
        _INSTALMENT.c.amount_minor,
        _INSTALMENT.c.state,
    )
    .outerjoin(
        _INSTALMENT, and_(_INSTALMENT.c.plan_id == _PLAN.c.id, _INSTALMENT.c.state != "moved")
    )
    .where(_PLAN.c.customer_id.in_(GIVEN), _PLAN.c.state == "running")
    .order_by(_INSTALMENT.c.due_on, _INSTALMENT.c.number)
)
