"""Figures by month, as several reports show them: a column for each, and a chart of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from app.console.figures.charts import Chart, Series, bars
from app.console.figures.tables import Column, Kind, Line, Table
from app.console.figures.telling import Telling
from app.figures.names import Daily
from app.figures.reading import daily
from app.figures.reports.months import between, first_of, last_of
from app.web.catalogues import N_

Counts = Mapping[str, int]
"""By month, each of the scope's."""
Behind = Callable[[str], str]
"""The list behind what is counted in a month."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A column of a table and of its chart."""

    name: str
    counts: Counts
    behind: Behind


def by_month(
    tell: Telling, figures: Sequence[Daily], *, currency: str | None = None
) -> Mapping[str, Counts]:
    """Numbers by `figure` and by `figure:about`, for each month of the scope."""
    scope = tell.scope
    months = list(between(*scope.months))
    found: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(months, 0))
    for figure in figures:
        found[figure] = dict.fromkeys(months, 0)
    for row in daily(
        tell.session, figures, scope.first, scope.last, "day", "about",
        creditors=scope.creditor_ids, currency=currency,
    ):  # fmt: skip
        month = f"{row.day:%Y-%m}"
        found[row.figure][month] += int(row.number)
        if row.about:
            found[f"{row.figure}:{row.about}"][month] += int(row.number)
    return found


def days_of(tell: Telling, month: str) -> dict[str, str]:
    """A month as far as it is in the scope, as the URL of a list tells it."""
    return {
        "from": max(first_of(month), tell.scope.first).isoformat(),
        "to": min(last_of(month), tell.scope.last).isoformat(),
    }


def happened(tell: Telling, what: Daily, about: str = "", *, currency: str = "") -> Behind:
    def behind(month: str) -> str:
        asked = {"what": what, "about": about, "currency": currency, **days_of(tell, month)}
        return f"/console/happened{tell.scope.query(**asked)}"

    return behind


def messages(tell: Telling, **asked: str) -> Behind:
    def behind(month: str) -> str:
        told = {"currency": "", **asked, **days_of(tell, month)}
        return f"/console/messages{tell.scope.query(**told)}"

    return behind


def months_table(tell: Telling, title: str, columns: Sequence[Counted]) -> Table:
    heads = [
        Column(tell.say(N_("Month"))),
        *(Column(each.name, Kind.NUMBER) for each in columns),
    ]
    lines = [
        Line(
            (tell.month(month), *(each.counts[month] for each in columns)),
            hrefs={at: each.behind(month) for at, each in enumerate(columns, 1)},
        )
        for month in between(*tell.scope.months)
    ]
    return Table(title, heads, lines)


def months_chart(tell: Telling, title: str, told: str, columns: Sequence[Counted]) -> Chart:
    months = list(between(*tell.scope.months))
    labels = [tell.month(month) for month in months]
    series = [
        Series(each.name, list(each.counts.values()), [each.behind(month) for month in months])
        for each in columns
    ]
    return bars(title, told, labels, series, tell.writing(), stacked=True)
