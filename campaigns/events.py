"""What happens to a case, in the past tense. A case is the fold of these; each is kept for ever."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date, datetime
from enum import StrEnum

from campaigns.facts import MessageStage
from campaigns.value import value
from campaigns.vocabulary import Medium, Outcome, Signal


class Arm(StrEnum):
    TREATMENT = "treatment"
    CONTROL = "control"


@value
class CaseOpened:
    """`entered` are the steps that were past already, `reached` the latest of their days."""

    key: str
    anchor_on: date
    arm: Arm
    entered: tuple[str, ...] = ()
    reached: int | None = None


@value
class StepPassed:
    """A step that was not done, and why: a code of `reasons` and what fills its sentence."""

    step: str
    day: int | None
    reason: str
    params: Mapping[str, str] = field(default_factory=dict)


@value
class TaskGiven:
    step: str
    day: int | None


@value
class MessageIntended:
    """The case means to say one template on one medium; it waits for what becomes of that. `day` is
    that of its step: an edit may take the step away before the message is settled."""

    key: str
    origin: str
    medium: Medium
    day: int | None = None


@value
class MessageSettled:
    """What became of the message. `step` is the step it spoke for, if it was one."""

    key: str
    stage: MessageStage
    step: str | None = None
    day: int | None = None


@value
class MessageLost:
    """The last message failed after it was accepted, and none of the case's others arrived."""

    key: str


@value
class WaitBegan:
    step: str
    signal: Signal
    until: datetime


@value
class WaitEnded:
    step: str
    day: int | None
    met: bool
    target: str | None


@value
class BranchTaken:
    step: str
    day: int | None
    target: str | None


@value
class CaseClosed:
    outcome: Outcome


CaseEvent = (
    CaseOpened
    | StepPassed
    | TaskGiven
    | MessageIntended
    | MessageSettled
    | MessageLost
    | WaitBegan
    | WaitEnded
    | BranchTaken
    | CaseClosed
)
