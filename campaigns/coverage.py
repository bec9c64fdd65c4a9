"""What stands in rule packs, row by row: in force or not, how well it is known, and who keeps it.

A row that nothing keeps says why: it is on record, and no message waits for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from campaigns.duties import (
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
)
from campaigns.packduties import DutyKind
from campaigns.packkinds import Kind
from campaigns.rulehead import Row
from campaigns.rules import (
    Asked,
    Cap,
    ChannelList,
    ConsentNeeded,
    Freshness,
    Gap,
    LinkForbidden,
    MediumForbidden,
    Pack,
    RestDays,
    Rule,
    Window,
)

PERMITS = "campaigns/policy.py"

KIND_OF: Mapping[type[Row], Kind | DutyKind] = {
    Window: Kind.WINDOW,
    RestDays: Kind.REST_DAYS,
    Cap: Kind.CAP,
    Gap: Kind.GAP,
    ConsentNeeded: Kind.CONSENT,
    MediumForbidden: Kind.MEDIUM_FORBIDDEN,
    ChannelList: Kind.CHANNEL_LIST,
    LinkForbidden: Kind.LINK_FORBIDDEN,
    Freshness: Kind.FRESHNESS,
    Notice: DutyKind.NOTICE,
    Fields: DutyKind.FIELDS,
    Content: DutyKind.CONTENT,
    Hold: DutyKind.HOLD,
    Deadline: DutyKind.DEADLINE,
    Retention: DutyKind.RETENTION,
    Fee: DutyKind.FEE,
    Interest: DutyKind.INTEREST,
    Settlement: DutyKind.SETTLEMENT,
    OptOut: DutyKind.OPT_OUT,
    LightCheck: DutyKind.LIGHT_CHECK,
    Principle: DutyKind.PRINCIPLE,
}


class State(StrEnum):
    IN_FORCE = "in force"
    TO_COME = "to come"
    OVER = "over"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Standing:
    """How one row stands on a day. `kept_by` is empty while nothing keeps it; the row's head may
    say why (`unkept`)."""

    rule: Rule
    kind: str
    state: State
    kept_by: str

    @property
    def is_caution(self) -> bool:
        return self.rule.head.is_caution


def cover(packs: Iterable[Pack], today: date) -> Iterator[Standing]:
    """Every row of the packs, in their order."""
    for pack in packs:
        for rule in pack.rules:
            yield Standing(rule, str(KIND_OF[type(rule)]), _state(rule, today), _kept_by(rule))


def _kept_by(rule: Rule) -> str:
    return PERMITS if isinstance(rule, Asked) else rule.kept_by


def _state(rule: Rule, today: date) -> State:
    starts = rule.head.effective_from
    if rule.head.disabled:
        return State.DISABLED
    if rule.in_force(today):
        return State.IN_FORCE
    return State.TO_COME if starts is not None and today < starts else State.OVER
