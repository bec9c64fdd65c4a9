"""The set-based reads behind a snapshot: each answers its rows grouped by their owner."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Row, and_, func, or_, select
from sqlmodel import Session

from app.store.bulk import chunks, table_of
from app.store.rows import (
    Address,
    Attempt,
    Consent,
    ContactPoint,
    Customer,
    Dispute,
    Hold,
    Instalment,
    Invoice,
    Plan,
    Promise,
    Sender,
    Suppression,
)
from campaigns.facts import (
    ChannelFact,
    ConsentState,
    HoldFact,
    InvoiceFact,
    PastContact,
    PlanFact,
    PromiseFact,
)
from campaigns.money import Money
from campaigns.vocabulary import Category, DebtClass, HoldKind, Medium

CONTACT_MEMORY = timedelta(days=31)  # the longest cap looks back 30 days

_INVOICE, _DISPUTE, _POINT = table_of(Invoice), table_of(Dispute), table_of(ContactPoint)
_ADDRESS, _SENDER, _CUSTOMER = table_of(Address), table_of(Sender), table_of(Customer)
_SUPPRESSION, _CONSENT, _ATTEMPT = table_of(Suppression), table_of(Consent), table_of(Attempt)
_HOLD, _PROMISE = table_of(Hold), table_of(Promise)
_PLAN, _INSTALMENT = table_of(Plan), table_of(Instalment)


@dataclass(frozen=True, slots=True)
class OpenInvoice:
    creditor_id: int
    fact: InvoiceFact


def open_invoices(session: Session, customers: Sequence[int]) -> Mapping[int, list[OpenInvoice]]:
    """The invoices with something open, oldest due first, by customer."""
    found: dict[int, list[OpenInvoice]] = defaultdict(list)
    for part in chunks(customers):
        query = (
            select(_INVOICE, _DISPUTE.c.id.label("dispute_id"))
            .outerjoin(
                _DISPUTE,
                and_(_DISPUTE.c.invoice_id == _INVOICE.c.id, _DISPUTE.c.state == "open"),
            )
            .where(_INVOICE.c.customer_id.in_(part), _INVOICE.c.open_minor > 0)
            .order_by(_INVOICE.c.due_on, _INVOICE.c.id)
        )
        for row in session.connection().execute(query):
            found[row.customer_id].append(OpenInvoice(row.creditor_id, _invoice(row)))
    return found


def _invoice(row: Row[tuple[object, ...]]) -> InvoiceFact:
    return InvoiceFact(
        id=row.id,
        number=row.number,
        open=Money(row.open_minor, row.currency),
        due_on=row.due_on,
        disputed=row.dispute_id is not None,
        debt_class=DebtClass(row.debt_class),
        limitation_on=row.limitation_on,
    )


def channels(
    session: Session, customers: Sequence[int], now: datetime
) -> Mapping[int, list[ChannelFact]]:
    """The active contact points with the sender that would use each, by customer."""
    found: dict[int, list[ChannelFact]] = defaultdict(list)
    for part in chunks(customers):
        rows = session.connection().execute(_channel_query(part)).all()
        blocked = _suppressions(session, sorted({row.address_id for row in rows}))
        consents = _consents(session, part)
        seen: set[int] = set()
        for row in rows:
            if row.id in seen:  # a second sender of the medium
                continue
            seen.add(row.id)
            why = _why_blocked(blocked.get(row.address_id, ()), row.medium, row.creditor_id)
            state = consents.get((row.customer_id, row.medium), ConsentState.UNKNOWN)
            found[row.customer_id].append(
                replace(_channel(row, now), suppressed=why, consent=state)
            )
    return found


def _channel_query(customers: Sequence[int]):  # type: ignore[no-untyped-def]  # a Select of ad-hoc columns
    return (
        select(
            _POINT.c.id,
            _POINT.c.customer_id,
            _POINT.c.medium,
            _POINT.c.asked,
            _POINT.c.answered,
            _POINT.c.address_id,
            _CUSTOMER.c.creditor_id,
            _ADDRESS.c.valid,
            _ADDRESS.c.zone,
            _SENDER.c.id.label("sender_id"),
            _SENDER.c.provider,
            _SENDER.c.two_way,
            _SENDER.c.languages,
            _SENDER.c.paused_until,
            _SENDER.c.pause_reason,
        )
        .join(_CUSTOMER, _CUSTOMER.c.id == _POINT.c.customer_id)
        .join(_ADDRESS, _ADDRESS.c.id == _POINT.c.address_id)
        .outerjoin(
            _SENDER,
            and_(
                _SENDER.c.creditor_id == _CUSTOMER.c.creditor_id,
                _SENDER.c.medium == _POINT.c.medium,
                _SENDER.c.active,
            ),
        )
        .where(_POINT.c.customer_id.in_(customers), _POINT.c.active)
        .order_by(_POINT.c.id, _SENDER.c.id)
    )


def _channel(row: Row[tuple[object, ...]], now: datetime) -> ChannelFact:
    paused = row.paused_until is not None and row.paused_until > now
    return ChannelFact(
        contact_point_id=row.id,
        address_id=row.address_id,
        medium=Medium(row.medium),
        sender_id=row.sender_id,
        provider=row.provider or "",
        stands_for=row.provider or "",
        two_way=bool(row.two_way),
        valid=row.valid,
        unhealthy=(row.pause_reason or "paused") if paused else None,
        zones=(row.zone,) if row.zone else (),
        asked=row.asked,
        answered=row.answered,
        languages=frozenset(row.languages) if row.languages is not None else None,
    )


def _suppressions(
    session: Session, addresses: Sequence[int]
) -> Mapping[int, list[Row[tuple[object, ...]]]]:
    found: dict[int, list[Row[tuple[object, ...]]]] = defaultdict(list)
    for part in chunks(addresses):
        query = select(_SUPPRESSION).where(
            _SUPPRESSION.c.address_id.in_(part), _SUPPRESSION.c.lifted_at.is_(None)
        )
        for row in session.connection().execute(query):
            found[row.address_id].append(row)
    return found


def _why_blocked(
    rows: Sequence[Row[tuple[object, ...]]], medium: str, creditor_id: int
) -> str | None:
    for row in rows:
        if row.medium in (None, medium) and row.creditor_id in (None, creditor_id):
            return str(row.reason)
    return None


def _consents(session: Session, customers: Sequence[int]) -> Mapping[tuple[int, str], ConsentState]:
    """The latest word on each medium."""
    query = (
        select(_CONSENT.c.customer_id, _CONSENT.c.medium, _CONSENT.c.given)
        .where(_CONSENT.c.customer_id.in_(customers))
        .order_by(_CONSENT.c.at, _CONSENT.c.id)
    )
    return {
        (row.customer_id, row.medium): (ConsentState.GIVEN if row.given else ConsentState.WITHDRAWN)
        for row in session.connection().execute(query)
    }


def contacts(
    session: Session, persons: Sequence[int], now: datetime
) -> Mapping[int, list[PastContact]]:
    """Every attempt of the last 31 days, by any creditor, by person."""
    found: dict[int, list[PastContact]] = defaultdict(list)
    for part in chunks(persons):
        query = (
            select(
                *(
                    _ATTEMPT.c[name]
                    for name in (
                        "person_id",
                        "gated_at",
                        "medium",
                        "category",
                        "creditor_id",
                        "slot",
                        "failed",
                        "exempt",
                        "invoice_ids",
                    )  # never the frozen text
                )
            )
            .where(
                _ATTEMPT.c.person_id.in_(part),
                _ATTEMPT.c.gated_at > now - CONTACT_MEMORY,
                _ATTEMPT.c.state != "void",
            )
            .order_by(_ATTEMPT.c.gated_at, _ATTEMPT.c.id)
        )
        for row in session.connection().execute(query):
            found[row.person_id].append(
                PastContact(
                    at=row.gated_at,
                    medium=Medium(row.medium),
                    category=Category(row.category),
                    creditor_id=row.creditor_id,
                    slot=row.slot,
                    failed=row.failed,
                    exempt=row.exempt,
                    invoice_ids=tuple(row.invoice_ids),
                )
            )
    return found


def holds(session: Session, persons: Sequence[int], now: datetime) -> Mapping[int, list[HoldFact]]:
    found: dict[int, list[HoldFact]] = defaultdict(list)
    for part in chunks(persons):
        query = (
            select(_HOLD)
            .where(
                _HOLD.c.person_id.in_(part),
                _HOLD.c.released_at.is_(None),
                or_(_HOLD.c.until.is_(None), _HOLD.c.until > now),
            )
            .order_by(_HOLD.c.id)
        )
        for row in session.connection().execute(query):
            found[row.person_id].append(HoldFact(HoldKind(row.kind), row.until))
    return found


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
    for part in chunks(customers):
        for row in session.connection().execute(
            select(_PROMISE)
            .where(_PROMISE.c.customer_id.in_(part), _PROMISE.c.state == "open")
            .order_by(_PROMISE.c.grace_until.desc())
        ):
            fact = PromiseFact(row.due_on, row.grace_until, Money(row.amount_minor, row.currency))
            found[row.customer_id] = replace(found[row.customer_id], promise=fact)
        _add_ended(session, part, found)
        _add_plans(session, part, found)
    return found


def _add_ended(session: Session, customers: Sequence[int], found: dict[int, Arrangements]) -> None:
    query = (
        select(_PROMISE.c.customer_id, _PROMISE.c.state, func.count().label("n"))
        .where(_PROMISE.c.customer_id.in_(customers), _PROMISE.c.state.in_(("kept", "broken")))
        .group_by(_PROMISE.c.customer_id, _PROMISE.c.state)
    )
    for row in session.connection().execute(query):
        ended = {row.state: row.n}
        found[row.customer_id] = replace(found[row.customer_id], **ended)


def _add_plans(session: Session, customers: Sequence[int], found: dict[int, Arrangements]) -> None:
    query = (
        select(_PLAN.c.customer_id, func.min(_INSTALMENT.c.due_on).label("next_due_on"))
        .outerjoin(
            _INSTALMENT,
            and_(_INSTALMENT.c.plan_id == _PLAN.c.id, _INSTALMENT.c.state == "due"),
        )
        .where(_PLAN.c.customer_id.in_(customers), _PLAN.c.state == "running")
        .group_by(_PLAN.c.customer_id)
    )
    for row in session.connection().execute(query):
        fact = PlanFact(row.next_due_on)
        found[row.customer_id] = replace(found[row.customer_id], plan=fact)
