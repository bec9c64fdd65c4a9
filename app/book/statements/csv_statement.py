"""Reads a statement from CSV. It has no balances, so nothing proves that it is whole."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from decimal import Decimal

from app.book.errors import FeedError
from app.book.mapping.cells import CellError, read_date, read_number
from app.book.statements.csv_form import CsvForm
from app.book.statements.statement import (
    BankEntryIn,
    Direction,
    EntryProblem,
    Fault,
    Statement,
    account_number,
    exact,
    identifier,
    plain_text,
)
from campaigns.worded import worded

Told = Callable[[str], str]
"""The text of a field of a row, empty where it has none."""


def read_csv(text: str, form: CsvForm, *, currency: str, name: str) -> Statement:
    """One statement. `currency` counts where neither row nor form names one.

    Places are lines of the file. Raises `FeedError` when its header lacks a column of the form.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=form.delimiter)
    try:
        header = [cell.strip() for cell in next(reader, [])]
    except csv.Error as error:
        raise FeedError(
            worded("the header of %(file)s cannot be read (%(why)s)", file=name, why=error)
        ) from None
    missing = [cell for cells in form.columns.values() for cell in cells if cell not in header]
    if missing:
        raise FeedError(
            worded(
                "%(file)s has no column `%(column)s`; mend the mapping",
                file=name,
                column=missing[0],
            )
        )
    entries: list[BankEntryIn] = []
    faults: list[Fault] = []
    while True:
        line = str(reader.line_num + 1)
        try:
            cells = next(reader, None)
            if cells is None:
                break
            if any(cell.strip() for cell in cells):
                entries.append(_entry(line, _row(header, cells), form, currency))
        except EntryProblem as problem:
            faults.append(Fault(line, problem.reason))
        except csv.Error as error:
            faults.append(Fault(line, f"the row cannot be read: {error}"))
    return Statement(
        account=account_number(form.account) or "",
        name="",
        entries=tuple(entries),
        closed_on=max((entry.booked_on for entry in entries), default=None),
        faults=tuple(faults),
    )


def _row(header: list[str], cells: list[str]) -> Mapping[str, str]:
    if len(cells) != len(header):
        raise EntryProblem(f"the row has {len(cells)} cells, the header {len(header)}")
    return {name: cell.strip() for name, cell in zip(header, cells, strict=True)}


def _entry(line: str, row: Mapping[str, str], form: CsvForm, usual: str) -> BankEntryIn:
    def told(key: str) -> str:
        return plain_text(*(row[name] for name in form.columns.get(key, ())))

    signed = _signed(told, form)
    reference = identifier(told("reference"))
    value_on = told("value_on")
    try:
        return BankEntryIn(
            place=line,
            direction=Direction.CREDIT if signed > 0 else Direction.DEBIT,
            amount=exact(signed, told("currency") or form.currency or usual),
            booked_on=read_date(told("booked_on"), form.writing.dates),
            value_on=read_date(value_on, form.writing.dates) if value_on else None,
            bank_id=identifier(told("bank_id")),
            end_to_end_id=identifier(told("end_to_end_id")),
            references=(reference,) if reference else (),
            text=told("text"),
            payer=told("payer") or None,
            payer_account=account_number(told("payer_account")),
        )
    except CellError as error:
        raise EntryProblem(f"a date {error}") from None


def _signed(told: Told, form: CsvForm) -> Decimal:
    try:
        amounts = {
            key: read_number(text, form.writing)
            for key in ("amount", "credit", "debit")
            if (text := told(key))
        }
    except CellError as error:
        raise EntryProblem(f"an amount {error}") from None
    signed = amounts.get("amount", Decimal())
    signed += abs(amounts.get("credit", Decimal())) - abs(amounts.get("debit", Decimal()))
    if not amounts or not signed:
        raise EntryProblem("it has no amount")
    return signed
