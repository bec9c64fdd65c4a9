"""The one place that reads the time. Everything else is told `now`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time as an aware UTC instant."""

    def now(self) -> datetime: ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class VirtualClock:
    """A clock that stands still until it is moved: for the demo, replays and tests."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def move_to(self, instant: datetime) -> None:
        """Moves forward. Raises `ValueError` for an instant that is past."""
        if instant < self._now:
            raise ValueError(f"time only moves forward: {instant} is before {self._now}")
        self._now = instant.astimezone(UTC)
