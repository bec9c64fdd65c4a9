"""On whose behalf we write: creditors, their senders, and whether these may send at all."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.store.columns import json_column, key, live_index, long_text, ref


class Creditor(SQLModel, table=True):
    __tablename__ = "creditor"
    id: int | None = key()
    external_id: str = Field(unique=True)
    name: str
    brand: dict[str, Any] = json_column()  # colour, logo, named person, phone, postal address
    role: str = "first_party"
    sector: str | None = None
    country: str
    region: str | None = None
    zone: str
    locale: str
    currency: str
    ledger_as_of: datetime | None = None
    ledger_max_age_s: int | None = 26 * 3600  # None: a live feed, never stale
    ledger_revision: int = 0
    envelope: dict[str, Any] = json_column()  # limits for promises and plans; charges
    calendar: dict[str, Any] = json_column()  # extra closed and opened dates
    custom_types: dict[str, Any] = json_column()  # typed custom attributes: name -> fact type
    capabilities: list[str] = Field(default_factory=list, sa_type=JSON)  # such as legal_action
    gateway: str | None = None  # who takes its payments; None: what the settings say
    pay_address: str | None = None  # its own pay page, of the gateway `external`
    page_check: list[str] | None = Field(default=None, sa_type=JSON)  # always ask for one of these
    accounts: dict[str, Any] | None = Field(default=None, sa_type=JSON)  # by currency, to pay into
    created_at: datetime


class Logo(SQLModel, table=True):
    """What a creditor's pages show beside its name: a small PNG. Its size stands in the brand."""

    __tablename__ = "creditor_logo"
    __table_args__ = (UniqueConstraint("creditor_id"),)
    id: int | None = key()
    creditor_id: int = ref("creditor", index=False)
    digest: str
    content: bytes = Field(sa_type=LargeBinary)
    kept_at: datetime


class Sender(SQLModel, table=True):
    """A creditor's number or mailbox on a medium at a provider."""

    __tablename__ = "sender"
    id: int | None = key()
    creditor_id: int = ref("creditor")
    medium: str
    provider: str
    address: str
    display_name: str
    two_way: bool = True
    replies_to: str | None = None  # a mailbox that reads local+token@domain; None: the address
    dkim_selectors: list[str] | None = Field(default=None, sa_type=JSON)  # where its keys stand
    answers_keywords: bool = False  # the provider answers STOP and HELP by itself
    cleared: dict[str, str] = json_column()  # by pack: the registration or statement on record
    per_second: float = 10.0
    languages: list[str] | None = Field(default=None, sa_type=JSON)
    active: bool = True
    per_day: int | None = None  # its tier: messages, or segments of SMS, in any 24 hours
    ramp_first: int | None = None  # warming up: so many on the first day, twice as many on the next
    ramp_started_on: date | None = None
    sent_by_hour: dict[str, int] = json_column()  # kept while one of the two above is set
    full_until: datetime | None = None  # its day has no room before
    free_at: datetime | None = None  # when it has started all that it was given, at its rate
    errors_in_row: int = 0
    paused_until: datetime | None = None  # the breaker: provider errors only
    pause_reason: str | None = None
    quality: str | None = None  # as its provider rates it: green, yellow or red; red sends nothing
    sent: int = 0  # messages that its provider took, ever
    complaints: list[int] = Field(default_factory=list, sa_type=JSON)  # each at which `sent`
    complaint_share: float | None = None  # at which it stops; None: its medium's
    stopped_templates: list[str] = Field(default_factory=list, sa_type=JSON)  # forbidden to it
    price: str | None = None  # of a message, of SMS a segment, exact, with its currency: 0.042 EUR
    probe_until: datetime | None = None  # one message tries whether the provider is well again


class SenderPrice(SQLModel, table=True):
    """What one message of a sender costs from a day of its creditor on: None costs nothing that we
    know. `Sender.price` is the one of today."""

    __tablename__ = "sender_price"
    __table_args__ = (UniqueConstraint("sender_id", "since_on"),)
    id: int | None = key()
    sender_id: int = ref("sender", index=False)
    price: str | None = None
    since_on: date


class Halt(SQLModel, table=True):
    """The stop button: nothing is sent while one is in force. Lifted ones stay on record."""

    __tablename__ = "halt"
    __table_args__ = (live_index("ix_halt_in_force", "id", where="lifted_at IS NULL"),)
    id: int | None = key()
    creditor_id: int | None = ref("creditor", null=True)  # None: all
    medium: str | None = None  # None: all
    placed_at: datetime
    placed_by: str
    note: str = long_text()
    lifted_at: datetime | None = None
    lifted_by: str | None = None
