"""The way in which a template is said, which many messages share, and the texts of one of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.wording.bidi import with_single_stops
from app.wording.carried import Held, carried_in
from app.wording.context import MessageContext
from app.wording.dress import MOST_ROWS, Dress
from app.wording.language import absent
from app.wording.mail import ink_on
from app.wording.parts import HREFS, Part
from app.wording.revisions import Revision
from app.wording.words import LocalWords
from channels.sms import gsm_safe

_GAP = re.compile(r"[ \t]*\n(?:[ \t]*\n)+")
_BLANK = re.compile(r"[ \t\r\n]+")


@dataclass(frozen=True, slots=True)
class Way:
    """How a template is said in one language, on one medium, to one form of address: all that two
    such messages share."""

    revision: Revision
    words: LocalWords
    tried: tuple[str, ...]
    parts: Mapping[str, Part]
    is_rtl: bool
    plain: Dress
    html: Dress
    used: tuple[str, ...]
    held: tuple[Held, ...]
    is_goodbye: bool


def texts_of(
    way: Way, medium: str, context: MessageContext
) -> tuple[dict[str, str], frozenset[str]]:
    """The texts by part, and the variables whose values stand in them."""
    parts = way.parts
    values = way.plain.values(context, parts["text"].variables)
    if medium != "email":
        text = _filled(parts["text"], values).strip()
        carried = carried_in(text, values)
        return {"text": text if way.is_rtl else gsm_safe(text)}, carried
    values |= _table(way.words, way.plain, context)
    subject = _one_line(_filled(parts["subject"], values))
    preheader = _one_line(_filled(parts["preheader"], values))
    text = _GAP.sub("\n\n", _filled(parts["text"], values)).strip() + "\n"
    carried = carried_in(text, values)
    values = way.html.values(context, parts["html"].variables)
    values |= _table(way.words, way.html, context) | _layout(context)
    values |= {"subject": subject, "preheader": preheader}
    html = _filled(parts["html"], values)
    return {"subject": subject, "preheader": preheader, "text": text, "html": html}, carried


def _table(words: LocalWords, dress: Dress, context: MessageContext) -> dict[str, Any]:
    if not words.lists_invoices:
        return {}
    return {
        "rows": dress.rows(context.invoices),
        "coming_rows": dress.rows(context.coming),
        "sums": [dress.money(money) for money in context.totals],
        "totals": dress.amounts(context.totals) if context.totals else absent("total"),
        "more_count": max(0, len(context.invoices) - MOST_ROWS),
    }


def _layout(context: MessageContext) -> dict[str, Any]:
    links = context.links
    hrefs = {name: links.get(kind) or absent(name) for name, kind in HREFS.items()}
    return hrefs | {"brand": context.brand.colour, "brand_ink": ink_on(context.brand.colour)}


def _filled(part: Part, values: dict[str, Any]) -> str:
    return with_single_stops(part.fill(values))


def _one_line(text: str) -> str:
    return _BLANK.sub(" ", text).strip()
