"""Hours between which somebody wants to hear from us, on their own clock."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from typing import Final

from app.hearing.tokens import Token

PARTS: Final = {
    "morning": (None, time(12)),
    "afternoon": (time(12), time(17)),
    "evening": (time(17), None),
}
EARLIEST: Final = 8
"""Nobody asks to be called before this hour: "after 5" is five in the afternoon."""
_CLOCK: Final = re.compile(r"([01]?\d|2[0-4])(?:[:.]([0-5]\d))?")


@dataclass(frozen=True, slots=True)
class HourMark:
    """A phrase for hours, by its key in the files of words."""

    key: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class SaidHours:
    """Wall-clock times; None leaves that side open."""

    not_before: time | None = None
    not_after: time | None = None


def said_hours(text: Sequence[Token], marks: Sequence[HourMark]) -> SaidHours | None:
    """The hours of a text, or None when it names none. Of two phrases the longer one counts."""
    for mark in sorted(marks, key=lambda mark: mark.start - mark.end):
        found = _read(text, mark, marks)
        if found:
            return found
    return None


def _read(text: Sequence[Token], mark: HourMark, marks: Sequence[HourMark]) -> SaidHours | None:
    if mark.key in PARTS:
        return SaidHours(*PARTS[mark.key])
    clocks = [
        clock
        for place in range(mark.start, mark.end)
        if (clock := _clock(text, place, marks)) is not None
    ]
    match mark.key, clocks:
        case "after", [first, *_]:
            return SaidHours(not_before=first)
        case "before", [first, *_]:
            return SaidHours(not_after=first)
        case "between", [first, second, *_]:
            return SaidHours(first, second)
        case _:
            return None


def _clock(text: Sequence[Token], place: int, marks: Sequence[HourMark]) -> time | None:
    said = _CLOCK.fullmatch(text[place].number) if text[place].number else None
    if said is None:
        return None
    hour, minute = int(said[1]) % 24, int(said[2] or 0)
    beside = {mark.key for mark in marks if 0 <= mark.start - place - 1 <= 1}
    is_late = bool(beside & {"late", "evening", "afternoon"})
    is_early = "morning" in beside
    if hour < 12 and (is_late or (hour < EARLIEST and not is_early)):
        hour = (hour + 12) % 24
    return time(hour, minute)
