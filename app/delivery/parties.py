"""Who a batch of messages is about and what is new with their money, read once for all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Table, exists, select
from sqlmodel import Session

from app.book.disputes import dispute_number
from app.book.ledger import credits_of
from app.book.reversals import WENT_BACK
from app.book.snapshot import Snapshot
from app.delivery.claim import Claimed
from app.delivery.copies import copies_of
from app.delivery.talk import Talk, talks
from app.store.columns import word
from app.store.given import GIVEN, rows_by_id, rows_given, table_of
from app.store.rows import (
    Address,
    Charge,
    Checkout,
    Complaint,
    Contact,
    ContactPoint,
    Creditor,
    Customer,
    Dispute,
    Invoice,
    Payment,
    Promise,
    Reversal,
)
from app.wording.context import Brand
from campaigns.money import Money
from campaigns.vocabulary import Signal

_POINT, _CONTACT, _INVOICE = table_of(ContactPoint), table_of(Contact), table_of(Invoice)
_CHECKOUT, _PAYMENT, _REVERSAL = table_of(Checkout), table_of(Payment), table_of(Reversal)
_COMPLAINT, _PROMISE = table_of(Complaint), table_of(Promise)
_CHARGE, _DISPUTE = table_of(Charge), table_of(Dispute)
_CUSTOMER, _ADDRESS = table_of(Customer), table_of(Address)

_NAMED = (
    "id", "name", "given_name", "vocative", "gender", "formality", "locale", "country", "custom",
)  # fmt: skip
"""What messages say of a customer, or are worded by."""


@dataclass(frozen=True, slots=True)
class LatestMoney:
    """The latest facts of a customer that a receipt may speak of."""

    payment: Money | None = None
    returned: Money | None = None
    declined: Money | None = None
    promise: tuple[Money, date] | None = None
    answer_by: date | None = None

    def answered_by(self, origin: str) -> Money | None:
        """The payment that a message of this origin is about."""
        if origin.startswith(f"signal:{Signal.PAYMENT_REVERSED}"):
            return self.returned
        if origin.startswith(f"signal:{Signal.PAYMENT_DECLINED}"):
            return self.declined
        return self.payment

    def answered_on(self, origin: str) -> date | None:
        """By when a person answers what a message of this origin says that we have."""
        return self.answer_by if origin.startswith(f"signal:{Signal.REQUEST_MADE}") else None


@dataclass(frozen=True, slots=True)
class Parties:
    """The people and brands of a batch, read once for all its messages."""

    creditors: Mapping[int, Row[Any]]
    brands: Mapping[int, Brand]
    customers: Mapping[int, Row[Any]]
    addresses: Mapping[int, str]
    contacts: Mapping[int, Row[Any]]
    amounts: Mapping[int, Money]
    latest: Mapping[int, LatestMoney]
    credits: Mapping[int, Mapping[str, int]]
    disputes: Mapping[int, str]
    talks: Mapping[int, Talk]


def load_parties(
    session: Session, claimed: Sequence[Claimed], snapshots: Mapping[int, Snapshot]
) -> Parties:
    """A fixed number of queries for any number of messages."""
    rows = [claim.row for claim in claimed]
    customers = sorted({row["customer_id"] for row in rows})
    invoices = sorted(
        {i.id for s in snapshots.values() for i in (*s.facts.invoices, *s.facts.coming)}
    )
    creditors = rows_by_id(session, Creditor, {row["creditor_id"] for row in rows})
    return Parties(
        creditors=creditors,
        brands={id_: brand_of(creditor) for id_, creditor in creditors.items()},
        customers={row.id: row for row in rows_given(session, _CUSTOMERS, customers)},
        addresses=_addresses(
            session,
            {row["address_id"] for row in rows}
            | {copy.address_id for s in snapshots.values() for copy in copies_of(s)},
        ),
        contacts=_contacts(session, {row["contact_point_id"] for row in rows}),
        amounts=_amounts(session, invoices),
        latest=_latest(session, customers),
        credits=credits_of(session, [r["customer_id"] for r in rows if _thanks(r)]),
        disputes=_disputes(session, [r["customer_id"] for r in rows if is_of_dispute(r)]),
        talks=talks(session, rows),
    )


def brand_of(creditor: Row[Any]) -> Brand:
    """The creditor as messages name it."""
    brand = creditor.brand
    return Brand(
        name=creditor.name,
        sender=brand.get("person", creditor.name),
        colour=brand.get("colour", "#1f5fbf"),
        phone=brand.get("phone"),
        postal_address=brand.get("postal_address"),
        locale=creditor.locale,
        **{name: brand.get(name) for name in _BY_LAW},
    )


_BY_LAW = ("department", "working_hours", "on_behalf_of", "behalf_address", "supervisor")


def is_of_dispute(row: Mapping[str, Any]) -> bool:
    """Whether the message answers that an invoice is contested."""
    return str(row["origin"]).startswith(f"signal:{Signal.INVOICE_DISPUTED}")


def _thanks(row: Mapping[str, Any]) -> bool:
    return str(row["origin"]).startswith(f"signal:{Signal.PAYMENT_RECEIVED}")


def _disputes(session: Session, customers: Sequence[int]) -> Mapping[int, str]:
    """The number of the open dispute of each contested invoice; one on a charge has none."""
    rows = rows_given(session, _DISPUTES, customers)
    return {row.invoice_id: dispute_number(row.id) for row in rows}


def _addresses(session: Session, ids: set[int]) -> Mapping[int, str]:
    return dict(map(tuple, rows_given(session, _ADDRESSES, sorted(ids))))


def _contacts(session: Session, points: set[int]) -> Mapping[int, Row[Any]]:
    return {row.point_id: row for row in rows_given(session, _CONTACTS, sorted(points))}


def _amounts(session: Session, invoices: Sequence[int]) -> Mapping[int, Money]:
    rows = rows_given(session, _AMOUNTS, invoices)
    return {row.id: Money(row.amount_minor, row.currency) for row in rows}


def _latest(session: Session, customers: Sequence[int]) -> Mapping[int, LatestMoney]:
    """The newest payment, reversal, declined card, promise and open request of each customer."""
    found: dict[int, dict[str, Any]] = defaultdict(dict)
    for name, query in _LATEST.items():
        for row in rows_given(session, query, customers):
            amount = Money(row.amount_minor, row.currency)
            found[row.customer_id][name] = (amount, row.due_on) if name == "promise" else amount
    for row in rows_given(session, _ANSWERS, customers):
        found[row.customer_id]["answer_by"] = row.answer_by
    return {customer: LatestMoney(**values) for customer, values in found.items()}


def _of_customers(table: Table, *conditions: ColumnElement[bool]) -> Select[Any]:
    query = select(table).where(table.c.customer_id.in_(GIVEN), *conditions)
    return query.order_by(table.c.id)


_CUSTOMERS = select(*(_CUSTOMER.c[name] for name in _NAMED)).where(_CUSTOMER.c.id.in_(GIVEN))
_ADDRESSES = select(_ADDRESS.c.id, _ADDRESS.c.value).where(_ADDRESS.c.id.in_(GIVEN))
_CONTACTS: Select[Any] = (
    select(_POINT.c.id.label("point_id"), _CONTACT.c.name, _CONTACT.c.locale)
    .join(_CONTACT, _CONTACT.c.id == _POINT.c.contact_id)
    .where(_POINT.c.id.in_(GIVEN))
)
_AMOUNTS = select(_INVOICE.c.id, _INVOICE.c.amount_minor, _INVOICE.c.currency).where(
    _INVOICE.c.id.in_(GIVEN)
)
_DISPUTES = _of_customers(
    _DISPUTE,
    _DISPUTE.c.state == word("open"),
    ~exists().where(_CHARGE.c.invoice_id == _DISPUTE.c.invoice_id),
)
_ANSWERS = _of_customers(_COMPLAINT, _COMPLAINT.c.answered_at.is_(None))
_LATEST = {
    "payment": _of_customers(_PAYMENT),
    "returned": _of_customers(_REVERSAL, _REVERSAL.c.kind.in_(WENT_BACK)),
    "declined": _of_customers(_CHECKOUT, _CHECKOUT.c.state == "declined"),
    "promise": _of_customers(_PROMISE),
}
