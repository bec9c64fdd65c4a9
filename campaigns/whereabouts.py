"""Where the recipient may be, and which packs are about that.

What is not known may be anywhere: the rules of every region of the country bind, and of every city.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from campaigns.calendar import country_of, region_of
from campaigns.facts import Facts
from campaigns.rules import Pack

Place = tuple[str, str | None]
"""A country and, if known, its region."""
Where = tuple[Place, ...]


def places_of(facts: Facts, zones: tuple[ZoneInfo, ...]) -> Where:
    """Where the recipient may be: the country on record, and those that the zones lie in.

    A region that its country does not have is not known.
    """
    own = (facts.country or "").upper()
    stated: list[Place] = [(own, region_of(own, facts.region))] if own else []
    countries = {country for country, _ in stated}
    implied = dict.fromkeys(country for zone in zones if (country := country_of(zone.key)))
    return (*stated, *((country, None) for country in implied if country not in countries))


def inside(pack: Pack, places: Where, facts: Facts) -> Where | None:
    """The candidate places that the pack is about, or None when it is not about this recipient.

    A region or a city that is not known may be any, so the rules of all of them bind.
    """
    if not pack.countries:
        return places
    found = tuple(
        (country, region)
        for country, region in places
        if country in pack.countries
        and in_region(pack.regions, region)
        and _in_city(pack.cities, country, facts)
    )
    return found or None


def in_region(regions: frozenset[str], region: str | None) -> bool:
    return not regions or region is None or region in regions


def _in_city(cities: frozenset[str], country: str, facts: Facts) -> bool:
    elsewhere = (facts.country or "").upper() != country
    return not cities or elsewhere or not facts.city or _town(facts.city) in cities


def _town(city: str) -> str:
    """As packs write it: `Brooklyn, NY` is `brooklyn`."""
    return " ".join(city.casefold().partition(",")[0].split())


def is_certain(pack: Pack, regions: frozenset[str], where: Where, facts: Facts) -> bool:
    """Whether it binds for what is known of the place, not only for what is unknown."""
    known = any(region is not None for _, region in where)
    return (known or not (pack.regions or regions)) and (bool(facts.city) or not pack.cities)
