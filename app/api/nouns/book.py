"""What the book holds: creditors, customers, those who answer for them, and their money."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from pydantic import Field
from sqlalchemy import ColumnElement, and_, func, select

from app.api.listing import Asked, Noun
from app.api.scopes import Scope
from app.api.shape import (
    Currency,
    DayTold,
    ExternalId,
    Id,
    IdTold,
    Instant,
    InstantTold,
    Minor,
    Shape,
    WordTold,
)
from app.store.columns import NOTHING
from app.store.given import table_of
from app.store.rows import (
    Address,
    Consent,
    Contact,
    ContactPoint,
    Creditor,
    Customer,
    Invoice,
    Offer,
    Payment,
    Reversal,
)
from campaigns.vocabulary import Medium

_ADDRESS, _CONSENT, _CONTACT = table_of(Address), table_of(Consent), table_of(Contact)
_POINT, _CREDITOR, _CUSTOMER = table_of(ContactPoint), table_of(Creditor), table_of(Customer)
_INVOICE, _PAYMENT, _REVERSAL = table_of(Invoice), table_of(Payment), table_of(Reversal)
_OFFER = table_of(Offer)


_EVERY_CREDITOR: Final = select(_CREDITOR.c.id)
"""Leads to the indexes that begin with a creditor."""


class CreditorShape(Shape):
    """On whose behalf messages are written."""

    id: Id
    external_id: ExternalId
    name: str = Field(examples=["Northwind Ltd"])
    role: str = Field(examples=["first_party"])
    sector: str | None
    country: str = Field(examples=["IL"])
    region: str | None
    zone: str = Field(examples=["Asia/Jerusalem"])
    locale: str = Field(examples=["he"])
    currency: Currency
    ledger_as_of: Instant | None = Field(description="Up to when the book is true.")
    ledger_revision: int


class CreditorsAsked(Asked):
    external_id: WordTold | None = None


CREDITORS: Final = Noun(
    path="creditors",
    one="creditor",
    scope=Scope.BOOK_READ,
    shape=CreditorShape,
    rows=select(_CREDITOR),
    id=_CREDITOR.c.id,
    owner=_CREDITOR.c.id,
    asked=CreditorsAsked,
    where={"external_id": lambda value: _CREDITOR.c.external_id == value},
    found_by=frozenset({"external_id"}),
)


class CustomerShape(Shape):
    """One who owes one creditor."""

    id: Id
    creditor_id: Id
    person_id: int = Field(description="Customers of one person share caps and hard stops.")
    external_id: ExternalId
    kind: str = Field(examples=["consumer"])
    name: str | None = Field(examples=["Noa Levi"])
    given_name: str | None
    family_name: str | None
    locale: str | None = Field(examples=["he"])
    country: str | None
    region: str | None
    zone: str | None
    hours: str | None = Field(description="When the customer asked to be written to.")
    postal: dict[str, Any]
    preferred_medium: Medium | None
    account_owner: str | None
    custom: dict[str, Any] = Field(description="Attributes that your mapping declares.")
    ledger_revision: int
    created_at: Instant
    erased_at: Instant | None


class CustomersAsked(Asked):
    creditor_id: IdTold | None = None
    external_id: WordTold | None = None
    person_id: IdTold | None = None


CUSTOMERS: Final = Noun(
    path="customers",
    one="customer",
    scope=Scope.BOOK_READ,
    shape=CustomerShape,
    rows=select(_CUSTOMER),
    id=_CUSTOMER.c.id,
    owner=_CUSTOMER.c.creditor_id,
    asked=CustomersAsked,
    where={
        "creditor_id": _CUSTOMER.c.creditor_id,
        "external_id": lambda value: and_(
            _CUSTOMER.c.creditor_id.in_(_EVERY_CREDITOR), _CUSTOMER.c.external_id == value
        ),
        "person_id": _CUSTOMER.c.person_id,
    },
    found_by=frozenset({"external_id", "person_id"}),
)


class OfCustomerAsked(Asked):
    customer_id: IdTold | None = None


class ContactShape(Shape):
    """A human at a business."""

    id: Id
    customer_id: Id
    external_id: str | None
    name: str
    role: str = Field(examples=["payables"])
    locale: str | None


CONTACTS: Final = Noun(
    path="contacts",
    one="contact",
    scope=Scope.BOOK_READ,
    shape=ContactShape,
    rows=select(_CONTACT).join(_CUSTOMER, _CUSTOMER.c.id == _CONTACT.c.customer_id),
    id=_CONTACT.c.id,
    owner=_CUSTOMER.c.creditor_id,
    asked=OfCustomerAsked,
    where={"customer_id": lambda value: _CONTACT.c.customer_id == value},
    found_by=frozenset({"customer_id"}),
)


class ContactPointShape(Shape):
    """A customer's use of a number or a mailbox on a medium."""

    id: Id
    customer_id: Id
    contact_id: int | None
    medium: Medium
    address: str = Field(description="E.164, or a mailbox.", examples=["+972520000001"])
    place: str | None = Field(description="`home` or `work`, where that is known.")
    active: bool
    asked: int = Field(description="Messages that went there.")
    answered: int = Field(description="Messages of those that were answered.")
    valid: bool = Field(description="False when its provider says that it is none.")
    invalid_reason: str | None


