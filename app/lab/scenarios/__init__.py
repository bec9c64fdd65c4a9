"""The books that a demo can be given: the two utilities, or a scenario of one law's own.

A scenario is a file here, named after it: adding one is adding a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from app.lab.book import HOUSES, Account, House, Town, book_of, sample_book

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Scenario:
    """Creditors by key, and the book of their customers."""

    title: str
    houses: Mapping[str, House]
    disclosure: str = ""  # the variable of words that its own templates say in every message
    read: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # rows, by pack
    rates: tuple[Mapping[str, Any], ...] = ()

    def book(self, customers: int, *, seed: int, start: date, end: date) -> tuple[Account, ...]:
        """So many accounts, with the bills that matter from `start` to `end`."""
        if self.houses is HOUSES:
            return sample_book(customers, seed=seed, start=start, end=end)
        (house,) = self.houses.values()
        return book_of(house, customers, seed=seed, start=start, end=end)


def scenarios() -> tuple[str, ...]:
    """The names of all that there are."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml")))


def scenario_of(name: str) -> Scenario:
    """The scenario of that name; without one, the two utilities. Raises `ValueError`."""
    if not name:
        return Scenario("Two utilities in two countries", HOUSES)
    if name not in scenarios():
        raise ValueError(f"no scenario {name!r}; there are {', '.join(scenarios())}")
    table = YAML(typ="safe").load((_FOLDER / f"{name}.yaml").read_text("utf-8"))
    house = dict(table["house"])
    house["languages"] = tuple(house["languages"].items())
    house["charges"] = tuple(house.get("charges", ()))
    house["places"] = tuple(Town(**town) for town in house.get("places", ()))
    house["campaigns"] = tuple(
        (each["name"], each["subject"], each["journey"]) for each in house["campaigns"]
    )
    made = House(**house)
    return Scenario(
        table["title"],
        {made.key: made},
        disclosure=table.get("disclosure", ""),
        read={pack: tuple(rows) for pack, rows in table.get("read", {}).items()},
        rates=tuple(table.get("rates", ())),
    )
