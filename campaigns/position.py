"""Where a case stands in its journey: the next step, when it is due, what has overtaken it, and
where a new episode enters.

Works on any version of the journey: a passed step is never repeated and a case is never stranded,
because position is kept as the steps passed and the day reached, not as an index.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from campaigns.calendar import BusinessCalendar, at_local, local_date
from campaigns.case import CaseState, step_of, step_origin
from campaigns.facts import PastContact
from campaigns.journey import Branch, Day, End, GiveTask, Journey, Send, Step, day_of
from campaigns.situation import Situation
from campaigns.vocabulary import Category

_OWED = (Category.LEGAL, Category.NOTICE)
_ASKS = (Category.REMINDER, Category.NOTICE, Category.LEGAL)

DUE_AT = time(9, 0)  # on the creditor's clock; policy then finds the recipient's first open hour


def next_index(case: CaseState, journey: Journey) -> int | None:
    """The index of the step that comes next, or None when none is left.

    A step that was refused on some media is finished first, whatever an edit puts before it.
    """
    begun = step_of(case.origin) if case.origin and case.tried else None
    if begun is not None and begun not in case.done:
        index = journey.index_of(begun)
        if index is not None:
            return index
    if case.next_step is not None and case.next_step not in case.done:
        index = journey.index_of(case.next_step)
        if index is not None:
            return index
    return _undone_from(_behind(case, journey), case, journey)


def _undone_from(start: int, case: CaseState, journey: Journey) -> int | None:
    ahead = enumerate(journey.steps[start:], start)
    return next((index for index, step in ahead if step.id not in case.done), None)


def _behind(case: CaseState, journey: Journey) -> int:
    """The index behind the step that was passed last. If that one was renamed or removed, go on
    behind the day that was reached as well: what stands there now may be the same under another
    name."""
    if not case.done:
        return 0
    known = (journey.index_of(step_id) for step_id in reversed(case.done))
    start = next((index + 1 for index in known if index is not None), 0)
    if case.reached is None or journey.index_of(case.done[-1]) is not None:
        return start
    return max(start, _behind_day(case.reached, journey))


def _behind_day(reached: int, journey: Journey) -> int:
    days = ((index, day_of(step)) for index, step in enumerate(journey.steps))
    later = (index for index, day in days if day is not None and day > reached)
    return next(later, _last_end(journey))


def _last_end(journey: Journey) -> int:
    ends = [index for index, step in enumerate(journey.steps) if isinstance(step, End)]
    return ends[-1] if ends else len(journey.steps)


def due_at(here: Situation, step: Step) -> datetime:
    """When `step` is due. Days count from the anchor date, `after` from the last outcome."""
    if not isinstance(step.anchor, Day):
        return here.case.since + step.anchor.delay
    calendar, zone = here.policy.calendar, here.policy.zone
    due = at_local(step_date(here.case.anchor_on, step.anchor, calendar), DUE_AT, zone)
    if not isinstance(step, End) or here.case.spoke_at is None:
        return due
    return max(due, _notice_kept(here, step.anchor, here.case.spoke_at))


def _notice_kept(here: Situation, end: Day, spoke_at: datetime) -> datetime:
    """An end keeps its distance to what was said last: a notice said late still gives its days,
    and one that is to end on a business day does not end earlier for it."""
    said = _planned_day(here.case.spoken_step or "", here.journey)
    if said is None:
        said = here.case.reached
    if said is None:
        return spoke_at
    kept = spoke_at + timedelta(days=max(0, end.offset - said))
    if end.shift == "none":
        return kept
    day = here.policy.calendar.next_business_day(local_date(kept, here.policy.zone))
    return max(kept, at_local(day, DUE_AT, here.policy.zone))


def _planned_day(step_id: str, journey: Journey) -> int | None:
    """The day that a step has when all goes to plan; one with `after` counts on from those before.
    None when the step is gone."""
    index = journey.index_of(step_id)
    if index is None:
        return None
    delay = timedelta()
    for step in reversed(journey.steps[: index + 1]):
        if isinstance(step.anchor, Day):
            return step.anchor.offset + delay.days
        delay += step.anchor.delay
    return delay.days


def step_date(anchor_on: date, anchor: Day, calendar: BusinessCalendar) -> date:
    """The calendar date of a day-anchored step, shifted off rest days where it says so."""
    day = anchor_on + timedelta(days=anchor.offset)
    if anchor.shift == "next_business_day":
        return calendar.next_business_day(day)
    if anchor.shift == "previous_business_day":
        return calendar.previous_business_day(day)
    return day


def said_until(here: Situation, step: Send, since: datetime) -> datetime:
    """Until when a message for `step` may be said that was to be said `since` then."""
    over = since + step.valid_for
    if not (step.its_day_only and isinstance(step.anchor, Day)):
        return over
    day = step_date(here.case.anchor_on, step.anchor, here.policy.calendar)
    return min(over, at_local(day + timedelta(days=1), time.min, here.policy.zone))


def overtaken_by(here: Situation, index: int) -> Send | None:
    """The later message that says it all, when several are due at once.

    It is the last one that would be said now on the way that these facts take, so branches are
    followed and conditions are asked. Nothing overtakes a legal step, and nothing is looked for
    behind a legal step, a wait, an end, or a step that counts from the outcome of a message.
    """
    step = here.journey.steps[index]
    if not isinstance(step, Send) or step.category is Category.LEGAL:
        return None
    latest: Send | None = None
    before: Step = step
    at = _undone_from(index + 1, here.case, here.journey)
    while at is not None:
        later = here.journey.steps[at]
        if not _due_behind(here, before, later):
            return latest
        if not here.meets(later.when):
            at = _undone_from(at + 1, here.case, here.journey)
            continue
        if not isinstance(later, Send | GiveTask | Branch):
            return latest
        if isinstance(later, Send) and said_since(here, later) is None:
            latest = later
            if later.category is Category.LEGAL:
                return latest
        before, at = later, _onward(here, at, later)
    return latest


def said_since(here: Situation, step: Step) -> PastContact | None:
    """What the case has asked for since `step` fell due, and was held back: it says it all.

    A notice and a legal step say what nothing else does, so nothing overtakes them.
    """
    if not isinstance(step, Send) or step.category in _OWED:
        return None
    origin, fell_due_at = step_origin(step.id), _fell_due_at(here, step)
    slots = f"{here.case.key}:"
    asked = (
        contact
        for contact in here.facts.contacts
        if contact.slot.startswith(slots)
        and contact.slot != f"{slots}{origin}"
        and contact.category in _ASKS
        and contact.at > fell_due_at
        and not contact.failed
    )
    return max(asked, key=lambda contact: contact.at, default=None)


def _fell_due_at(here: Situation, step: Step) -> datetime:
    """When `step` was due on its own: behind a task or a branch, which take no time, with that."""
    before = here.step(here.case.done[-1]) if here.case.done else None
    if isinstance(step.anchor, Day) or not isinstance(before, Branch | GiveTask):
        return due_at(here, step)
    if not isinstance(before.anchor, Day):
        return due_at(here, step)
    return due_at(here, before) + step.anchor.delay


def _due_behind(here: Situation, before: Step, later: Step) -> bool:
    if isinstance(later.anchor, Day):
        return due_at(here, later) <= here.now
    return not later.anchor.delay and not isinstance(before, Send)


def _onward(here: Situation, index: int, step: Send | GiveTask | Branch) -> int | None:
    """Where the case would go from `step`, always forward."""
    target = target_of(here, step) if isinstance(step, Branch) else None
    jump = here.journey.index_of(target) if target is not None else None
    if jump is not None and jump > index and target not in here.case.done:
        return jump
    return _undone_from(index + 1, here.case, here.journey)


def target_of(here: Situation, branch: Branch) -> str | None:
    """The step that a branch leads to on these facts; None is the next one in the file."""
    return next((go for when, go in branch.arms if here.meets(when)), branch.otherwise)


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
    unless something was said lately or what it says was true on its day alone. A branch that may
    lead past that message is kept as well, so that the facts choose the way. Legal steps and ends
    are never past.
    """
    ahead = _first_ahead(journey, anchor_on, today, calendar)
    if not spoken_lately:
        ahead = _to_say(journey, ahead)
    past = journey.steps[:ahead]
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


def _to_say(journey: Journey, ahead: int) -> int:
    """The index of the last message before `ahead` that is still true, or of the branch that
    decides about it."""
    passed = enumerate(journey.steps[:ahead])
    said = [i for i, step in passed if isinstance(step, Send) and not step.its_day_only]
    if not said:
        return ahead
    enters = said[-1]
    for index in range(said[-1] - 1, -1, -1):
        step = journey.steps[index]
        if isinstance(step, Branch) and _leads_past(step, said[-1], journey):
            enters = index
        elif not isinstance(step, Send | Branch):
            break  # a task or a wait that is past is not done again
    return enters


def _leads_past(branch: Branch, index: int, journey: Journey) -> bool:
    targets = [go for _, go in branch.arms] + [branch.otherwise or ""]
    return any((journey.index_of(target) or 0) > index for target in targets)
