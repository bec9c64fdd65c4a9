"""The rows that can be booked, as their fields are read; each becomes an entry of the book.

Fields are read by the same rules as the cells of a feed, so the API and a file say the same thing.
A field that is left out says nothing: what the book knows stays.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from app.api.shape import WRITTEN_DAY, storable
from app.book.addresses import canonical_email, canonical_phone
from app.book.customers import Owner
from app.book.entries.shapes import (
    ConsentEntry,
    ContactEntry,
    CreditNoteEntry,
    CustomerEntry,
    Entry,
    InvoiceEntry,
    PaymentEntry,
    PointEntry,
    ReversalEntry,
)
from app.book.errors import AddressError
from app.book.mapping.cells import CellType, Writing, converter
from app.book.mapping.shape import AddressKind
from app.book.reading.rows import RawRow
from app.book.reversals import ReversalKind
from campaigns.money import Money
from campaigns.vocabulary import DebtClass, Medium

_LARGEST: Final = 10**15
_PHONE_MEDIA: Final = (Medium.SMS, Medium.WHATSAPP)
_FIRST_DAY, _LAST_DAY = date(1970, 1, 1), date(2200, 1, 1)


class RowRefused(ValueError):
    """A row that cannot be booked, by what is known of its creditor. Says why."""


def _as(cell_type: CellType) -> AfterValidator:
    read = converter(cell_type, Writing())

    def convert(text: str) -> Any:
        return read(storable(text).strip())

    return AfterValidator(convert)


Text = Annotated[str, Field(min_length=1, max_length=500), _as(CellType.TEXT)]
Currency = Annotated[str, _as(CellType.CURRENCY), Field(examples=["ILS"])]
Country = Annotated[str, _as(CellType.COUNTRY), Field(examples=["IL"])]
Locale = Annotated[str, Field(max_length=50, examples=["he"]), _as(CellType.LOCALE)]
Zone = Annotated[str, _as(CellType.ZONE), Field(examples=["Asia/Jerusalem"])]
Day = Annotated[
    date,
    Field(ge=_FIRST_DAY, le=_LAST_DAY, examples=["2026-03-05"]),
    WRITTEN_DAY,
]
Above = Annotated[
    int,
    Field(
        strict=True,
        gt=0,
        le=_LARGEST,
        description="In the currency's smallest unit.",
        examples=[124050],
    ),
]


@dataclass(frozen=True, slots=True)
class Book:
    """Whose book the rows go into, its country, and the day on its calendar."""

    owner: Owner
    country: str
    today: date

    def money(self, minor: int, currency: str | None) -> Money:
        return Money(minor, currency or self.owner.currency)

    def ensure_past(self, *days: date | None) -> None:
        if any(day is not None and day > self.today for day in days):
            raise RowRefused("a day is in the future")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class BookingRow(_Part, ABC):
    """A row of any kind, as it was read."""

    external_id: Text

    @abstractmethod
    def entry(self, book: Book, line: int) -> Entry:
        """What it says, for this book. Raises `RowRefused`."""


class PostalIn(_Part):
    """A postal address. Its region and its postcode say where somebody lives."""

    street: Text | None = None
    more: Text | None = None
    postcode: Text | None = None
    city: Text | None = None
    region: Text | None = None
    country: Country | None = None


class ConsentIn(_Part):
    """What was agreed to or withdrawn on a medium, where, how, and where that can be seen."""

    medium: Medium
    given: bool
    at: Day | None = None
    source: Text = Field(examples=["contract"])
    method: Text = Field(examples=["ticked"])
    evidence: Text | None = None


class ContactIn(_Part):
    """A human at a business. Known by `external_id`, else by name, else by role."""

    external_id: Text | None = None
    name: Text | None = None
    role: Annotated[str, _as(CellType.ROLE)] | None = Field(default=None, examples=["payables"])
    locale: Locale | None = None
    phones: list[Text] = Field(default_factory=list, max_length=20)
    emails: list[Text] = Field(default_factory=list, max_length=20)


class CustomerIn(BookingRow):
    """One who owes. `phones` and `emails` take the place of those that are known."""

    external_id: Text = Field(examples=["C-10042"])
    person: Text | None = Field(
        default=None, description="Your key of the person; customers who share it are one person."
    )
    name: Text | None = Field(default=None, examples=["Noa Levi"])
    given_name: Text | None = None
    family_name: Text | None = None
    vocative: Text | None = None
    gender: Annotated[str, _as(CellType.GENDER)] | None = None
    formality: Annotated[str, _as(CellType.FORMALITY)] | None = None
    kind: Annotated[str, _as(CellType.KIND)] | None = Field(default=None, examples=["consumer"])
    locale: Locale | None = None
    country: Country | None = None
    region: Text | None = None
    zone: Zone | None = None
    hours: Annotated[str, Field(max_length=200), _as(CellType.HOURS)] | None = None
    birth_year: int | None = Field(default=None, strict=True, ge=1900, le=2099)
    preferred_medium: Medium | None = None
    account_owner: Text | None = None
    postal: PostalIn | None = None
    phones: list[Text] = Field(default_factory=list, max_length=20, examples=[["052-000-0001"]])
    emails: list[Text] = Field(default_factory=list, max_length=20)
    contacts: list[ContactIn] = Field(default_factory=list, max_length=50)
    consents: list[ConsentIn] = Field(default_factory=list, max_length=20)

    def entry(self, book: Book, line: int) -> Entry:
        book.ensure_past(*(consent.at for consent in self.consents))
        where = self.country or book.country
        lists = {"external_id", "person", "phones", "emails", "contacts", "consents", "postal"}
        values = self.model_dump(exclude=lists, exclude_none=True)
        if self.postal is not None:
            values["postal"] = self.postal.model_dump(exclude_none=True)
        if self.preferred_medium is not None:
            values["preferred_medium"] = self.preferred_medium.value
        customer = CustomerEntry(
            external_id=self.external_id,
            person=self.person,
            values=values,
            custom={},
            points=_points(self.phones, self.emails, where),
            consents=tuple(_consent(consent) for consent in self.consents),
        )
        contacts = tuple(_contact(contact, where) for contact in self.contacts)
        return Entry(RawRow(line, ()), customer, contacts)


class _MoneyRow(BookingRow):
    external_id: Text = Field(examples=["2026-0117"])
    customer: Text = Field(description="The customer's external id.", examples=["C-10042"])
    currency: Currency | None = Field(default=None, description="The creditor's unless told.")

    def _entry(self, line: int, **said: Any) -> Entry:
        named = CustomerEntry(self.customer, None, {}, {}, (), (), refers=True)
        return Entry(RawRow(line, ()), named, **said)


class InvoiceIn(_MoneyRow):
    """What is owed. Told again, what differs is changed; its customer and currency never are."""

    amount_minor: Above
    due_on: Day
    number: Text | None = Field(default=None, description="As the customer knows it.")
    issued_on: Day | None = None
    debt_class: Annotated[str, _as(CellType.DEBT_CLASS)] | None = None
    limitation_on: Day | None = None
    order_number: Text | None = None
    payment_reference: Text | None = None

    def entry(self, book: Book, line: int) -> Entry:
        invoice = InvoiceEntry(
            external_id=self.external_id,
            amount=book.money(self.amount_minor, self.currency),
            due_on=self.due_on,
            number=self.number,
            order_number=self.order_number,
            issued_on=self.issued_on,
            debt_class=DebtClass(self.debt_class) if self.debt_class else None,
            limitation_on=self.limitation_on,
            document=None,
            known_on=None,
            payment_reference=self.payment_reference,
        )
        return self._entry(line, invoice=invoice)


class PaymentIn(_MoneyRow):
    """Money that came in. It is known by its `external_id`; told again, it is not booked again."""

    amount_minor: Above
    paid_on: Day
    invoice: Text | None = Field(
        default=None, description="The external id of what it pays; the oldest unless told."
    )
    method: Text = Field(default="feed", examples=["bank"])
    reference: Text | None = None

    def entry(self, book: Book, line: int) -> Entry:
        book.ensure_past(self.paid_on)
        payment = PaymentEntry(
            external_id=self.external_id,
            amount=book.money(self.amount_minor, self.currency),
            paid_on=self.paid_on,
            invoice=self.invoice,
            method=self.method,
            reference=self.reference,
        )
        return self._entry(line, payment=payment)


class CreditNoteIn(_MoneyRow):
    """What the creditor took off an invoice."""

    amount_minor: Above
    credited_on: Day
    invoice: Text | None = None

    def entry(self, book: Book, line: int) -> Entry:
        book.ensure_past(self.credited_on)
        amount = book.money(self.amount_minor, self.currency)
        note = CreditNoteEntry(self.external_id, amount, self.credited_on, self.invoice)
        return self._entry(line, credit_note=note)


class ReversalIn(_MoneyRow):
    """What went back of a payment: a refund, a chargeback or a returned debit."""

    kind: Annotated[str, _as(CellType.REVERSAL)] = Field(examples=["chargeback"])
    amount_minor: Above
    reversed_on: Day
    payment: Text = Field(description="The external id of the payment.", examples=["P-77"])
    invoice: Text | None = Field(default=None, description="What that payment named, if it did.")

    def entry(self, book: Book, line: int) -> Entry:
        book.ensure_past(self.reversed_on)
        reversal = ReversalEntry(
            external_id=self.external_id,
            kind=ReversalKind(self.kind),
            amount=book.money(self.amount_minor, self.currency),
            reversed_on=self.reversed_on,
            payment=self.payment,
            invoice=self.invoice,
        )
        return self._entry(line, reversal=reversal)


def _points(phones: Sequence[str], emails: Sequence[str], country: str) -> tuple[PointEntry, ...]:
    numbers = [_canonical(lambda t: canonical_phone(t, country), "phones", t) for t in phones]
    mailboxes = [_canonical(canonical_email, "emails", text) for text in emails]
    return (
        *(PointEntry(AddressKind.PHONE, number, _PHONE_MEDIA) for number in numbers),
        *(PointEntry(AddressKind.EMAIL, mailbox, (Medium.EMAIL,)) for mailbox in mailboxes),
    )


def _canonical(read: Callable[[str], str], field: str, text: str) -> str:
    try:
        return read(text)
    except AddressError as problem:
        raise RowRefused(f"one of `{field}` {problem}") from None


def _contact(contact: ContactIn, country: str) -> ContactEntry:
    return ContactEntry(
        external_id=contact.external_id,
        name=contact.name or "",
        role=contact.role,
        locale=contact.locale,
        points=_points(contact.phones, contact.emails, country),
    )


def _consent(told: ConsentIn) -> ConsentEntry:
    return ConsentEntry(told.medium, told.given, told.at, told.source, told.method, told.evidence)
