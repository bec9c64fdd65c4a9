"""Days on a creditor's wall clock, as instants."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo


@lru_cache(maxsize=20_000)
def start_of(day: date, zone: str) -> datetime:
    """The first instant of a day in a zone, in UTC."""
    return datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC)


def end_of(day: date, zone: str) -> datetime:
    """The first instant after a day."""
    return start_of(day + timedelta(days=1), zone)


def day_of(instant: datetime, zone: str) -> date:
    """The date on the wall at an instant."""
    return instant.astimezone(ZoneInfo(zone)).date()
