"""How much of what fell overdue in a month was recovered, and how soon (a vintage table)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.figures.reports.months import between


@dataclass(frozen=True, slots=True)
class Cohort:
    """What was open when it fell due in `month`; what was paid of it by the end of the same month
    and of each month after it, together; and what went without money (credit notes, discounts)."""

    month: str
    owed: int
    recovered: Sequence[int]
    credited: int

    def shares(self) -> Sequence[float | None]:
        """Recovered of what was owed and not credited; None where nothing is left to recover."""
        base = self.owed - self.credited
        return [amount / base if base > 0 else None for amount in self.recovered]


def cohorts(
    fell_overdue: Mapping[str, int],
    recovered: Mapping[tuple[str, int], int],
    credited: Mapping[tuple[str, int], int],
    *,
    first: str,
    last: str,
) -> list[Cohort]:
    """Those from the first to the last month; `last` is also up to when money is counted."""
    found = []
    for month in between(first, last):
        ages = range(len(list(between(month, last))))
        together, row = 0, []
        for age in ages:
            together += recovered.get((month, age), 0)
            row.append(together)
        gone = sum(credited.get((month, age), 0) for age in ages)
        found.append(Cohort(month, fell_overdue.get(month, 0), row, gone))
    return found
