"""Reads a feed's rows by its mapping: each is an entry, or a reject with all that is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from app.book.addresses import canonical_email, canonical_phone
from app.book.cells import CellError, CellType, Convert, Writing, converter
from app.book.entries import (
    ConsentEntry,
    CustomerEntry,
    DisputeEntry,
    Entry,
    InvoiceEntry,
    PointEntry,
    Reject,
    SettlementEntry,
)
from app.book.errors import AddressError
from app.book.feed import RawRow
from app.book.mapping import (
    CUSTOM_TYPES,
    FIELDS,
    NEEDED,
    OTHERWISE,
    AddressKind,
    FeedMapping,
    Source,
)
from campaigns.money import Money, MoneyError


@dataclass(frozen=True, slots=True)
class _Cell:
    """A source against a header: from a row to its typed value."""

    label: str
    index: int | None
    constant: str
    default: str
    words: Mapping[str, str] | None
    blank: frozenset[str]
    convert: Convert

    def read(self, cells: Sequence[str]) -> Any:
        """The value, or None when the cell says nothing. Raises `CellError`."""
        text = self.constant if self.index is None else cells[self.index].strip()
        if text in self.blank:
            text = self.default
        elif self.words is not None:
            meaning = self.words.get(text, self.words.get(OTHERWISE))
            if meaning is None:
                raise CellError("holds a text that `map` does not name")
            text = meaning
        return self.convert(text) if text else None


@dataclass(slots=True)
class _Row:
    """One row while it is read: collects what is wrong."""

    cells: Sequence[str]
    reasons: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def value(self, cell: _Cell | None) -> Any:
        if cell is None:
            return None
        try:
            return cell.read(self.cells)
        except CellError as error:
            self.reasons.append(f"{cell.label} {error}")
            return None

    def values(self, cells: Mapping[str, _Cell]) -> dict[str, Any]:
        return {key: self.value(cell) for key, cell in cells.items()}


class EntryReader:
    """Reads the rows of one feed by its mapping."""

    def __init__(self, mapping: FeedMapping, header: Sequence[str], *, today: date) -> None:
        self._mapping = mapping
        self._header = {name: index for index, name in enumerate(header)}
        self._today = today
        self._fields = {
            section: {
                key: self._cell(f"{section}.{key}", source, FIELDS[section][key])
                for key, source in sources.items()
            }
            for section, sources in mapping.fields.items()
        }
        self._custom = {
            form.name: self._cell(form.name, form.source, CUSTOM_TYPES[form.type])
            for form in mapping.custom
        }
        self._points = [
            (
                form,
                self._cell(str(form.kind), form.address, CellType.TEXT),
                self._maybe("region", form.region, CellType.COUNTRY),
            )
            for form in mapping.points
        ]
        self._consents = [
            (
                form,
                self._cell("given", form.given, CellType.FLAG),
                self._maybe("at", form.at, CellType.DATE),
                self._maybe("evidence", form.evidence, CellType.TEXT),
            )
            for form in mapping.consents
        ]
        self._as_of = self._maybe("as_of", mapping.form.as_of, CellType.DATE)

    def read(self, raw: RawRow) -> Entry | Reject:
        """The row's entry, or every reason why there is none."""
        if raw.fault is not None:
            return Reject(raw, (raw.fault,))
        row = _Row(raw.cells)
        customer = self._customer(row)
        invoice = self._invoice(row)
        settlement = self._settlement(row, invoice)
        dispute = self._dispute(row)
        as_of = row.value(self._as_of)
        if row.reasons or customer is None:
            return Reject(raw, tuple(row.reasons))
        return Entry(raw, customer, invoice, settlement, dispute, as_of, tuple(row.notes))

    def _maybe(self, key: str, source: Source | None, cell_type: CellType) -> _Cell | None:
        return None if source is None else self._cell(key, source, cell_type)

    def _cell(self, key: str, source: Source, cell_type: CellType) -> _Cell:
        writing = self._mapping.form.writing
        if source.dates is not None:
            writing = Writing(writing.decimal, writing.thousands, source.dates)
        return _Cell(
            label=source.column or key,
            index=None if source.column is None else self._header[source.column],
            constant=source.value or "",
            default=source.default or "",
            words=source.words,
            blank=self._mapping.form.blank,
            convert=converter(cell_type, writing),
        )

    def _needed(self, row: _Row, section: str, values: Mapping[str, Any]) -> bool:
        """Whether all that the section needs is there; what is blank is told."""
        faulty = len(row.reasons)
        for key in NEEDED[section]:
            cell = self._fields[section][key]
            told = any(reason.startswith(f"{cell.label} ") for reason in row.reasons)
            if values[key] is None and not told:
                row.reasons.append(f"{cell.label} is blank, and {section}.{key} is needed")
        return len(row.reasons) == faulty and all(
            values[key] is not None for key in NEEDED[section]
        )

    def _customer(self, row: _Row) -> CustomerEntry | None:
        values = row.values(self._fields["customer"])
        custom = {name: _stored(row.value(cell)) for name, cell in self._custom.items()}
        points = self._read_points(row, values.get("country"))
        consents = self._read_consents(row)
        if not self._needed(row, "customer", values):
            return None
        return CustomerEntry(
            external_id=values.pop("external_id"),
            person=values.pop("person", None),
            values={key: value for key, value in values.items() if value is not None},
            custom={name: value for name, value in custom.items() if value is not None},
            points=points,
            consents=consents,
        )

    def _read_points(self, row: _Row, country: str | None) -> tuple[PointEntry, ...]:
        found = []
        for form, cell, region in self._points:
            text = row.value(cell)
            where = row.value(region) or country or self._mapping.creditor.country
            if text is None:
                continue
            try:
                is_phone = form.kind is AddressKind.PHONE
                value = canonical_phone(text, where) if is_phone else canonical_email(text)
            except AddressError as error:
                row.notes.append(f"{cell.label} {error}")
            else:
                found.append(PointEntry(form.kind, value, form.media))
        return tuple(found)

    def _read_consents(self, row: _Row) -> tuple[ConsentEntry, ...]:
        found = []
        for form, given_cell, at, evidence in self._consents:
            given = row.value(given_cell)
            day = row.value(at)
            words = row.value(evidence)
            if given is not None:
                found.append(ConsentEntry(form.medium, given, day, form.source, form.method, words))
        return tuple(found)

    def _invoice(self, row: _Row) -> InvoiceEntry | None:
        cells = self._fields["invoice"]
        if not cells:
            return None
        values = row.values(cells)
        if not self._needed(row, "invoice", values):
            return None
        currency = values.get("currency") or self._mapping.creditor.currency
        amount = _money(row, cells["amount"], values["amount"], currency)
        if amount is None:
            return None
        return InvoiceEntry(
            external_id=values["external_id"],
            amount=amount,
            due_on=values["due_on"],
            number=values.get("number"),
            order_number=values.get("order_number"),
            issued_on=values.get("issued_on"),
            debt_class=values.get("debt_class"),
            limitation_on=values.get("limitation_on"),
            document=values.get("document"),
            known_on=values.get("known_on"),
        )

    def _settlement(self, row: _Row, invoice: InvoiceEntry | None) -> SettlementEntry | None:
        cells = self._fields["settlement"]
        if not cells:
            return None
        values = row.values(cells)
        if invoice is None:
            return None
        settled = _settled(row, cells, values, invoice.amount)
        paid_on = values.get("paid_on")
        if settled is None or not settled.minor:
            return None
        if "paid_on" in cells and paid_on is None:
            row.reasons.append(f"{cells['paid_on'].label} is blank, but something was paid")
        if paid_on is not None and paid_on > self._today:
            row.reasons.append(f"{cells['paid_on'].label} is in the future")
        return SettlementEntry(
            settled, paid_on, values.get("method") or "feed", values.get("reference")
        )

    def _dispute(self, row: _Row) -> DisputeEntry | None:
        cells = self._fields["dispute"]
        if not cells:
            return None
        values = row.values(cells)
        if not values["disputed"]:
            return None
        opened_on, resolved_on = values.get("opened_on"), values.get("resolved_on")
        if opened_on and resolved_on and resolved_on < opened_on:
            row.reasons.append(f"{cells['resolved_on'].label} is before the dispute was opened")
        kind, outcome = values.get("kind") or "other", values.get("outcome") or "rejected"
        return DisputeEntry(kind, opened_on, resolved_on, outcome)


def _stored(value: Any) -> Any:
    """Attributes are kept as JSON: dates by their ISO text, numbers whole where they are whole."""
    match value:
        case date():
            return value.isoformat()
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case _:
            return value


def _money(row: _Row, cell: _Cell, amount: Decimal, currency: str) -> Money | None:
    try:
        return Money.of(amount, currency)
    except MoneyError:
        row.reasons.append(f"{cell.label} has more decimals than {currency} holds")
        return None


def _settled(
    row: _Row, cells: Mapping[str, _Cell], values: Mapping[str, Any], amount: Money
) -> Money | None:
    """All that was paid: told, or what is no longer open, or everything when only a day is told."""
    for key in ("amount", "open"):
        if key not in cells:
            continue
        if values[key] is None:
            return None
        told = _money(row, cells[key], values[key], amount.currency)
        if told is None:
            return None
        if not 0 <= told.minor <= amount.minor:
            row.reasons.append(f"{cells[key].label} is not within the invoice's amount")
            return None
        return told if key == "amount" else amount - told
    return amount if values["paid_on"] is not None else None
