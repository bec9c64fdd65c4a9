"""What a rule asks, in a few words for a table: staff read it, machines read the row."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from itertools import groupby
from typing import assert_never

from campaigns.duties import (
    Act,
    Band,
    Content,
    Deadline,
    Fee,
    Fields,
    Hold,
    Interest,
    LightCheck,
    Notice,
    OptOut,
    Principle,
    Retention,
    Settlement,
    Term,
    Unit,
)
from campaigns.packhours import WEEKDAYS
from campaigns.rules import (
    Asked,
    Cap,
    ChannelList,
    ConsentNeeded,
    Duties,
    Freshness,
    Gap,
    LinkForbidden,
    MediumForbidden,
    RestDays,
    Rule,
    Span,
    Window,
)
from campaigns.worded import Worded, as_written, listed, spelled, verbatim, worded

_DAYS = tuple(WEEKDAYS)


def asks(rule: Rule) -> Worded:
    """What the rule asks; to whom it applies is left out."""
    return _asked(rule) if isinstance(rule, Asked) else _duty(rule)


def _asked(rule: Asked) -> Worded:
    match rule:
        case Window():
            return _hours(rule)
        case RestDays():
            return _rest(rule)
        case Cap():
            return _cap(rule)
        case Gap():
            return _gap(rule)
        case ConsentNeeded():
            consent = worded("consent in writing") if rule.written else worded("consent")
            if rule.max_age is None:
                return consent
            age = rule.max_age.days
            return listed([consent, worded("at most %(days)s days old", days=age)])
        case MediumForbidden():
            media = _list(rule.head.applies.media) or worded("any medium")
            return worded("not on %(media)s: %(why)s", media=media, why=as_written(rule.why))
        case ChannelList():
            why = as_written(rule.why)
            return worded("only %(media)s: %(why)s", media=_list(rule.allowed), why=why)
        case LinkForbidden():
            return worded("no link in the text")
        case Freshness():
            if rule.max_age is None:
                return worded("the book is younger than the creditor's setting")
            return worded("the book is younger than %(age)s", age=_hours_of(rule.max_age))
        case _:
            assert_never(rule)


def _duty(rule: Duties) -> Worded:  # noqa: PLR0912 (one for each kind of row)
    match rule:
        case Notice():
            return _act(rule.notice, within=rule.within, after=rule.after)
        case Fields():
            needs = _list(rule.needs)
            return worded("%(stage)s: %(needs)s", stage=spelled(rule.stage), needs=needs)
        case Content():
            return worded("no %(checks)s", checks=_list(rule.forbids))
        case Hold():
            return _hold(rule)
        case Deadline():
            return _act(
                rule.act,
                within=rule.within,
                least=rule.least,
                after=rule.after,
                before=rule.before,
            )
        case Retention():
            return _kept(rule)
        case Fee():
            return listed(map(_band, rule.bands))
        case Interest():
            return worded(
                "%(rate)s of %(half)s + %(points)s points, %(count)s",
                rate=spelled(rule.reference),
                half=spelled(rule.rate_of),
                points=rule.points,
                count=spelled(rule.day_count),
            )
        case Settlement():
            return worded("payments settle %(order)s", order=spelled(rule.order))
        case OptOut():
            return _opt_out(rule)
        case LightCheck():
            return worded("a proof before the page tells of a debt")
        case Principle():
            return as_written(rule.says)
        case _:
            assert_never(rule)


def _cap(rule: Cap) -> Worded:
    scope = spelled(rule.scope)
    if rule.rolling:
        return worded("at most %(n)s in 24 h per %(scope)s", n=rule.n, scope=scope)
    if rule.days == 1:
        return worded("at most %(n)s in a day per %(scope)s", n=rule.n, scope=scope)
    return worded(
        "at most %(n)s in %(days)s days per %(scope)s", n=rule.n, days=rule.days, scope=scope
    )


def _gap(rule: Gap) -> Worded:
    least, scope = _hours_of(rule.least), spelled(rule.scope)
    if rule.other_medium:
        return worded(
            "%(least)s since the last message on another medium, per %(scope)s",
            least=least,
            scope=scope,
        )
    return worded("%(least)s since the last message, per %(scope)s", least=least, scope=scope)


def _hours(rule: Window) -> Worded:
    if rule.business is not None:
        return worded("business days %(span)s", span=_span(rule.business))
    runs = groupby(enumerate(rule.week), key=lambda day: day[1])
    return listed(
        worded("%(days)s %(span)s", days=_run([day for day, _ in days]), span=_span(span))
        for span, days in runs
        if span is not None
    )


def _run(days: list[int]) -> Worded:
    first, last = spelled(_DAYS[days[0]]), spelled(_DAYS[days[-1]])
    return first if len(days) == 1 else worded("%(first)s-%(last)s", first=first, last=last)


def _span(span: Span) -> str:
    return "-".join(map(_clock, span))


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _rest(rule: RestDays) -> Worded:
    eve = rule.eves_from
    return listed(
        [
            *(spelled(_DAYS[day]) for day in sorted(rule.weekdays)),
            *(
                worded("%(day)s from %(clock)s", day=spelled(_DAYS[day]), clock=_clock(minute))
                for day, minute in rule.weekday_from
            ),
            *([worded("holidays")] if rule.holidays else []),
            *([worded("their eves from %(clock)s", clock=_clock(eve))] if eve is not None else []),
        ]
    )


def _hold(rule: Hold) -> Worded:
    signal = spelled(rule.signal)
    if rule.lasts:
        said = worded("%(signal)s: silence for %(lasts)s", signal=signal, lasts=_term(rule.lasts))
    else:
        until = spelled(rule.until or "")
        said = worded("%(signal)s: silence until %(until)s", signal=signal, until=until)
    if rule.extension:
        said = worded("%(said)s (+%(more)s)", said=said, more=_term(rule.extension))
    if rule.freezes:
        frozen = _list(rule.freezes)
        said = worded("%(said)s; %(frozen)s stand still", said=said, frozen=frozen)
    return said


def _act(
    act: Act,
    *,
    within: Term | None,
    after: Act | None,
    before: Act | None = None,
    least: Term | None = None,
) -> Worded:
    what = spelled(act)
    if within:
        what = worded("%(act)s within %(term)s", act=what, term=_term(within))
    if least:
        what = worded("%(act)s at least %(term)s", act=what, term=_term(least))
    if after:
        return worded("%(act)s after %(other)s", act=what, other=spelled(after))
    return worded("%(act)s before %(other)s", act=what, other=spelled(before or ""))


def _kept(rule: Retention) -> Worded:
    records, start = spelled(rule.records), spelled(rule.counted_from)
    if rule.least:
        return worded(
            "%(records)s kept at least %(term)s from %(start)s",
            records=records,
            term=_term(rule.least),
            start=start,
        )
    most = _term(rule.most) if rule.most else ""
    return worded(
        "%(records)s kept at most %(term)s from %(start)s", records=records, term=most, start=start
    )


def _opt_out(rule: OptOut) -> Worded:
    within, confirm_within = rule.within, rule.confirm_within
    told = [
        verbatim(", ".join(sorted(rule.words))) if rule.words else "",
        worded("by any means") if rule.any_means else "",
        worded("honoured within %(term)s", term=_term(within)) if within else "",
        worded("for the whole %(reach)s", reach=spelled(rule.reach)) if rule.reach else "",
        worded("confirmed %(n)s time", n=rule.confirmations) if rule.confirmations else "",
        worded("within %(term)s", term=_term(confirm_within)) if confirm_within else "",
    ]
    return listed(filter(None, told))


def _band(band: Band) -> Worded:
    fixed = f"{band.fixed.decimal} {band.fixed.currency}"
    if band.below is None:
        return verbatim(fixed)
    return worded("%(fixed)s below %(limit)s", fixed=fixed, limit=band.below.decimal)


def _term(term: Term) -> Worded:
    match term.unit:
        case Unit.MINUTES:
            return worded("%(count)smin", count=term.count)
        case Unit.HOURS:
            return worded("%(count)sh", count=term.count)
        case Unit.DAYS:
            return worded("%(count)sd", count=term.count)
        case Unit.BUSINESS_DAYS:
            return worded("%(count)sbd", count=term.count)
        case Unit.MONTHS:
            return worded("%(count)smo", count=term.count)
        case Unit.YEARS:
            return worded("%(count)sy", count=term.count)
        case _:
            assert_never(term.unit)


def _hours_of(time: timedelta) -> Worded:
    return worded("%(count)s h", count=time // timedelta(hours=1))


def _list(words: Iterable[str]) -> Worded:
    return listed(map(spelled, sorted(map(str, words))))
