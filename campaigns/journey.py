"""A journey as data: steps in order, and reactions to what happens. Built by `language`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from campaigns.vocabulary import (
    AnchorKind,
    Category,
    ContactRole,
    Medium,
    Outcome,
    Signal,
    SubjectKind,
)


class Condition(Protocol):
    """A checked, compiled expression over the fact table."""

    @property
    def source(self) -> str: ...

    def __call__(self, view: Mapping[str, object]) -> bool: ...


@dataclass(frozen=True, slots=True)
class Day:
    """Anchored on the calendar: `offset` days from the anchor date (-3 is before, 3 is after)."""

    offset: int
    shift: str = "none"  # none | next_business_day | previous_business_day


@dataclass(frozen=True, slots=True)
class After:
    """Anchored on the outcome of the step before."""

    delay: timedelta


Anchor = Day | After


@dataclass(frozen=True, slots=True)
class SendPolicy:
    """`send` is a policy, not a channel. An empty `order` means best for this customer."""

    order: tuple[Medium, ...] = ()
    on_refusal: bool = True
    on_no_delivery: timedelta | None = None
    on_no_click: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Send:
    id: str
    anchor: Anchor
    template: str
    category: Category
    policy: SendPolicy = field(default_factory=SendPolicy)
    valid_for: timedelta = timedelta(days=3)
    when: Condition | None = None
    to: ContactRole = ContactRole.PAYABLES
    its_day_only: bool = False  # what it says is true on its own day alone
    approval: str | None = None  # the team of which somebody approves it before it goes


@dataclass(frozen=True, slots=True)
class GiveTask:
    id: str
    anchor: Anchor
    team: str
    title: str
    when: Condition | None = None
    call: bool = False  # by telephone: the call desk has it


@dataclass(frozen=True, slots=True)
class WaitFor:
    """Waits for `signal`, at most `limit`. Both ways out may name a later step."""

    id: str
    anchor: Anchor
    signal: Signal
    limit: timedelta
    then: str | None = None
    otherwise: str | None = None
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class Branch:
    """The first arm whose condition holds names the next step (always a later one)."""

    id: str
    anchor: Anchor
    arms: tuple[tuple[Condition, str], ...]
    otherwise: str | None = None
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class End:
    id: str
    anchor: Anchor
    outcome: Outcome
    when: Condition | None = None


Step = Send | GiveTask | WaitFor | Branch | End


@dataclass(frozen=True, slots=True)
class Reaction:
    """What the journey says when a signal arrives, on top of the built-in safe reaction.

    `otherwise` is what it says when `when` does not hold.
    """

    signal: Signal
    template: str
    category: Category
    policy: SendPolicy = field(default_factory=SendPolicy)
    valid_for: timedelta = timedelta(days=2)
    when: Condition | None = None
    otherwise: Reaction | None = None
    approval: str | None = None

    def ways(self) -> Iterator[Reaction]:
        """This one, and those that may be said instead, in their order."""
        yield self
        if self.otherwise is not None:
            yield from self.otherwise.ways()


@dataclass(frozen=True, slots=True)
class Journey:
    """A checked version. `hash` is the sha256 of the canonical source; step ids are stable."""

    name: str
    title: str
    subject: SubjectKind
    steps: tuple[Step, ...]
    reactions: Mapping[Signal, Reaction]
    hash: str
    anchor: AnchorKind = AnchorKind.DUE_DATE

    def index_of(self, step_id: str) -> int | None:
        for index, step in enumerate(self.steps):
            if step.id == step_id:
                return index
        return None

    def templates(self) -> frozenset[str]:
        """Every template that this version can say."""
        sent = {step.template for step in self.steps if isinstance(step, Send)}
        answers = (way for reaction in self.reactions.values() for way in reaction.ways())
        return frozenset(sent | {reaction.template for reaction in answers})


def day_of(step: Step) -> int | None:
    """The signed day offset of a step that is anchored on the calendar."""
    return step.anchor.offset if isinstance(step.anchor, Day) else None
