"""How long payment plans live: the share that is still kept after each instalment.

The estimate of Kaplan and Meier ("Nonparametric estimation from incomplete observations", Journal
of the American Statistical Association 53, 1958): at each instalment, the plans that broke there
are set against those that came so far. A plan that still runs, was completed or was withdrawn has
not broken: it counts for as many instalments as it paid, and leaves the count then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Step:
    """At instalment `number`: so many plans came up to it, so many broke there, and `alive` is the
    share of all plans that would be kept past it."""

    number: int
    at_risk: int
    broke: int
    alive: float


def survival(plans: Mapping[tuple[str, int], int]) -> list[Step]:
    """Of plans by their state and by how many instalments of them were paid."""
    alive, steps = 1.0, []
    for number in range(1, _last(plans) + 1):
        came = sum(many for (_, paid), many in plans.items() if paid >= number)
        broke = plans.get((BROKEN, number - 1), 0)
        at_risk = came + broke
        if at_risk == 0:
            break
        alive *= 1 - broke / at_risk
        steps.append(Step(number, at_risk, broke, alive))
    return steps


def _last(plans: Mapping[tuple[str, int], int]) -> int:
    """The last instalment that any plan was paid up to, or broke at."""
    reached = [paid + (state == BROKEN) for (state, paid), many in plans.items() if many]
    return max(reached, default=0)
