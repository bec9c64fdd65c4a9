"""What the doctor finds, and what a look that finds something amiss raises."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the doctor looked at. What is not well says what to do."""

    name: str
    well: bool
    words: str


class Amiss(Exception):
    """Something is missing; the words name it and the remedy."""
