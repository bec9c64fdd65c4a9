"""What the doctor finds, and what a look that finds something amiss raises."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from campaigns.worded import worded

if TYPE_CHECKING:
    from channels.problems import Problem


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the doctor looked at. What is not well says what to do."""

    name: str
    well: bool
    words: str


class Amiss(Exception):
    """Something is missing; the words name it and the remedy."""


def reworded(problems: Iterable[Problem]) -> list[str]:
    """What channels tell, so that a reader's language can say it."""
    return [worded(each.template, **_facts(each)) for each in problems]


def _facts(problem: Problem) -> dict[str, object]:
    from channels.problems import Problem

    return {
        name: worded(fact.template, **_facts(fact)) if isinstance(fact, Problem) else fact
        for name, fact in problem.facts.items()
    }
