"""Days sales outstanding, by counting back.

The countback (exhaustion) method: from what is owed at the end of a month its sales are taken, then
those of the month before, and so on; each month that is taken whole counts all its days, the last
one its share. It follows sales as they were, where receivables over average sales would rise and
fall with the season. Source: "Why You Should Switch to the Countback Method to Calculate DSO",
Credit Today / Highako Academy, academy.highako.com.

Best possible DSO takes only what is not yet due, and average days delinquent is the difference: the
measures of the Credit Research Foundation's National Summary of Domestic Trade Receivables
(crfonline.org). The CRF divides by the sales of a quarter; here both are counted back, so that the
difference is never below zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.figures.reports.months import days_in, shifted


@dataclass(frozen=True, slots=True)
class Ledger:
    """A book in one currency, in minor units: by month, and by cohort (the month in which an
    invoice fell overdue) and months since."""

    billed: Mapping[str, int]
    settled: Mapping[str, int]
    fell_overdue: Mapping[str, int]
    came: Mapping[tuple[str, int], int]
    """Recovered and credited of a cohort, months later."""

    def receivable(self, month: str) -> int:
        """What was owed at the end of the month."""
        return _until(self.billed, month) - _until(self.settled, month)

    def overdue(self, month: str) -> int:
        """How much of that was past its due date."""
        came = sum(
            amount for (cohort, age), amount in self.came.items() if shifted(cohort, age) <= month
        )
        return _until(self.fell_overdue, month) - came


@dataclass(frozen=True, slots=True)
class DaysOutstanding:
    """At the end of `month`. `is_whole` is False where the sales on record did not reach back far
    enough: the true days are then more."""

    month: str
    receivable: int
    overdue: int
    dso: float
    best: float
    is_whole: bool

    @property
    def delinquent(self) -> float:
        """Average days delinquent."""
        return self.dso - self.best


def days_outstanding(ledger: Ledger, month: str, *, days: int | None = None) -> DaysOutstanding:
    """At the end of a month; of one that still runs, `days` are those that it has had."""
    receivable, overdue = ledger.receivable(month), ledger.overdue(month)
    dso, is_whole = _count_back(ledger.billed, receivable, month, days or days_in(month))
    current = min(max(receivable - overdue, 0), max(receivable, 0))
    best, _ = _count_back(ledger.billed, current, month, days or days_in(month))
    return DaysOutstanding(month, receivable, overdue, dso, best, is_whole)


def _count_back(billed: Mapping[str, int], owed: int, month: str, days: int) -> tuple[float, bool]:
    """The days of sales that `owed` is, and whether there were sales enough."""
    first = min(billed, default=month)
    counted = 0.0
    while owed > 0 and month >= first:
        sales = max(billed.get(month, 0), 0)
        if sales > owed:
            return counted + days * owed / sales, True
        owed -= sales
        counted += days
        month = shifted(month, -1)
        days = days_in(month)
    return counted, owed <= 0


def _until(by_month: Mapping[str, int], month: str) -> int:
    return sum(amount for name, amount in by_month.items() if name <= month)
