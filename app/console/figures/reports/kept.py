"""Reports of what was arranged: promises that were kept, plans that live."""

from __future__ import annotations

from app.console.figures.charts import Series, lines
from app.console.figures.reports.monthly import Counted, by_month, happened, months_chart
from app.console.figures.tables import Column, Kind, Line, Table
from app.console.figures.telling import Report, Telling
from app.figures.names import Daily, Standing
from app.figures.reading import standing
from app.figures.reports.months import between
from app.figures.reports.rates import Rate
from app.figures.reports.survival import survival
from app.web.catalogues import N_


def promises(tell: Telling) -> Report:
    scope = tell.scope
    figures = (Daily.PROMISES_MADE, Daily.PROMISES_KEPT, Daily.PROMISES_BROKEN)
    found = by_month(tell, figures, currency=scope.currency)
    made, kept, broken = (found[figure] for figure in figures)
    all_kept, all_broken = sum(kept.values()), sum(broken.values())
    rate = Rate(all_kept, all_kept + all_broken)
    says = tell.say(
        N_("Of %(ended)s promises that came to their end, %(kept)s were kept: %(share)s."),
        ended=tell.number(rate.whole),
        kept=tell.number(rate.part),
        share=tell.percent(rate.share) if rate.share is not None else "–",
    )
    how = tell.say(
        N_("A promise is kept when its amount came by the end of its days of grace. It counts in"
           " the month in which it was kept or broken; one that was withdrawn counts in neither.")
    )  # fmt: skip
    columns = [
        Column(tell.say(N_("Month"))),
        Column(tell.say(N_("Made")), Kind.NUMBER),
        Column(tell.say(N_("Kept")), Kind.NUMBER),
        Column(tell.say(N_("Broken")), Kind.NUMBER),
        Column(tell.say(N_("Kept of those that ended")), Kind.SHARE),
    ]
    behind = [happened(tell, figure, currency=scope.currency) for figure in figures]
    rows = []
    for month in between(*scope.months):
        ended = Rate(kept[month], kept[month] + broken[month])
        cells = (tell.month(month), made[month], kept[month], broken[month], ended.share)
        hrefs = {at: each(month) for at, each in enumerate([*behind, behind[1]], 1)}
        rows.append(Line(cells, hrefs=hrefs, is_small=ended.is_small))
    title = tell.say(N_("Promises kept"))
    told = [
        Counted(tell.say(N_("Kept")), kept, behind[1]),
        Counted(tell.say(N_("Broken")), broken, behind[2]),
    ]
    chart = months_chart(tell, title, says, told)
    return Report(says, how, [Table(title, columns, rows)], [chart])


def plans(tell: Telling) -> Report:
    counted: dict[tuple[str, int], int] = {}
    for row in standing(
        tell.session, [Standing.PLANS], "about", "age", creditors=tell.scope.creditor_ids
    ):
        counted[row.about, row.age] = int(row.number)
    steps = survival(counted)
    total = sum(counted.values())
    says = tell.say(
        N_("Of %(total)s plans, %(share)s would be kept to the end of instalment %(number)s."),
        total=tell.number(total),
        share=tell.percent(steps[-1].alive) if steps else "–",
        number=steps[-1].number if steps else 0,
    )
    made = tell.say(
        N_("At each instalment, the plans that broke there are set against those that came so far"
           " (Kaplan and Meier). Plans that still run, were completed or were withdrawn count for"
           " as many instalments as they paid.")
    )  # fmt: skip
    columns = [
        Column(tell.say(N_("Instalment")), Kind.NUMBER),
        Column(tell.say(N_("Plans that came so far")), Kind.NUMBER),
        Column(tell.say(N_("Broke there")), Kind.NUMBER),
        Column(tell.say(N_("Still kept after it")), Kind.SHARE),
    ]
    rows = [
        Line(
            (step.number, step.at_risk, step.broke, step.alive),
            _plans(tell, reached=step.number),
            {2: _plans(tell, broke=step.number)},
            is_small=Rate(0, step.at_risk).is_small,
        )
        for step in steps
    ]
    title = tell.say(N_("Survival of plans"))
    hrefs = [_plans(tell), *(row.href for row in rows)]
    alive = [1.0, *(step.alive for step in steps)]
    series = [Series(tell.say(N_("Still kept")), alive, hrefs)]
    labels = ["0", *(str(step.number) for step in steps)]
    chart = lines(title, says, labels, series, tell.writing(tell.percent), steps=True, most=1.0)
    return Report(says, made, [Table(title, columns, rows)], [chart] if steps else [])


def _plans(tell: Telling, **asked: int) -> str:
    """Those that came to an instalment, that broke there, or all."""
    told = {name: str(number) for name, number in asked.items()}
    days = {"from": "", "to": "", "currency": ""}
    return f"/console/happened{tell.scope.query(what=Standing.PLANS, **days, **told)}"
