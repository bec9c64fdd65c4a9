"""A mapping as values: the creditor, and the parts, each of which reads one kind of row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.book.mapping.cells import Writing
from campaigns.fact_table import FactType
from campaigns.findings import Place
from campaigns.vocabulary import Medium, SenderRole

_ABOUT_MONEY = ("invoice", "settlement", "payment", "credit_note", "reversal")


class AddressKind(StrEnum):
    PHONE = "phone"
    EMAIL = "email"


class FileFormat(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    JSON_LINES = "json_lines"


class Sign(StrEnum):
    """`MINUS`: the feed writes what went out or was credited below zero, and we take it above."""

    PLUS = "plus"
    MINUS = "minus"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a field's text comes from: a column, or a constant. `place` is for findings."""

    place: Place
    column: str | None = None
    value: str | None = None
    default: str | None = None
    words: Mapping[str, str] | None = None
    dates: tuple[str, ...] | None = None
    sign: Sign = Sign.PLUS


Sources = Mapping[str, Source]


@dataclass(frozen=True, slots=True)
class AsOf:
    """Up to when a feed tells the truth: its cells say it, or a pattern within its name."""

    source: Source | None = None
    in_name: str | None = None


@dataclass(frozen=True, slots=True)
class FileForm:
    """How a file is written. None is found from its content; see `reading`."""

    format: FileFormat | None = None
    encoding: str | None = None
    delimiter: str | None = None
    quote: str = '"'
    sheet: str | None = None
    skip: int = 0
    writing: Writing = field(default_factory=Writing)
    blank: frozenset[str] = frozenset({""})
    as_of: AsOf = field(default_factory=AsOf)


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
class Only:
    """The rows that a part reads: those whose column holds one of these texts."""

    source: Source
    texts: frozenset[str]


@dataclass(frozen=True, slots=True)
class PointForm:
    """A column of addresses, the media on which they are used, and where: at home or at work."""

    kind: AddressKind
    address: Source
    media: tuple[Medium, ...]
    region: Source | None = None
    place: Source | None = None


@dataclass(frozen=True, slots=True)
class ContactForm:
    """Addresses of the customer, or, with `human`, of somebody who works for it."""

    points: tuple[PointForm, ...]
    human: Sources = field(default_factory=dict)  # external_id, name, role, locale


@dataclass(frozen=True, slots=True)
class ConsentForm:
    medium: Source
    given: Source
    source: Source
    method: Source
    at: Source | None = None
    evidence: Source | None = None


@dataclass(frozen=True, slots=True)
class CustomForm:
    name: str
    type: FactType
    source: Source


@dataclass(frozen=True, slots=True)
class Part:
    """What one kind of row says. `name` is empty in a mapping for one file.

    `patterns` are the files that hold such rows, `of_customer` names a customer that is known
    already, where the row tells nothing of it.
    """

    name: str
    form: FileForm
    fields: Mapping[str, Sources]
    place: Place
    patterns: tuple[str, ...] = ()
    only: Only | None = None
    of_customer: Source | None = None
    contacts: tuple[ContactForm, ...] = ()
    consents: tuple[ConsentForm, ...] = ()
    custom: tuple[CustomForm, ...] = ()

    @property
    def is_about_money(self) -> bool:
        return any(self.fields[section] for section in _ABOUT_MONEY)

    def sources(self) -> Iterator[Source]:
        """Every source, in no order."""
        for section in self.fields.values():
            yield from section.values()
        for contact in self.contacts:
            yield from contact.human.values()
            for point in contact.points:
                yield from filter(None, (point.address, point.region))
        for consent in self.consents:
            told = (consent.medium, consent.given, consent.source, consent.method)
            yield from filter(None, (*told, consent.at, consent.evidence))
        yield from (custom.source for custom in self.custom)
        only = self.only.source if self.only else None
        yield from filter(None, (self.of_customer, only, self.form.as_of.source))


@dataclass(frozen=True, slots=True)
class FeedMapping:
    """A mapping that is sound in itself. Whether its columns exist, the feed's header tells.

    `text` is the file as it was written, to be read again with rows that stayed out.
    """

    file: str
    hash: str
    creditor: CreditorForm
    parts: tuple[Part, ...]
    text: str = field(default="", repr=False)

    @property
    def custom(self) -> tuple[CustomForm, ...]:
        return tuple(form for part in self.parts for form in part.custom)

    @property
    def tells_history(self) -> bool:
        """Whether rows date what they tell (`known_on`), for replays."""
        return any("known_on" in part.fields["invoice"] for part in self.parts)
