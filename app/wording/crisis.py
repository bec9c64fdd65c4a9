"""Who listens to somebody who may be in danger, by country and language: `crisis_lines.yaml`.

A row that nobody has read at its source is not verified: somebody at the creditor confirms it
before people of that country are really written to, as packs of rules are signed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final

from ruamel.yaml import YAML

from app.wording.context import CrisisLine

ANYWHERE: Final = "all"
ALWAYS: Final = "24/7"


@dataclass(frozen=True, slots=True)
class CrisisRow:
    """A row of the file, by the name under which somebody confirms it. `hash` is of its content:
    what was confirmed before a row changed counts no more."""

    country: str
    row: Mapping[str, Any]

    @property
    def name(self) -> str:
        return f"crisis-{self.country.lower()}"

    @property
    def hash(self) -> str:
        plain = json.dumps(self.row, sort_keys=True, ensure_ascii=False, default=str)
        return sha256(plain.encode("utf-8")).hexdigest()

    @property
    def is_verified(self) -> bool:
        return self.row.get("read") is not None


@lru_cache(maxsize=1024)
def crisis_line(country: str | None, locale: str) -> CrisisLine:
    """The line of this country, named as this language calls it, or as its own does; beside the
    name of a line that sleeps stand its hours. Without a line only the emergency number is said."""
    row = crisis_row(country).row
    names: Mapping[str, str] = row.get("name", {})
    language = locale.replace("_", "-").partition("-")[0]
    name = names.get(language) or next(iter(names.values()), None)
    if name is not None and row["hours"] != ALWAYS:
        name = f"{name} ({row['hours']})"
    return CrisisLine(row.get("number"), name, row["emergency"])


def crisis_row(country: str | None) -> CrisisRow:
    """The row that speaks for this country: its own, one for many, or that of everywhere else."""
    rows = crisis_lines()
    if country is not None and country in rows:
        return CrisisRow(country, rows[country])
    shared = (CrisisRow(name, row) for name, row in rows.items() if country in row.get("of", ()))
    return next(shared, CrisisRow(ANYWHERE, rows[ANYWHERE]))


@lru_cache(maxsize=1)
def crisis_lines() -> Mapping[str, Mapping[str, Any]]:
    """The file as it stands, by country."""
    text = files("templates").joinpath("crisis_lines.yaml").read_text("utf-8")
    loaded: Mapping[str, Mapping[str, Any]] = YAML(typ="safe", pure=True).load(text)
    return loaded
