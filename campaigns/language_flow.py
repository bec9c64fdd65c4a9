"""The order of a journey's steps: every step can be reached, and every path comes to an end."""

from __future__ import annotations

from collections.abc import Sequence

from campaigns.findings import Report, did_you_mean
from campaigns.journey import After, End, Send
from campaigns.language_steps import Draft
from campaigns.vocabulary import SubjectKind
from campaigns.worded import worded


def check_order(drafts: Sequence[Draft], subject: SubjectKind | None, report: Report) -> None:
    """Reports ids and days that do not fit together."""
    _check_ids(drafts, report)
    _check_days(drafts, report)
    if subject is SubjectKind.INVOICE:
        _check_sign(drafts, report)


def check_paths(drafts: Sequence[Draft], report: Report) -> None:
    """Reports jumps that lead nowhere or back, steps that none leads to, and a missing end."""
    if _jumps_fit(drafts, report):
        _check_reach(drafts, report)


def _check_ids(drafts: Sequence[Draft], report: Report) -> None:
    seen: dict[str, int] = {}
    for draft in drafts:
        name = draft.step.id
        if name in seen:
            cause = worded("the step on line %(line)s has it already", line=seen[name])
            remedy = worded("Give each step an id of its own.")
            report.add(
                draft.place,
                worded("the id `%(name)s` is used twice", name=name),
                remedy,
                cause=cause,
            )
        elif name:
            seen[name] = draft.place.line


def _check_days(drafts: Sequence[Draft], report: Report) -> None:
    if drafts and isinstance(drafts[0].step.anchor, After):
        remedy = worded("Anchor it with `day`, from the due date.")
        report.add(drafts[0].anchor_place, worded("there is no step before the first"), remedy)
    latest: int | None = None
    for draft in drafts:
        day = draft.day
        if day is None:
            continue
        if latest is not None and day < latest:
            remedy = worded("Put the steps in the order of the calendar.")
            if -day >= latest:
                remedy = worded(
                    "Put the steps in the order of the calendar. A minus sign means before the due"
                    " date."
                )
            report.add(
                draft.anchor_place,
                worded("day %(day)s stands after day %(latest)s", day=day, latest=latest),
                remedy,
            )
        latest = day if latest is None else max(latest, day)


def _check_sign(drafts: Sequence[Draft], report: Report) -> None:
    """A reminder of what will be due must not speak when it is overdue: a sign left out."""
    sends = [(draft, draft.day or 0) for draft in drafts if isinstance(draft.step, Send)]
    if not any(day < 0 for _, day in sends):
        return
    for draft, day in sends:
        if day > 0:
            problem = worded(
                "this journey speaks before the due date, and day %(day)s is after it", day=day
            )
            remedy = worded(
                "Write -%(day)s, or leave it to the journey of what is overdue.", day=day
            )
            report.add(draft.anchor_place, problem, remedy)


def _jumps_fit(drafts: Sequence[Draft], report: Report) -> bool:
    order = {draft.step.id: index for index, draft in reversed(tuple(enumerate(drafts)))}
    fit = True
    for index, draft in enumerate(drafts):
        for jump in draft.jumps:
            target = order.get(jump.target)
            if target is not None and target > index:
                continue
            fit = False
            if target is None:
                later = [other.step.id for other in drafts[index + 1 :]]
                remedy = did_you_mean(jump.target, later) or worded("Name a later step.")
                report.add(
                    jump.place, worded("there is no step `%(target)s`", target=jump.target), remedy
                )
            else:
                remedy = worded("Name a later step: a journey does not run in circles.")
                report.add(
                    jump.place,
                    worded("`%(target)s` is not a later step", target=jump.target),
                    remedy,
                )
    return fit


def _check_reach(drafts: Sequence[Draft], report: Report) -> None:
    order = {draft.step.id: index for index, draft in enumerate(drafts)}
    reached = {0}
    for index, draft in enumerate(drafts):
        if index not in reached:
            _unreached(draft, drafts[index - 1], report)
            continue
        reached |= {order[jump.target] for jump in draft.jumps}
        if draft.goes_on:
            reached.add(index + 1)
    if drafts and len(drafts) in reached:
        last = drafts[-1]
        cause = worded("nothing comes after `%(step)s`", step=last.step.id)
        conditional = isinstance(last.step, End)
        remedy = (
            worded("Take `when` off the last end.")
            if conditional
            else worded("Add a step with `end:`.")
        )
        report.add(last.place, worded("the journey never ends"), remedy, cause=cause)


def _unreached(draft: Draft, before: Draft, report: Report) -> None:
    ended = isinstance(before.step, End)
    cause = (
        worded("`%(step)s` ends the journey", step=before.step.id)
        if ended
        else worded("every path jumps over it")
    )
    remedy = worded("Let a step lead to it, or delete it.")
    report.add(
        draft.place, worded("no path leads to `%(step)s`", step=draft.step.id), remedy, cause=cause
    )
