"""Whether somebody may be called now: the hours and the caps of the rules for a voice call. Pure.

A call that the customer asked for waits for its hours alone. What a rule says of texts (a consent,
an approved sender, a message that may hold no link) says nothing of a person who calls.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from campaigns.caps import limits
from campaigns.facts import ChannelFact, Facts
from campaigns.proposal import Proposal
from campaigns.ruleset import RuleSet
from campaigns.timeline import InForce, Timeline
from campaigns.vocabulary import Category
from campaigns.windows import earliest_common

_SLOT: Final = "call"


class CallBar(StrEnum):
    """Why somebody may not be called now."""

    PLACE_UNKNOWN = "place_unknown"
    HOURS = "hours"
    CAP = "cap"


@dataclass(frozen=True, slots=True)
class NotNow:
    """Not now; `until` is when that ends, where it ends by itself. `rule` is the row that says so,
    where it is one row."""

    why: CallBar
    until: datetime | None = None
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class MayCall:
    """They may be called until then; None: no rule of hours binds the place."""

    until: datetime | None


def may_call(
    facts: Facts, line: ChannelFact, rules: RuleSet, now: datetime, *, asked_for: bool
) -> MayCall | NotNow:
    """What the rules of the place of this number say of a call at `now`."""
    timeline = rules.timeline(facts, line, Category.REMINDER)
    if not timeline.placed:
        return NotNow(CallBar.PLACE_UNKNOWN)
    span = timeline.at(now)
    closings = [clock.closes(now) for clock in span.clocks]
    if None in closings:
        return NotNow(CallBar.HOURS, earliest_common(span.hours, now))
    capped = None if asked_for else _capped(facts, line, timeline, span, now)
    return capped or MayCall(min((at for at in closings if at is not None), default=None))


def _capped(
    facts: Facts, line: ChannelFact, timeline: Timeline, span: InForce, now: datetime
) -> NotNow | None:
    said = sorted([contact.at for contact in facts.contacts], reverse=True)
    proposal = Proposal(line, Category.REMINDER, _SLOT)
    found = [
        NotNow(CallBar.CAP, limit.earliest(now), limit.row.head.id)
        for group in span.limits
        for limit in limits(group, proposal, facts, now, timeline.zones, said)
        if limit.earliest(now) > now
    ]
    return max(found, key=lambda bar: bar.until or now, default=None)
