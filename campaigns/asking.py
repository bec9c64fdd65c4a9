"""What a rule asks, in a few words of English for a table: staff read it, machines read the row."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from itertools import groupby
from typing import assert_never

from campaigns.duties import (
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

_DAYS = tuple(WEEKDAYS)


def asks(rule: Rule) -> str:
    """What the rule asks; to whom it applies is left out."""
    return _asked(rule) if isinstance(rule, Asked) else _duty(rule)


def _asked(rule: Asked) -> str:
    match rule:
        case Window():
            return _hours(rule)
        case RestDays():
            return _rest(rule)
        case Cap():
            period = "24 h" if rule.rolling else f"{rule.days} days" if rule.days > 1 else "a day"
            return f"at most {rule.n} in {period} per {rule.scope}"
        case Gap():
            other = " on another medium" if rule.other_medium else ""
            return f"{_hours_of(rule.least)} since the last message{other}, per {rule.scope}"
        case ConsentNeeded():
            age = f", at most {rule.max_age.days} days old" if rule.max_age else ""
            return f"consent{' in writing' if rule.written else ''}{age}"
        case MediumForbidden():
            return f"not on {_list(rule.head.applies.media) or 'any medium'}: {rule.why}"
        case ChannelList():
            return f"only {_list(rule.allowed)}: {rule.why}"
        case LinkForbidden():
            return "no link in the text"
        case Freshness():
            age = _hours_of(rule.max_age) if rule.max_age else "the creditor's setting"
            return f"the book is younger than {age}"
        case _:
            assert_never(rule)


def _duty(rule: Duties) -> str:  # noqa: PLR0912 (one for each kind of row)
    match rule:
        case Notice():
            return f"{_word(rule.notice)}{_within(rule.within)} after {_word(rule.after)}"
        case Fields():
            return f"{_word(rule.stage)}: {_list(rule.needs)}"
        case Content():
            return f"no {_list(rule.forbids)}"
        case Hold():
            return _hold(rule)
        case Deadline():
            return _deadline(rule)
        case Retention():
            how = f"at least {rule.least}" if rule.least else f"at most {rule.most}"
            return f"{_word(rule.records)} kept {how} from {_word(rule.counted_from)}"
        case Fee():
            return ", ".join(map(_band, rule.bands))
        case Interest():
            rate = f"{_word(rule.reference)} of {_word(rule.rate_of)}"
            return f"{rate} + {rule.points} points, {_word(rule.day_count)}"
        case Settlement():
            return f"payments settle {_word(rule.order)}"
        case OptOut():
            return _opt_out(rule)
        case LightCheck():
            return "a proof before the page tells of a debt"
        case Principle():
            return rule.says
        case _:
            assert_never(rule)


def _hours(rule: Window) -> str:
    if rule.business is not None:
        return f"business days {_span(rule.business)}"
    runs = groupby(enumerate(rule.week), key=lambda day: day[1])
    return ", ".join(
        f"{_run([day for day, _ in days])} {_span(span)}" for span, days in runs if span is not None
    )


def _run(days: list[int]) -> str:
    first, last = _DAYS[days[0]], _DAYS[days[-1]]
    return first if len(days) == 1 else f"{first}-{last}"


def _span(span: Span) -> str:
    return "-".join(map(_clock, span))


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _rest(rule: RestDays) -> str:
    eve = rule.eves_from
    return ", ".join(
        [
            *(_DAYS[day] for day in sorted(rule.weekdays)),
            *(f"{_DAYS[day]} from {_clock(minute)}" for day, minute in rule.weekday_from),
            *(["holidays"] if rule.holidays else []),
            *([f"their eves from {_clock(eve)}"] if eve is not None else []),
        ]
    )


def _hold(rule: Hold) -> str:
    ends = f"for {rule.lasts}" if rule.lasts else f"until {_word(rule.until or '')}"
    more = f" (+{rule.extension})" if rule.extension else ""
    frozen = f"; {_list(rule.freezes)} stand still" if rule.freezes else ""
    return f"{_word(rule.signal)}: silence {ends}{more}{frozen}"


def _deadline(rule: Deadline) -> str:
    ahead = f" at least {rule.least}" if rule.least else ""
    side = f"after {_word(rule.after)}" if rule.after else f"before {_word(rule.before or '')}"
    return f"{_word(rule.act)}{_within(rule.within)}{ahead} {side}"


def _opt_out(rule: OptOut) -> str:
    told = [
        _list(rule.words),
        "by any means" if rule.any_means else "",
        f"honoured{_within(rule.within)}" if rule.within else "",
        f"for the whole {rule.reach}" if rule.reach else "",
        f"confirmed {rule.confirmations} time" if rule.confirmations else "",
        f"{_within(rule.confirm_within).strip()}" if rule.confirm_within else "",
    ]
    return ", ".join(filter(None, told))


def _band(band: Band) -> str:
    below = f" below {band.below.decimal}" if band.below else ""
    return f"{band.fixed.decimal} {band.fixed.currency}{below}"


def _within(term: Term | None) -> str:
    return f" within {term}" if term else ""


def _hours_of(time: timedelta) -> str:
    return f"{time // timedelta(hours=1)} h"


def _list(words: Iterable[str]) -> str:
    return ", ".join(sorted(map(_word, words)))


def _word(word: str) -> str:
    return str(word).replace("_", " ")
