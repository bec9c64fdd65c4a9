"""Reasons and codes as sentences in the reader's language, their instants on the reader's clock.

Answers plain text: what fills a blank is set apart, so that it keeps its own direction.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_timedelta

from app.console.codes import CODES, MEDIA, PROVIDERS, SAID_AS, WEEKDAYS
from app.console.reasons_at_large import at_large
from app.delivery.halts import words_in
from app.web.catalogues import N_
from app.web.worded import said
from app.wording.bidi import FSI, PDI, cleaned
from app.wording.formats import formats_for
from campaigns.money import Money
from campaigns.reasons import REASONS, Reason
from campaigns.worded import as_written, spelled

if TYPE_CHECKING:
    from app.console.door import Visit
    from app.console.office import Office

HALTED: Final = "halted"
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_SPAN: Final = re.compile(r"(\d{1,6}) (days|h|s)")
"""A time as `campaigns.policy` writes it."""
_UNITS: Final[Mapping[str, tuple[Literal["day", "hour", "second"], timedelta]]] = {
    "days": ("day", timedelta(days=1)),
    "h": ("hour", timedelta(hours=1)),
    "s": ("second", timedelta(seconds=1)),
}
_ONE_UNIT: Final = 10**9  # so that 24 hours stay hours
_NAMED: Final = frozenset({"step", "target", "by", "template"})
_OF_RULES: Final = frozenset({"what", "field", "notice", "place", "why"})
"""What rules name in words of ours: of a pack that ships, a catalogue knows them."""
_NO_END: Final = N_("somebody lifts it")  # as `campaigns.stops` says it


class Ours(str):
    """A text of our own: what fills its blanks is set apart already."""

    __slots__ = ()


class Sentences:
    """Says what a code means. `say` finds a marked text in the reader's language."""

    def __init__(self, say: Callable[[str], str], language: str, zone: str) -> None:
        self.say = say
        self.language = language
        self._zone = ZoneInfo(zone)
        self._formats = formats_for(language)

    def fill(self, text: str, **blanks: object) -> Ours:
        """A text that was marked by `N_`, with its blanks filled."""
        told = {name: self._apart(value) for name, value in blanks.items()}
        return Ours(self.say(text) % told)

    def reason(self, code: str | None, params: Mapping[str, object] | None = None) -> Ours:
        """The sentence of a reason. A code that this version does not know stands for itself."""
        known = REASONS.get(code or "")
        if known is None:
            return Ours(code or "")
        told = {name: self._told(name, str(value)) for name, value in (params or {}).items()}
        if code == HALTED and params:
            told["what"] = self._apart(said(words_in(params), self.say))
        return Ours(Reason(known.code, self.say(known.sentence)).say(told))

    def spelled(self, name: str) -> str:
        """A template, a step or a journey by its name: one that ships has words in every language,
        one of an author's own stands as its file calls it."""
        return said(spelled(name), self.say)

    def authored(self, text: str) -> str:
        """What an author wrote; of what ships, a catalogue knows it."""
        return said(as_written(text), self.say)

    def plain(self, code: str) -> str:
        """A reason where it stands for many."""
        return at_large(self.say, code)

    def medium(self, code: str) -> str:
        return self.say(MEDIA[code]) if code in MEDIA else code

    def code(self, kind: str, code: str) -> str:
        """What a code of one kind (of `codes.CODES`) is called."""
        known = CODES[kind].get(code)
        return self.say(known) if known else code.replace("_", " ")

    def language_name(self, tag: str | None) -> str:
        try:
            named = Locale.parse((tag or "").replace("-", "_")).get_display_name(self.language)
        except (ValueError, UnknownLocaleError):
            named = None
        return named or tag or "–"

    def country_name(self, code: str) -> str:
        return str(self._formats.locale.territories.get(code, code))

    def money(self, money: Money) -> str:
        return self._formats.money(money)

    def day(self, day: date) -> str:
        return self._formats.date(day, "short")

    def when(self, at: datetime) -> str:
        """Weekday, day and time."""
        local = at.astimezone(self._zone)
        weekday = format_date(local.date(), "EEEE", locale=self._formats.locale)
        return f"{weekday} {self.day(local.date())}, {local:%H:%M}"

    def span(self, number: int, unit: str) -> str:
        """How long: days, hours (`h`) or seconds (`s`)."""
        name, one = _UNITS[unit]
        return format_timedelta(
            number * one, granularity=name, threshold=_ONE_UNIT, locale=self._formats.locale
        )

    def media(self, codes: list[str]) -> str:
        return self._formats.joined([self.medium(code) for code in codes])

    def _told(self, name: str, value: str) -> str:
        if _INSTANT.fullmatch(value):
            return self._apart(self.when(datetime.fromisoformat(f"{value}+00:00")))
        if _DATE.fullmatch(value):
            return self._apart(self.day(date.fromisoformat(value)))
        if span := _SPAN.fullmatch(value):
            return self._apart(self.span(int(span[1]), span[2]))
        if value == _NO_END or value in PROVIDERS or value in SAID_AS:
            return self.say(value)
        if name in _NAMED:
            return self._apart(self.spelled(value))
        if name in _OF_RULES:
            return self._apart(self.authored(value))
        if name == "locale":
            return self.language_name(value)
        if name in CODES:
            return self.code(name, value)
        return self.say(value) if value in WEEKDAYS else self._apart(value)

    def _apart(self, value: object) -> str:
        told = value if isinstance(value, Ours) else cleaned(str(value), 200)
        return f"{FSI}{told}{PDI}"


def sentences_for(office: Office, visit: Visit, *, zone: str = "") -> Sentences:
    """In the visitor's language, on their clock or that of another zone."""
    return Sentences(lambda text: office.say(visit, text), visit.language, zone or visit.zone)
