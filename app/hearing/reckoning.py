"""Days reckoned from the day on which a text was written, ahead for promises, back for payments."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from enum import Enum
from typing import Final

FAR: Final = timedelta(days=270)
"""A day without a year is never so far away: who writes "27/2" in March means the one that was."""
_ISO: Final = re.compile(r"(\d{4})[-./](\d{1,2})[-./](\d{1,2})")
_FULL: Final = re.compile(r"(\d{1,2})[-./](\d{1,2})[-./](\d{4}|\d{2})")
_SHORT: Final = re.compile(r"(\d{1,2})[./](\d{1,2})")


class Tense(Enum):
    """Promises look ahead, payments made look back."""

    AHEAD = "ahead"
    BACK = "back"


Reckon = Callable[[date, Tense], date | None]
"""The day that is meant, seen from another day; None where no such day is right."""


def never(on: date, tense: Tense) -> date | None:  # noqa: ARG001  # a Reckon, as the others are
    """No day: what is named is none of our calendar."""
    return None


def later(named: Reckon) -> Reckon:
    """The day behind the one that is named, for promises: `after the 10th`."""

    def reckon(on: date, tense: Tense) -> date | None:
        day = named(on, tense)
        return day + timedelta(days=1) if day and tense is Tense.AHEAD else day

    return reckon


def of_week(weeks: int, index: int, *, sunday_first: bool) -> Reckon:
    """A weekday of the week `weeks` from now; weeks begin on Monday, or on Sunday."""
    shift = 1 if sunday_first else 0

    def reckon(on: date, tense: Tense) -> date | None:
        first = on - timedelta(days=(on.weekday() + shift) % 7)
        named = first + timedelta(days=7 * weeks + (index + shift) % 7)
        return named if tense is Tense.AHEAD else None

    return reckon


def in_days(days: int) -> Reckon:
    def reckon(on: date, tense: Tense) -> date | None:
        if days and (days > 0) is (tense is Tense.BACK):
            return None
        return on + timedelta(days=days)

    return reckon


def in_months(months: int) -> Reckon:
    def reckon(on: date, tense: Tense) -> date | None:
        if (months > 0) is (tense is Tense.BACK):
            return None
        return _clamped(*_month_from(on, months), on.day)

    return reckon


def coming(index: int) -> Reckon:
    def reckon(on: date, tense: Tense) -> date | None:
        if tense is Tense.BACK:
            return on - timedelta(days=(on.weekday() - index) % 7 or 7)
        return on + timedelta(days=(index - on.weekday()) % 7 or 7)

    return reckon


def was(index: int) -> Reckon:
    def reckon(on: date, tense: Tense) -> date | None:
        return coming(index)(on, tense) if tense is Tense.BACK else None

    return reckon


def of_month(months: int, day: int) -> Reckon:
    def reckon(on: date, tense: Tense) -> date | None:
        return _clamped(*_month_from(on, months), day) if tense is Tense.AHEAD else None

    return reckon


def day_of_month(day: int) -> Reckon:
    def reckon(on: date, tense: Tense) -> date | None:
        here = _clamped(on.year, on.month, day)
        if tense is Tense.AHEAD:
            return here if here >= on else _clamped(*_month_from(on, 1), day)
        return here if here <= on else _clamped(*_month_from(on, -1), day)

    return reckon


def on_day(month: int, day: int, year: int | None, *, is_clamped: bool = False) -> Reckon:
    """A day of the calendar; without a year the next one, or for payments the last one."""

    def reckon(on: date, tense: Tense) -> date | None:
        for candidate in _years(on, year, tense):
            named = _clamped(candidate, month, day)
            if not is_clamped and named.day != day:
                continue
            if (named >= on) if tense is Tense.AHEAD else (named <= on):
                return named if year is not None or abs(named - on) <= FAR else None
        return None

    return reckon


def _years(on: date, year: int | None, tense: Tense) -> Sequence[int]:
    if year is not None:
        return (year,)
    return (on.year, on.year + 1) if tense is Tense.AHEAD else (on.year, on.year - 1)


def not_past(first: Reckon, second: Reckon) -> Reckon:
    def reckon(on: date, tense: Tense) -> date | None:
        named = first(on, tense)
        return second(on, tense) if named and named < on else named

    return reckon


def figures(number: str, month_first: bool) -> Reckon | None:
    """`2026-03-05`, `5.3.26`, `5/3`; the month first where the writer's country does so."""
    iso = _ISO.fullmatch(number)
    if iso:
        year, month, day = map(int, iso.groups())
        return _valid(month, day, year)
    full = _FULL.fullmatch(number) or _SHORT.fullmatch(number)
    if not full:
        return None
    first, second, *rest = map(int, full.groups())
    day, month = (second, first) if month_first and "/" in number else (first, second)
    if month > 12 and "/" in number:
        day, month = month, day
    if not rest:
        return _valid(month, day, None)
    return _valid(month, day, rest[0] + 2000 if rest[0] < 100 else rest[0])


def _valid(month: int, day: int, year: int | None) -> Reckon | None:
    if not 1 <= month <= 12 or not 1 <= day <= monthrange(2024, month)[1]:
        return None
    return on_day(month, day, year) if year is None or 2000 <= year <= 2100 else None


def _month_from(on: date, months: int) -> tuple[int, int]:
    years, month = divmod(on.month - 1 + months, 12)
    return on.year + years, month + 1


def _clamped(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))
