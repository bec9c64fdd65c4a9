"""How the loop by hand words its messages: the facts of one row, put into compiled templates."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final

from sqlalchemy import Row

from app.lab.bench.crowd import NOW
from app.wording.bidi import with_single_stops
from app.wording.context import Brand, InvoiceLine, MessageContext
from app.wording.dress import Dress, Flavour
from app.wording.formats import formats_for
from app.wording.links import placeholder
from app.wording.mail import ink_on, layout_words
from app.wording.parts import HREFS, Part, compile_parts
from app.wording.words import from_canonical
from campaigns.money import Money
from channels.sms import gsm_safe, measure

TABLE: Final = 30  # rows of a mail's table
_BLANK: Final = re.compile(r"[ \t\r\n]+")
_GAP: Final = re.compile(r"[ \t]*\n(?:[ \t]*\n)+")
_LINK: Final = re.compile(r"\{\{link:[0-9]+\}\}")
_TODAY: Final[date] = NOW.date()


@dataclass(frozen=True, slots=True)
class Letter:
    """What a message says: the columns of its attempt that hold words."""

    locale: str
    subject: str | None
    text: str
    html: str | None
    segments: int | None


class Words:
    """One template in one language on one medium, compiled, with its way of writing facts."""

    def __init__(self, content: str, locale: str, medium: str) -> None:
        words = from_canonical(content)[locale]
        form = words.forms()[0]
        self._parts = compile_parts(words, medium, form)
        self._locale = locale
        self._fixed = layout_words(locale, form)
        self._formats = formats_for(locale)
        self._plain = self._dress(Flavour.SMS if medium == "sms" else Flavour.PLAIN)
        self._html = self._dress(Flavour.HTML)

    def _dress(self, flavour: Flavour) -> Dress:
        return Dress(self._formats, flavour, self._fixed)

    def letter(self, context: MessageContext, filler: str) -> Letter:
        values = self._plain.values(context, self._parts["text"].variables)
        if "html" in self._parts:
            return self._mail(context, values)
        text = _filled(self._parts["text"], values).strip()
        text = text if self._formats.rtl else gsm_safe(text)
        return Letter(self._locale, None, text, None, measure(_LINK.sub(filler, text)).segments)

    def _mail(self, context: MessageContext, values: dict[str, Any]) -> Letter:
        values |= _table(self._plain, context)
        subject, preheader = (
            _BLANK.sub(" ", _filled(self._parts[name], values)).strip()
            for name in ("subject", "preheader")
        )
        text = _GAP.sub("\n\n", _filled(self._parts["text"], values)).strip() + "\n"
        values = self._html.values(context, self._parts["html"].variables)
        values |= _table(self._html, context) | _layout(context)
        values |= {"subject": subject, "preheader": preheader}
        return Letter(self._locale, subject, text, _filled(self._parts["html"], values), None)


words_of = cache(Words)


def _filled(part: Part, values: dict[str, Any]) -> str:
    return with_single_stops(part.fill(values))


def _table(dress: Dress, context: MessageContext) -> dict[str, Any]:
    return {
        "rows": dress.rows(context.invoices),
        "coming_rows": [],
        "sums": [dress.money(money) for money in context.totals],
        "totals": dress.amounts(context.totals),
        "more_count": max(0, len(context.invoices) - TABLE),
    }


def _layout(context: MessageContext) -> dict[str, Any]:
    hrefs = {name: context.links.get(kind, "") for name, kind in HREFS.items()}
    return hrefs | {"brand": context.brand.colour, "brand_ink": ink_on(context.brand.colour)}


def context_of(row: Row[Any], links: Sequence[int]) -> MessageContext:
    money = Money(row.open_minor, row.currency)
    pay, unsubscribe = (placeholder(link) for link in links)
    line = InvoiceLine(row.number, row.due_on, money, money, (_TODAY - row.due_on).days)
    return MessageContext(
        brand=_brand(row.creditor, row.person, row.phone),
        today=_TODAY,
        customer=row.name,
        invoices=(line,),
        totals=(money,),
        links={"pay": pay, "unsubscribe": unsubscribe, "dispute": pay, "help": pay},
        two_way=row.two_way,
    )


@cache
def _brand(name: str, person: str, phone: str) -> Brand:
    return Brand(name, person, phone=phone)
