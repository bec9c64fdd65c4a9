"""What a text says beside its intent: days, amounts, hours, telephones, ways of paying."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cached_property
from typing import Final, TypeVar

from app.hearing.amounts import MoneyMark, SaidAmount, said_amounts
from app.hearing.days import Mark, SaidDay, said_days
from app.hearing.hours import HourMark, said_hours
from app.hearing.intents import Asked, Details, DisputeAbout, Intent
from app.hearing.lexicon import Hit
from app.hearing.reckoning import Tense
from app.hearing.tokens import Token
from app.hearing.word_files import Section

DATED: Final = frozenset(
    {Intent.PROMISE, Intent.PART_PAYMENT, Intent.PLAN_REQUEST, Intent.PAID_ALREADY, Intent.CALL_ME}
)
PRICED: Final = frozenset(
    {Intent.PROMISE, Intent.PART_PAYMENT, Intent.PLAN_REQUEST, Intent.PAID_ALREADY, Intent.DISPUTE}
)
MONTH_FIRST: Final = ("US", "PH")
"""Countries that write the month before the day."""

S = TypeVar("S", SaidDay, SaidAmount)


class Spoken:
    """One text with all that was found in it. Its days and amounts are looked for when asked."""

    def __init__(
        self, words: Sequence[Token], hits: Sequence[Hit], asked: Asked, locales: Sequence[str]
    ) -> None:
        self.words, self.hits, self.asked, self._locales = words, hits, asked, locales

    def names_day(self, intent: Intent) -> bool:
        """Whether a day is named that this intent may mean."""
        tense = _tense(intent)
        return any(day.reckon(self.asked.on, tense) for day in self.days)

    def day(self, intent: Intent, span: tuple[int, int]) -> date | None:
        """The day nearest to the phrase that is right for the intent's tense."""
        tense = _tense(intent)
        for said in _nearest(self.days, span):
            named = said.reckon(self.asked.on, tense)
            if named:
                return named
        return None

    @cached_property
    def days(self) -> Sequence[SaidDay]:
        """In the first of the languages that names any: the writer's, then those of the text."""
        priced = {
            place for said in self._priced if said.currency for place in range(said.start, said.end)
        }
        for locale in self._in_turn():
            marks = [
                Mark(hit.entry.key, hit.start, hit.end)
                for hit in self._of(Section.DAY)
                if hit.entry.locale == locale
            ]
            month_first = any(asked.endswith(MONTH_FIRST) for asked in self.asked.locales)
            days = said_days(self.words, marks, locale=locale, month_first=month_first)
            days = [day for day in days if priced.isdisjoint(range(day.start, day.end))]
            if days:
                return days
        return ()

    @cached_property
    def amounts(self) -> Sequence[SaidAmount]:
        taken = {place for day in self.days for place in range(day.start, day.end)}
        return [
            said
            for said in self._priced
            if said.currency or taken.isdisjoint(range(said.start, said.end))
        ]

    @cached_property
    def _priced(self) -> Sequence[SaidAmount]:
        marks = [MoneyMark(h.entry.key, h.start, h.end) for h in self._of(Section.MONEY)]
        return said_amounts(self.words, marks, ())

    def method(self) -> str | None:
        """How something was paid, if the text says so."""
        return next((hit.entry.key for hit in self._of(Section.METHOD)), None)

    def hour_marks(self) -> list[HourMark]:
        return [HourMark(h.entry.key, h.start, h.end) for h in self._of(Section.HOUR)]

    def phone(self) -> str | None:
        """A telephone number as written, without its blanks."""
        for token in self.words:
            if token.is_phone:
                return "".join(char for char in token.number if char.isdigit() or char == "+")
        return None

    def _of(self, section: Section) -> list[Hit]:
        return [hit for hit in self.hits if hit.entry.section is section]

    def _in_turn(self) -> Sequence[str]:
        asked = (locale[:2].lower() for locale in self.asked.locales)
        said = (hit.entry.locale for hit in self._of(Section.DAY))
        return tuple(dict.fromkeys((*asked, *self._locales, *said, "en")))


def details_of(spoken: Spoken, intent: Intent, kind: str, span: tuple[int, int]) -> Details:
    """The details that belong to an intent whose phrase stands at `span`."""
    amount = next(iter(_nearest(spoken.amounts, span)), None) if intent in PRICED else None
    hours = (
        said_hours(spoken.words, spoken.hour_marks())
        if intent in (Intent.HOUR, Intent.CALL_ME)
        else None
    )
    return Details(
        on=spoken.day(intent, span) if intent in DATED else None,
        amount=amount.amount if amount else None,
        currency=amount.currency if amount else None,
        method=spoken.method() if intent is Intent.PAID_ALREADY else None,
        about=DisputeAbout(kind or DisputeAbout.OTHER) if intent is Intent.DISPUTE else None,
        locale=kind or None if intent is Intent.LANGUAGE else None,
        medium=kind or None if intent is Intent.CHANNEL else None,
        not_before=hours.not_before if hours else None,
        not_after=hours.not_after if hours else None,
        phone=spoken.phone() if intent is Intent.CALL_ME else None,
    )


def _tense(intent: Intent) -> Tense:
    return Tense.BACK if intent is Intent.PAID_ALREADY else Tense.AHEAD


def _nearest(said: Sequence[S], span: tuple[int, int]) -> list[S]:
    """What stands nearest to the phrase first; behind it before ahead of it."""
    start, end = span

    def distance(each: S) -> tuple[int, int]:
        if each.start < end and start < each.end:
            return 0, each.start
        return (each.start - end + 1, 0) if each.start >= end else (start - each.end + 1, 1)

    return sorted(said, key=distance)
