"""A statement as CSV, for spreadsheets and programs: ISO dates, plain amounts, nothing to run.

`Amount` adds up to the balance, each currency by itself; `Settled` tells what a payment went to and
is no part of that sum.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import StringIO

from app.book.formulas import neutral
from app.book.statement import Entry, EntryKind, Share, Sheet
from app.wording.bidi import cleaned
from campaigns.money import Money


@dataclass(frozen=True, slots=True)
class Words:
    """The words of the table in the reader's language. `marks` are notes by invoice, and `charges`
    what those are that are no invoice of goods."""

    headers: tuple[str, ...]
    kinds: Mapping[EntryKind, str]
    opening: str
    goes_to: str
    open_again: str
    marks: Mapping[int, str]
    charges: Mapping[int, str]


def table(sheets: Iterable[Sheet], words: Words) -> str:
    """One line for each opening balance, entry, and part of an entry that settled an invoice."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(words.headers)
    for sheet in sheets:
        writer.writerows(_rows(sheet, words))
    return out.getvalue()


def _rows(sheet: Sheet, words: Words) -> Iterator[Sequence[str]]:
    yield _row(words.opening, sheet.currency, amount=sheet.opening, balance=sheet.opening)
    for line in sheet.lines:
        entry = line.entry
        yield _row(
            _kind(entry, words),
            sheet.currency,
            on=entry.on,
            number=entry.number,
            due_on=entry.due_on,
            amount=entry.amount,
            balance=line.balance,
            note=_mark(entry, words),
        )
        for share in entry.shares:
            yield _share(share, entry, words)


def _share(share: Share, entry: Entry, words: Words) -> Sequence[str]:
    said = words.open_again if share.reopens else words.goes_to
    return _row(said, share.amount.currency, on=entry.on, number=share.number, settled=share.amount)


def _kind(entry: Entry, words: Words) -> str:
    charge = words.charges.get(entry.id) if entry.kind is EntryKind.INVOICE else None
    return charge or words.kinds[entry.kind]


def _mark(entry: Entry, words: Words) -> str:
    return words.marks.get(entry.id, "") if entry.kind is EntryKind.INVOICE else ""


def _row(
    kind: str,
    currency: str,
    *,
    on: date | None = None,
    number: str | None = None,
    due_on: date | None = None,
    amount: Money | None = None,
    settled: Money | None = None,
    balance: Money | None = None,
    note: str = "",
) -> Sequence[str]:
    return (
        _day(on), kind, _inert(number or ""), _day(due_on), currency,
        _plain(amount), _plain(settled), _plain(balance), note,
    )  # fmt: skip


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _plain(money: Money | None) -> str:
    return f"{money.decimal:f}" if money is not None else ""


def _inert(text: str) -> str:
    """A text from outside that no spreadsheet takes for a formula, also not one that parts cells
    at semicolons, as those of half of Europe do with whatever file they are given."""
    return ";".join(map(neutral, cleaned(text, 200).split(";")))
