"""Why a message may go at an instant or not: the verdict of `permits`, and what each rule says.

Asks nothing by itself: the verdict is that of `permits`, and a rule's own word is that of `permits`
under this rule alone, with all that is no rule (stops, the book's age) out of the way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from campaigns.facts import ConsentState, Facts
from campaigns.policy import permits
from campaigns.proposal import Proposal, Refusal, Verdict
from campaigns.rules import Asked, Freshness, Pack
from campaigns.ruleset import RuleSet


@dataclass(frozen=True, slots=True)
class Answer:
    """What one rule says. `refusal` is None when it lets the message go."""

    rule: Asked
    refusal: Refusal | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """The verdict, the rules that were asked in their order, and the clocks that they look at.

    `decided` is the rule that the verdict names; None when no rule of a pack decided.
    """

    verdict: Verdict
    answers: tuple[Answer, ...]
    decided: Asked | None
    zones: tuple[ZoneInfo, ...]
    unknown_zones: tuple[str, ...]


def explain(proposal: Proposal, facts: Facts, rules: RuleSet, now: datetime) -> Explanation:
    """What `permits` answers, and why. For people: it takes many times as long."""
    verdict = permits(proposal, facts, rules, now)
    timeline = rules.timeline(facts, proposal.channel, proposal.category)
    asked = set(timeline.at(now).ids)
    answers = tuple(
        Answer(rule, _alone(rule, pack, proposal, facts, rules, now))
        for pack in sorted(rules.packs, key=lambda pack: (pack.level, pack.name))
        for rule in _in_force(pack, now)
        if rule.id in asked
    )
    named = verdict.rule if isinstance(verdict, Refusal) else None
    decided = next((answer.rule for answer in answers if answer.rule.id == named), None)
    return Explanation(verdict, answers, decided, timeline.zones, timeline.unknown)


def _in_force(pack: Pack, now: datetime) -> Iterator[Asked]:
    """On some day that it may be where the recipient is."""
    days = {(now + timedelta(hours=hours)).date() for hours in (-12, 0, 14)}
    for rule in pack.rules:
        if isinstance(rule, Asked) and any(map(rule.in_force, days)):
            yield rule


def _alone(
    rule: Asked, pack: Pack, proposal: Proposal, facts: Facts, rules: RuleSet, now: datetime
) -> Refusal | None:
    only = replace(rules, packs=(replace(pack, rules=(rule,)),), _ageing={}, _hours={})
    channel = proposal.channel
    withdrawn = channel.consent is ConsentState.WITHDRAWN
    unstopped = replace(
        channel,
        suppressed=None,
        consent=ConsentState.UNKNOWN if withdrawn else channel.consent,
    )
    timed = facts if isinstance(rule, Freshness) else replace(facts, ledger_max_age=None)
    verdict = permits(replace(proposal, channel=unstopped), timed, only, now)
    return verdict if isinstance(verdict, Refusal) and verdict.rule == rule.id else None
