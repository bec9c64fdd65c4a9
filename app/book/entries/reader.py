"""Reads a feed's rows by its mapping: each is an entry, or a reject with all that is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from app.book.entries.cell import Cell, Cells, Row
from app.book.entries.money import MoneyReader
from app.book.entries.people import PeopleReader
from app.book.entries.shapes import Entry, Reject
from app.book.mapping.cells import CellType
from app.book.mapping.shape import CreditorForm, Part
from app.book.reading.rows import RawRow
from app.book.wrongs import wrong


class EntryReader:
    """Reads the rows of one feed. Each row belongs to the first of `parts` that takes it."""

    def __init__(
        self, parts: Sequence[Part], creditor: CreditorForm, header: Sequence[str], *, today: date
    ) -> None:
        self._parts = [_PartReader(part, creditor, header, today) for part in parts]

    def read(self, raw: RawRow) -> Entry | Reject:
        """The row's entry, or every reason why there is none."""
        if raw.fault is not None:
            return Reject(raw, (raw.fault,))
        for part in self._parts:
            if part.takes(raw):
                return part.read(raw)
        label = self._parts[0].label
        return Reject(raw, (f"{label} {wrong('no_part')}",))


class _PartReader:
    """Reads the rows of one part."""

    def __init__(
        self, part: Part, creditor: CreditorForm, header: Sequence[str], today: date
    ) -> None:
        cells = Cells(part.form, header)
        self._people = PeopleReader(part, cells, country=creditor.country)
        self._money = MoneyReader(part, cells, currency=creditor.currency, today=today)
        self._as_of = cells.maybe("as_of", part.form.as_of.source, CellType.DATE)
        self._texts = part.only.texts if part.only else frozenset()
        self._only: Cell | None = None
        if part.only is not None:
            self._only = cells.make("only", part.only.source, CellType.TEXT)

    @property
    def label(self) -> str:
        return self._only.label if self._only else ""

    def takes(self, raw: RawRow) -> bool:
        index = self._only.index if self._only else None
        return index is None or raw.cells[index].strip() in self._texts

    def read(self, raw: RawRow) -> Entry | Reject:
        row = Row(raw.cells)
        customer = self._people.customer(row)
        contacts = self._people.contacts(row)
        invoice = self._money.invoice(row)
        settlement = self._money.settlement(row, invoice)
        dispute = self._money.dispute(row)
        payment = self._money.payment(row, invoice)
        credit_note = self._money.credit_note(row, invoice)
        reversal = self._money.reversal(row)
        as_of = row.value(self._as_of)
        if row.reasons or customer is None:
            return Reject(raw, tuple(row.reasons))
        return Entry(
            raw=raw,
            customer=customer,
            contacts=contacts,
            invoice=invoice,
            settlement=settlement,
            dispute=dispute,
            payment=payment,
            credit_note=credit_note,
            reversal=reversal,
            as_of=as_of,
            notes=tuple(row.notes),
        )