CONTACT_POINTS: Final = Noun(
    path="contact-points",
    one="contact point",
    scope=Scope.BOOK_READ,
    shape=ContactPointShape,
    rows=select(
        _POINT, _ADDRESS.c.value.label("address"), _ADDRESS.c.valid, _ADDRESS.c.invalid_reason
    )
    .join(_CUSTOMER, _CUSTOMER.c.id == _POINT.c.customer_id)
    .join(_ADDRESS, _ADDRESS.c.id == _POINT.c.address_id),
    id=_POINT.c.id,
    owner=_CUSTOMER.c.creditor_id,
    asked=OfCustomerAsked,
    where={"customer_id": lambda value: _POINT.c.customer_id == value},
    found_by=frozenset({"customer_id"}),
)


class ConsentShape(Shape):
    """A line of the ledger of what was agreed to or withdrawn. Lines never change."""

    id: Id
    customer_id: Id
    medium: Medium
    given: bool
    at: Instant
    source: str = Field(examples=["contract"])
    method: str = Field(examples=["ticked"])
    evidence: str | None
    basis: str | None
    purpose: str | None


CONSENTS: Final = Noun(
    path="consents",
    one="consent",
    scope=Scope.BOOK_READ,
    shape=ConsentShape,
    rows=select(_CONSENT).join(_CUSTOMER, _CUSTOMER.c.id == _CONSENT.c.customer_id),
    id=_CONSENT.c.id,
    owner=_CUSTOMER.c.creditor_id,
    asked=OfCustomerAsked,
    where={"customer_id": lambda value: _CONSENT.c.customer_id == value},
    found_by=frozenset({"customer_id"}),
)


class InvoiceShape(Shape):
    """What is owed. `open_minor` is what payments and credit notes left of it."""

    id: Id
    creditor_id: Id
    customer_id: Id
    external_id: ExternalId
    number: str
    currency: Currency
    amount_minor: Minor
    open_minor: Minor
    issued_on: date | None
    due_on: date
    debt_class: str = Field(examples=["consumer"])
    limitation_on: date | None
    payment_reference: str | None
    order_number: str | None


class InvoicesAsked(Asked):
    customer_id: IdTold | None = None
    external_id: WordTold | None = None
    open: bool | None = None
    due_from: DayTold | None = None
    due_to: DayTold | None = None


