"""Reads the rows that `permits` asks: the word for each kind, its keys, and the row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import assert_never

from campaigns.packduties import DUTIES, DutyKind, duty_keys, duty_of
from campaigns.packhours import minute, week, weekday_minutes, weekdays
from campaigns.packtable import Table
from campaigns.rulehead import MEANS, Head
from campaigns.rules import (
    Asked,
    Cap,
    ChannelList,
    ConsentNeeded,
    Exempt,
    Freshness,
    Gap,
    LinkForbidden,
    MediumForbidden,
    RestDays,
    Rule,
    Scope,
    Window,
)

_DAY = timedelta(days=1)
_MEANS = {name: name for name in sorted(MEANS)}


class Kind(StrEnum):
    """The word for each kind that is asked."""

    WINDOW = "window"
    REST_DAYS = "rest_days"
    CAP = "cap"
    GAP = "gap"
    CONSENT = "consent"
    MEDIUM_FORBIDDEN = "medium_forbidden"
    CHANNEL_LIST = "channel_list"
    LINK_FORBIDDEN = "link_forbidden"
    FRESHNESS = "freshness"


ASKED = {str(kind): kind for kind in Kind}
KINDS: Mapping[str, Kind | DutyKind] = {**ASKED, **DUTIES}
_OWN = {
    Kind.WINDOW: ("hours",),
    Kind.REST_DAYS: ("weekdays", "weekday_from", "holidays", "eves_from"),
    Kind.CAP: ("n", "per", "scope", "exempts"),
    Kind.GAP: ("least", "scope", "exempts", "other_medium"),
    Kind.CONSENT: ("max_age", "written"),
    Kind.MEDIUM_FORBIDDEN: ("why",),
    Kind.CHANNEL_LIST: ("allowed", "why"),
    Kind.LINK_FORBIDDEN: (),
    Kind.FRESHNESS: ("max_age",),
}


def keys_of(kind: Kind | DutyKind) -> tuple[str, ...]:
    """The keys that a row of this kind may have beside those that every row has."""
    return _OWN[kind] if isinstance(kind, Kind) else duty_keys(kind)


def of_kind(kind: Kind | DutyKind, table: Table, head: Head) -> Rule:
    """The row that the table holds."""
    return _asked(kind, table, head) if isinstance(kind, Kind) else duty_of(kind, table, head)


def _asked(kind: Kind, table: Table, head: Head) -> Asked:
    match kind:
        case Kind.WINDOW:
            return Window(head, *week(table, "hours"))
        case Kind.REST_DAYS:
            return _rest_days(table, head)
        case Kind.CAP:
            return _cap(table, head)
        case Kind.GAP:
            least, other = table.duration("least"), table.flag("other_medium")
            return Gap(head, least, _scope(table), _exempts(table), other)
        case Kind.CONSENT:
            return ConsentNeeded(head, _max_age(table), table.flag("written"))
        case Kind.MEDIUM_FORBIDDEN:
            return MediumForbidden(head, table.text("why"))
        case Kind.CHANNEL_LIST:
            return ChannelList(head, table.among("allowed", _MEANS), table.text("why"))
        case Kind.LINK_FORBIDDEN:
            return LinkForbidden(head)
        case Kind.FRESHNESS:
            return Freshness(head, _max_age(table))
        case _:
            assert_never(kind)


def _rest_days(table: Table, head: Head) -> RestDays:
    rest = RestDays(
        head,
        weekdays=weekdays(table, "weekdays"),
        holidays=table.flag("holidays"),
        eves_from=minute(table, "eves_from"),
        weekday_from=weekday_minutes(table, "weekday_from"),
    )
    if not (rest.weekdays or rest.holidays or rest.weekday_from):
        table.fault("id", "no day rests", "Give `weekdays`, `weekday_from` or `holidays: true`.")
    return rest


def _cap(table: Table, head: Head) -> Cap:
    """`1d` is a day of the calendar, `24h` any 24 hours."""
    per, rolling = table.duration("per"), str(table.content.get("per")).endswith("h")
    if per % _DAY:
        table.fault(
            "per", "a cap counts whole days", "Write `1d`, `7d`, or `24h` for any 24 hours."
        )
    return Cap(head, table.count("n"), per.days, _scope(table), _exempts(table), rolling)


def _max_age(table: Table) -> timedelta | None:
    return table.duration("max_age", needed=False) or None


def _scope(table: Table) -> Scope:
    return table.one_of("scope", Scope) or Scope.PERSON


def _exempts(table: Table) -> frozenset[Exempt]:
    return table.set_of("exempts", Exempt)
