"""Reports of what is said: outcomes, what was not sent, opt-outs, and whether writing helps."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import product
from typing import Any

from sqlalchemy import select

from app.console.figures.behind import WITHOUT
from app.console.figures.charts import Chart, Series, bars
from app.console.figures.names import MEDIA
from app.console.figures.reports.monthly import Counted, by_month, happened, messages, months_chart
from app.console.figures.tables import Column, Kind, Line, Table
from app.console.figures.telling import Report, Telling
from app.figures.names import Daily, Family, Standing
from app.figures.reading import as_of, daily, standing
from app.figures.reports.months import between, first_of, last_of
from app.figures.reports.rates import Rate, difference
from app.figures.whole_book import last_compared
from app.store.given import table_of
from app.store.rows import Campaign, Creditor
from app.web.catalogues import N_, own_name
from campaigns.events import Arm

_CAMPAIGN, _CREDITOR = table_of(Campaign), table_of(Creditor)
_CAME = {
    Daily.DELIVERED: "delivered_in_time",
    Daily.FAILED: "failed",
    Daily.VISITED: "visited_in_time",
    Daily.ANSWERED: "answered_in_time",
}
"""What came of a message, and what the list of messages calls it."""
_NAMED = 4
"""Reasons that a chart names; the others are one."""


def outcomes(tell: Telling) -> Report:
    scope = tell.scope
    found = daily(
        tell.session, (Daily.SENT, *_CAME), scope.first, scope.last, "medium", "language", "hour",
        creditors=scope.creditor_ids,
    )  # fmt: skip
    sums: Mapping[str, dict[Any, Counter[str]]] = {
        name: defaultdict(Counter) for name in ("medium", "language", "hour")
    }
    for row in found:
        for name, by in sums.items():
            by[getattr(row, name)][row.figure] += int(row.number)
    total = Counter[str]()
    for counts in sums["medium"].values():
        total.update(counts)
    says = tell.say(
        N_("%(sent)s messages were sent; a person opened the page after %(visited)s of them and"
           " %(answered)s were answered."),
        sent=tell.number(total[Daily.SENT]),
        visited=tell.number(total[Daily.VISITED]),
        answered=tell.number(total[Daily.ANSWERED]),
    )  # fmt: skip
    made = tell.say(
        N_("Each message counts on the day it was sent, with all that came of it until 14 days"
           " after that day. A visit is a person who pressed something on the page, not a"
           " scanner. Hours are the recipient's.")
    )  # fmt: skip
    tables = [
        _outcome_table(tell, N_("By channel"), N_("Channel"), sums["medium"], _medium_line),
        _outcome_table(tell, N_("By language"), N_("Language"), sums["language"], _language_line),
        _outcome_table(tell, N_("By hour"), N_("Hour"), sums["hour"], _hour_line),
    ]
    return Report(says, made, tables, [_hours(tell, sums["hour"])])


def _medium_line(tell: Telling, code: str) -> tuple[str, str]:
    return tell.named(MEDIA, code), _sent(tell, medium=code)


def _language_line(tell: Telling, code: str) -> tuple[str, str]:
    name = own_name(code.partition("-")[0]) if code else "–"
    return name, _sent(tell, language=code or WITHOUT)


def _hour_line(tell: Telling, hour: int) -> tuple[str, str]:
    return f"{hour:02}:00", _sent(tell, clock=str(hour))


def _sent(tell: Telling, **asked: str) -> str:
    return f"/console/messages{tell.scope.query(currency='', **asked)}"


def _outcome_table(
    tell: Telling, title: str, head: str, by: Mapping[Any, Counter[str]], line: Any
) -> Table:
    columns = [
        Column(tell.say(head)),
        Column(tell.say(N_("Sent")), Kind.NUMBER),
        *(
            Column(tell.say(name), Kind.SHARE)
            for name in (N_("Delivered"), N_("Failed"), N_("Visited"), N_("Answered"))
        ),
    ]
    rows = []
    for code in sorted(by):
        sent = by[code][Daily.SENT]
        name, href = line(tell, code)
        shares = [Rate(by[code][figure], sent).share for figure in _CAME]
        hrefs = {at: f"{href}&outcome={_CAME[came]}" for at, came in enumerate(_CAME, 2)}
        rows.append(Line((name, sent, *shares), href, hrefs, Rate(0, sent).is_small))
    return Table(tell.say(title), columns, rows)


def _hours(tell: Telling, by: Mapping[int, Counter[str]]) -> Any:
    hours = range(24)
    named = ((N_("Sent"), Daily.SENT, ""), (N_("Visited"), Daily.VISITED, _CAME[Daily.VISITED]))
    series = [
        Series(
            tell.say(name),
            [by.get(hour, Counter())[figure] for hour in hours],
            [_sent(tell, clock=str(hour), outcome=outcome) for hour in hours],
        )
        for name, figure, outcome in named
    ]
    title = tell.say(N_("Messages by hour"))
    told = tell.say(N_("By the recipient's clock: how many were sent, and visited afterwards."))
    return bars(title, told, [f"{hour:02}" for hour in hours], series, tell.writing())


def not_sent(tell: Telling) -> Report:
    scope = tell.scope
    found = daily(
        tell.session, (Daily.UNSENT, Daily.REFUSED, Daily.SENT), scope.first, scope.last, "about",
        creditors=scope.creditor_ids,
    )  # fmt: skip
    sums = {
        figure: {row.about: int(row.number) for row in found if row.figure == figure}
        for figure in (Daily.UNSENT, Daily.REFUSED, Daily.SENT)
    }
    unsent, sent = sum(sums[Daily.UNSENT].values()), sum(sums[Daily.SENT].values())
    says = tell.say(
        N_("%(unsent)s messages were written and not sent, beside %(sent)s that were."),
        unsent=tell.number(unsent),
        sent=tell.number(sent),
    )
    made = tell.say(
        N_("A message that was not sent has one reason. A moment or a channel that the rules"
           " refused is no message: most of those are said later, or on another channel.")
    )  # fmt: skip
    tables = [
        _reasons(tell, N_("Messages not sent"), sums[Daily.UNSENT], "unsent"),
        _reasons(tell, N_("Moments and channels refused"), sums[Daily.REFUSED], "refused"),
    ]
    return Report(says, made, tables, [_unsent_by_month(tell, sums[Daily.UNSENT])])


def _unsent_by_month(tell: Telling, by: Mapping[str, int]) -> Chart:
    """The commonest reasons, each on its own, and all others together."""
    found = by_month(tell, [Daily.UNSENT])
    most = sorted(by, key=lambda code: (-by[code], code))[:_NAMED]
    known = [code for code in most if code]
    columns = [
        Counted(
            tell.reason(code),
            found[f"{Daily.UNSENT}:{code}"],
            messages(tell, state="unsent", reason=code),
        )
        for code in known
    ]
    rest = {
        month: total - sum(each.counts[month] for each in columns)
        for month, total in found[Daily.UNSENT].items()
    }
    if any(rest.values()):
        besides = messages(tell, state="unsent", besides=",".join(known))
        columns.append(Counted(tell.say(N_("Other reasons")), rest, besides))
    told = tell.say(N_("Messages that were not sent, month by month, by reason."))
    return months_chart(tell, tell.say(N_("Messages not sent")), told, columns)


def _reasons(tell: Telling, title: str, by: Mapping[str, int], state: str) -> Table:
    total = sum(by.values())
    columns = [
        Column(tell.say(N_("Reason"))),
        Column(tell.say(N_("Number")), Kind.NUMBER),
        Column(tell.say(N_("Share")), Kind.SHARE),
    ]
    rows = [
        Line(
            (tell.reason(code) if code else "–", number, number / total),
            _sent(tell, state=state, reason=code or WITHOUT),
        )
        for code, number in sorted(by.items(), key=lambda each: (-each[1], each[0]))
    ]
    return Table(tell.say(title), columns, rows)


def opt_outs(tell: Telling) -> Report:
    found = by_month(tell, (Daily.OPTED_OUT, Daily.SENT))
    out, sent = found[Daily.OPTED_OUT], found[Daily.SENT]
    rate = Rate(sum(out.values()), sum(sent.values()))
    says = tell.say(
        N_("%(number)s opt-outs, beside %(sent)s messages: %(share)s."),
        number=tell.number(rate.part),
        sent=tell.number(rate.whole),
        share=tell.percent(rate.share) if rate.share is not None else "–",
    )
    made = tell.say(N_("An opt-out counts once for each address and channel that it closed, on the"
                       " day it was said."))  # fmt: skip
    columns = [
        Column(tell.say(N_("Month"))),
        Column(tell.say(N_("Opt-outs")), Kind.NUMBER),
        Column(tell.say(N_("Sent")), Kind.NUMBER),
        Column(tell.say(N_("Opt-outs per message")), Kind.SHARE),
    ]
    behind, said = happened(tell, Daily.OPTED_OUT), messages(tell, state="sent")
    rows = []
    for month in between(*tell.scope.months):
        each = Rate(out[month], sent[month])
        cells = (tell.month(month), each.part, each.whole, each.share)
        hrefs = {1: behind(month), 2: said(month), 3: behind(month)}
        rows.append(Line(cells, hrefs=hrefs, is_small=each.is_small))
    title = tell.say(N_("Opt-outs"))
    chart = months_chart(tell, title, says, [Counted(title, out, behind)])
    return Report(says, made, [Table(title, columns, rows)], [chart])


def arms(tell: Telling) -> Report:
    scope = tell.scope
    names = _campaigns(tell)
    first, last = scope.months
    by: dict[str, dict[str, Counter[int]]] = defaultdict(lambda: defaultdict(Counter))
    for row in standing(
        tell.session, [Standing.ARMS], "about", "cohort", "age", creditors=scope.creditor_ids
    ):
        campaign, _, arm = row.about.partition(":")
        if first <= row.cohort <= last:
            by[campaign][arm][row.age] += int(row.number)
    rows, clear = [], 0
    for campaign, by_arm in sorted(by.items()):
        rates = {arm: Rate(by_arm[arm][1], by_arm[arm].total()) for arm in Arm}
        treated, control = rates[Arm.TREATMENT], rates[Arm.CONTROL]
        if not control.whole:
            continue  # nobody of it was left alone: there is nothing to compare
        gap = difference(treated, control)
        clear += bool(gap and gap.is_clear)
        told = (gap.more, gap.low, gap.high) if gap else (None, None, None)
        name = names.get(int(campaign), campaign)
        cells = (name, treated.whole, treated.share, control.whole, control.share, *told)
        hrefs = {
            at: _cases(tell, campaign, arm, settled)
            for at, (arm, settled) in enumerate(product((Arm.TREATMENT, Arm.CONTROL), ("", "1")), 1)
        }
        is_small = control.is_small or treated.is_small
        rows.append(Line(cells, _cases(tell, campaign), hrefs, is_small))
    says = tell.say(
        N_("%(clear)s of %(number)s campaigns show a difference that is more than chance."),
        clear=tell.number(clear),
        number=tell.number(len(rows)),
    )
    made = tell.say(
        N_("A part of each audience is chosen by lot and not contacted. Compared is the share of"
           " cases that were settled within 30 days of opening; only cases that have had their 30"
           " days count. The true difference lies between the last two columns in 95 of 100"
           " such comparisons (Newcombe).")
    )  # fmt: skip
    columns = [
        Column(tell.say(N_("Campaign"))),
        Column(tell.say(N_("Written to")), Kind.NUMBER),
        Column(tell.say(N_("Settled")), Kind.SHARE),
        Column(tell.say(N_("Not contacted")), Kind.NUMBER),
        Column(tell.say(N_("Settled without")), Kind.SHARE),
        Column(tell.say(N_("Difference")), Kind.SHARE),
        Column(tell.say(N_("At least")), Kind.SHARE),
        Column(tell.say(N_("At most")), Kind.SHARE),
    ]
    title = tell.say(N_("Does writing help?"))
    return Report(says, made, [Table(title, columns, rows)])


def _cases(tell: Telling, campaign: str, arm: str = "", settled: str = "") -> str:
    """Those that were compared: of the scope's months, and only up to the last day of which all had
    had their time when they were counted."""
    first, last = tell.scope.months
    counted = as_of(tell.session).families[Family.BOOK]
    until = min(last_of(last), last_compared(counted)) if counted else last_of(last)
    days = {"from": first_of(first).isoformat(), "to": until.isoformat(), "currency": ""}
    told = {"campaign": campaign, "arm": arm, "about": settled, **days}
    return f"/console/happened{tell.scope.query(what=Standing.ARMS, **told)}"


def _campaigns(tell: Telling) -> Mapping[int, str]:
    """Their names; with several creditors, beside the creditor's."""
    query = select(_CAMPAIGN.c.id, _CAMPAIGN.c.name, _CREDITOR.c.name.label("creditor")).join(
        _CREDITOR, _CREDITOR.c.id == _CAMPAIGN.c.creditor_id
    )
    several = len(tell.scope.creditors) > 1
    rows = tell.session.connection().execute(query)
    return {row.id: f"{row.name} · {row.creditor}" if several else row.name for row in rows}
