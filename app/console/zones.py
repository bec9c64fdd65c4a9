"""The time zones to choose from: what is near to the house first, then all others by continent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Final
from unicodedata import normalize
from zoneinfo import available_timezones

from babel import Locale
from babel.core import get_global
from sqlalchemy import select
from sqlmodel import Session

from app.book.guessing.places import PLACES
from app.store.given import table_of
from app.store.rows import Creditor
from app.web.catalogues import N_

Group = tuple[str, Sequence[tuple[str, str]]]
"""A marked text, and the zones under it with their names."""

_CREDITOR: Final = table_of(Creditor)
_UTC: Final = "UTC"
_NOWHERE: Final = "ZZ"
_NEAR: Final = N_("Nearest")
_CONTINENTS: Final = {
    "Africa": N_("Africa"),
    "America": N_("America"),
    "Antarctica": N_("Antarctica"),
    "Asia": N_("Asia"),
    "Atlantic": N_("Atlantic Ocean"),
    "Australia": N_("Australia"),
    "Europe": N_("Europe"),
    "Indian": N_("Indian Ocean"),
    "Pacific": N_("Pacific Ocean"),
}


def zones_of_house(session: Session) -> Sequence[str]:
    """Those that the creditors live by."""
    query = select(_CREDITOR.c.zone).distinct().order_by(_CREDITOR.c.zone)
    return session.connection().execute(query).scalars().all()


def zone_groups(language: str, house: Sequence[str], chosen: str = "") -> list[Group]:
    """What is chosen, the house's and those where the language is spoken; then all, without the
    other names of the same. What is chosen is always among them."""
    spoken = [each.zone for each in PLACES.values() if each.locale.startswith(language)]
    near = dict.fromkeys(zone for zone in (chosen, *house, *spoken, _UTC) if zone)
    others = [
        (title, [(zone, words) for zone, words in named if zone not in near])
        for title, named in _by_continent(language)
    ]
    return [(_NEAR, [(zone, zone_name(zone, language)) for zone in near]), *others]


@cache
def zone_name(zone: str, language: str) -> str:
    """Its city and country as the language calls them; what is no place stays as it is."""
    country = get_global("zone_territories").get(_canonical(zone), _NOWHERE)
    if country in (_NOWHERE, "001"):
        return zone
    locale = Locale.parse(language)
    named = (locale.time_zones.get(each, {}).get("city") for each in _same(zone))
    city = next(filter(None, named), None) or zone.rpartition("/")[2].replace("_", " ")
    land = locale.territories.get(country, country)
    return city if city == land else f"{city} ({land})"


@cache
def _by_continent(language: str) -> Sequence[Group]:
    found = defaultdict(list)
    known = available_timezones()
    for zone in known:
        continent = zone.partition("/")[0]
        if continent in _CONTINENTS and (_canonical(zone) == zone or _canonical(zone) not in known):
            found[continent].append((zone, zone_name(zone, language)))
    return [
        (title, sorted(found[continent], key=lambda named: _plain(named[1])))
        for continent, title in _CONTINENTS.items()
    ]


def _canonical(zone: str) -> str:
    return str(get_global("zone_aliases").get(zone, zone))


def _same(zone: str) -> Sequence[str]:
    """All names of the zone: a language has a word for one of them."""
    canonical = _canonical(zone)
    others = (old for old, new in get_global("zone_aliases").items() if new == canonical)
    return (canonical, *others)


def _plain(words: str) -> str:
    """Letters with a mark stand beside those without."""
    return normalize("NFKD", words).casefold()
