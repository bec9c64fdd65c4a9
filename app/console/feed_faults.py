"""What is wrong with rows of feeds, in the reader's language: worded from code and values.

Columns, words of the mapping and what stands in files are quoted as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from app.book.wrongs import AS_TOLD, Wrong, read_wrongs
from app.web.catalogues import N_
from app.web.worded import marked
from campaigns.worded import Worded

_WHERE: Final = re.compile(r"line (?P<line>\d+)(?: of (?P<file>.+))?")
_LINE: Final = N_("line %(line)s")
_LINE_OF: Final = N_("line %(line)s of %(file)s")
_OF_COLUMN: Final = N_("%(column)s: %(fault)s")
_SAY: Final[Mapping[str, str]] = {
    "minus_behind": "minus: behind",
    "no_minus": "sign: minus",
    "not_paid_in": "reversal",
    "not_above_zero": "sign: minus",
    "no_language": "he, en-GB",
    "no_hours": "mon-fri 17:00-20:00; sat 10:00-13:00",
    "negative_invoice": "credit_note",
}
"""Words of the mapping that a sentence tells, by the code."""
FAULTS: Final[Mapping[str, str]] = {
    "blank": N_("is empty, and %(field)s is needed"),
    "blank_but_paid": N_("is empty, but something was paid"),
    "no_date": N_("is no date of the form %(forms)s"),
    "future": N_("is in the future"),
    "no_number": N_("is no number with the decimal sign %(sign)s"),
    "odd_groups": N_("groups its digits oddly by %(sign)s"),
    "minus_behind": N_("has its minus behind; if the file means it so, say %(say)s in the mapping"),
    "no_minus": N_("has no minus, and the mapping says %(say)s"),
    "not_paid_in": N_("is not above zero; money that went back is a %(say)s"),
    "not_above_zero": N_("is not above zero; if the file writes it so, say %(say)s in the mapping"),
    "decimals": N_("has more decimals than %(currency)s holds"),
    "beyond_invoice": N_("is not within the invoice’s amount"),
    "resolved_early": N_("is before the dispute was opened"),
    "too_long": N_("is longer than %(most)s characters"),
    "control_characters": N_("holds control characters"),
    "no_year": N_("is no year of four digits"),
    "no_language": N_("is no language that is known, such as %(say)s"),
    "no_hours": N_("are no hours, such as %(say)s"),
    "none_of": N_("is none of these: %(words)s"),
    "unknown_word": N_("is not known"),
    "unmapped": N_("holds a text that the mapping does not name"),
    "no_part": N_("holds a text that no part of the mapping names"),
    "bare_consent": N_("is told without a medium, where, or how it was given"),
    "no_texts": N_("is a number that takes no text messages"),
    "no_calls": N_("is a number that nobody is called at"),
    "no_phone": N_("is no phone number; check it, or give a region"),
    "no_such_phone": N_("is no phone number that exists"),
    "no_email": N_("is no email address"),
    "customer_unknown": N_(
        "The customer is not in the book yet: bring in the customer, then this row again."
    ),
    "invoice_unknown": N_(
        "The invoice is not in the book yet: bring in the invoice, then this row again."
    ),
    "payment_unknown": N_(
        "The payment is not in the book yet: bring in the payment, then this row again."
    ),
    "payment_contradicted": N_(
        "The payment is in the book with another amount or customer: post a reversal, or give it"
        " another number."
    ),
    "there_already": N_("It stands already on %(where)s."),
    "invoice_twice": N_("The invoice is there twice."),
    "others_customer": N_("The customer is another creditor’s."),
    "negative_invoice": N_("The amount is negative; what is credited is a %(say)s."),
    "other_currency": N_(
        "The invoice is known in %(currency)s: give it another number in another currency."
    ),
    "below_settled": N_(
        "The amount is below what was settled already: post a refund or a credit note first."
    ),
    "cells": N_("The row has %(cells)s cells, the header %(header)s."),
    "more_cells": N_("The row has more cells than the header."),
    "spreadsheet_error": N_("A cell holds an error of the spreadsheet."),
    "long_cell": N_("A cell is too long."),
    "long_line": N_("A line is longer than %(most)s characters."),
    "open_quote": N_("The row cannot be read: a quote opens on it and does not close."),
    "encoding": N_("The row is not written in %(encoding)s: mend it, or correct the encoding."),
    "utf8_in_other": N_("The row is written in UTF-8 and the file in %(encoding)s: mend the row."),
    "unfit": N_("The row holds a character that no text may hold."),
    "money_left": N_("Money is left over; finance has a task."),
    "more_than_left": N_("It is more than is left of the payment, or open; finance has a task."),
    "erased": N_("The customer was erased: only money is taken in, and nobody is written to."),
    "customer_differs": N_("The customer differs from %(where)s, which counts."),
    "contact_differs": N_("A contact differs from %(where)s, which counts."),
}


@dataclass(frozen=True, slots=True)
class FeedFaults:
    """`say` finds a marked text in the reader's language."""

    say: Callable[[str], str]

    def told(self, text: str) -> Markup:
        """The reasons of a text, each as a sentence with its column; one that keeps how it was
        worded is said from that."""
        if isinstance(text, Worded):
            return marked(text, self.say)
        return Markup("<br>").join(self._named(each) for each in read_wrongs(text))

    def of_cell(self, reasons: Sequence[str]) -> Markup:
        """Reasons that stand at their cell: its name is not said again."""
        found = (each for reason in reasons for each in read_wrongs(reason))
        return Markup("<br>").join(map(self._clause, found))

    def _named(self, each: Wrong) -> Markup:
        if each.code is None or each.column is None:
            return self._clause(each)
        said = {"column": _quoted(each.column), "fault": self._clause(each)}
        return Markup(self.say(_OF_COLUMN)) % said

    def _clause(self, each: Wrong) -> Markup:
        """What no code of ours says stays quoted."""
        if each.code is None:
            return Markup('<q lang="en" dir="ltr">{}</q>').format(each.text)
        values = {name: self._value(name, value) for name, value in each.values.items()}
        values["say"] = _quoted(_SAY.get(each.code, ""))
        words = FAULTS.get(each.code) or AS_TOLD[each.code]
        return Markup(self.say(words)) % values

    def _value(self, name: str, value: str) -> Markup:
        found = _WHERE.fullmatch(value) if name == "where" else None
        if found is None:
            return _quoted(value)
        told = {"line": found["line"], "file": _quoted(found["file"] or "")}
        return Markup(self.say(_LINE_OF if found["file"] else _LINE)) % told


def _quoted(value: str) -> Markup:
    return Markup("<bdi>{}</bdi>").format(value)
