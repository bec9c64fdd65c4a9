"""What a row says of invoices, of what was paid of them, and of money that came and went."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from app.book.entries.cell import Cell, Cells, Row
from app.book.entries.shapes import (
    CreditNoteEntry,
    DisputeEntry,
    InvoiceEntry,
    PaymentEntry,
    ReversalEntry,
    SettlementEntry,
)
from app.book.mapping.keys import FIELDS, NEEDED
from app.book.mapping.shape import Part
from app.book.reversals import ReversalKind
from app.book.wrongs import wrong
from campaigns.money import Money, MoneyError

_SECTIONS = ("invoice", "settlement", "dispute", "payment", "credit_note", "reversal")


class MoneyReader:
    """Reads the money of each row of a part. `currency` is the creditor's."""

    def __init__(self, part: Part, cells: Cells, *, currency: str, today: date) -> None:
        self._currency = currency
        self._today = today
        self._cells = {
            name: cells.section(name, part.fields[name], FIELDS[name]) for name in _SECTIONS
        }
        told = [name for name in _SECTIONS if self._cells[name]]
        # A row that can say several things need not say each; one that can say one must.
        self._may_be_blank = len(told) > 1 or not part.of_customer

    def invoice(self, row: Row) -> InvoiceEntry | None:
        cells = self._cells["invoice"]
        if not cells:
            return None
        values = row.values(cells)
        if not self._complete(row, "invoice", values):
            return None
        amount = self._money(row, cells["amount"], values)
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
            payment_reference=values.get("payment_reference"),
        )

    def settlement(self, row: Row, invoice: InvoiceEntry | None) -> SettlementEntry | None:
        cells = self._cells["settlement"]
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
            row.object(cells["paid_on"], wrong("blank_but_paid"))
        self._not_ahead(row, cells.get("paid_on"), paid_on)
        return SettlementEntry(
            settled, paid_on, values.get("method") or "feed", values.get("reference")
        )

    def dispute(self, row: Row) -> DisputeEntry | None:
        cells = self._cells["dispute"]
        if not cells:
            return None
        values = row.values(cells)
        if not values["disputed"]:
            return None
        opened_on, resolved_on = values.get("opened_on"), values.get("resolved_on")
        if opened_on and resolved_on and resolved_on < opened_on:
            row.object(cells["resolved_on"], wrong("resolved_early"))
        kind, outcome = values.get("kind") or "other", values.get("outcome") or "rejected"
        return DisputeEntry(kind, opened_on, resolved_on, outcome)

    def payment(self, row: Row, invoice: InvoiceEntry | None) -> PaymentEntry | None:
        told = self._posting(row, "payment", "paid_on")
        if told is None:
            return None
        amount, values = told
        own = invoice.external_id if invoice and "invoice" not in self._cells["payment"] else None
        return PaymentEntry(
            external_id=values.get("external_id"),
            amount=amount,
            paid_on=values["paid_on"],
            invoice=values.get("invoice") or own,
            method=values.get("method") or "feed",
            reference=values.get("reference"),
        )

    def credit_note(self, row: Row, invoice: InvoiceEntry | None) -> CreditNoteEntry | None:
        told = self._posting(row, "credit_note", "credited_on")
        if told is None:
            return None
        amount, values = told
        mapped = "invoice" in self._cells["credit_note"]
        own = invoice.external_id if invoice and not mapped else None
        return CreditNoteEntry(
            values.get("external_id"), amount, values["credited_on"], values.get("invoice") or own
        )

    def reversal(self, row: Row) -> ReversalEntry | None:
        told = self._posting(row, "reversal", "reversed_on")
        if told is None:
            return None
        amount, values = told
        return ReversalEntry(
            external_id=values.get("external_id"),
            kind=ReversalKind(values["kind"]),
            amount=amount,
            reversed_on=values["reversed_on"],
            payment=values["payment"],
            invoice=values.get("invoice"),
        )

    def _posting(self, row: Row, section: str, day: str) -> tuple[Money, dict[str, Any]] | None:
        """The amount and the values of money that moved, where the row tells of any."""
        cells = self._cells[section]
        if not cells or (self._may_be_blank and not row.says(cells)):
            return None
        values = row.values(cells)
        if not self._complete(row, section, values):
            return None
        self._not_ahead(row, cells[day], values[day])
        amount = self._money(row, cells["amount"], values)
        if amount is not None and amount.minor <= 0:
            row.object(cells["amount"], wrong(_NOT_ABOVE_ZERO[section]))
            return None
        return None if amount is None else (amount, values)

    def _complete(self, row: Row, section: str, values: Mapping[str, Any]) -> bool:
        """Whether all that the section needs is there; what is blank is told."""
        cells = self._cells[section]
        missing = [key for key in NEEDED[section] if values[key] is None]
        for key in missing:
            cell = cells[key]
            if not any(reason.startswith(f"{cell.label} ") for reason in row.reasons):
                row.object(cell, wrong("blank", field=f"{section}.{key}"))
        return not missing

    def _not_ahead(self, row: Row, cell: Cell | None, day: date | None) -> None:
        if cell is not None and day is not None and day > self._today:
            row.object(cell, wrong("future"))

    def _money(self, row: Row, cell: Cell, values: Mapping[str, Any]) -> Money | None:
        currency = values.get("currency") or self._currency
        return _exact(row, cell, values["amount"], currency)


_NOT_ABOVE_ZERO = {
    "payment": "not_paid_in",
    "credit_note": "not_above_zero",
    "reversal": "not_above_zero",
}


def _exact(row: Row, cell: Cell, amount: Decimal, currency: str) -> Money | None:
    try:
        return Money.of(amount, currency)
    except MoneyError:
        row.object(cell, wrong("decimals", currency=currency))
        return None


def _settled(
    row: Row, cells: Mapping[str, Cell], values: Mapping[str, Any], amount: Money
) -> Money | None:
    """All that was paid: told, or what is no longer open, or everything when only a day is told."""
    for key in ("amount", "open"):
        if key not in cells:
            continue
        if values[key] is None:
            return None
        told = _exact(row, cells[key], values[key], amount.currency)
        if told is None:
            return None
        if not 0 <= told.minor <= amount.minor:
            row.object(cells[key], wrong("beyond_invoice"))
            return None
        return told if key == "amount" else amount - told
    return amount if values["paid_on"] is not None else None
