"""Months of the calendar by their names (2026-06), which sort as they follow each other."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date


def days_in(month: str) -> int:
    year, number = _parts(month)
    return monthrange(year, number)[1]


def first_of(month: str) -> date:
    """Its first day."""
    return date(*_parts(month), 1)


def last_of(month: str) -> date:
    """Its last day."""
    return date(*_parts(month), days_in(month))


def is_month(told: str) -> bool:
    try:
        date.fromisoformat(f"{told}-01")
    except ValueError:
        return False
    return True


def shifted(month: str, by: int) -> str:
    """The month that is `by` months later."""
    year, number = _parts(month)
    year, zero_based = divmod(year * 12 + number - 1 + by, 12)
    return f"{year:04}-{zero_based + 1:02}"


def between(first: str, last: str) -> Iterator[str]:
    """From the first to the last, both with it."""
    month = first
    while month <= last:
        yield month
        month = shifted(month, 1)


def _parts(month: str) -> tuple[int, int]:
    year, number = month.split("-")
    return int(year), int(number)
