"""What the page Today says: figures that are kept, each with the list behind it.

Nothing is counted here: the figures of the day and of what stands are read as they were counted
last, and the page says when that was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from sqlmodel import Session

from app.console.figures.charts import SERIES, Chart, Series, bars
from app.console.figures.names import MEDIA
from app.console.figures.scope import Scope
from app.console.figures.telling import Telling
from app.figures.names import Daily, Standing
from app.figures.open_items import AHEAD, hour_name
from app.figures.reading import daily, standing
from app.web.catalogues import N_
from campaigns.money import Money

MOST_REASONS: Final = 8


@dataclass(frozen=True, slots=True)
class Count:
    """A figure: how many, how much by currency, and the list behind it. `code` names it; `late` is
    the part of it that is in trouble, which has a list of its own."""

    code: str
    number: int
    href: str
    amounts: Sequence[Money] = ()
    late: int = 0
    late_href: str = ""


def link(path: str, scope: Scope, **asked: str) -> str:
    """A list of the scope's creditor."""
    told = {"creditor": str(scope.creditor_id or ""), **asked}
    query = urlencode({name: value for name, value in told.items() if value})
    return f"{path}?{query}" if query else path


def happened(scope: Scope, what: str, **asked: str) -> str:
    """The rows that a figure counts."""
    return link("/console/happened", scope, what=what, **asked)


class Day:
    """The figures of one day, read once."""

    def __init__(self, session: Session, scope: Scope, day: date) -> None:
        self._scope, self._on = scope, {"from": day.isoformat(), "to": day.isoformat()}
        self._rows = daily(
            session, _OF_THE_DAY, day, day, "medium", "about", "currency",
            creditors=scope.creditor_ids,
        )  # fmt: skip

    def _of(self, *figures: Daily) -> Iterator[Any]:
        return (row for row in self._rows if row.figure in figures)

    def sent(self) -> list[Count]:
        """What went out, by channel; `late` is how many of it failed."""
        sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for row in self._of(Daily.SENT, Daily.FAILED):
            sums[row.medium][row.figure == Daily.FAILED] += int(row.number)
        return [
            Count(
                medium,
                sent,
                self._messages(state="sent", medium=medium),
                late=failed,
                late_href=self._messages(state="sent", medium=medium, outcome="failed"),
            )
            for medium, (sent, failed) in sorted(sums.items())
        ]

    def not_sent(self) -> list[Count]:
        sums: dict[str, int] = defaultdict(int)
        for row in self._of(Daily.UNSENT):
            sums[row.about] += int(row.number)
        return [
            Count(reason, number, self._messages(state="unsent", reason=reason))
            for reason, number in sorted(sums.items(), key=lambda each: (-each[1], each[0]))
        ]

    def came_back(self) -> list[Count]:
        """Everything that customers did, also where it is nothing yet."""
        return [
            Count(
                figure,
                sum(int(row.number) for row in self._of(figure)),
                self._behind(figure),
                self.amounts(figure),
            )
            for figure in CAME
        ]

    def amounts(self, *figures: Daily) -> list[Money]:
        sums: dict[str, int] = defaultdict(int)
        for row in self._of(*figures):
            if row.currency:
                sums[row.currency] += int(row.amount)
        return [Money(minor, currency) for currency, minor in sorted(sums.items())]

    def _messages(self, **asked: str) -> str:
        return link("/console/messages", self._scope, **self._on, **asked)

    def _behind(self, figure: Daily) -> str:
        match figure:
            case Daily.VISITS:
                return self._messages(state="visited")
            case Daily.COLLECTED:
                return link("/console/payments", self._scope, **self._on)
            case _:
                return happened(self._scope, figure, **self._on)


CAME: Final = (
    Daily.REPLIES,
    Daily.VISITS,
    Daily.COLLECTED,
    Daily.PROMISES_MADE,
    Daily.PLANS_AGREED,
    Daily.DISPUTES,
    Daily.HELP_ASKED,
    Daily.COMPLAINTS,
    Daily.OPTED_OUT,
)
_OF_THE_DAY: Final = (Daily.SENT, Daily.FAILED, Daily.UNSENT, *CAME)


def collected(session: Session, scope: Scope, today: date) -> list[tuple[str, date, list[Money]]]:
    """Today, in the last seven days and in the month so far; never across currencies."""
    spans = (
        ("today", today),
        ("week", today - timedelta(days=6)),
        ("month", today.replace(day=1)),
    )
    rows = daily(
        session, [Daily.COLLECTED], min(first for _, first in spans), today, "day", "currency",
        creditors=scope.creditor_ids,
    )  # fmt: skip
    found = []
    for name, first in spans:
        sums: dict[str, int] = defaultdict(int)
        for row in rows:
            if row.day >= first:
                sums[row.currency] += int(row.amount)
        found.append((name, first, [Money(n, currency) for currency, n in sorted(sums.items())]))
    return found


