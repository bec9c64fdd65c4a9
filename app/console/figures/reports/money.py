"""Reports of the book: days outstanding, ageing, what was recovered and what came in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from app.console.figures.behind import WITHOUT
from app.console.figures.charts import Series, bars, lines
from app.console.figures.names import ARMS, MEDIA, METHODS
from app.console.figures.reports.monthly import days_of
from app.console.figures.tables import Column, Kind, Line, Table
from app.console.figures.telling import Report, Telling
from app.figures.names import Daily, Standing
from app.figures.reading import daily, ledger_of, standing
from app.figures.reports.ageing import Bucket, aged, due_between
from app.figures.reports.cohorts import Cohort, cohorts
from app.figures.reports.months import between, last_of
from app.figures.reports.outstanding import DaysOutstanding, days_outstanding
from app.web.catalogues import N_

BUCKETS = {
    Bucket.CURRENT: N_("Not yet due"),
    Bucket.TO_30: N_("1–30 days late"),
    Bucket.TO_60: N_("31–60 days late"),
    Bucket.TO_90: N_("61–90 days late"),
    Bucket.OVER_90: N_("More than 90 days late"),
}


def outstanding(tell: Telling) -> Report:
    scope = tell.scope
    ledger = ledger_of(tell.session, scope.creditor_ids, scope.currency)
    first, last = _months(tell, ledger.billed)
    had = scope.last.day
    found = [
        days_outstanding(ledger, month, days=had if month == last else None)
        for month in between(first, last)
    ]
    now = found[-1]
    says = tell.say(
        N_("What is owed is %(dso)s days of sales. %(best)s of them are not yet due, so customers"
           " pay %(late)s days late on average."),
        dso=tell.number(round(now.dso, 1)),
        best=tell.number(round(now.best, 1)),
        late=tell.number(round(now.delinquent, 1)),
    )  # fmt: skip
    made = tell.say(
        N_("Counted back: from what is owed at the end of a month its sales are taken, then those"
           " of the month before, until nothing is left; the days of those months are added up."
           " Best possible counts only what is not yet due; days late are the difference.")
    )  # fmt: skip
    note = tell.say(N_("In months marked with * the sales on record do not reach back far enough:"
                       " the true days are more."))  # fmt: skip
    return Report(
        says,
        made,
        [_months_of(tell, found)],
        [_days_chart(tell, found)],
        "" if all(each.is_whole for each in found) else note,
    )


def _months(tell: Telling, known: Mapping[str, int]) -> tuple[str, str]:
    """The scope's first and last month; none before the first that the book knows of."""
    first, last = tell.scope.months
    return min(max(first, min(known, default=last)), last), last


def _days_chart(tell: Telling, found: list[DaysOutstanding]) -> Any:
    labels = [tell.month(each.month) for each in found]
    behind = [_were_open(tell, each.month) for each in found]
    series = [
        Series(
            tell.say(N_("Days sales outstanding")),
            [each.dso for each in found],
            [every for every, _, _ in behind],
        ),
        Series(
            tell.say(N_("Best possible")),
            [each.best for each in found],
            [due for _, due, _ in behind],
        ),
        Series(
            tell.say(N_("Days late")),
            [each.delinquent for each in found],
            [late for _, _, late in behind],
        ),
    ]
    told = tell.say(N_("Days at the end of each month."))
    title = tell.say(N_("Days sales outstanding"))
    return lines(title, told, labels, series, tell.writing())


def _were_open(tell: Telling, month: str) -> tuple[str, str, str]:
    """Invoices that were open at the end of a month: all, those not yet due, those that were."""
    end = last_of(month)
    of_day = min(end, tell.scope.today)
    return (
        _invoices(tell, as_of=end),
        _invoices(tell, as_of=end, due_from=of_day),
        _invoices(tell, as_of=end, due_to=of_day - timedelta(days=1)),
    )


def _months_of(tell: Telling, found: list[DaysOutstanding]) -> Table:
    columns = [
        Column(tell.say(N_("Month"))),
        Column(tell.say(N_("Days sales outstanding")), Kind.DAYS),
        Column(tell.say(N_("Best possible")), Kind.DAYS),
        Column(tell.say(N_("Days late")), Kind.DAYS),
        Column(tell.say(N_("Owed")), Kind.MONEY),
        Column(tell.say(N_("Of that overdue")), Kind.MONEY),
    ]
    rows = [
        Line(
            (
                tell.month(each.month) + ("" if each.is_whole else " *"),
                each.dso,
                each.best,
                each.delinquent,
                each.receivable,
                each.overdue,
            ),
            every,
            {2: due, 3: late, 5: late},
        )
        for each in found
        for every, due, late in [_were_open(tell, each.month)]
    ]
    return Table(tell.say(N_("Days sales outstanding")), columns, rows, tell.scope.currency)


