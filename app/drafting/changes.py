"""What a draft changes of a journey, step by step: for a sentence each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import pairwise
from typing import assert_never

from campaigns.journey import (
    After,
    Branch,
    Day,
    End,
    GiveTask,
    Journey,
    Reaction,
    Send,
    Step,
    WaitFor,
)


class What(StrEnum):
    """What was changed. Of `step` or, where it is none, of the journey itself."""

    TITLE = "title"
    SUBJECT = "subject"
    ANCHOR = "anchor"
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"  # it stands behind another step than before
    KIND = "kind"  # it is a step of another kind
    DAY = "day"
    SHIFT = "shift"
    DELAY = "delay"
    TEMPLATE = "template"
    CATEGORY = "category"
    CHANNELS = "channels"
    FALLBACK = "fallback"
    VALIDITY = "validity"
    APPROVAL = "approval"
    CONDITION = "condition"
    RECIPIENT = "recipient"
    TASK = "task"
    WAIT = "wait"
    WAYS = "ways"  # where a branch or a wait leads
    OUTCOME = "outcome"
    ANSWER_ADDED = "answer_added"
    ANSWER_REMOVED = "answer_removed"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Change:
    """`step` is the id of a step, or the signal of an answer. `was` and `now` are as the file
    says them; None where there is nothing."""

    what: What
    step: str | None = None
    was: str | None = None
    now: str | None = None


def changes(before: Journey, after: Journey) -> list[Change]:
    """From top to bottom: the journey's own, its steps, its answers to what happens."""
    return [*_own(before, after), *_steps(before, after), *_answers(before, after)]


def _own(before: Journey, after: Journey) -> Iterator[Change]:
    pairs = (
        (What.TITLE, before.title, after.title),
        (What.SUBJECT, str(before.subject), str(after.subject)),
        (What.ANCHOR, str(before.anchor), str(after.anchor)),
    )
    for what, was, now in pairs:
        if was != now:
            yield Change(what, None, was, now)


def _steps(before: Journey, after: Journey) -> Iterator[Change]:
    old = {step.id: step for step in before.steps}
    new = {step.id: step for step in after.steps}
    for step in before.steps:
        if step.id not in new:
            yield Change(What.REMOVED, step.id, _when(step), None)
    moved = _moved(before, after)
    for step in after.steps:
        if step.id not in old:
            yield Change(What.ADDED, step.id, None, _when(step))
            continue
        if step.id in moved:
            yield Change(What.MOVED, step.id, None, _predecessor(after, step.id))
        yield from _step(old[step.id], step)


def _moved(before: Journey, after: Journey) -> frozenset[str]:
    """Steps that others of before stand in front of now, which they did not."""
    places = {step.id: place for place, step in enumerate(before.steps)}
    kept = [step.id for step in after.steps if step.id in places]
    return frozenset(there for here, there in pairwise(kept) if places[here] > places[there])


def _predecessor(journey: Journey, step_id: str) -> str | None:
    at = journey.index_of(step_id)
    return journey.steps[at - 1].id if at else None


def _step(was: Step, now: Step) -> Iterator[Change]:
    if type(was) is not type(now):
        yield Change(What.KIND, now.id, _kind(was), _kind(now))
        return
    if _when(was) != _when(now):
        calendar = isinstance(was.anchor, Day) and isinstance(now.anchor, Day)
        what = What.DAY if calendar or isinstance(now.anchor, Day) else What.DELAY
        yield Change(what, now.id, _when(was), _when(now))
    shifts = [step.anchor.shift if isinstance(step.anchor, Day) else "none" for step in (was, now)]
    if shifts[0] != shifts[1]:
        yield Change(What.SHIFT, now.id, *shifts)
    for what, one, other in zip(_ASPECTS, _aspects(was), _aspects(now), strict=True):
        if one != other:
            yield Change(what, now.id, one, other)


_ASPECTS = (What.CONDITION, What.TEMPLATE, What.CATEGORY, What.RECIPIENT, What.CHANNELS,
            What.FALLBACK, What.VALIDITY, What.APPROVAL, What.TASK, What.WAIT, What.WAYS,
            What.OUTCOME)  # fmt: skip


def _aspects(step: Step) -> tuple[str | None, ...]:
    """What may be changed of a step, in the order of `_ASPECTS`."""
    when = step.when.source if step.when else None
    said: tuple[str | None, ...] = (None,) * 7
    task = wait = ways = outcome = None
    match step:
        case Send():
            validity = "its_day" if step.its_day_only else duration(step.valid_for)
            said = (step.template, step.category, step.to, *_policy(step), validity, step.approval)
        case GiveTask():
            task = f"{step.team}: {step.title}" + (" (call)" if step.call else "")
        case WaitFor():
            wait = f"{step.signal}, {duration(step.limit)}"
            ways = f"{step.then or '…'} / {step.otherwise or '…'}"
        case Branch():
            arms = "; ".join(f"{condition.source} → {go}" for condition, go in step.arms)
            ways = f"{arms}; … → {step.otherwise or '…'}"
        case End():
            outcome = str(step.outcome)
    return (when, *said, task, wait, ways, outcome)


def _policy(said: Send | Reaction) -> tuple[str, str]:
    """The channels in their order, and when the next is tried."""
    policy = said.policy
    waits = (
        ("on_refusal", None if policy.on_refusal else "false"),
        ("on_no_delivery", duration(policy.on_no_delivery) if policy.on_no_delivery else None),
        ("on_no_click", duration(policy.on_no_click) if policy.on_no_click else None),
    )
    fallback = ", ".join(f"{name}: {value}" for name, value in waits if value is not None)
    return ", ".join(policy.order) or "auto", fallback


def _answers(before: Journey, after: Journey) -> Iterator[Change]:
    for signal in sorted({*before.reactions, *after.reactions}):
        was, now = (_ways(journey.reactions.get(signal)) for journey in (before, after))
        if was == now:
            continue
        what = {(True, False): What.ANSWER_ADDED, (False, True): What.ANSWER_REMOVED}
        yield Change(what.get((was is None, now is None), What.ANSWER), str(signal), was, now)


def _ways(reaction: Reaction | None) -> str | None:
    return None if reaction is None else "; ".join(_way(way) for way in reaction.ways())


def _way(way: Reaction) -> str:
    channels, fallback = _policy(way)
    parts = [f"{way.template} ({way.category}, {channels}, {duration(way.valid_for)})"]
    parts += [fallback] if fallback else []
    parts += [f"approval: {way.approval}"] if way.approval else []
    parts += [f"when {way.when.source}"] if way.when else []
    return " ".join(parts)


def _kind(step: Step) -> str:
    match step:
        case Send():
            return "send"
        case GiveTask():
            return "task"
        case WaitFor():
            return "wait_for"
        case Branch():
            return "branch"
        case End():
            return "end"
        case _:
            assert_never(step)


def _when(step: Step) -> str:
    if isinstance(step.anchor, After):
        return duration(step.anchor.delay)
    return str(step.anchor.offset)


def duration(span: timedelta) -> str:
    """As a journey's file writes it: `3d`, `90m`."""
    minutes = int(span.total_seconds() // 60)
    for unit, size in (("d", 1440), ("h", 60)):
        if minutes % size == 0:
            return f"{minutes // size}{unit}"
    return f"{minutes}m"