class Now:
    """The figures of what stands, read once."""

    def __init__(self, session: Session, scope: Scope) -> None:
        self._scope = scope
        self._rows = standing(
            session, _STANDING, "medium", "about", "currency", "cohort",
            creditors=scope.creditor_ids,
        )  # fmt: skip

    def _of(self, *figures: Standing) -> Iterator[Any]:
        return (row for row in self._rows if row.figure in figures)

    def held(self) -> list[Count]:
        return [
            Count(row.about, int(row.number), happened(self._scope, Standing.HELD, about=row.about))
            for row in self._sorted(Standing.HELD)
        ]

    def cases(self) -> list[Count]:
        """Open cases by why they do nothing now, the commonest first."""
        return [
            Count(
                row.about,
                int(row.number),
                link("/console/customers", self._scope, why=row.about) if row.about else "",
            )
            for row in self._sorted(Standing.CASES)
        ]

    def _sorted(self, figure: Standing) -> list[Any]:
        """The most first."""
        return sorted(self._of(figure), key=lambda row: (-int(row.number), row.about))

    def disputed(self) -> Count:
        return self._sum(Standing.DISPUTED)

    def promised(self) -> Count:
        return self._sum(Standing.PROMISED)

    def _sum(self, figure: Standing, *, first: str = "", last: str = "~") -> Count:
        rows = [row for row in self._of(figure) if first <= row.cohort <= last]
        sums: dict[str, int] = defaultdict(int)
        for row in rows:
            sums[row.currency] += int(row.amount)
        amounts = [Money(minor, currency) for currency, minor in sorted(sums.items())]
        due = {"due_from": first, "due_to": last if last != "~" else ""}
        href = happened(self._scope, figure, **due)
        return Count(figure, sum(int(row.number) for row in rows), href, amounts)

    def promises_due(self, today: date) -> list[tuple[str, Count]]:
        """Those past their day and inside their grace, of today and of tomorrow."""
        tomorrow = today + timedelta(days=1)
        spans = (
            ("past", "", (today - timedelta(days=1)).isoformat()),
            ("today", today.isoformat(), today.isoformat()),
            ("tomorrow", tomorrow.isoformat(), tomorrow.isoformat()),
        )
        return [
            (name, self._sum(Standing.PROMISED, first=first, last=last))
            for name, first, last in spans
        ]

    def tasks(self) -> list[Count]:
        """What waits for a person, by team."""
        late = {row.about: int(row.number) for row in self._of(Standing.TASKS_LATE)}
        return [
            Count(
                row.about,
                int(row.number),
                link("/console/queues", self._scope, team=row.about),
                late=late.get(row.about, 0),
                late_href=link("/console/queues", self._scope, team=row.about, overdue="1"),
            )
            for row in self._of(Standing.TASKS)
        ]

    def ahead(self, tell: Telling, now: datetime, zone: Any) -> Chart:
        """The next 24 hours: messages that are ready by channel, and cases to be decided."""
        hours = [now + timedelta(hours=n) for n in range(int(AHEAD.total_seconds() // 3600) + 1)]
        labels = [f"{hour.astimezone(zone):%H}" for hour in hours]
        by: Mapping[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for row in self._of(Standing.DUE_MESSAGES, Standing.LOOKS):
            by[row.medium][max(row.cohort, hour_name(now))] += int(row.number)
        names = {**MEDIA, "": N_("Cases to be decided")}
        series = [
            Series(
                tell.named(names, medium),
                [counts.get(hour_name(hour), 0) for hour in hours],
                [self._at(medium, hour_name(hour)) for hour in hours],
            )
            for medium, counts in sorted(by.items(), key=lambda each: (not each[0], each[0]))
        ]
        title = tell.say(N_("The next 24 hours"))
        told = tell.say(N_("By hour: messages that wait to leave, by channel, and cases whose next"
                           " step is decided then."))  # fmt: skip
        return bars(title, told, labels, series[:SERIES], tell.writing(), stacked=True)

    def _at(self, medium: str, hour: str) -> str:
        """The messages, or without a medium the cases, of an hour."""
        if not medium:
            return link("/console/customers", self._scope, looks=hour)
        asked = {"state": "waiting", "medium": medium, "hour": hour}
        return link("/console/messages", self._scope, **asked)


_STANDING: Final = (
    Standing.HELD,
    Standing.PROMISED,
    Standing.DISPUTED,
    Standing.TASKS,
    Standing.TASKS_LATE,
    Standing.DUE_MESSAGES,
    Standing.CASES,
    Standing.LOOKS,
)
