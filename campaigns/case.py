"""A case as the fold of its events: where it stands in its journey, and what it has said.

`fold` is the only thing that moves a case. The engine stores both, and `duly check` compares them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import assert_never

from campaigns.facts import MessageStage
from campaigns.vocabulary import Medium, Outcome, Signal


class Phase(StrEnum):
    """READY decides; PENDING waits for its message; WAITING waits for a signal; CLOSED is over."""

    READY = "ready"
    PENDING = "pending"
    WAITING = "waiting"
    CLOSED = "closed"


class Arm(StrEnum):
    TREATMENT = "treatment"
    CONTROL = "control"


@dataclass(frozen=True, slots=True)
class CaseState:
    """Where a case stands. Position only grows: `done` is never taken back.

    `next_step` is where a branch or a wait has sent it. `origin` is what the last message answered
    (`step:<id>:<visit>` or `signal:<name>:<event>`), `ordinal` counts the messages of that origin
    and `tried` their media. `reacting` is an origin whose answer is not out yet.
    """

    key: str
    anchor_on: date
    since: datetime
    arm: Arm = Arm.TREATMENT
    done: tuple[str, ...] = ()
    reached: int | None = None
    next_step: str | None = None
    phase: Phase = Phase.READY
    origin: str | None = None
    ordinal: int = 0
    tried: tuple[Medium, ...] = ()
    reacting: str | None = None
    message_key: str | None = None
    spoken_step: str | None = None
    spoke_at: datetime | None = None
    waiting_for: Signal | None = None
    wait_until: datetime | None = None
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class CaseOpened:
    """`entered` are the steps that were past already, `reached` the latest of their days."""

    key: str
    anchor_on: date
    arm: Arm
    entered: tuple[str, ...] = ()
    reached: int | None = None


@dataclass(frozen=True, slots=True)
class StepPassed:
    """A step that was not done, and why."""

    step: str
    day: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class TaskGiven:
    step: str
    day: int | None


@dataclass(frozen=True, slots=True)
class MessageIntended:
    """The case means to say one template on one medium; it waits for what becomes of that."""

    key: str
    origin: str
    medium: Medium


@dataclass(frozen=True, slots=True)
class MessageSettled:
    """What became of the message. `step` is the step it spoke for, if it was one."""

    key: str
    stage: MessageStage
    step: str | None = None
    day: int | None = None


@dataclass(frozen=True, slots=True)
class WaitBegan:
    step: str
    signal: Signal
    until: datetime


@dataclass(frozen=True, slots=True)
class WaitEnded:
    step: str
    day: int | None
    met: bool
    target: str | None


@dataclass(frozen=True, slots=True)
class BranchTaken:
    step: str
    day: int | None
    target: str | None


@dataclass(frozen=True, slots=True)
class CaseClosed:
    outcome: Outcome


CaseEvent = (
    CaseOpened
    | StepPassed
    | TaskGiven
    | MessageIntended
    | MessageSettled
    | WaitBegan
    | WaitEnded
    | BranchTaken
    | CaseClosed
)


def opened(event: CaseOpened, at: datetime) -> CaseState:
    """The state of a case that has just been opened."""
    return CaseState(
        key=event.key,
        anchor_on=event.anchor_on,
        since=at,
        arm=event.arm,
        done=event.entered,
        reached=event.reached,
    )


def fold(case: CaseState, event: CaseEvent, at: datetime) -> CaseState:
    """The case after `event`. Total: every event has its effect on every state."""
    match event:
        case CaseOpened():
            return opened(event, at)
        case StepPassed(step, day) | TaskGiven(step, day):
            return _past(case, step, day, at)
        case MessageIntended(key, origin, medium):
            return _intend(case, key, origin, medium)
        case MessageSettled():
            return _settle(case, event, at)
        case WaitBegan(step, signal, until):
            return replace(
                case,
                phase=Phase.WAITING,
                next_step=step,
                waiting_for=signal,
                wait_until=until,
                since=at,
            )
        case WaitEnded(step, day, _, target) | BranchTaken(step, day, target):
            return replace(_past(case, step, day, at), next_step=target)
        case CaseClosed(outcome):
            return replace(
                case, phase=Phase.CLOSED, outcome=outcome, waiting_for=None, wait_until=None
            )
        case _:
            assert_never(event)


def fold_all(events: Iterable[tuple[CaseEvent, datetime]]) -> CaseState:
    """The state that a case's whole history leads to. The first event opens it."""
    history = iter(events)
    first, at = next(history)
    if not isinstance(first, CaseOpened):
        raise ValueError(f"a case begins with CaseOpened, not with {type(first).__name__}")
    case = opened(first, at)
    for event, moment in history:
        case = fold(case, event, moment)
    return case


def _past(case: CaseState, step: str, day: int | None, at: datetime) -> CaseState:
    known = [value for value in (case.reached, day) if value is not None]
    return replace(
        case,
        phase=Phase.READY,
        done=case.done if step in case.done else (*case.done, step),
        reached=max(known, default=None),
        next_step=None,
        since=at,
        waiting_for=None,
        wait_until=None,
    )


def _intend(case: CaseState, key: str, origin: str, medium: Medium) -> CaseState:
    again = origin == case.origin
    return replace(
        case,
        phase=Phase.PENDING,
        origin=origin,
        ordinal=case.ordinal + 1 if again else 0,
        tried=(*case.tried, medium) if again else (medium,),
        reacting=origin if origin.startswith("signal:") else None,
        message_key=key,
        waiting_for=None if case.phase is not Phase.WAITING else case.waiting_for,
    )


def _settle(case: CaseState, event: MessageSettled, at: datetime) -> CaseState:
    case = replace(case, phase=_after_message(case))
    match event.stage:
        case MessageStage.ACCEPTED:
            case = replace(case, reacting=None, spoke_at=at)
            if event.step is None:
                return case
            return replace(_past(case, event.step, event.day, at), spoken_step=event.step)
        case MessageStage.EXPIRED:
            case = replace(case, reacting=None)
            return case if event.step is None else _past(case, event.step, event.day, at)
        case MessageStage.STOPPED:
            return replace(case, tried=case.tried[:-1])
        case MessageStage.REFUSED | MessageStage.PENDING:
            return case
        case _:
            assert_never(event.stage)


def _after_message(case: CaseState) -> Phase:
    """A reaction that was said during a wait goes back to waiting."""
    return Phase.WAITING if case.waiting_for is not None else Phase.READY
