"""A case as the fold of its events: where it stands in its journey, and what it has said.

`fold` is the only thing that moves a case. The engine stores both, and `duly check` compares them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum
from typing import assert_never

from campaigns.events import (
    Arm,
    BranchTaken,
    CaseClosed,
    CaseEvent,
    CaseOpened,
    MessageIntended,
    MessageLost,
    MessageSettled,
    StepPassed,
    TaskGiven,
    WaitBegan,
    WaitEnded,
)
from campaigns.facts import MessageStage
from campaigns.value import value
from campaigns.vocabulary import Medium, Outcome, Signal

__all__ = [
    "Arm",
    "CaseEvent",
    "CaseOpened",
    "CaseState",
    "Phase",
    "fold",
    "fold_all",
    "opened",
    "step_of",
    "step_origin",
]


_STEP = "step:"


class Phase(StrEnum):
    """READY decides; PENDING waits for its message; WAITING waits for a signal; CLOSED is over."""

    READY = "ready"
    PENDING = "pending"
    WAITING = "waiting"
    CLOSED = "closed"


@value
class CaseState:
    """Where a case stands. Position only grows: `done` is never taken back.

    `next_step` is where a branch or a wait has sent it. `origin` is the step that it last spoke
    for (`step:<id>:<visit>`) and `tried` the media of that. `reacting` is a signal whose answer is
    not out yet (`signal:…`), followed by the media that were tried for it; a step that it
    interrupts keeps its own. `ordinal` is that of the last message, whatever that answered.
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

    @property
    def next_ordinal(self) -> int:
        """The ordinal of the next message. It never comes twice in a case, so no key does."""
        return 0 if self.message_key is None else self.ordinal + 1

    @property
    def reacting_to(self) -> str | None:
        """The origin of the answer that is not out yet."""
        return self.reacting.split()[0] if self.reacting else None

    def tried_for(self, origin: str) -> tuple[Medium, ...]:
        """The media that were tried for `origin` and not stopped before they were sent."""
        if self.reacting is not None and origin == self.reacting_to:
            return tuple(Medium(medium) for medium in self.reacting.split()[1:])
        return self.tried if origin == self.origin else ()


def step_origin(step_id: str) -> str:
    """What a message for a step answers. Steps are visited once: journeys lead forward only."""
    return f"{_STEP}{step_id}:1"


def step_of(origin: str) -> str:
    """The step of a `step_origin`."""
    return origin.removeprefix(_STEP).rpartition(":")[0]


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
    """The case after `event`. Total: every event has its effect on every state; none reopens a
    closed case."""
    if isinstance(event, CaseOpened):
        return opened(event, at)
    if case.phase is Phase.CLOSED:
        return case
    match event:
        case StepPassed(step, day) | TaskGiven(step, day):
            return _past(case, step, day, at)
        case MessageIntended():
            return _intend(case, event)
        case MessageSettled():
            return _settle(case, event, at)
        case MessageLost():
            return replace(case, spoke_at=None)
        case WaitBegan():
            return _wait(case, event, at)
        case WaitEnded(step, day, _, target) | BranchTaken(step, day, target):
            return replace(_past(case, step, day, at), next_step=target)
        case CaseClosed(outcome):
            return replace(_awake(case), phase=Phase.CLOSED, outcome=outcome)
        case _:
            assert_never(event)


def fold_all(events: Iterable[tuple[CaseEvent, datetime]]) -> CaseState:
    """The state that a case's whole history leads to.

    Raises `ValueError` unless the first event opens it.
    """
    history = iter(events)
    first, at = next(history, (None, None))
    if not isinstance(first, CaseOpened) or at is None:
        raise ValueError(f"a case begins with CaseOpened, not with {type(first).__name__}")
    case = opened(first, at)
    for event, moment in history:
        case = fold(case, event, moment)
    return case


def _past(case: CaseState, step: str, day: int | None, at: datetime) -> CaseState:
    return replace(
        _awake(case),
        done=case.done if step in case.done else (*case.done, step),
        reached=_furthest(case.reached, day),
        next_step=None,
        since=at,
    )


def _furthest(*days: int | None) -> int | None:
    return max((day for day in days if day is not None), default=None)


def _awake(case: CaseState) -> CaseState:
    return replace(case, phase=Phase.READY, waiting_for=None, wait_until=None)


def _wait(case: CaseState, event: WaitBegan, at: datetime) -> CaseState:
    return replace(
        case,
        phase=Phase.WAITING,
        next_step=event.step,
        waiting_for=event.signal,
        wait_until=event.until,
        since=at,
    )


def _intend(case: CaseState, event: MessageIntended) -> CaseState:
    tried = (*case.tried_for(event.origin), event.medium)
    case = replace(case, phase=Phase.PENDING, ordinal=case.next_ordinal, message_key=event.key)
    if event.origin.startswith(_STEP):
        reached = _furthest(case.reached, event.day)
        return replace(case, origin=event.origin, tried=tried, reacting=None, reached=reached)
    return replace(case, reacting=" ".join((event.origin, *tried)))


def _settle(case: CaseState, event: MessageSettled, at: datetime) -> CaseState:
    case = replace(case, phase=_after_message(case))
    match event.stage:
        case MessageStage.ACCEPTED:
            case = replace(_outcome(case, event, at), reacting=None, spoke_at=at)
            return case if event.step is None else replace(case, spoken_step=event.step)
        case MessageStage.EXPIRED:
            return replace(_outcome(case, event, at), reacting=None)
        case MessageStage.STOPPED:
            return _untried(case)
        case MessageStage.REFUSED | MessageStage.PENDING:
            return case
        case _:
            assert_never(event.stage)


def _outcome(case: CaseState, event: MessageSettled, at: datetime) -> CaseState:
    """The first outcome passes the step. A fallback's comes later: the case may have been sent on
    meanwhile, and only `after` counts anew, from what was said."""
    if event.step is None:
        return case
    if event.step not in case.done:
        return _past(case, event.step, event.day, at)
    counts = event.stage is MessageStage.ACCEPTED and case.done[-1] == event.step
    return replace(case, since=at) if counts else case


def _untried(case: CaseState) -> CaseState:
    """A message that was stopped did not use up its medium."""
    if case.reacting_to is None:
        return replace(case, tried=case.tried[:-1])
    media = case.tried_for(case.reacting_to)[:-1]
    return replace(case, reacting=" ".join((case.reacting_to, *media)))


def _after_message(case: CaseState) -> Phase:
    """A reaction that was said during a wait goes back to waiting."""
    return Phase.WAITING if case.waiting_for is not None else Phase.READY
