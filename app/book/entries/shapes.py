"""The shapes of what rows say: of customers, contacts, invoices and money; or a reject."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.book.mapping.shape import AddressKind
from app.book.reading.rows import RawRow
from app.book.reversals import ReversalKind
from campaigns.keys import derive
from campaigns.money import Money
from campaigns.vocabulary import DebtClass, Medium


@dataclass(frozen=True, slots=True)
class PointEntry:
    kind: AddressKind
    value: str
    media: tuple[Medium, ...]
    place: str | None = None


@dataclass(frozen=True, slots=True)
class ContactEntry:
    """A human at a business. Known by `external_id`, else by name, else by role."""

    external_id: str | None
    name: str
    role: str | None
    locale: str | None
    points: tuple[PointEntry, ...]

    @property
    def identity(self) -> tuple[str, str]:
        if self.external_id is not None:
            return "external_id", self.external_id
        return ("name", self.name.casefold()) if self.name else ("role", self.role or "payables")


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
    """`values` and `custom` hold only what the row says; a blank cell says nothing.

    `refers` says that the row only names the customer, who must be known.
    """

    external_id: str
    person: str | None
    values: Mapping[str, Any]
    custom: Mapping[str, Any]
    points: tuple[PointEntry, ...]
    consents: tuple[ConsentEntry, ...]
    refers: bool = False

    @property
    def digest(self) -> str:
        """The same for rows that say the same of a customer."""
        points = tuple((point.value, point.place) for point in self.points)
        consents = tuple((str(c.medium), c.given, c.at, c.evidence) for c in self.consents)
        told = (self.person, tuple(self.values.items()), tuple(self.custom.items()))
        return derive("said", (*told, points, consents))


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
class PaymentEntry:
    """Money that came in, for an invoice that it may name."""

    external_id: str | None
    amount: Money
    paid_on: date
    invoice: str | None
    method: str
    reference: str | None


@dataclass(frozen=True, slots=True)
class CreditNoteEntry:
    external_id: str | None
    amount: Money
    credited_on: date
    invoice: str | None


@dataclass(frozen=True, slots=True)
class ReversalEntry:
    """What went back of a payment, which is named by its own external id."""

    external_id: str | None
    kind: ReversalKind
    amount: Money
    reversed_on: date
    payment: str
    invoice: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A good row. `notes` are what is odd but keeps no money out."""

    raw: RawRow
    customer: CustomerEntry
    contacts: tuple[ContactEntry, ...] = ()
    invoice: InvoiceEntry | None = None
    settlement: SettlementEntry | None = None
    dispute: DisputeEntry | None = None
    payment: PaymentEntry | None = None
    credit_note: CreditNoteEntry | None = None
    reversal: ReversalEntry | None = None
    as_of: date | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that stays out, with all its reasons. Reasons never repeat what cells hold."""

    raw: RawRow
    reasons: tuple[str, ...]
