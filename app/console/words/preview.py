"""A draft as its reader would see it, filled with a sample or with what one customer owes. Reads
only; no link in it leads anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from markupsafe import Markup, escape
from sqlalchemy import Row, select
from sqlmodel import Session

from app.delivery.parties import brand_of
from app.delivery.preview import NotShown, facts_of
from app.engine.catalogue import Catalogue
from app.store.given import table_of
from app.store.rows import Creditor
from app.wording.address import NEUTRAL, manner_of
from app.wording.context import MessageContext
from app.wording.costs import Costs, costs_of
from app.wording.errors import MissingVariable, WordingError
from app.wording.formats import formats_for
from app.wording.links import TOKEN_LENGTH
from app.wording.matrix import MEDIA
from app.wording.page_codes import SAMPLE, without_code
from app.wording.render import Rendered, Wording
from app.wording.revisions import revision_of
from app.wording.samples import SAMPLES, day_of, sample_context
from app.wording.words import CALL, PLAIN_SMS, LocalWords
from channels.sms import costly

_CREDITOR = table_of(Creditor)
MOST_CREDITORS: Final = 200
_LINK: Final = re.compile(r"\{\{link:[0-9]+\}\}")
NOTHING: Final = Markup()
_GIVEN_BY: Final = {PLAIN_SMS: "sms", CALL: "sms"}
"""A script for calls is filled as a text to the same number is."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who a preview is for: a sample, or the customer of this number. `creditor` gives the brand
    of a sample, and says whose customer it is where two have the number."""

    sample: str = SAMPLES[0]
    form: str = NEUTRAL
    customer: str = ""
    creditor: str = ""

    @classmethod
    def asked(cls, asked: Mapping[str, str], locale: str) -> Reader:
        """What a form or an address asks for; what is unknown there is left at its usual value."""
        forms = manner_of(locale).forms
        sample, form = asked.get("sample", ""), asked.get("form", "")
        return cls(
            sample if sample in SAMPLES else SAMPLES[0],
            form if form in forms else forms[0],
            asked.get("customer", "").strip()[:64],
            asked.get("creditor", "").strip()[:64],
        )

    def query(self) -> dict[str, str]:
        """What a form sends for it, without what is empty."""
        told = {"sample": self.sample, "form": self.form}
        more = {"customer": self.customer, "creditor": self.creditor}
        return told | {name: value for name, value in more.items() if value}


@dataclass(frozen=True, slots=True)
class Shown:
    """One medium of a preview: a message, or why there is none."""

    medium: str
    direction: str
    text: Markup = NOTHING
    rendered: Rendered | None = None
    costs: Costs | None = None
    folded: tuple[str, ...] = ()
    missing: str = ""
    why: str = ""
    problem: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Press:
    """What previews are made with."""

    session: Session
    catalogue: Catalogue
    now: datetime
    base_url: str

    def shown(self, words: LocalWords, reader: Reader) -> list[Shown]:
        """Every medium that has words, in the order in which a form has them."""
        written = set(map(_medium_of, words.texts))
        return [self.one(words, medium, reader) for medium in MEDIA if medium in written]

    def one(self, words: LocalWords, medium: str, reader: Reader) -> Shown:
        """One medium."""
        direction = "rtl" if formats_for(words.locale).rtl else "ltr"
        try:
            rendered = self.rendered(words, medium, reader)
        except MissingVariable as problem:
            return Shown(medium, direction, missing=problem.variable)
        except NotShown as problem:
            return Shown(medium, direction, why=str(problem.why))
        except WordingError as problem:
            return Shown(medium, direction, problem=problem.problem, remedy=problem.remedy)
        costs = costs_of(self._at_length(rendered.text), words.locale) if rendered.size else None
        return Shown(
            medium,
            direction,
            _marked(rendered.text, costs, self._link),
            rendered,
            costs,
            _folded(words, medium, rendered.text),
        )

    def rendered(self, words: LocalWords, medium: str, reader: Reader) -> Rendered:
        """Raises `NotShown` and `WordingError`. What is wrong on one medium hides no other."""
        alone = replace(
            words, texts={key: t for key, t in words.texts.items() if _medium_of(key) == medium}
        )
        wording = Wording([revision_of([alone])], link_length=self._link_length)
        context = self._context(words, _GIVEN_BY.get(medium, medium), reader)
        if medium == PLAIN_SMS:
            context, medium = replace(context, without_link=True), "sms"
        return wording.render(words.template, medium, words.locale, context)

    def _context(self, words: LocalWords, medium: str, reader: Reader) -> MessageContext:
        """The facts, said in this language whatever the customer's own."""
        if not reader.customer:
            return self._sample(words, reader)
        found = facts_of(
            self.session,
            reader.customer,
            words.template,
            words.category,
            medium,
            now=self.now,
            creditor=reader.creditor or None,
            catalogue=self.catalogue,
        )
        return found.context

    def _sample(self, words: LocalWords, reader: Reader) -> MessageContext:
        context = sample_context(
            reader.sample, words.locale, days=day_of(words.template), form=reader.form
        )
        chosen = creditor(self.session, reader.creditor) if reader.creditor else None
        return context if chosen is None else replace(context, brand=brand_of(chosen))

    @property
    def _link_length(self) -> int:
        return len(f"{self.base_url}/p/") + TOKEN_LENGTH

    def _at_length(self, text: str) -> str:
        """The text with as many characters as it will have, whatever its link and code are."""
        return without_code(_LINK.sub("x" * self._link_length, text), SAMPLE)

    @property
    def _link(self) -> str:
        return f"{self.base_url}/p/…".removeprefix("https://").removeprefix("http://")


def creditors(session: Session) -> list[Row[Any]]:
    """Those whose brand a preview can have, by name."""
    columns = (_CREDITOR.c.external_id, _CREDITOR.c.name)
    query = select(*columns).order_by(_CREDITOR.c.name, _CREDITOR.c.id).limit(MOST_CREDITORS)
    return list(session.connection().execute(query))


def creditor(session: Session, external_id: str) -> Row[Any] | None:
    query = select(_CREDITOR).where(_CREDITOR.c.external_id == external_id)
    return session.connection().execute(query).first()


def _medium_of(key: str) -> str:
    return re.split("[.@]", key)[0]


def _marked(text: str, costs: Costs | None, link: str) -> Markup:
    """The text with what makes it dear marked, and its links set apart."""
    dear = {one.char for one in costs.dear} if costs else set()
    pieces = []
    at = 0
    for found in _LINK.finditer(text):
        pieces += [_with_marks(text[at : found.start()], dear), _a_link(link)]
        at = found.end()
    pieces.append(_with_marks(text[at:], dear))
    return Markup("").join(pieces)


def _with_marks(text: str, dear: set[str]) -> Markup:
    shown = without_code(text, SAMPLE)
    marks = (
        Markup('<mark class="dear">{}</mark>').format("␣" if char.isspace() else char)
        if char in dear
        else escape(char)
        for char in shown
    )
    return Markup("").join(marks)


def _a_link(link: str) -> Markup:
    return Markup('<span class="link" dir="ltr">{}</span>').format(link)


def _folded(words: LocalWords, medium: str, sent: str) -> tuple[str, ...]:
    """Characters of the words that are made plain by themselves when the text is sent."""
    if medium not in ("sms", PLAIN_SMS):
        return ()
    typed = "".join(text.source for key, text in words.texts.items() if _medium_of(key) == medium)
    return tuple(one.char for one in costly(typed) if one.char not in sent and one.plain)
