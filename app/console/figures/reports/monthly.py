"""Figures by month, as several reports show them: a column for each, and a chart of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from app.console.figures.charts import Chart, Series, bars
from app.console.figures.tables import Column, Kind, Line, Table
from app.console.figures.telling import Telling
from app.figures.names import Daily
from app.figures.reading import daily
from app.figures.reports.months import between, days_in
from app.web.catalogues import N_

Counts = Mapping[str, int]
"""By month, each of the scope's."""


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


def of_month(tell: Telling, month: str, what: Daily, about: str = "") -> str:
    """The list behind what is counted in a month, as far as it is in the scope."""
    first = date.fromisoformat(f"{month}-01")
    last = first.replace(day=days_in(month))
    days = {
        "from": max(first, tell.scope.first).isoformat(),
        "to": min(last, tell.scope.last).isoformat(),
    }
    return f"/console/happened{tell.scope.query(what=what, about=about, currency='', **days)}"


def months_table(
    tell: Telling,
    title: str,
    named: Sequence[tuple[str, Counts]],
    behind: Sequence[tuple[Daily, str]],
) -> Table:
    """`behind` names for each column what it counts, and of which kind."""
    columns = [
        Column(tell.say(N_("Month"))),
        *(Column(name, Kind.NUMBER) for name, _ in named),
    ]
    lines = [
        Line(
            (tell.month(month), *(counts[month] for _, counts in named)),
            hrefs={at: of_month(tell, month, *each) for at, each in enumerate(behind, 1)},
        )
        for month in between(*tell.scope.months)
    ]
    return Table(title, columns, lines)


def months_chart(
    tell: Telling,
    title: str,
    told: str,
    named: Sequence[tuple[str, Counts]],
    *,
    stacked: bool = True,
) -> Chart:
    labels = [tell.month(month) for month in between(*tell.scope.months)]
    series = [Series(name, list(counts.values())) for name, counts in named]
    return bars(title, told, labels, series, tell.writing(), stacked=stacked)