INVOICES: Final = Noun(
    path="invoices",
    one="invoice",
    scope=Scope.BOOK_READ,
    shape=InvoiceShape,
    rows=select(_INVOICE),
    id=_INVOICE.c.id,
    owner=_INVOICE.c.creditor_id,
    asked=InvoicesAsked,
    where={
        "customer_id": _INVOICE.c.customer_id,
        "external_id": _INVOICE.c.external_id,
        "open": lambda value: (
            _INVOICE.c.open_minor > NOTHING if value else _INVOICE.c.open_minor == 0
        ),
        "due_from": lambda value: _INVOICE.c.due_on >= value,
        "due_to": lambda value: _INVOICE.c.due_on <= value,
    },
    found_by=frozenset({"customer_id", "external_id"}),
)


class PaymentShape(Shape):
    """Money that came in, from a feed, a bank statement or a gateway."""

    id: Id
    creditor_id: Id
    customer_id: Id
    currency: Currency
    amount_minor: Minor
    paid_on: date
    received_at: Instant
    method: str = Field(examples=["card"])
    reference: str | None


def _first_received(since: datetime) -> ColumnElement[int]:
    """The lowest id of those that came since then."""
    query = select(func.min(_PAYMENT.c.id)).where(
        _PAYMENT.c.creditor_id.in_(_EVERY_CREDITOR), _PAYMENT.c.received_at >= since
    )
    return query.scalar_subquery()


class PaymentsAsked(Asked):
    customer_id: IdTold | None = None
    received_from: InstantTold | None = None


PAYMENTS: Final = Noun(
    path="payments",
    one="payment",
    scope=Scope.BOOK_READ,
    shape=PaymentShape,
    rows=select(_PAYMENT),
    id=_PAYMENT.c.id,
    owner=_PAYMENT.c.creditor_id,
    asked=PaymentsAsked,
    where={
        "customer_id": _PAYMENT.c.customer_id,
        "received_from": lambda value: and_(
            _PAYMENT.c.received_at >= value, _PAYMENT.c.id >= _first_received(value)
        ),
    },
    found_by=frozenset({"customer_id", "received_from"}),
)


class ReversalShape(Shape):
    """What went back (a refund, a chargeback, a returned debit), or what settled an invoice without
    money: a credit note, or a discount that a payment earned in time and that is withdrawn
    (`discount_withdrawn`) when the payment goes back."""

    id: Id
    customer_id: Id
    kind: str = Field(examples=["credit_note"])
    payment_id: int | None
    invoice_id: int | None
    currency: Currency
    amount_minor: Minor
    reversed_on: date
    received_at: Instant
    offer_id: int | None


REVERSALS: Final = Noun(
    path="reversals",
    one="reversal",
    scope=Scope.BOOK_READ,
    shape=ReversalShape,
    rows=select(_REVERSAL).join(_CUSTOMER, _CUSTOMER.c.id == _REVERSAL.c.customer_id),
    id=_REVERSAL.c.id,
    owner=_CUSTOMER.c.creditor_id,
    asked=OfCustomerAsked,
    where={"customer_id": lambda value: _REVERSAL.c.customer_id == value},
    found_by=frozenset({"customer_id"}),
)


class OfferShape(Shape):
    """A discount for who pays in time: so many days after an invoice, or to a day."""

    id: Id
    creditor_id: Id
    kind: str = Field(examples=["early_payment"])
    percent: str = Field(description="Exact.", examples=["2.5"])
    within_days: int | None
    ends_on: date | None
    allows: list[str] = Field(description="To whom it is given besides.", examples=[["dispute"]])
    added_at: Instant
    ended_at: Instant | None


class OffersAsked(Asked):
    creditor_id: IdTold | None = None


OFFERS: Final = Noun(
    path="offers",
    one="offer",
    scope=Scope.BOOK_READ,
    shape=OfferShape,
    rows=select(_OFFER),
    id=_OFFER.c.id,
    owner=_OFFER.c.creditor_id,
    asked=OffersAsked,
    where={"creditor_id": _OFFER.c.creditor_id},
)
