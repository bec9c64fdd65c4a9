"""What a row says of a customer and of those who answer for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from app.book.addresses import canonical_email, canonical_phone
from app.book.entries.cell import Cell, Cells, Row
from app.book.entries.shapes import ConsentEntry, ContactEntry, CustomerEntry, PointEntry
from app.book.errors import AddressError
from app.book.mapping.cells import CellType
from app.book.mapping.keys import CUSTOM_TYPES, CUSTOMER, POSTAL
from app.book.mapping.shape import AddressKind, ConsentForm, ContactForm, Part, PointForm
from app.book.wrongs import wrong
from campaigns.vocabulary import Medium

_HUMAN = {
    "external_id": CellType.TEXT,
    "name": CellType.TEXT,
    "role": CellType.ROLE,
    "locale": CellType.LOCALE,
}


@dataclass(frozen=True, slots=True)
class _Point:
    form: PointForm
    address: Cell
    region: Cell | None
    place: Cell | None


@dataclass(frozen=True, slots=True)
class _Contact:
    human: Mapping[str, Cell]
    points: tuple[_Point, ...]


@dataclass(frozen=True, slots=True)
class _Consent:
    medium: Cell
    given: Cell
    source: Cell
    method: Cell
    at: Cell | None
    evidence: Cell | None


class PeopleReader:
    """Reads the customer and the contacts of each row of a part. `country` is the creditor's."""

    def __init__(self, part: Part, cells: Cells, *, country: str) -> None:
        self._country = country
        self._customer = cells.section("customer", part.fields["customer"], CUSTOMER)
        self._postal = cells.section("postal", part.fields["postal"], POSTAL)
        self._refers = cells.maybe("of_customer", part.of_customer, CellType.TEXT)
        self._custom = {
            form.name: cells.make(form.name, form.source, CUSTOM_TYPES[form.type])
            for form in part.custom
        }
        contacts = [_contact(form, cells) for form in part.contacts]
        self._own = [point for contact in contacts if not contact.human for point in contact.points]
        self._humans = [contact for contact in contacts if contact.human]
        self._consents = [_consent(form, cells) for form in part.consents]

    def customer(self, row: Row) -> CustomerEntry | None:
        values = row.values(self._customer)
        named = self._refers or self._customer["external_id"]
        external_id = row.value(self._refers) if self._refers else values.pop("external_id")
        custom = {name: _stored(row.value(cell)) for name, cell in self._custom.items()}
        postal = {k: value for k, value in row.values(self._postal).items() if value is not None}
        points = self._points(row, self._own, values.get("country"))
        consents = self._read_consents(row)
        if external_id is None:
            if not any(reason.startswith(f"{named.label} ") for reason in row.reasons):
                needed = "of_customer" if self._refers else "customer.external_id"
                row.object(named, wrong("blank", field=needed))
            return None
        told = {key: value for key, value in values.items() if value is not None}
        return CustomerEntry(
            external_id=external_id,
            person=told.pop("person", None),
            values={**told, "postal": postal} if postal else told,
            custom={name: value for name, value in custom.items() if value is not None},
            points=points,
            consents=consents,
            refers=self._refers is not None,
        )

    def contacts(self, row: Row) -> tuple[ContactEntry, ...]:
        """The humans of whom the row says anything."""
        found = []
        for contact in self._humans:
            values = row.values(contact.human)
            points = self._points(row, contact.points, None)
            if points or values.get("name") or values.get("external_id"):
                found.append(
                    ContactEntry(
                        external_id=values.get("external_id"),
                        name=values.get("name") or "",
                        role=values.get("role"),
                        locale=values.get("locale"),
                        points=points,
                    )
                )
        return tuple(found)

    def _points(
        self, row: Row, points: list[_Point] | tuple[_Point, ...], country: str | None
    ) -> tuple[PointEntry, ...]:
        found = []
        for point in points:
            text = row.value(point.address)
            where = row.value(point.region) or country or self._country
            if text is None:
                continue
            kind = point.form.kind
            try:
                is_phone = kind is AddressKind.PHONE
                value = canonical_phone(text, where) if is_phone else canonical_email(text)
            except AddressError as error:
                row.notes.append(f"{point.address.label} {error}")
            else:
                place = row.value(point.place)
                found.append(PointEntry(kind, value, point.form.media, place))
        return tuple(found)

    def _read_consents(self, row: Row) -> tuple[ConsentEntry, ...]:
        found = []
        for consent in self._consents:
            given = row.value(consent.given)
            told = [row.value(c) for c in (consent.medium, consent.source, consent.method)]
            day, evidence = row.value(consent.at), row.value(consent.evidence)
            if given is None:
                continue
            medium, source, method = told
            if medium and source and method:
                found.append(ConsentEntry(Medium(medium), given, day, source, method, evidence))
            else:
                row.object(consent.given, wrong("bare_consent"))
        return tuple(found)


def _contact(form: ContactForm, cells: Cells) -> _Contact:
    human = {key: cells.make(key, source, _HUMAN[key]) for key, source in form.human.items()}
    points = tuple(
        _Point(
            point,
            cells.make(str(point.kind), point.address, CellType.TEXT),
            cells.maybe("region", point.region, CellType.COUNTRY),
            cells.maybe("place", point.place, CellType.PLACE),
        )
        for point in form.points
    )
    return _Contact(human, points)


def _consent(form: ConsentForm, cells: Cells) -> _Consent:
    return _Consent(
        cells.make("medium", form.medium, CellType.MEDIUM),
        cells.make("given", form.given, CellType.FLAG),
        cells.make("source", form.source, CellType.TEXT),
        cells.make("method", form.method, CellType.TEXT),
        cells.maybe("at", form.at, CellType.DATE),
        cells.maybe("evidence", form.evidence, CellType.TEXT),
    )


def _stored(value: Any) -> Any:
    """Attributes are kept as JSON: dates by their ISO text, numbers whole where they are whole."""
    match value:
        case date():
            return value.isoformat()
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case _:
            return value
