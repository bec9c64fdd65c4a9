"""Who listens to somebody who may be in danger, by country and language: `crisis_lines.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

from ruamel.yaml import YAML

from app.wording.context import CrisisLine

ANYWHERE: Final = "all"


def crisis_line(country: str | None, locale: str) -> CrisisLine:
    """The line of this country, named as this language calls it, or as its own does. Of a country
    that we do not know only the emergency number is said."""
    row = crisis_lines().get(country or ANYWHERE) or crisis_lines()[ANYWHERE]
    names: Mapping[str, str] = row.get("name", {})
    language = locale.replace("_", "-").partition("-")[0]
    name = names.get(language) or next(iter(names.values()), None)
    return CrisisLine(row.get("number"), name, row["emergency"])


@lru_cache(maxsize=1)
def crisis_lines() -> Mapping[str, Mapping[str, Any]]:
    """The file as it stands, by country."""
    text = files("templates").joinpath("crisis_lines.yaml").read_text("utf-8")
    loaded: Mapping[str, Mapping[str, Any]] = YAML(typ="safe", pure=True).load(text)
    return loaded
