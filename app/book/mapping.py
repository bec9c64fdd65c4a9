"""How a feed's columns become the book's fields: shapes, and every key that a mapping may hold.

`mapping_source` reads the file. `docs/importing.md` explains every key; a test holds them equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from app.book.cells import CellType, Writing
from campaigns.facts import FactType
from campaigns.findings import Place
from campaigns.vocabulary import Medium, SenderRole

SCHEMA = "duly-mapping/1"
OTHERWISE = "*"

SECTIONS = ("schema", "creditor", "file", "customer", "contacts", "consents", "custom",
            "invoice", "settlement", "dispute")  # fmt: skip
SOURCE_KEYS = ("column", "value", "default", "map", "dates")
FILE_KEYS = ("encoding", "delimiter", "quote", "decimal", "thousands", "dates", "blank", "as_of")
CREDITOR_KEYS = ("external_id", "name", "country", "region", "zone", "locale", "currency", "role",
                 "sector", "live")  # fmt: skip
POINT_KEYS = ("phone", "email", "media", "region")
CONSENT_KEYS = ("medium", "given", "at", "source", "method", "evidence")

CUSTOMER: Mapping[str, CellType] = MappingProxyType(
    {
        "external_id": CellType.TEXT,
        "person": CellType.TEXT,
        "name": CellType.TEXT,
        "given_name": CellType.TEXT,
        "family_name": CellType.TEXT,
        "vocative": CellType.TEXT,
        "gender": CellType.GENDER,
        "formality": CellType.FORMALITY,
        "kind": CellType.KIND,
        "locale": CellType.LOCALE,
        "country": CellType.COUNTRY,
        "region": CellType.TEXT,
        "zone": CellType.ZONE,
        "birth_year": CellType.YEAR,
        "preferred_medium": CellType.MEDIUM,
        "account_owner": CellType.TEXT,
    }
)
INVOICE: Mapping[str, CellType] = MappingProxyType(
    {
        "external_id": CellType.TEXT,
        "number": CellType.TEXT,
        "order_number": CellType.TEXT,
        "amount": CellType.AMOUNT,
        "currency": CellType.CURRENCY,
        "issued_on": CellType.DATE,
        "due_on": CellType.DATE,
        "debt_class": CellType.DEBT_CLASS,
        "limitation_on": CellType.DATE,
        "document": CellType.TEXT,
        "known_on": CellType.DATE,
    }
)
SETTLEMENT: Mapping[str, CellType] = MappingProxyType(
    {
        "paid_on": CellType.DATE,
        "amount": CellType.AMOUNT,
        "open": CellType.AMOUNT,
        "method": CellType.TEXT,
        "reference": CellType.TEXT,
    }
)
DISPUTE: Mapping[str, CellType] = MappingProxyType(
    {
        "disputed": CellType.FLAG,
        "kind": CellType.TEXT,
        "opened_on": CellType.DATE,
        "resolved_on": CellType.DATE,
        "outcome": CellType.DISPUTE_END,
    }
)
FIELDS: Mapping[str, Mapping[str, CellType]] = MappingProxyType(
    {"customer": CUSTOMER, "invoice": INVOICE, "settlement": SETTLEMENT, "dispute": DISPUTE}
)
NEEDED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "customer": ("external_id",),
        "invoice": ("external_id", "amount", "due_on"),
        "settlement": (),
        "dispute": ("disputed",),
    }
)
CUSTOM_TYPES: Mapping[FactType, CellType] = MappingProxyType(
    {
        FactType.TEXT: CellType.TEXT,
        FactType.NUMBER: CellType.NUMBER,
        FactType.FLAG: CellType.FLAG,
        FactType.DATE: CellType.DATE,
    }
)


class AddressKind(StrEnum):
    PHONE = "phone"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a field's text comes from: a column, or a constant. `place` is for findings."""

    place: Place
    column: str | None = None
    value: str | None = None
    default: str | None = None
    words: Mapping[str, str] | None = None
    dates: tuple[str, ...] | None = None


Sources = Mapping[str, Source]


@dataclass(frozen=True, slots=True)
class FileForm:
    """How the file is written. `as_of` is the day up to which the feed tells the truth."""

    encoding: str = "utf-8-sig"
    delimiter: str = ","
    quote: str = '"'
    writing: Writing = field(default_factory=Writing)
    blank: frozenset[str] = frozenset({""})
    as_of: Source | None = None


@dataclass(frozen=True, slots=True)
class CreditorForm:
    """The creditor as it is created when the book does not know it yet."""

    external_id: str
    name: str
    country: str
    zone: str
    locale: str
    currency: str
    region: str | None = None
    role: SenderRole = SenderRole.FIRST_PARTY
    sector: str | None = None
    live: bool = False


@dataclass(frozen=True, slots=True)
class PointForm:
    """A column of addresses, and the media on which they are used."""

    kind: AddressKind
    address: Source
    media: tuple[Medium, ...]
    region: Source | None = None


@dataclass(frozen=True, slots=True)
class ConsentForm:
    medium: Medium
    given: Source
    source: str
    method: str
    at: Source | None = None
    evidence: Source | None = None


@dataclass(frozen=True, slots=True)
class CustomForm:
    name: str
    type: FactType
    source: Source


@dataclass(frozen=True, slots=True)
class FeedMapping:
    """A mapping that is sound in itself. Whether its columns exist, the feed's header tells."""

    file: str
    hash: str
    creditor: CreditorForm
    form: FileForm
    fields: Mapping[str, Sources]  # by section: customer, invoice, settlement, dispute
    points: tuple[PointForm, ...] = ()
    consents: tuple[ConsentForm, ...] = ()
    custom: tuple[CustomForm, ...] = ()

    def sources(self) -> list[Source]:
        """Every source, in no order."""
        found = [source for section in self.fields.values() for source in section.values()]
        found += [
            source for point in self.points for source in (point.address, point.region) if source
        ]
        for consent in self.consents:
            found += [s for s in (consent.given, consent.at, consent.evidence) if s]
        found += [custom.source for custom in self.custom]
        return [*found, self.form.as_of] if self.form.as_of else found
