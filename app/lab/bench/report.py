"""What a bench has found: figures with their spread, against their aims, and whether the work was
right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.lab.bench.rounds import Series, Spread


@dataclass(frozen=True, slots=True)
class Aim:
    """What a figure must reach, or must not pass. Exactly one of the two."""

    at_least: float | None = None
    at_most: float | None = None

    def __post_init__(self) -> None:
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("an aim is at_least or at_most, and one of them")

    def is_met(self, figure: float) -> bool:
        if self.at_least is not None:
            return figure >= self.at_least
        assert self.at_most is not None
        return figure <= self.at_most

    def __str__(self) -> str:
        if self.at_least is not None:
            return f"at least {self.at_least:g}"
        return f"at most {self.at_most:g}"


@dataclass(frozen=True, slots=True)
class Figure:
    """`unit` is "times" for a ratio, else as in "a second", "us", "ms", "MB"."""

    name: str
    spread: Spread
    unit: str
    aim: Aim | None = None

    @property
    def verdict(self) -> str:
        """met, missed, or unclear: the rounds disagree too much to say. Empty without an aim."""
        if self.aim is None:
            return ""
        if self.spread.is_wide:
            return "unclear"
        return "met" if self.aim.is_met(self.spread.middle) else "missed"

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "median": _rounded(self.spread.middle),
            "low": _rounded(self.spread.low),
            "high": _rounded(self.spread.high),
            "unit": self.unit,
            "aim": str(self.aim) if self.aim else None,
            "verdict": self.verdict or None,
        }

    def __str__(self) -> str:
        told = f"{self.name}: {_rounded(self.spread.middle):g} {self.unit}"
        if self.spread.low != self.spread.high:
            told += f" ({_rounded(self.spread.low):g} to {_rounded(self.spread.high):g})"
        return told + (f", aim {self.aim}: {self.verdict}" if self.aim else "")


@dataclass(frozen=True, slots=True)
class Report:
    """Of one bench on one store. `wrong` tells what was not done as it should have been: then no
    figure counts."""

    bench: str
    store: str
    figures: Sequence[Figure]
    wrong: Sequence[str] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "bench": self.bench,
            "store": self.store,
            "figures": [each.as_json() for each in self.figures],
            "wrong": list(self.wrong),
        }

    def lines(self) -> list[str]:
        """For people: a heading, ratios first."""
        ratios = [each for each in self.figures if each.unit == "times"]
        others = [each for each in self.figures if each.unit != "times"]
        return [
            f"{self.bench} on {self.store}",
            *(f"  {each}" for each in (*ratios, *others)),
            *(f"  wrong: {each}" for each in self.wrong),
        ]


def one(name: str, figure: float, unit: str, aim: Aim | None = None) -> Figure:
    """A figure that was measured once."""
    return Figure(name, Spread(figure, figure, figure), unit, aim)


def rates(series: Series) -> list[Figure]:
    """How many a second each variant did, and what one cost."""
    return [
        figure
        for name in series.runs
        for figure in (
            Figure(name, series.per_second(name), "a second"),
            Figure(f"{name}, our processor", series.cpu_us(name), "us"),
        )
    ]


def _rounded(figure: float) -> float:
    """To three digits that count: more would pretend."""
    return float(f"{figure:.3g}")
