"""How a fact looks where it is inserted: formatted, isolated for its surroundings, escaped.

Plain text in a right-to-left language gets isolates around what runs the other way; HTML gets
`<bdi>`; a left-to-right SMS gets neither, since one such character would triple its price.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any

from markupsafe import Markup, escape

from app.wording.address import called
from app.wording.bidi import FSI, LRI, PDI, RLI, cleaned, runs_against
from app.wording.context import InvoiceLine, MessageContext
from app.wording.formats import Formats
from app.wording.language import absent
from app.wording.variables import VARIABLES, Kind, Variable
from campaigns.money import Money

TEXT_LIMIT = 200
WORDS_LIMIT = 4_000
MOST_ROWS = 30


class Flavour(StrEnum):
    """What kind of text a fact is inserted into."""

    PLAIN = "plain"
    SMS = "sms"
    HTML = "html"


class Dress:
    """Facts of a context as strings of one language and flavour."""

    def __init__(self, formats: Formats, flavour: Flavour, fixed: Mapping[str, str]) -> None:
        self._formats = formats
        self._html = flavour is Flavour.HTML
        self._sms = flavour is Flavour.SMS
        self._rtl = formats.rtl
        self._fixed = fixed
        self._by_kind: Mapping[Kind, Callable[[Any], Any]] = {
            Kind.NAME: self.name,
            Kind.TEXT: self._text,
            Kind.WORDS: self._words,
            Kind.CALLED: self._called,
            Kind.IDENTIFIER: self.identifier,
            Kind.PHONE: self.phone,
            Kind.MONEY: self.money,
            Kind.AMOUNTS: self.amounts,
            Kind.DATE: self._date,
            Kind.COUNT: _same,
            Kind.FLAG: bool,
            Kind.LINK: self._link,
            Kind.CODE: self._code,
            Kind.STOP: self._stop,
            Kind.FIXED: fixed.__getitem__,
        }

    def values(self, context: MessageContext, variables: Iterable[Variable]) -> dict[str, Any]:
        """What the words use, by name; a missing fact is a stand-in that refuses to print."""
        by_kind = self._by_kind
        values: dict[str, Any] = {}
        for row in variables:
            fact = row.get(context)
            values[row.name] = absent(row.name) if fact is None else by_kind[row.kind](fact)
        return values

    def name(self, value: str) -> str:
        """A person or a company: isolated where its letters run the other way."""
        value = cleaned(value)
        if self._html:
            return Markup(f"<bdi>{escape(value)}</bdi>")
        isolate = runs_against(value, rtl=self._rtl)
        return f"{FSI}{value}{PDI}" if isolate else value

    def identifier(self, value: str) -> str:
        """An invoice number or a phone number: always left to right."""
        value = cleaned(value)
        if self._html:
            return Markup(f'<bdi dir="ltr">{escape(value)}</bdi>')
        return f"{LRI}{value}{PDI}" if self._rtl else value

    def phone(self, value: str) -> str:
        """A phone number: left to right, and on one line."""
        shown = self.identifier(value)
        return Markup(f'<span style="white-space:nowrap">{shown}</span>') if self._html else shown

    def money(self, money: Money) -> str:
        """An amount, whole on its line, with its minus on the left."""
        text = self._formats.sms_money(money) if self._sms else self._formats.money(money)
        if self._rtl and money.minor < 0:
            text = text.replace("-", "\u200e-")
        if self._html:
            return Markup(f"<bdi>{escape(text)}</bdi>")
        return f"{RLI}{text}{PDI}" if self._rtl else text

    def amounts(self, amounts: Sequence[Money]) -> str:
        """Amounts of several currencies side by side, never added."""
        if len(amounts) == 1:
            return self.money(amounts[0])
        joined = self._formats.joined([self.money(money) for money in amounts])
        return Markup(joined) if self._html else joined

    def rows(self, invoices: Sequence[InvoiceLine]) -> list[tuple[str, str, str]]:
        """Number, due date and open amount of the first invoices, at most `MOST_ROWS`."""
        written = self._formats.date
        return [
            (self.identifier(row.number), written(row.due_on, "short"), self.money(row.open))
            for row in invoices[:MOST_ROWS]
        ]

    def _called(self, context: MessageContext) -> str:
        language = self._formats.language
        known = called(language, name=context.customer, vocative=context.vocative)
        return absent("name") if known is None else self.name(known)  # type: ignore[return-value]  # refuses when it is printed

    def _date(self, day: date) -> str:
        return self._formats.date(day, "short" if self._sms else "long")

    def _text(self, value: str) -> str:
        return cleaned(value.replace("\n", ", "), TEXT_LIMIT)

    def _words(self, value: str) -> str:
        """What a person wrote, line by line; its direction is its own."""
        lines = [cleaned(line, WORDS_LIMIT) for line in value[:WORDS_LIMIT].splitlines()]
        if self._html:
            return Markup("<br>").join(Markup(f"<bdi>{escape(line)}</bdi>") for line in lines)
        return "\n".join(lines)

    def _link(self, link: str) -> str:
        return Markup(f'<a href="{escape(link)}">{escape(link)}</a>') if self._html else link

    def _code(self, code: str) -> str:
        """Always left to right. It is a placeholder of ours, so nothing in it is cleaned."""
        if self._html:
            return Markup(f'<bdi dir="ltr">{escape(code)}</bdi>')
        return f"{LRI}{code}{PDI}" if self._rtl else code

    def _stop(self, context: MessageContext) -> str:
        words = self._fixed["stop_two_way" if context.two_way else "stop_one_way"]
        if context.two_way:
            return words
        link = VARIABLES["stop_link"].get(context)
        return absent("stop_link") if link is None else f"{words}\n{link}"  # type: ignore[return-value]  # refuses when it is printed


def _same(value: object) -> object:
    return value
