"""What can be wrong with a row of a feed: one sentence for each code, in English as files have it.

A reason travels as text through files of rejects, reports and rows, and is read back here: whoever
words it in another language does so from its code and values. A clause of a cell follows the name
of its column, and begins without one here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from campaigns.worded import Worded, worded

CLAUSES: Final[Mapping[str, str]] = {
    "blank": "is blank, and %(field)s is needed",
    "blank_but_paid": "is blank, but something was paid",
    "no_date": "is no date of the form %(forms)s",
    "future": "is in the future",
    "no_number": "is no number with the decimal sign `%(sign)s`",
    "odd_groups": "groups its digits oddly by `%(sign)s`",
    "minus_behind": "has its minus behind; if the feed means it so, say `minus: behind`",
    "no_minus": "has no minus, and `sign: minus` says that it has",
    "not_paid_in": "is not above zero; money that went back is a `reversal`",
    "not_above_zero": "is not above zero; if the feed writes it so, say `sign: minus`",
    "decimals": "has more decimals than %(currency)s holds",
    "beyond_invoice": "is not within the invoice's amount",
    "resolved_early": "is before the dispute was opened",
    "too_long": "is longer than %(most)s characters",
    "control_characters": "holds control characters",
    "no_year": "is no year of four digits",
    "no_language": "is no language that is known, such as he or en-GB",
    "no_hours": "are no hours, such as `mon-fri 17:00-20:00; sat 10:00-13:00`",
    "none_of": "is no known %(what)s: %(words)s",
    "unknown_word": "is no known %(what)s",
    "unmapped": "holds a text that `map` does not name",
    "no_part": "holds a text that no `only` of the mapping names",
    "bare_consent": "is told without a medium, where, or how it was given",
    "no_texts": "is a number that takes no text messages",
    "no_calls": "is a number that nobody is called at",
    "no_phone": "is no phone number; check it, or give a region",
    "no_such_phone": "is no phone number that exists",
    "no_email": "is no email address",
}
"""Of a cell."""
SENTENCES: Final[Mapping[str, str]] = {
    "customer_unknown": "the customer is not in the book yet; bring in what tells about it, then"
    " this row again",
    "invoice_unknown": "the invoice is not in the book yet; bring in what tells about it, then this"
    " row again",
    "payment_unknown": "the payment is not in the book yet; bring in what tells about it, then this"
    " row again",
    "payment_contradicted": "the payment is in the book with another amount or customer; a posting"
    " never changes, so post a reversal, or give it another id",
    "there_already": "the %(what)s stands on %(where)s already",
    "invoice_twice": "the invoice is there twice",
    "others_customer": "the customer is another creditor's",
    "negative_invoice": "the amount is negative; what is credited is a `credit_note`",
    "other_currency": "the invoice is known in %(currency)s; give it another id in another"
    " currency",
    "below_settled": "the amount is below what was already settled; post a refund or a credit note"
    " first",
    "cells": "the row has %(cells)s cells, the header %(header)s",
    "more_cells": "the row has more cells than the header",
    "spreadsheet_error": "a cell holds an error of the spreadsheet program",
    "long_cell": "a cell is too long",
    "long_line": "a line is longer than %(most)s characters",
    "open_quote": "the row cannot be read: a quote that opens on it does not close",
    "encoding": "the row is not written in %(encoding)s; mend it, or correct `encoding`",
    "utf8_in_other": "the row is written in utf-8 and the file in %(encoding)s; mend the row",
    "unfit": "the row holds a character that no text may hold (NUL or half of one)",
    "money_left": "money is left over; finance has a task",
    "more_than_left": "it is more than is left of the payment, or open; finance has a task",
    "erased": "the customer was erased: only money is taken in, and nobody is written to",
    "customer_differs": "the customer differs from %(where)s, which counts",
    "contact_differs": "a contact differs from %(where)s, which counts",
}
"""Of a row as a whole; the last ones are of rows that went in."""
AS_TOLD: Final[Mapping[str, str]] = {
    "unread": "the row cannot be read: %(why)s",
    "no_json": "the row cannot be read: it is no JSON object on one line",
    "json_digits": "the row cannot be read: a number has too many digits",
    "json_number": "the row cannot be read: %(name)s is no number",
    "json_twice": "the row cannot be read: it names a key twice",
    "json_list": "the row cannot be read: it holds a list",
    "json_text": "the row cannot be read: a text is too long",
    "nothing_read": "nothing was read: the mapping takes nothing from this row",
    "einvoice_kind": "it is no UBL 2.1 invoice or credit note and no CII invoice; ask for one of"
    " these",
    "einvoice_pdf": "the PDF cannot be read; ask for it again",
    "einvoice_attached": "the PDF carries %(count)s XML files, an electronic invoice carries one;"
    " ask for a Factur-X or for the XML itself",
    "einvoice_schema": "it does not keep to the schema of its standard; have its sender check it",
    "einvoice_number": "it has no number or no date of issue",
    "einvoice_corrects": "it corrects another invoice (type 384); ask for a credit note and a new"
    " invoice",
    "einvoice_informs": "it is for information only (type 751) and asks for no money",
    "einvoice_due": "it has no due date and its terms of payment can be read in several ways or in"
    " none; have its sender add the due date",
    "einvoice_days": "it is due on several days; ask for an invoice for each part",
    "einvoice_currency": "its currency is not known",
    "einvoice_payable": "it does not say, or says twice, what is to be paid",
    "einvoice_amount": "an amount is none that %(currency)s holds",
    "einvoice_large": "an amount is larger than any invoice; have its sender check it",
    "einvoice_negative": "the amount to be paid is negative; ask for a credit note instead",
    "einvoice_buyer": "it names its buyer by no number; have its sender add one (BT-46) or the VAT"
    " number",
    "einvoice_prepaid": "a part was prepaid; what is still to be paid counts",
    "einvoice_email": "the buyer's email address is none",
    "credits_stranger": "it credits a customer that the book does not know; import it first",
    "credits_nothing": "it credits nothing; leave it out",
    "credits_several": "it credits several invoices; ask for a credit note for each",
    "credits_unknown": "it credits an invoice that the book does not know; import the invoice"
    " first",
    "credits_currency": "it credits in another currency than its invoice; ask for a new one",
}
"""Of a line of JSON and of an electronic invoice: said everywhere in the same words. What is wrong
with an invoice follows the name of its file."""
_BLANK: Final = re.compile(r"%\\\((\w+)\\\)s")
_BETWEEN: Final = "; "
_OF_COLUMN: Final = r"(?P<of_column>(?:(?!; ).)+?) "
_OF_FILE: Final = r"(?:(?P<of_column>(?:(?!; ).)+?\.(?i:xml|pdf)): )?"


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that is wrong, with the column or the electronic invoice that it is of. Without a
    `code` it is what `text` says, in words that are not ours or of another version."""

    text: str
    code: str | None = None
    column: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)


