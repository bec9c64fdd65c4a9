"""What one decision is about: a case, its facts, its journey, its policy and the instant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from campaigns.calendar import local_date
from campaigns.case import CaseState
from campaigns.decision import Policy
from campaigns.fact_table import view
from campaigns.facts import Facts
from campaigns.journey import Condition, Journey, Step
from campaigns.stops import past_limitation

SOON = timedelta(minutes=1)


@dataclass(frozen=True)
class Situation:
    """Everything that `decide` may look at, with what is worked out of it at most once."""

    case: CaseState
    facts: Facts
    journey: Journey
    policy: Policy
    now: datetime

    @property
    def soon(self) -> datetime:
        """When to look again at the earliest: a look is always later than `now`."""
        return self.now + SOON

    @cached_property
    def today(self) -> date:
        """The date on the creditor's calendar."""
        return local_date(self.now, self.policy.zone)

    @cached_property
    def row(self) -> Mapping[str, object]:
        """The fact table, as conditions read it."""
        return view(self.facts, self.today)

    def meets(self, condition: Condition | None) -> bool:
        """Whether the condition holds; none always does."""
        return condition is None or condition(self.row)

    def step(self, step_id: str | None) -> Step | None:
        """The step of that id in this version of the journey."""
        index = self.journey.index_of(step_id) if step_id else None
        return self.journey.steps[index] if index is not None else None

    @cached_property
    def past_limitation(self) -> bool:
        """Whether part of what may be asked for is past its limitation date."""
        return past_limitation(self.facts, self.today)
