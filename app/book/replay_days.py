"""On which day each fact of a book became known, on the wall of its creditor. Ids only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select
from sqlmodel import Session

from app.book.days import day_of
from app.book.discount_entries import DISCOUNT, WITHDRAWN
from app.store.given import table_of
from app.store.rows import (
    Allocation,
    Consent,
    ContactPoint,
    Creditor,
    Customer,
    Dispute,
    Invoice,
    Payment,
    Reversal,
    Suppression,
)

_ALLOCATION, _CONSENT, _CREDITOR = table_of(Allocation), table_of(Consent), table_of(Creditor)
_CUSTOMER, _DISPUTE, _INVOICE = table_of(Customer), table_of(Dispute), table_of(Invoice)
_PAYMENT, _POINT, _REVERSAL = table_of(Payment), table_of(ContactPoint), table_of(Reversal)
_SUPPRESSION = table_of(Suppression)


@dataclass(slots=True)
class Fact:
    """The ids of what becomes known on one day."""

    invoices: list[int] = field(default_factory=list)
    payments: list[int] = field(default_factory=list)
    reversals: list[int] = field(default_factory=list)
    disputes: list[int] = field(default_factory=list)
    disputes_ended: list[int] = field(default_factory=list)
    consents: list[int] = field(default_factory=list)
    suppressions: list[int] = field(default_factory=list)
    suppressions_lifted: list[int] = field(default_factory=list)


Calendar = Mapping[date, Fact]
"""In the order of the days."""


def calendar_of(session: Session) -> Calendar:
    """The calendar of a whole book.

    An invoice is known when the book was told (`known_at`), a payment on the day on which it was
    paid, but not before the invoices that it settled; what follows from a fact is never known
    before it.
    """
    days: dict[date, Fact] = defaultdict(Fact)
    zones = _zones(session)
    invoices = _invoices(session, days, zones)
    payments = _payments(session, days, invoices)
    _reversals(session, days, invoices, payments)
    _disputes(session, days, invoices, zones)
    _consents(session, days, zones)
    _suppressions(session, days, zones)
    return dict(sorted(days.items()))


def _zones(session: Session) -> dict[int, str]:
    """The zone of each customer's creditor."""
    query = select(_CUSTOMER.c.id, _CREDITOR.c.zone).join_from(_CUSTOMER, _CREDITOR)
    return {row.id: row.zone for row in session.connection().execute(query)}


def _invoices(
    session: Session, days: dict[date, Fact], zones: Mapping[int, str]
) -> dict[int, date]:
    found = {}
    query = select(_INVOICE.c.id, _INVOICE.c.customer_id, _INVOICE.c.known_at)
    for row in session.connection().execute(query.order_by(_INVOICE.c.id)):
        day = day_of(row.known_at, zones[row.customer_id])
        found[row.id] = day
        days[day].invoices.append(row.id)
    return found


def _payments(
    session: Session, days: dict[date, Fact], invoices: Mapping[int, date]
) -> dict[int, date]:
    settles: dict[int, date] = {}
    query = select(_ALLOCATION.c.payment_id, _ALLOCATION.c.invoice_id).where(
        _ALLOCATION.c.payment_id.is_not(None), _ALLOCATION.c.amount_minor > 0
    )
    for row in session.connection().execute(query):
        day = invoices[row.invoice_id]
        settles[row.payment_id] = max(day, settles.get(row.payment_id, day))
    found = {}
    paid = select(_PAYMENT.c.id, _PAYMENT.c.paid_on).order_by(_PAYMENT.c.id)
    for row in session.connection().execute(paid):
        day = max(row.paid_on, settles.get(row.id, row.paid_on))
        found[row.id] = day
        days[day].payments.append(row.id)
    return found


def _reversals(
    session: Session,
    days: dict[date, Fact],
    invoices: Mapping[int, date],
    payments: Mapping[int, date],
) -> None:
    """A discount comes and goes with its payment."""
    columns = (
        _REVERSAL.c.id,
        _REVERSAL.c.reversed_on,
        _REVERSAL.c.payment_id,
        _REVERSAL.c.invoice_id,
    )
    told = select(*columns).where(_REVERSAL.c.kind.not_in((DISCOUNT, WITHDRAWN)))
    for row in session.connection().execute(told.order_by(_REVERSAL.c.id)):
        of_payment = payments.get(row.payment_id, row.reversed_on)
        of_invoice = invoices.get(row.invoice_id, row.reversed_on)
        days[max(row.reversed_on, of_payment, of_invoice)].reversals.append(row.id)


def _disputes(
    session: Session,
    days: dict[date, Fact],
    invoices: Mapping[int, date],
    zones: Mapping[int, str],
) -> None:
    for row in session.connection().execute(select(_DISPUTE).order_by(_DISPUTE.c.id)):
        zone = zones[row.customer_id]
        opened_on = max(day_of(row.opened_at, zone), invoices[row.invoice_id])
        days[opened_on].disputes.append(row.id)
        if row.resolved_at is not None:
            days[max(day_of(row.resolved_at, zone), opened_on)].disputes_ended.append(row.id)


def _consents(session: Session, days: dict[date, Fact], zones: Mapping[int, str]) -> None:
    query = select(_CONSENT.c.id, _CONSENT.c.customer_id, _CONSENT.c.at)
    for row in session.connection().execute(query.order_by(_CONSENT.c.id)):
        days[day_of(row.at, zones[row.customer_id])].consents.append(row.id)


def _suppressions(session: Session, days: dict[date, Fact], zones: Mapping[int, str]) -> None:
    """An address may be used by customers of several creditors: the easternmost hears of it first,
    so the earliest day counts."""
    query = select(_POINT.c.address_id, _POINT.c.customer_id)
    users: dict[int, set[str]] = defaultdict(set)
    for row in session.connection().execute(query):
        users[row.address_id].add(zones[row.customer_id])
    for row in session.connection().execute(select(_SUPPRESSION).order_by(_SUPPRESSION.c.id)):
        heard = users[row.address_id] or {"UTC"}
        days[_earliest(row.at, heard)].suppressions.append(row.id)
        if row.lifted_at is not None:
            lifted_on = max(_earliest(row.lifted_at, heard), _earliest(row.at, heard))
            days[lifted_on].suppressions_lifted.append(row.id)


def _earliest(instant: datetime, zones: set[str]) -> date:
    return min(day_of(instant, zone) for zone in zones)
