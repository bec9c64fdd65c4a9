"""How the stage speaks to whoever looks at it: one language, the hours of one place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from babel.dates import format_date

from app.lab.stage.words import BLANKS, CODES, MEDIA, WEEKDAYS
from app.web.catalogues import N_, translations
from app.wording import links
from app.wording.formats import formats_for
from app.wording.page_codes import SAMPLE, without_code
from campaigns.money import Money
from campaigns.reasons import REASONS, Reason

DOMAIN: Final = "stage"
_DAYS: Final[Mapping[str, str]] = {"en": "EEE d MMM", "he": "EEEE, d בMMM"}
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_LTR, _POP = "\u2068", "\u2069"  # what is set in keeps its own direction


class Counted(NamedTuple):
    """A text that counts, in the singular and the plural of English; `%(num)s` is the number."""

    one: str
    many: str


class Voice:
    """Says sentences, days, hours and amounts."""

    def __init__(self, language: str, zone: ZoneInfo) -> None:
        self.language, self.zone = language, zone
        self._words = translations(language, DOMAIN)
        self._formats = formats_for(language)

    def say(self, text: str, **blanks: object) -> str:
        """A text that was marked by `N_`, with its blanks filled."""
        said = str(self._words.ugettext(text))
        return (
            said % {name: self._apart(value) for name, value in blanks.items()} if blanks else said
        )

    def count(self, counted: Counted, number: int) -> str:
        """A number of things, with the plural that the language has for it."""
        said: str = self._words.ungettext(counted.one, counted.many, number)
        return said % {"num": self._apart(number)}

    def reason(self, code: str, params: Mapping[str, str] | None = None) -> str:
        """The sentence of a reason, its instants in the hours of the place."""
        known = REASONS.get(code)
        if known is None:
            return code
        told = {name: self._told(name, str(value)) for name, value in (params or {}).items()}
        return Reason(code, self.say(known.sentence)).say(told)

    def plain(self, code: str) -> str:
        """A reason where it stands for many: its sentence with a word for each blank."""
        known = REASONS.get(code)
        if known is None:
            return code
        return Reason(code, self.say(known.sentence)).say(
            {k: self.say(v) for k, v in BLANKS.items()}
        )

    def medium(self, name: str) -> str:
        return self.say(MEDIA.get(name, name))

    def media(self, names: list[str]) -> str:
        return self._formats.joined([self.medium(name) for name in names])

    def money(self, money: Money) -> str:
        return self._formats.money(money)

    def day(self, day: date) -> str:
        return str(format_date(day, _DAYS[self.language], locale=self.language))

    def short(self, day: date) -> str:
        """Day and month, for a column of the map."""
        return f"{day.day}.{day.month}." if self.language != "en" else f"{day:%b} {day.day}"

    def hour(self, at: datetime) -> str:
        return f"{at.astimezone(self.zone):%H:%M}"

    def when(self, at: datetime) -> str:
        return f"{self.day(at.astimezone(self.zone).date())}, {self.hour(at)}"

    def unlinked(self, text: str) -> str:
        """A frozen text with a word where each personal link would be."""
        word = self.say(N_("link"))
        for link_id in links.link_ids(text):
            text = text.replace(links.placeholder(link_id), f"[{word}]")
        return without_code(text, SAMPLE)

    def _told(self, name: str, value: str) -> str:
        if _INSTANT.fullmatch(value):
            return self._apart(self.when(datetime.fromisoformat(f"{value}+00:00")))
        if _DATE.fullmatch(value):
            return self._apart(self.day(date.fromisoformat(value)))
        if name in CODES:
            return self.say(CODES[name].get(value, value))
        return self._apart(self.say(value) if value in WEEKDAYS else value)

    def _apart(self, value: object) -> str:
        return f"{_LTR}{value}{_POP}"
