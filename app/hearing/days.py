"""Days that a text names, reckoned from the day on which it was written.

A vague span ("next week", "end of the month") is its last working day or last day: whoever said so
has kept their word until then. Days of another calendar are left alone, never misread.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from app.hearing.day_keys import COUNTED, IN_DAYS, IN_MONTHS, MONTHS, SPANS, WEEKDAYS
from app.hearing.reckoning import (
    Reckon,
    coming,
    day_of_month,
    figures,
    in_days,
    in_months,
    later,
    never,
    not_past,
    of_month,
    of_week,
    on_day,
    was,
)
from app.hearing.tokens import Token

FIRST_DAYS: Final = 5
"""The beginning of a month ends on this day."""
_SUNDAY_FIRST: Final = ("he", "ar")
_FRIDAY, _THURSDAY = 4, 3


@dataclass(frozen=True, slots=True)
class Mark:
    """A word or phrase for days, by its key in the files of words."""

    key: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class SaidDay:
    """A day in a text, end excluded. `reckon` gives None where no such day is right."""

    start: int
    end: int
    reckon: Reckon


def said_days(
    text: Sequence[Token], marks: Sequence[Mark], *, locale: str, month_first: bool = False
) -> list[SaidDay]:
    """The days of a text in its order, from the marks of one language."""
    reader = _Days(text, marks, locale, month_first)
    found = sorted(reader.found(), key=lambda day: (day.start, -day.end))
    kept: list[SaidDay] = []
    for day in found:
        if not kept or day.start >= kept[-1].end:
            kept.append(day)
    return [_shifted(day, marks) for day in kept if day.reckon is not never]


def _shifted(day: SaidDay, marks: Sequence[Mark]) -> SaidDay:
    """`after the 10th` is the 11th at the soonest."""
    if any(m.key == "after" and day.start - 1 <= m.end <= day.start for m in marks):
        return SaidDay(day.start, day.end, later(day.reckon))
    return day


class _Days:
    """The marks of one text in one language, put together."""

    def __init__(
        self, text: Sequence[Token], marks: Sequence[Mark], locale: str, month_first: bool
    ) -> None:
        self.text, self.marks, self.locale, self.month_first = text, marks, locale, month_first

    def found(self) -> Iterator[SaidDay]:
        yield from self._written_in_figures()
        for mark in self.marks:
            yield from self._named(mark)

    def _written_in_figures(self) -> Iterator[SaidDay]:
        for place, token in enumerate(self.text):
            reckon = figures(token.number, self.month_first) if token.number else None
            if reckon:
                yield SaidDay(place, place + 1, reckon)

    def _named(self, mark: Mark) -> Iterator[SaidDay]:
        key, start, end = mark.key, mark.start, mark.end
        if key in IN_DAYS:
            yield SaidDay(start, end, in_days(IN_DAYS[key]))
        elif key in IN_MONTHS:
            yield SaidDay(start, end, in_months(IN_MONTHS[key]))
        elif key in COUNTED:
            yield from self._counted(mark)
        elif key in SPANS:
            yield self._span(mark)
        elif key in WEEKDAYS:
            yield self._weekday(mark)
        elif key in MONTHS:
            yield from self._month(mark)
        elif key == "day_of_month":
            yield from self._day_of_month(mark)
        elif key == "other_calendar":
            near = self._number_near(start, end)
            first = min(start, near[0]) if near else start
            yield SaidDay(first, max(end, first + 1), never)

    def _counted(self, mark: Mark) -> Iterator[SaidDay]:
        number = self._whole(range(mark.start, mark.end))
        if number is not None and number <= 366:
            yield SaidDay(mark.start, mark.end, in_days(COUNTED[mark.key] * number))

    def _span(self, mark: Mark) -> SaidDay:
        start, end = mark.start, mark.end
        if mark.key in ("next_week", "this_week"):
            weekday = self._beside(mark, WEEKDAYS)
            if weekday:
                weeks = 1 if mark.key == "next_week" else 0
                index = WEEKDAYS.index(weekday.key)
                return SaidDay(
                    min(start, weekday.start), max(end, weekday.end),
                    self._of_week(weeks, index),
                )  # fmt: skip
        return SaidDay(start, end, self._last_of(mark.key))

    def _last_of(self, key: str) -> Reckon:
        last = _THURSDAY if self.locale in _SUNDAY_FIRST else _FRIDAY
        match key:
            case "this_week" | "end_of_week":
                return not_past(self._of_week(0, last), self._of_week(1, last))
            case "next_week":
                return self._of_week(1, last)
            case "this_month" | "end_of_month":
                return of_month(0, 31)
            case "start_of_month":
                return day_of_month(FIRST_DAYS)
            case "mid_month":
                return day_of_month(15)
            case _:
                return of_month(1, 31)

    def _of_week(self, weeks: int, index: int) -> Reckon:
        first = self.locale in _SUNDAY_FIRST or self.month_first
        return of_week(weeks, index, sunday_first=first)

    def _weekday(self, mark: Mark) -> SaidDay:
        index = WEEKDAYS.index(mark.key)
        beside = self._beside(mark, ("next", "last"))
        if beside is None:
            return SaidDay(mark.start, mark.end, coming(index))
        start, end = min(mark.start, beside.start), max(mark.end, beside.end)
        if beside.key == "next":
            return SaidDay(start, end, self._of_week(1, index))
        return SaidDay(start, end, was(index))

    def _month(self, mark: Mark) -> Iterator[SaidDay]:
        month = MONTHS.index(mark.key) + 1
        near = self._number_near(mark.start, mark.end)
        year, end = self._year_behind(near[0] + 1 if near else mark.end, mark.end)
        if near:
            start, day = near
            yield SaidDay(min(mark.start, start), max(end, start + 1), on_day(month, day, year))
            return
        edge = self._beside(mark, ("end_of", "start_of"))
        if edge:
            day = 31 if edge.key == "end_of" else FIRST_DAYS
            yield SaidDay(edge.start, end, on_day(month, day, year, is_clamped=True))

    def _day_of_month(self, mark: Mark) -> Iterator[SaidDay]:
        number = self._whole(range(mark.start, mark.end))
        if number is not None and 1 <= number <= 31:
            yield SaidDay(mark.start, mark.end, day_of_month(number))

    def _beside(self, mark: Mark, keys: Sequence[str]) -> Mark | None:
        """Another mark that touches this one, or stands one word away."""
        for other in self.marks:
            if other.key in keys and (
                0 <= mark.start - other.end <= 1 or 0 <= other.start - mark.end <= 1
            ):
                return other
        return None

    def _number_near(self, start: int, end: int) -> tuple[int, int] | None:
        """The number that makes a month a day: before it, or else behind it."""
        for place in (start - 1, start - 2, end, end + 1):
            if place == start - 2 and self.text[start - 1].number:
                continue
            if 0 <= place < len(self.text):
                number = self._whole([place])
                if number is not None and 1 <= number <= 31:
                    return place, number
        return None

    def _year_behind(self, place: int, end: int) -> tuple[int | None, int]:
        for spot in (end, place):
            number = self._whole([spot]) if 0 <= spot < len(self.text) else None
            if number is not None and 2000 <= number <= 2100:
                return number, max(end, spot + 1)
        return None, end

    def _whole(self, places: Sequence[int]) -> int | None:
        for place in places:
            number = self.text[place].number
            if number.isdecimal() and len(number) <= 4:
                return int(number)
        return None
