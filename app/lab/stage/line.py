"""One line of a timeline, and lines under their days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal

from app.lab.stage.voice import Voice

Tone = Literal["sent", "held", "heard", "money", "stop", "work", "turn"]
REFUSAL, EVENT, TASK = 1, 2, 3  # where a line comes from; at one instant they stand in this order
_LENGTH: Final = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What happened, and why, in a sentence each.

    `order` is where the line comes from and the id of its row. `letter` is the attempt behind a
    message that left; `quote` is in the customer's language; `facts` answer "why?" in detail.
    """

    at: datetime
    tone: Tone
    what: str
    why: str
    order: tuple[int, int]
    medium: str | None = None
    letter: int | None = None
    quote: str = ""
    notes: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()


def event_line(event: Mapping[str, Any], tone: Tone, what: str, why: str, **more: Any) -> Line:
    """A line about an event."""
    order = EVENT, event["id"]
    return Line(at=event["at"], tone=tone, what=what, why=why, order=order, **more)


def first_words(text: str) -> str:
    """As much of a text as fits a line."""
    words = " ".join(text.split())
    return words if len(words) <= _LENGTH else words[: _LENGTH - 1].rstrip() + "…"


def by_day(lines: Sequence[Line], voice: Voice) -> list[tuple[str, list[Line]]]:
    """Lines under the day on which they happened, in the order in which they came."""
    days: dict[date, list[Line]] = {}
    for line in lines:
        days.setdefault(line.at.astimezone(voice.zone).date(), []).append(line)
    return [(voice.day(day), told) for day, told in days.items()]