def wrong(code: str, /, **values: object) -> Worded:
    """The sentence, or the clause of a cell, of this code."""
    return worded(CLAUSES.get(code) or SENTENCES.get(code) or AS_TOLD[code], **values)


def read_wrongs(text: str) -> Iterator[Wrong]:
    """The reasons of a text that holds one or, parted by semicolons, several."""
    parts = text.split(_BETWEEN)
    while parts:
        for count in range(1, len(parts) + 1):
            found = _read(_BETWEEN.join(parts[:count]))
            if found is not None:
                break
        else:
            count, found = 1, Wrong(parts[0])
        yield found
        parts = parts[count:]


def _read(text: str) -> Wrong | None:
    for code, pattern in _patterns():
        found = pattern.fullmatch(text)
        if found is not None:
            values = found.groupdict()
            return Wrong(text, code, values.pop("of_column", None), values)
    return None


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Sentences, then clauses behind any column. What has more words of its own comes first."""
    told = [(code, text, _OF_FILE) for code, text in {**SENTENCES, **AS_TOLD}.items()]
    told += [(code, text, _OF_COLUMN) for code, text in CLAUSES.items()]
    ordered = sorted(
        told, key=lambda one: (one[2] == _OF_COLUMN, -len(_BLANK.sub("", re.escape(one[1]))))
    )
    return tuple((code, re.compile(column + _pattern(text))) for code, text, column in ordered)


def _pattern(text: str) -> str:
    return _BLANK.sub(r"(?P<\1>.+?)", re.escape(text))
