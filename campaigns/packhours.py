"""Hours and days as they are written: `mon-fri: "08:00-20:00"` in a rule pack's file, and
`mon-fri 17:00-20:00; sat 10:00-13:00` as a customer asks for them.

Of a file, what is wrong is reported as `packtable` does.
"""

from __future__ import annotations

import re

from campaigns.packtable import Table
from campaigns.rules import Span

WEEKDAYS = {name: day for day, name in enumerate("mon tue wed thu fri sat sun".split())}
_CLOCK = re.compile(r"(\d\d):([0-5]\d)")


def week(table: Table, key: str) -> tuple[tuple[Span | None, ...], Span | None]:
    """Hours by weekday, and hours of business days: `{sun-thu: "08:00-20:00"}`, `{all: …}` or
    `{business: …}`."""
    inner = table.inner(key)
    if inner is None:
        table.fault(key, f"`{key}` is missing", 'Add `hours: {all: "08:00-20:00"}`.')
        return (None,) * 7, None
    days: list[Span | None] = [None] * 7
    business: Span | None = None
    for name in inner.content:
        span = _span(inner, name)
        if name == "business":
            business = span
        for day in () if name == "business" else _days(inner, name, str(name)):
            if days[day] is not None:
                inner.fault(name, f"`{name}` repeats a weekday", "Give each weekday once.")
            days[day] = span
    if business and any(days):
        inner.fault("business", "business days beside weekdays", "Use one or the other.")
    return tuple(days), business


def own_week(text: str) -> tuple[Span | None, ...]:
    """The hours by weekday in which a customer wants to be written to. Raises `ValueError`."""
    days: list[Span | None] = [None] * 7
    for each in filter(None, map(str.strip, text.lower().split(";"))):
        name, _, hours = each.partition(" ")
        named, span = _named(name), _hours(hours)
        if named is None or span is None:
            raise ValueError(f"{each!r} are no hours; write `mon-fri 17:00-20:00; sat 10:00-13:00`")
        for day in named:
            if days[day] is not None:
                raise ValueError(f"{each!r} repeats a weekday; give each weekday once")
            days[day] = span
    if not any(days):
        raise ValueError("no hours at all; leave it out, or place a hold")
    return tuple(days)


def weekdays(table: Table, key: str) -> frozenset[int]:
    return frozenset(day for word in table.words(key) for day in _days(table, key, word))


def weekday_minutes(table: Table, key: str) -> tuple[tuple[int, int], ...]:
    """Weekdays with the minute from which they rest: `{fri: "14:00"}`."""
    inner = table.inner(key)
    if inner is None:
        return ()
    return tuple(
        (day, minute(inner, name) or 0)
        for name in inner.content
        for day in _days(inner, name, str(name))
    )


def minute(table: Table, key: str) -> int | None:
    """A time of day as minutes after midnight, or None when it is not given."""
    word = table.text(key, needed=False)
    if not word:
        return None
    found = _minute(word)
    if found is None:
        table.fault(key, f"`{word}` is no time of day", 'Write `"08:00"`, in quotes.')
    return found


def _span(table: Table, key: str) -> Span | None:
    word = table.text(key)
    hours = _hours(word)
    if word and hours is None:
        table.fault(key, f"`{word}` are no hours", 'Write `"08:00-20:00"`, early to late.')
    return hours


def _hours(word: str) -> Span | None:
    start, _, end = word.partition("-")
    opens, closes = _minute(start.strip()), _minute(end.strip())
    return (opens, closes) if opens is not None and closes is not None and opens < closes else None


def _minute(word: str) -> int | None:
    match = _CLOCK.fullmatch(word)
    if match is None:
        return None
    found = int(match[1]) * 60 + int(match[2])
    return found if found <= 24 * 60 else None


def _days(table: Table, key: str, word: str) -> tuple[int, ...]:
    found = _named(word)
    if found is None:
        remedy = "Write `mon`, `sun-thu`, `all` or, for hours, `business`."
        table.fault(key, f"unknown weekday `{word}`", remedy)
    return found or ()


def _named(word: str) -> tuple[int, ...] | None:
    if word == "all":
        return tuple(range(7))
    first, dash, last = word.partition("-")
    if first not in WEEKDAYS or (dash and last not in WEEKDAYS):
        return None
    start, end = WEEKDAYS[first], WEEKDAYS[last] if dash else WEEKDAYS[first]
    return tuple((start + step) % 7 for step in range((end - start) % 7 + 1))
