"""The shapes of what rows say: a customer, an invoice, its settlement, its dispute; or a reject."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.book.feed import RawRow
from app.book.mapping import AddressKind
from campaigns.money import Money
from campaigns.vocabulary import DebtClass, Medium


@dataclass(frozen=True, slots=True)
class PointEntry:
    kind: AddressKind
    value: str
    media: tuple[Medium, ...]


@dataclass(frozen=True, slots=True)
class ConsentEntry:
    medium: Medium
    given: bool
    at: date | None
    source: str
    method: str
    evidence: str | None


@dataclass(frozen=True, slots=True)
class CustomerEntry:
    """`values` and `custom` hold only what the row says; a blank cell says nothing."""

    external_id: str
    person: str | None
    values: Mapping[str, Any]
    custom: Mapping[str, Any]
    points: tuple[PointEntry, ...]
    consents: tuple[ConsentEntry, ...]


@dataclass(frozen=True, slots=True)
class InvoiceEntry:
    external_id: str
    amount: Money
    due_on: date
    number: str | None
    order_number: str | None
    issued_on: date | None
    debt_class: DebtClass | None
    limitation_on: date | None
    document: str | None
    known_on: date | None
    payment_reference: str | None = None


@dataclass(frozen=True, slots=True)
class SettlementEntry:
    """`settled` is all that was paid of the invoice so far."""

    settled: Money
    paid_on: date | None
    method: str
    reference: str | None


@dataclass(frozen=True, slots=True)
class DisputeEntry:
    kind: str
    opened_on: date | None
    resolved_on: date | None
    outcome: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A good row. `notes` are what is odd but keeps no money out."""

    raw: RawRow
    customer: CustomerEntry
    invoice: InvoiceEntry | None
    settlement: SettlementEntry | None
    dispute: DisputeEntry | None
    as_of: date | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that stays out, with all its reasons. Reasons never repeat what cells hold."""

    raw: RawRow
    reasons: tuple[str, ...]