def ageing(tell: Telling) -> Report:
    scope = tell.scope
    book = {
        date.fromisoformat(row.cohort): (int(row.number), int(row.amount))
        for row in standing(
            tell.session,
            [Standing.OPEN],
            "cohort",
            creditors=scope.creditor_ids,
            currency=scope.currency,
        )
    }
    found = aged(book, scope.today)
    total = sum(each.amount for each in found.values())
    late = total - found[Bucket.CURRENT].amount
    says = tell.say(
        N_("%(total)s is open; %(late)s of it is past its due date."),
        total=tell.whole_money(total),
        late=tell.whole_money(late),
    )
    made = tell.say(N_("Every open invoice counts once, by the days since its due date. Amounts of"
                       " other currencies stand apart: choose one above."))  # fmt: skip
    names = {bucket: tell.say(BUCKETS[bucket]) for bucket in Bucket}
    columns = [
        Column(tell.say(N_("Age"))),
        Column(tell.say(N_("Invoices")), Kind.NUMBER),
        Column(tell.say(N_("Amount")), Kind.MONEY),
        Column(tell.say(N_("Share")), Kind.SHARE),
    ]
    rows = [
        Line(
            (names[bucket], each.number, each.amount, each.amount / total if total else None),
            _of_age(tell, bucket),
        )
        for bucket, each in found.items()
    ]
    numbers = sum(each.number for each in found.values())
    every = _invoices(tell)
    rows.append(Line((tell.say(N_("Together")), numbers, total, None), every, is_sum=True))
    title = tell.say(N_("Ageing"))
    chart = bars(
        title,
        says,
        [names[bucket] for bucket in found],
        [
            Series(
                tell.say(N_("Amount")),
                [each.amount for each in found.values()],
                [_of_age(tell, bucket) for bucket in found],
            )
        ],
        tell.writing(tell.money),
    )
    return Report(says, made, [Table(title, columns, rows, scope.currency)], [chart])


def _of_age(tell: Telling, bucket: Bucket) -> str:
    first, last = due_between(bucket, tell.scope.today)
    return _invoices(tell, due_from=first, due_to=last)


def _invoices(tell: Telling, *, overdue_in: str = "", **days: date | None) -> str:
    asked = {"from": "", "to": "", "overdue_in": overdue_in}
    asked |= {name: str(day or "") for name, day in days.items()}
    return f"/console/invoices{tell.scope.query(**asked)}"


def recovered(tell: Telling) -> Report:
    scope = tell.scope
    by: dict[str, dict[tuple[str, int], int]] = defaultdict(dict)
    figures = (Standing.FELL_OVERDUE, Standing.RECOVERED, Standing.CREDITED)
    for row in standing(
        tell.session, figures, "cohort", "age", creditors=scope.creditor_ids,
        currency=scope.currency,
    ):  # fmt: skip
        by[row.figure][row.cohort, row.age] = int(row.amount)
    fell = {cohort: amount for (cohort, _), amount in by[Standing.FELL_OVERDUE].items()}
    first, last = _months(tell, fell)
    found = cohorts(fell, by[Standing.RECOVERED], by[Standing.CREDITED], first=first, last=last)
    owed = sum(each.owed - each.credited for each in found)
    back = sum(each.recovered[-1] for each in found)
    says = tell.say(
        N_("Of %(owed)s that fell overdue in this time, %(back)s was paid: %(share)s."),
        owed=tell.whole_money(owed),
        back=tell.whole_money(back),
        share=tell.percent(back / owed) if owed > 0 else "–",
    )
    made = tell.say(
        N_("A row is a month: what was still open on the day after its due date. Each column adds"
           " what was paid until the end of that month and of the ones after it. What went by"
           " credit note or discount is taken out of both.")
    )  # fmt: skip
    return Report(says, made, [_grid(tell, found)], [_recovery(tell, found)])


def _grid(tell: Telling, found: list[Cohort]) -> Table:
    ages = len(found)
    columns = [
        Column(tell.say(N_("Overdue since"))),
        Column(tell.say(N_("Owed")), Kind.MONEY),
        *(Column(tell.say(N_("Month %(n)s"), n=age), Kind.SHARE) for age in range(ages)),
    ]
    rows = [
        Line(
            (
                tell.month(each.month),
                each.owed - each.credited,
                *each.shares(),
                *[None] * (ages - len(each.recovered)),
            ),
            hrefs={
                1: _invoices(tell, overdue_in=each.month, as_of=last_of(found[-1].month)),
                **{age + 2: _recovered(tell, each.month, each.month, age) for age in range(ages)},
            },
        )
        for each in found
    ]
    title = tell.say(N_("Recovered by month"))
    return Table(title, columns, rows, tell.scope.currency, is_grid=True)


