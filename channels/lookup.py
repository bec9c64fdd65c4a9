"""The seam of a number look-up: what a number is, before the first text goes there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum


class Line(StrEnum):
    """What a number is. `UNKNOWN` is every doubt: it proves nothing."""

    TEXTS = "texts"
    LANDLINE = "landline"
    INVALID = "invalid"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Looked:
    """What somebody knows of a number. `reassigned` says whether it is another person's by now;
    None where that was not asked."""

    number: str = field(repr=False)
    line: Line
    reassigned: bool | None = None


LookUp = Callable[[str], Awaitable[Looked]]
"""Asks for one number (E.164). It never raises for what a provider does, and answers in time."""
