"""Where the recipient may be, and which packs are about that.

Candidates are the address on record, where the number is from, and the countries of zones that were
declared. What is not known may be anywhere: the rules of every region of the country bind, of every
city, and of every zone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.core import get_global

from campaigns.area_codes import AREAS
from campaigns.calendar import country_of, region_of
from campaigns.facts import ChannelFact, Facts
from campaigns.rules import Pack

Place = tuple[str, str | None]
"""A country and, if known, its region."""
Where = tuple[Place, ...]

_YEAR = tuple(datetime(2026, 1, 1, tzinfo=UTC) + day * timedelta(days=1) for day in range(365))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place where the recipient may be, with what tells its city: a postcode, a name, or the area
    code of a number."""

    country: str
    region: str | None = None
    postcode: str | None = None
    city: str | None = None
    area_code: str | None = None

    @property
    def place(self) -> Place:
        return self.country, self.region

    @property
    def tells_city(self) -> bool:
        return bool(self.postcode or self.city or self.area_code)


def candidates(
    facts: Facts, channel: ChannelFact, zones: tuple[ZoneInfo, ...]
) -> tuple[Candidate, ...]:
    """The address on record, where the number is from, and the countries that the zones lie in.

    A region that its country does not have is not known. A number from the country on record tells
    more only where its area has a region.
    """
    found: list[Candidate] = []
    own, area = (facts.country or "").upper(), channel.area
    if own:
        region = region_of(own, facts.region)
        found.append(Candidate(own, region, facts.postcode, facts.city))
    if area is not None and (area.region or area.country != own):
        found.append(Candidate(area.country, area.region, area_code=area.code or None))
    known = {candidate.country for candidate in found}
    implied = dict.fromkeys(country for zone in zones if (country := country_of(zone.key)))
    return (*found, *(Candidate(country) for country in implied if country not in known))


def zone_names(facts: Facts, channel: ChannelFact) -> tuple[str, ...]:
    """The zones in which the recipient may be: what was declared, or all zones of the state or the
    country on record; and those of the number."""
    declared = facts.zones or zones_in(facts.country or "", facts.region)
    return tuple(dict.fromkeys((*declared, *channel.zones, *_of_number(facts, channel))))


def _of_number(facts: Facts, channel: ChannelFact) -> tuple[str, ...]:
    area = channel.area
    if area is None:
        return ()
    if area.zones or area.country == (facts.country or "").upper():
        return area.zones
    return zones_in(area.country)


@lru_cache(maxsize=1024)
def zones_in(country: str, region: str | None = None) -> tuple[str, ...]:
    """The zones of a country, or of its state in North America; of those that agree on every day,
    one. Empty for a country that nobody knows."""
    country = country.upper()
    code = region_of(country, region) if region else None
    areas = [area for area in AREAS.values() if area.country == country]
    within = [area for area in areas if area.region == code] or areas
    names = {zone for area in within for zone in area.zones}
    if not names:
        names = {name for name in get_global("zone_territories") if country_of(name) == country}
    clocks = {tuple(day.astimezone(ZoneInfo(name)).utcoffset() for day in _YEAR): name
              for name in sorted(names, reverse=True)}  # fmt: skip
    return tuple(sorted(clocks.values()))


def inside(pack: Pack, places: tuple[Candidate, ...]) -> tuple[Candidate, ...] | None:
    """The candidates that the pack is about, or None when it is not about this recipient.

    A region or a city that is not known may be any, so the rules of all of them bind.
    """
    if not pack.countries:
        return places
    found = tuple(
        place
        for place in places
        if place.country in pack.countries
        and in_region(pack.regions, place.region)
        and in_town(pack, place) is not False
    )
    return found or None


def in_region(regions: frozenset[str], region: str | None) -> bool:
    return not regions or region is None or region in regions


def in_town(pack: Pack, place: Candidate) -> bool | None:
    """Whether the place lies in the cities of the pack; None while that is not known. A postcode
    tells more than a name: towns share names, and a name may be a quarter's."""
    if not pack.cities:
        return True
    if place.postcode and pack.postcodes:
        digits = "".join(place.postcode.split())
        return any(digits.startswith(prefix) for prefix in pack.postcodes)
    if place.city:
        return _town(place.city) in pack.cities
    if place.area_code and pack.area_codes:
        return place.area_code in pack.area_codes
    return None


def _town(city: str) -> str:
    """As packs write it: `Brooklyn, NY` is `brooklyn`."""
    return " ".join(city.casefold().partition(",")[0].split())


def is_certain(pack: Pack, regions: frozenset[str], where: tuple[Candidate, ...]) -> bool:
    """Whether it binds for what is known of the place, not only for what is unknown."""
    known = any(place.region is not None for place in where)
    told = any(place.tells_city for place in where)
    return (known or not (pack.regions or regions)) and (told or not pack.cities)
