"""Who helps people with debts, by country: `debt_advice.yaml`. A service that nobody has verified
at its source is told to no customer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final
from urllib.parse import urlsplit

from babel.dates import get_day_names
from ruamel.yaml import YAML

from app.wording.formats import parsed_locale

HOURS: Final = re.compile(r"(?P<first>[1-7])-(?P<last>[1-7]) (?P<times>\d\d:\d\d-\d\d:\d\d)")


@dataclass(frozen=True, slots=True)
class Advice:
    """One service as a customer is told of it, by the name that their language has for it."""

    name: str
    phone: str | None
    web: str | None
    hours: str | None

    @property
    def host(self) -> str:
        """Its web address as people say it."""
        return (urlsplit(self.web or "").hostname or "").removeprefix("www.")


def advice_in(country: str | None, locale: str) -> tuple[Advice, ...]:
    """The services of a country that were verified; none where none is known."""
    row = advice_rows().get(country or "", {})
    return tuple(_said(each, locale) for each in row.get("services", ()) if each["read"])


@lru_cache(maxsize=1)
def advice_rows() -> Mapping[str, Mapping[str, Any]]:
    """The file as it stands, by country."""
    text = files("templates").joinpath("debt_advice.yaml").read_text("utf-8")
    loaded: Mapping[str, Mapping[str, Any]] = YAML(typ="safe", pure=True).load(text)
    return loaded


def _said(service: Mapping[str, Any], locale: str) -> Advice:
    names: Mapping[str, str] = service["name"]
    language = locale.replace("_", "-").partition("-")[0]
    name = names.get(language) or names.get("en") or next(iter(names.values()))
    hours = service.get("hours")
    written = _hours(hours, locale) if hours else None
    return Advice(name, service.get("phone"), service.get("web"), written)


def _hours(hours: str, locale: str) -> str:
    found = HOURS.fullmatch(hours)
    if found is None:
        raise ValueError(f"hours {hours!r} of a debt-advice service: write 1-5 08:00-18:00")
    days = get_day_names("abbreviated", context="stand-alone", locale=parsed_locale(locale))
    first, last = (days[int(found[end]) - 1] for end in ("first", "last"))
    return f"{first}–{last} {found['times'].replace('-', '–')}"
