"""Decides until there is nothing left to decide now: what one look at a case comes to."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from campaigns.case import CaseState, Phase, fold
from campaigns.decide import decide
from campaigns.decision import Decision, Policy, Say
from campaigns.events import CaseEvent
from campaigns.facts import Facts
from campaigns.journey import Journey
from campaigns.value import value


@value
class Advanced:
    """The case after one look, and every decision on the way; the last says when to look again."""

    case: CaseState
    decisions: tuple[Decision, ...]

    @property
    def last(self) -> Decision:
        return self.decisions[-1]

    @property
    def events(self) -> tuple[CaseEvent, ...]:
        return tuple(decision.event for decision in self.decisions if decision.event is not None)


class RunawayJourney(RuntimeError):
    """A case went on deciding. Journeys lead forward only, so this is a defect of ours."""


def advance(
    case: CaseState, facts: Facts, journey: Journey, policy: Policy, now: datetime
) -> Advanced:
    """Decides again at once after each event, until the case waits, speaks or is closed."""
    decisions: list[Decision] = []
    for _ in range(3 * len(journey.steps) + 2 * len(facts.signals) + 8):
        decision = decide(case, facts, journey, policy, now)
        decisions.append(decision)
        if decision.event is not None:
            case = fold(case, decision.event, now)
        if _rests(case, decision):
            return Advanced(case, tuple(decisions))
        facts = _without_handled(facts, decision)
    raise RunawayJourney(f"case {case.key} did not come to rest in journey {journey.name}")


def _rests(case: CaseState, decision: Decision) -> bool:
    moved = decision.event is not None or decision.handled
    return not moved or isinstance(decision.action, Say) or case.phase is Phase.CLOSED


def _without_handled(facts: Facts, decision: Decision) -> Facts:
    if not decision.handled:
        return facts
    left = tuple(signal for signal in facts.signals if signal.id not in decision.handled)
    return replace(facts, signals=left)
