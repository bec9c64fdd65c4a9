"""Walls, weeks and holidays for the slow checker of law, looked up day by day, minute by minute."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@lru_cache(maxsize=100_000)
def moment(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """The first minute at which the wall shows that time of that day, or a later one."""
    at = datetime.combine(day, time(), UTC) - 15 * HOUR
    wanted = datetime.combine(day, time()) + minute * MINUTE
    while at.astimezone(zone).replace(tzinfo=None) < wanted - 4 * HOUR:
        at += HOUR
    while at.astimezone(zone).replace(tzinfo=None) < wanted:
        at += MINUTE
    return at


def minutes(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def weekdays(names: str) -> list[int]:
    if names == "all":
        return list(range(7))
    first, _, last = names.partition("-")
    day, found = DAYS.index(first), [DAYS.index(first)]
    while last and day != DAYS.index(last):
        day = (day + 1) % 7
        found.append(day)
    return found


@lru_cache(maxsize=100)
def weekend(country: str) -> frozenset[int]:
    if country not in holidays.list_supported_countries():
        return frozenset({5, 6})
    return frozenset(holidays.country_holidays(country).weekend)


def feast_name(country: str, region: str | None, day: date) -> str:
    return _feasts(country, region, day.year).get(day, "")


@lru_cache(maxsize=1000)
def _feasts(country: str, region: str | None, year: int) -> Mapping[date, str]:
    """In Britain holidays differ by region: with none known, a holiday of any counts."""
    known = holidays.list_supported_countries()
    if country not in known:
        return {}
    parts: list[str | None] = [region] if region in known[country] else [None]
    if country == "GB" and region not in known[country]:
        parts = [None, *known[country]]
    found: dict[date, str] = {}
    for part in parts:
        calendar = holidays.country_holidays(country)
        language = "en_US" if "en_US" in calendar.supported_languages else None
        found |= dict(holidays.country_holidays(country, part, year, language=language).items())
    return found
