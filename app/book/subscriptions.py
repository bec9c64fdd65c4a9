"""Subscriptions as the ERP tells them, and the charges of theirs that failed.

A failed charge is an invoice like any other, named by its subscription: while a campaign of
subscriptions is active, the journeys of what is overdue leave it alone until it is paid or
released.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlmodel import Session

from app.book.holders import hold, mark_changed, wake_customers
from app.store.bulk import insert_returning_ids
from app.store.columns import word
from app.store.given import table_of
from app.store.journal import Happened, record
from app.store.rows import Campaign, Case, Invoice, Subscription
from campaigns.money import Money
from campaigns.vocabulary import Signal, SubjectKind

_SUBSCRIPTION, _INVOICE = table_of(Subscription), table_of(Invoice)
_CASE, _CAMPAIGN = table_of(Case), table_of(Campaign)


class UnknownCharge(LookupError):
    """A failed charge names an invoice that is not in the book: post the invoice first."""


@dataclass(frozen=True, slots=True)
class SubscriptionIn:
    """A subscription as the ERP knows it now. `card_state`: valid, expiring, declined or none."""

    customer_id: int
    external_id: str
    name: str
    amount: Money
    card_state: str = "valid"
    next_charge_on: date | None = None


def upsert_subscription(session: Session, told: SubscriptionIn, *, now: datetime) -> int:
    """Writes the subscription and answers its id. Told again it changes nothing.

    Raises `UnknownCustomer`.
    """
    held = hold(session, [told.customer_id])
    holder = held[told.customer_id]
    row = {
        "name": told.name,
        "currency": told.amount.currency,
        "amount_minor": told.amount.minor,
        "card_state": told.card_state,
        "next_charge_on": told.next_charge_on,
    }
    known = _find(session, told.customer_id, told.external_id)
    if known is None:
        owner = {"creditor_id": holder.creditor_id, "customer_id": told.customer_id}
        made = {**owner, "external_id": told.external_id, **row, "changed_at": now}
        return insert_returning_ids(session, Subscription, [made])[0]
    if any(getattr(known, name) != value for name, value in row.items()):
        _set(session, known.id, {**row, "changed_at": now})
    return int(known.id)


def decline_charge(
    session: Session, subscription_id: int, *, invoice_id: int, at: datetime, declined_on: date
) -> None:
    """The charge that this invoice stands for did not go through. Told again it lands once.

    Raises `UnknownCharge`.
    """
    subscription, invoice = _pair(session, subscription_id, invoice_id)
    held = hold(session, [subscription.customer_id])
    if subscription.open_invoice_id != invoice.id:
        found = {"declined_on": declined_on, "open_invoice_id": invoice.id}
        _set(session, subscription.id, {**found, "card_state": "declined", "changed_at": at})
        mark_changed(session, held.values(), now=at)
    payload = {"subscription_id": subscription.id, "invoice_id": invoice.id}
    key = f"charge_declined:{subscription.id}:{invoice.id}:{declined_on}"
    customer_id = subscription.customer_id
    facts = [Happened("charge_declined", at, customer_id, key=key, payload=payload)]
    # Only to its own case: to that of what is overdue it would be a payment that somebody tried.
    for case_id in _open_cases(session, invoice.id):
        signal = Happened(Signal.PAYMENT_DECLINED, at, customer_id, case_id, payload=payload)
        facts.append(replace(signal, key=f"{key}:{case_id}"))
    record(session, facts, now=at)


def release_charge(session: Session, subscription_id: int, *, now: datetime) -> None:
    """The subscription lets go of its failed charge: the journeys of what is overdue may ask for
    it, or the books write it off."""
    query = select(_SUBSCRIPTION).where(_SUBSCRIPTION.c.id == subscription_id)
    subscription = session.connection().execute(query).one()
    held = hold(session, [subscription.customer_id])
    _set(session, subscription.id, {"open_invoice_id": None, "changed_at": now})
    mark_changed(session, held.values(), now=now)
    wake_customers(session, [subscription.customer_id], now=now)


def renew_card(session: Session, customer_id: int, invoice_ids: list[int], *, now: datetime) -> int:
    """A new card paid these charges and is kept for the next ones. Answers how many subscriptions
    it concerns; the guard of the customer's person is held by the caller."""
    renewed = session.connection().execute(
        update(_SUBSCRIPTION)
        .where(
            _SUBSCRIPTION.c.customer_id == customer_id,
            _SUBSCRIPTION.c.open_invoice_id.in_(invoice_ids),
        )
        .values(card_state="valid", changed_at=now)
    )
    return renewed.rowcount


def _open_cases(session: Session, invoice_id: int) -> list[int]:
    query = (
        select(_CASE.c.id)
        .join(_CAMPAIGN, _CAMPAIGN.c.id == _CASE.c.campaign_id)
        .where(
            _CASE.c.anchor_invoice_id == invoice_id,
            _CASE.c.phase != word("closed"),
            _CAMPAIGN.c.subject == SubjectKind.SUBSCRIPTION.value,
        )
    )
    return list(session.connection().execute(query.order_by(_CASE.c.id)).scalars())


def _find(session: Session, customer_id: int, external_id: str) -> Row[Any] | None:
    query = select(_SUBSCRIPTION).where(
        _SUBSCRIPTION.c.customer_id == customer_id, _SUBSCRIPTION.c.external_id == external_id
    )
    return session.connection().execute(query).first()


def _pair(session: Session, subscription_id: int, invoice_id: int) -> tuple[Row[Any], Row[Any]]:
    run = session.connection().execute
    subscription = run(select(_SUBSCRIPTION).where(_SUBSCRIPTION.c.id == subscription_id)).one()
    query = select(_INVOICE).where(
        _INVOICE.c.id == invoice_id, _INVOICE.c.customer_id == subscription.customer_id
    )
    invoice = run(query).first()
    if invoice is None:
        raise UnknownCharge(
            f"invoice {invoice_id} is none of the customer of subscription {subscription_id}:"
            " post the invoice of the failed charge first"
        )
    return subscription, invoice


def _set(session: Session, subscription_id: int, values: dict[str, Any]) -> None:
    session.connection().execute(
        update(_SUBSCRIPTION).where(_SUBSCRIPTION.c.id == subscription_id).values(**values)
    )
