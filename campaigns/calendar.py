"""Business days, holidays and wall clocks. Knows no rule: what a holiday forbids, packs say."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

import holidays
from babel.core import get_global

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_USUAL_WEEKEND = frozenset({5, 6})
_STAFF_LANGUAGE = "en_US"
_ESTIMATED = "estimated)"

# Here bank holidays differ so much by region that the country alone gives too few (`holidays`
# 0.109: GB 7, but ENG 9, SCT 11, NIR 12). With no region known, a holiday anywhere counts.
_REGION_DECIDES = frozenset({"GB"})


@dataclass(frozen=True, slots=True)
class BusinessCalendar:
    """Working days of a place. `closed` and `opened` are the creditor's own corrections.

    `opened` takes a date out of weekend and holidays (a feast whose estimated date moved), `closed`
    adds one; a date in both is closed. A country that `holidays` does not know has none and rests
    on Saturday and Sunday. A region is ISO 3166-2, with or without the country ("GB-SCT", "SCT").
    """

    country: str | None
    region: str | None = None
    closed: frozenset[date] = frozenset()
    opened: frozenset[date] = frozenset()

    @property
    def weekend(self) -> frozenset[int]:
        """Weekdays (Monday is 0) on which business rests."""
        return weekend(self.country)

    def holiday(self, day: date) -> str | None:
        """The public holiday's name in English, or None. A weekend is not a holiday."""
        if day in self.closed:
            return "closed by the creditor"
        if day in self.opened:
            return None
        return _holidays(self.country, self.region, day.year).get(day)

    def possible_holiday(self, day: date) -> str | None:
        """As `holiday`, with a day on either side of a date that is only estimated.

        Islamic dates hang on the sighting of the moon and move by a day shortly before.
        """
        if (name := self.holiday(day)) or day in self.opened:
            return name
        for neighbour in (day - _DAY, day + _DAY):
            near = self.holiday(neighbour)
            if near is not None and _ESTIMATED in near:
                return near
        return None

    def is_business_day(self, day: date) -> bool:
        if day in self.opened:
            return day not in self.closed
        return day.weekday() not in self.weekend and self.holiday(day) is None

    def next_business_day(self, day: date) -> date:
        """The first business day on or after `day`."""
        while not self.is_business_day(day):
            day += _DAY
        return day

    def previous_business_day(self, day: date) -> date:
        """The last business day on or before `day`."""
        while not self.is_business_day(day):
            day -= _DAY
        return day

    def add_business_days(self, day: date, count: int) -> date:
        """The business day that lies `count` business days after `day` (before, if negative).

        `day` itself is not counted and need not be one; with 0 it is `next_business_day(day)`.
        """
        if count == 0:
            return self.next_business_day(day)
        step = _DAY if count > 0 else -_DAY
        for _ in range(abs(count)):
            day += step
            while not self.is_business_day(day):
                day += step
        return day


def weekend(country: str | None) -> frozenset[int]:
    """Rest weekdays of a country (Monday is 0): IL and SA Friday and Saturday, AE Saturday and
    Sunday; Saturday and Sunday where nothing else is known. Source: `holidays`, as CLDR."""
    return _weekend((country or "").upper())


def preload(countries: Iterable[str], years: Iterable[int]) -> None:
    """Loads holidays ahead of need: the first look at Israel costs up to 600 ms."""
    span = tuple(years)
    for country in countries:
        for year in span:
            _holidays(country, None, year)


@lru_cache(maxsize=1024)
def zone_of(name: str) -> ZoneInfo | None:
    """The zone of an IANA name, or None when there is no such zone."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown; malformed; a folder such as "America"
        return None


@lru_cache(maxsize=1024)
def country_of(zone: str) -> str | None:
    """The ISO country that CLDR puts a zone in, or None (UTC and the like)."""
    territory = get_global("zone_territories").get(zone)
    return None if territory in (None, "ZZ", "001") else str(territory)


@lru_cache(maxsize=1024)
def region_of(country: str, region: str | None) -> str | None:
    """The code of a region (ISO 3166-2, without the country) that is written as a code or in full;
    None for one that the country is known not to have."""
    country, told = country.upper(), (region or "").strip()
    code = told.upper().removeprefix(f"{country}-")
    known = _supported().get(country)
    if not known or code in known:
        return code or None
    return _named_regions(country).get(told.casefold())


def local_date(now: datetime, zone: ZoneInfo) -> date:
    """The date on the wall at an instant."""
    return now.astimezone(zone).date()


def next_day_of_month(number: int, earliest: date) -> date:
    """The first date from `earliest` on that is this day of its month, or a shorter one's last."""
    this = _day_of_month(number, earliest)
    return this if this >= earliest else _day_of_month(number, earliest.replace(day=1) + 31 * _DAY)


@lru_cache(maxsize=8192)
def at_local(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, of a time on the wall.

    A time that a change of clocks skips becomes the next instant that exists, and one that comes
    twice becomes the first.
    """
    wall = datetime.combine(day, at)
    instant = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall:
        return instant
    return _change_between(
        wall.replace(tzinfo=zone, fold=1).astimezone(UTC) - _SECOND, instant, zone
    )


def _day_of_month(number: int, month: date) -> date:
    return month.replace(day=min(number, monthrange(month.year, month.month)[1]))


def _change_between(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The instant at which the offset changes, to the second, by halving."""
    old = before.astimezone(zone).utcoffset()
    while after - before > _SECOND:
        middle = before + timedelta(seconds=(after - before) // _SECOND // 2)
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


@lru_cache(maxsize=512)
def _weekend(country: str) -> frozenset[int]:
    if country not in _supported():
        return _USUAL_WEEKEND
    return frozenset(holidays.country_holidays(country).weekend)


@lru_cache(maxsize=1)
def _supported() -> Mapping[str, list[str]]:
    return holidays.list_supported_countries(include_aliases=True)


@lru_cache(maxsize=4096)
def _holidays(country: str | None, region: str | None, year: int) -> Mapping[date, str]:
    country = (country or "").upper()
    if country not in _supported():
        return MappingProxyType({})
    named: dict[date, str] = {}
    for subdivision in _subdivisions(country, region):
        named |= _named(country, subdivision, year)
    return MappingProxyType(named)


def _subdivisions(country: str, region: str | None) -> tuple[str | None, ...]:
    known = _supported()[country]
    code = region_of(country, region)
    if code in known:
        return (code,)
    return (None, *known) if country in _REGION_DECIDES else (None,)


@lru_cache(maxsize=64)
def _named_regions(country: str) -> Mapping[str, str]:
    aliases: Mapping[str, str] = getattr(
        holidays.country_holidays(country), "subdivisions_aliases", {}
    )
    return {name.casefold(): code for name, code in aliases.items()}


def _named(country: str, subdivision: str | None, year: int) -> dict[date, str]:
    languages = holidays.country_holidays(country).supported_languages
    found = holidays.country_holidays(
        country,
        subdiv=subdivision,
        years=year,
        expand=False,
        language=_STAFF_LANGUAGE if _STAFF_LANGUAGE in languages else None,
    )
    return dict(found.items())