def _recovery(tell: Telling, found: list[Cohort]) -> Any:
    """All cohorts together: of those that are old enough for an age, what was recovered by it."""
    shares: list[float | None] = []
    hrefs = []
    for age in range(len(found)):
        old = [each for each in found if len(each.recovered) > age]
        owed = sum(each.owed - each.credited for each in old)
        shares.append(sum(each.recovered[age] for each in old) / owed if owed > 0 else None)
        hrefs.append(_recovered(tell, old[0].month, old[-1].month, age))
    title = tell.say(N_("Recovered, by months since it fell overdue"))
    told = tell.say(N_("All months of the table together, each as far as it has come."))
    labels = [str(age) for age in range(len(found))]
    series = [Series(tell.say(N_("Recovered")), shares, hrefs)]
    return lines(title, told, labels, series, tell.writing(tell.percent), most=1.0)


def _recovered(tell: Telling, first: str, last: str, age: int) -> str:
    asked = {"from": first, "to": last, "by": str(age)}
    return f"/console/recovered{tell.scope.query(**asked)}"


def collected(tell: Telling) -> Report:
    scope = tell.scope
    figures = (Daily.COLLECTED, Daily.COLLECTED_AFTER, Daily.SENT_BACK)
    found = daily(
        tell.session, figures, scope.first, scope.last, "medium", "about",
        creditors=scope.creditor_ids, currency=scope.currency,
    )  # fmt: skip
    came = [row for row in found if row.figure == Daily.COLLECTED]
    back = sum(int(row.amount) for row in found if row.figure == Daily.SENT_BACK)
    total = sum(int(row.amount) for row in came)
    says = tell.say(
        N_("%(total)s came in, in %(number)s payments; %(back)s went back."),
        total=tell.whole_money(total),
        number=tell.number(sum(int(row.number) for row in came)),
        back=tell.whole_money(back),
    )
    made = tell.say(
        N_("A payment counts on the day it reached the book. It stands beside the last message of"
           " the 14 days before it: that shows what came together, not what caused it. Whether"
           " writing helps is told by the comparison with the group that nobody contacts.")
    )  # fmt: skip
    after = [row for row in found if row.figure == Daily.COLLECTED_AFTER]
    tables = [
        _by(tell, N_("By way of payment"), N_("Way"),
            [(tell.named(METHODS, row.about), row) for row in came]),
        _by(tell, N_("By the last message before it"), N_("Message"),
            [(_before(tell, row), row) for row in after]),
    ]  # fmt: skip
    return Report(says, made, tables, [_per_day(tell)])


def _before(tell: Telling, row: Any) -> str:
    arm = tell.named(ARMS, row.about)
    return f"{tell.named(MEDIA, row.medium)} · {arm}" if row.medium else arm


def _payments(tell: Telling, row: Any) -> str:
    """Those of a way, or after a last message of an arm."""
    if row.figure == Daily.COLLECTED:
        return f"/console/payments{tell.scope.query(method=row.about)}"
    asked = {"what": row.figure, "medium": row.medium or WITHOUT, "about": row.about}
    return f"/console/happened{tell.scope.query(**asked)}"


def _by(tell: Telling, title: str, head: str, rows: list[tuple[str, Any]]) -> Table:
    columns = [
        Column(tell.say(head)),
        Column(tell.say(N_("Payments")), Kind.NUMBER),
        Column(tell.say(N_("Amount")), Kind.MONEY),
    ]
    lines_ = [
        Line((name, int(row.number), int(row.amount)), _payments(tell, row)) for name, row in rows
    ]
    return Table(tell.say(title), columns, lines_, tell.scope.currency)


def _per_day(tell: Telling) -> Any:
    """By day, or by month where there are too many days to be seen."""
    scope = tell.scope
    by_month = (scope.last - scope.first).days > 62
    sums: dict[str, int] = {}
    if by_month:
        sums = dict.fromkeys(between(*scope.months), 0)
    for row in daily(
        tell.session, [Daily.COLLECTED], scope.first, scope.last, "day",
        creditors=scope.creditor_ids, currency=scope.currency,
    ):  # fmt: skip
        name = f"{row.day:%Y-%m}" if by_month else row.day.isoformat()
        sums[name] = sums.get(name, 0) + int(row.amount)
    labels = [tell.month(name) if by_month else tell.day(name) for name in sums]
    hrefs = [
        f"/console/payments{scope.query(**(days_of(tell, name) if by_month else _on(name)))}"
        for name in sums
    ]
    title = tell.say(N_("Collected"))
    told = tell.say(N_("What came in, month by month.") if by_month else N_("What came in by day."))
    return bars(title, told, labels, [Series(title, list(sums.values()), hrefs)],
                tell.writing(tell.money))  # fmt: skip


def _on(day: str) -> dict[str, str]:
    return {"from": day, "to": day}
