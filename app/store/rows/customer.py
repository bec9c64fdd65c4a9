"""Who owes: persons and their guard, customers, contacts, addresses, consent.

Personal data lives here and in frozen message texts, so that it can be erased; events hold ids.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.store.columns import json_column, key, live_index, ref


class Person(SQLModel, table=True):
    """Links customers, only by an explicit key of the ERP. Caps and hard stops are the person's.

    `revision` is the guard: every gate and every stop fact locks this row and raises it.
    """

    __tablename__ = "person"
    id: int | None = key()
    key: str = Field(unique=True)
    revision: int = 0


class Customer(SQLModel, table=True):
    """One who owes one creditor."""

    __tablename__ = "customer"
    __table_args__ = (
        UniqueConstraint("creditor_id", "external_id"),
        live_index("ix_customer_erased", "id", where="erased_at IS NOT NULL"),
        Index("ix_customer_place", "creditor_id", "country", "kind", "region"),
    )
    id: int | None = key()
    creditor_id: int = ref("creditor", index=False)
    person_id: int = ref("person")
    external_id: str
    kind: str = "consumer"
    name: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    vocative: str | None = None
    gender: str | None = None  # f, m or unknown: only where the grammar needs it
    formality: str | None = None
    locale: str | None = None
    country: str | None = None
    region: str | None = None
    zone: str | None = None
    hours: str | None = None  # when the customer asked to be written to
    postal: dict[str, Any] = json_column()
    birth_year: int | None = None
    preferred_medium: str | None = None
    chosen: dict[str, Any] | None = Field(default=None, sa_type=JSON)  # by themselves: who, when
    pay_day: int | None = None  # of the month, as the customer told us
    details_confirmed_at: datetime | None = None
    account_owner: str | None = None
    custom: dict[str, Any] = json_column()
    ledger_revision: int = 0
    ledger_changed_at: datetime | None = Field(default=None, index=True)
    created_at: datetime
    erased_at: datetime | None = None


class Contact(SQLModel, table=True):
    """For a business: the human behind an address, with a role."""

    __tablename__ = "contact"
    id: int | None = key()
    customer_id: int = ref("customer")
    external_id: str | None = None
    name: str
    role: str = "payables"  # payables | manager | copy
    locale: str | None = None
    locale_chosen_at: datetime | None = None  # by themselves: no feed changes it


class Address(SQLModel, table=True):
    """The number or mailbox itself, in canonical form. Suppression lives on it."""

    __tablename__ = "address"
    __table_args__ = (UniqueConstraint("kind", "value"),)
    id: int | None = key()
    kind: str  # phone | email
    value: str
    zone: str | None = None
    valid: bool = True
    invalid_reason: str | None = None
    line: str | None = None  # what a look-up knows of the number: texts, landline, invalid, unknown
    looked_up_at: datetime | None = None


class Suppression(SQLModel, table=True):
    """Never use this address on this medium (None: on any), until it is lifted. Lifted ones stay.

    `act` is what closed it, in the words of `campaigns.reach`, and `said_through` the medium of
    that; an `act` of None is from before it was noted. With a `category` it closes those messages
    alone, unless a rule widens it. `evidence` is a code or a reference, never somebody's words.
    """

    __tablename__ = "suppression"
    id: int | None = key()
    address_id: int = ref("address")
    medium: str | None = None
    creditor_id: int | None = ref("creditor", null=True, index=False)
    reason: str  # opted_out | bounced | complained | wrong_person | erased
    at: datetime = Field(index=True)
    act: str | None = None
    said_through: str | None = None
    category: str | None = None  # offer: those alone; None: all
    evidence: str | None = None
    recorded_by: str | None = None
    lifted_at: datetime | None = None
    lifted_by: str | None = None
    lift_evidence: str | None = None  # the evidence on which it was lifted


class ContactPoint(SQLModel, table=True):
    """A customer's use of an address on a medium. The counts feed the choice of channel."""

    __tablename__ = "contact_point"
    __table_args__ = (UniqueConstraint("customer_id", "medium", "address_id"),)
    id: int | None = key()
    customer_id: int = ref("customer", index=False)
    contact_id: int | None = ref("contact", null=True, index=False)
    address_id: int = ref("address")
    medium: str
    place: str | None = None  # home | work, where that is known
    active: bool = True
    asked: int = 0
    answered: int = 0


class Consent(SQLModel, table=True):
    """The ledger of what was agreed to or withdrawn. Append-only; the latest row counts.

    `purpose` says of which messages (None: of all). `recorded_by` is who put it on record: somebody
    of the staff, `import` for a feed, `duly` for what a customer did on the channels.
    """

    __tablename__ = "consent"
    __table_args__ = (Index("ix_consent_latest", "customer_id", "medium", "at"),)
    id: int | None = key()
    customer_id: int = ref("customer", index=False)
    address_id: int | None = ref("address", null=True, index=False)
    medium: str
    given: bool
    at: datetime
    source: str  # where: contract, page, phone, import …
    method: str  # how: ticked, written, spoken, reply …
    evidence: str | None = None
    basis: str | None = None  # on what we may write: consent, contract …
    purpose: str | None = None  # offers | reminders
    recorded_by: str | None = None
    recorded_at: datetime | None = None
