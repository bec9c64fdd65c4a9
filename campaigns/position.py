"""Where a case stands in its journey: the next step, when it is due, what has overtaken it.

Works on any version of the journey: a passed step is never repeated and a case is never stranded,
because position is kept as the steps passed and the day reached, not as an index.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from campaigns.calendar import BusinessCalendar, at_local
from campaigns.case import CaseState
from campaigns.decision import Policy
from campaigns.journey import Day, End, GiveTask, Journey, Send, Step, day_of
from campaigns.vocabulary import Category

DUE_AT = time(9, 0)  # on the creditor's clock; policy then finds the recipient's first open hour


def next_index(case: CaseState, journey: Journey) -> int | None:
    """The index of the step that comes next, or None when none is left."""
    if case.next_step is not None and case.next_step not in case.done:
        index = journey.index_of(case.next_step)
        if index is not None:
            return index
    start = _after_done(case, journey)
    return next(
        (
            index
            for index, step in enumerate(journey.steps[start:], start)
            if step.id not in case.done
        ),
        None,
    )


def _after_done(case: CaseState, journey: Journey) -> int:
    known = [index for index, step in enumerate(journey.steps) if step.id in case.done]
    if known:
        return known[-1] + 1
    if case.reached is None:
        return 0
    # Every passed step was renamed or removed: go on behind the day that was reached.
    later = (
        index
        for index, step in enumerate(journey.steps)
        if (day := day_of(step)) is not None and day > (case.reached or 0)
    )
    return next(later, _last_end(journey))


def _last_end(journey: Journey) -> int:
    ends = [index for index, step in enumerate(journey.steps) if isinstance(step, End)]
    return ends[-1] if ends else len(journey.steps)


def due_at(case: CaseState, step: Step, journey: Journey, policy: Policy) -> datetime:
    """When `step` is due. Days count from the anchor date, `after` from the last outcome."""
    if not isinstance(step.anchor, Day):
        return case.since + step.anchor.delay
    due = at_local(step_date(case.anchor_on, step.anchor, policy.calendar), DUE_AT, policy.zone)
    return max(due, _notice_kept(case, step, journey)) if isinstance(step, End) else due


def _notice_kept(case: CaseState, step: Step, journey: Journey) -> datetime:
    """An end keeps its distance to what was said last: a notice said late still gives its days."""
    spoken = journey.index_of(case.spoken_step) if case.spoken_step else None
    said, end = day_of(journey.steps[spoken]) if spoken is not None else None, day_of(step)
    if said is None or end is None or case.spoke_at is None:
        return case.since
    return case.spoke_at + timedelta(days=max(0, end - said))


def step_date(anchor_on: date, anchor: Day, calendar: BusinessCalendar) -> date:
    """The calendar date of a day-anchored step, shifted off rest days where it says so."""
    day = anchor_on + timedelta(days=anchor.offset)
    if anchor.shift == "next_business_day":
        return calendar.next_business_day(day)
    if anchor.shift == "previous_business_day":
        return calendar.previous_business_day(day)
    return day


def overtaken_by(
    case: CaseState, index: int, journey: Journey, policy: Policy, now: datetime
) -> Step | None:
    """The later step that says it all, when several are due at once. A legal step is never
    overtaken, nor is anything before a step that may lead elsewhere."""
    step = journey.steps[index]
    if not isinstance(step, Send) or step.category is Category.LEGAL:
        return None
    latest: Step | None = None
    for later in _plain_run(journey, index + 1):
        if not isinstance(later.anchor, Day) or due_at(case, later, journey, policy) > now:
            break
        if isinstance(later, Send):
            latest = later
            if later.category is Category.LEGAL:
                break
    return latest


def _plain_run(journey: Journey, start: int) -> Iterator[Step]:
    for step in journey.steps[start:]:
        if not isinstance(step, Send | GiveTask) or step.when is not None:
            return
        yield step


def entry(
    journey: Journey,
    anchor_on: date,
    today: date,
    *,
    spoken_lately: bool,
    calendar: BusinessCalendar,
) -> tuple[tuple[str, ...], int | None]:
    """The steps that a new episode counts as past, and the latest of their days.

    It enters at the first step not yet past; the latest passed message is kept, to be said now,
    unless something was said lately. Legal steps and ends are never past.
    """
    past = list(journey.steps[: _first_ahead(journey, anchor_on, today, calendar)])
    if not spoken_lately:
        past = _without_last_send(past)
    days = [day for step in past if (day := day_of(step)) is not None]
    return tuple(step.id for step in past), max(days, default=None)


def _first_ahead(journey: Journey, anchor_on: date, today: date, calendar: BusinessCalendar) -> int:
    """The index of the first step that is not past: its day is today or later, or it may not be."""
    ahead = 0
    for index, step in enumerate(journey.steps):
        if isinstance(step, End) or (isinstance(step, Send) and step.category is Category.LEGAL):
            break
        if isinstance(step.anchor, Day):
            if step_date(anchor_on, step.anchor, calendar) >= today:
                break
            ahead = index + 1
    return ahead


def _without_last_send(past: list[Step]) -> list[Step]:
    for index in range(len(past) - 1, -1, -1):
        if isinstance(past[index], Send):
            return past[:index]
    return past
