"""Reads steps. A part that is wrong becomes a finding and a placeholder, so that
reading goes on; what holds a finding is never published."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from campaigns.expressions import compile_condition
from campaigns.findings import Place, did_you_mean
from campaigns.journey import (
    After,
    Anchor,
    Branch,
    Condition,
    Day,
    End,
    GiveTask,
    Send,
    SendPolicy,
    Step,
    WaitFor,
)
from campaigns.language_source import Node, Scalar, Table, describe
from campaigns.language_values import LONGEST_DAYS, Context, Fields, chosen
from campaigns.vocabulary import Category, ContactRole, Medium, Outcome, Signal
from campaigns.worded import all_of, verbatim, worded

SPEECH = ("category", "channels", "fallback", "valid_for", "approval")
STEP_KEYS = ("id", "day", "shift", "after", "when")

STEP_VALID = timedelta(days=3)
ITS_DAY = "its_day"

_AT_ONCE = timedelta(0)
_NEVER = compile_condition("False", custom={})


class Shift(StrEnum):
    """Where a step goes whose day is no business day."""

    NONE = "none"
    NEXT = "next_business_day"
    PREVIOUS = "previous_business_day"


@dataclass(frozen=True, slots=True)
class Jump:
    """A step that names another, and where it does."""

    target: str
    place: Place


@dataclass(frozen=True, slots=True)
class Draft:
    """A step as read. `day` is None unless a sound one anchors it; `goes_on` when the next step
    in the file may follow it."""

    step: Step
    day: int | None
    place: Place
    anchor_place: Place
    jumps: tuple[Jump, ...] = ()
    goes_on: bool = True


@dataclass(slots=True)
class _Start:
    """What every step has, and the jumps that its verb adds while it is read."""

    id: str
    anchor: Anchor
    when: Condition | None
    jumps: list[Jump] = field(default_factory=list)


def read_step(node: Node, context: Context) -> Draft | None:
    """One step, or None when it does not even have a verb."""
    if not isinstance(node, Table):
        remedy = worded("Begin it with `- id: name`, and its other keys below.")
        context.report.add(node.place, worded("this step is %(what)s", what=describe(node)), remedy)
        return None
    fields = Fields(node, context, worded("a step"))
    verb = _verb(fields)
    day = fields.whole("day", limit=LONGEST_DAYS)
    start = _Start(fields.slug("id") or "", _anchor(fields, day or 0), fields.condition("when"))
    if verb is None:
        return None
    step = VERBS[verb](fields, start)
    return Draft(
        step,
        day if isinstance(start.anchor, Day) else None,
        fields.place_of("id"),
        fields.place_of("day" if isinstance(start.anchor, Day) else "after"),
        tuple(start.jumps),
        goes_on=start.when is not None or not _turns_off(step),
    )


def _turns_off(step: Step) -> bool:
    """Whether a step that applies never leads to the next one in the file."""
    match step:
        case End():
            return True
        case WaitFor():
            return step.then is not None and step.otherwise is not None
        case Branch():
            return step.otherwise is not None
        case Send() | GiveTask():
            return False


def _verb(fields: Fields) -> str | None:
    """The one thing that a step does. Reports keys that do not go with it."""
    verbs = [verb for verb in VERBS if verb in fields]
    keys = [*STEP_KEYS, *(verbs or VERBS)]
    if "send" in verbs or not verbs:
        keys += (*SPEECH, "to")
    if "branch" in verbs or not verbs:
        keys.append("otherwise")
    fields.allow(keys)
    if len(verbs) == 1:
        return verbs[0]
    if verbs:
        remedy = worded("Make `%(verb)s` a step of its own.", verb=verbs[1])
        problem = worded(
            "a step does one thing, and this does %(verbs)s", verbs=all_of(map(verbatim, verbs))
        )
        fields.say(fields.place_of(verbs[1]), problem, remedy)
    else:
        fields.say(
            fields.place,
            worded("the step does nothing"),
            worded("Give it one of %(known)s.", known=", ".join(VERBS)),
        )
    return None


def _anchor(fields: Fields, offset: int) -> Anchor:
    if "day" in fields and "after" in fields:
        fields.say(
            fields.place_of("after"),
            worded("the step has two anchors"),
            worded("Keep `day` or `after`."),
        )
    if "after" in fields:
        if "shift" in fields:
            remedy = worded("Delete it, or anchor the step with `day`.")
            fields.say(fields.place_of("shift"), worded("`shift` goes with `day` only"), remedy)
        return After(fields.duration("after", zero=True) or _AT_ONCE)
    if "day" not in fields:
        remedy = worded("Add `day:` (from the due date) or `after:` (from the step before).")
        fields.say(fields.place, worded("the step has no anchor"), remedy)
    return Day(offset, str(fields.word("shift", Shift) or Shift.NONE))


def _send(fields: Fields, start: _Start) -> Send:
    category = fields.word("category", Category) or Category.REMINDER
    early = isinstance(start.anchor, Day) and start.anchor.offset < 0
    its_day_only = _its_day_only(fields, start, category)
    if category is Category.OFFER and early:
        remedy = worded("Send it from day 0 on, or give it another category if it sells nothing.")
        fields.say(fields.place_of("category"), worded("an offer before anything is due"), remedy)
    return Send(
        start.id,
        start.anchor,
        fields.template("send") or "",
        category,
        read_policy(fields),
        (None if its_day_only else fields.duration("valid_for")) or STEP_VALID,
        start.when,
        _to(fields),
        its_day_only,
        fields.text("approval", needed=False),
    )


def _its_day_only(fields: Fields, start: _Start, category: Category) -> bool:
    """Whether it says `valid_for: its_day`."""
    found = fields.node("valid_for")
    if not isinstance(found, Scalar) or found.text != ITS_DAY:
        return False
    if not isinstance(start.anchor, Day):
        remedy = worded("Anchor the step with `day`, or write a length of time such as 1d.")
        fields.say(
            found.place,
            worded("`valid_for: %(its_day)s` goes with `day` only", its_day=ITS_DAY),
            remedy,
        )
    elif category is Category.LEGAL:
        remedy = worded("Write a length of time such as 5d, and words that stay true.")
        fields.say(
            found.place,
            worded("a legal step cannot be `valid_for: %(its_day)s`", its_day=ITS_DAY),
            remedy,
        )
    return True


def _to(fields: Fields) -> ContactRole:
    role = fields.word("to", ContactRole) or ContactRole.PAYABLES
    if role is ContactRole.COPY:
        remedy = worded("Leave it out: contacts with that role get a copy of every mail.")
        fields.say(fields.place_of("to"), worded("nobody is written to as `copy`"), remedy)
    return role


def read_policy(fields: Fields) -> SendPolicy:
    order = _order(fields)
    fallback = fields.table("fallback", "`fallback`")
    if fallback is None:
        return SendPolicy(order)
    fallback.allow(("on_refusal", "on_no_delivery", "on_no_click"))
    on_refusal = fallback.flag("on_refusal")
    return SendPolicy(
        order,
        True if on_refusal is None else on_refusal,
        fallback.duration("on_no_delivery"),
        fallback.duration("on_no_click"),
    )


def _order(fields: Fields) -> tuple[Medium, ...]:
    node = fields.node("channels")
    if isinstance(node, Scalar) and node.text != "best":
        near = did_you_mean(node.text, ("best",))
        remedy = near or worded(
            "Write best, or a list such as [%(known)s].", known=", ".join(Medium)
        )
        fields.say(node.place, worded("`channels` cannot be `%(text)s`", text=node.text), remedy)
    if node is None or isinstance(node, Scalar):
        return ()
    order: list[Medium] = []
    for item in fields.items("channels") or ():
        medium = chosen(item, Medium, fields.context.report, "channels")
        if medium in order:
            fields.say(
                item.place,
                worded("`%(medium)s` stands twice in `channels`", medium=medium),
                worded("Keep the first."),
            )
        if medium is not None:
            order.append(medium)
    return tuple(order)


def _task(fields: Fields, start: _Start) -> GiveTask:
    task = fields.table("task", worded("a task"))
    if task is None:
        return GiveTask(start.id, start.anchor, "", "", start.when)
    task.allow(("team", "title", "call"))
    team, title = task.text("team") or "", task.text("title") or ""
    return GiveTask(start.id, start.anchor, team, title, start.when, bool(task.flag("call")))


def _wait(fields: Fields, start: _Start) -> WaitFor:
    wait = fields.table("wait_for", "`wait_for`")
    if wait is None:
        return WaitFor(start.id, start.anchor, Signal.PAYMENT_RECEIVED, _AT_ONCE)
    wait.allow(("signal", "for", "then", "otherwise"))
    return WaitFor(
        start.id,
        start.anchor,
        wait.word("signal", Signal, needed=True) or Signal.PAYMENT_RECEIVED,
        wait.duration("for", needed=True) or _AT_ONCE,
        _jump(wait, "then", start),
        _jump(wait, "otherwise", start),
        start.when,
    )


def _branch(fields: Fields, start: _Start) -> Branch:
    arms = []
    for item in fields.items("branch") or ():
        if not isinstance(item, Table):
            remedy = worded("Write it as {when: promises_broken >= 2, go: some_step}.")
            fields.say(item.place, worded("this arm is %(what)s", what=describe(item)), remedy)
            continue
        arm = Fields(item, fields.context, worded("an arm"))
        arm.allow(("when", "go"))
        condition = arm.condition("when", needed=True) or _NEVER
        arms.append((condition, _jump(arm, "go", start, needed=True) or ""))
    otherwise = _jump(fields, "otherwise", start)
    return Branch(start.id, start.anchor, tuple(arms), otherwise, start.when)


def _jump(fields: Fields, key: str, start: _Start, *, needed: bool = False) -> str | None:
    target = fields.slug(key, needed=needed)
    found = fields.node(key)
    if target is not None and found is not None:
        start.jumps.append(Jump(target, found.place))
    return target


def _end(fields: Fields, start: _Start) -> End:
    outcome = fields.word("end", Outcome, needed=True) or Outcome.EXHAUSTED
    return End(start.id, start.anchor, outcome, start.when)


VERBS: Mapping[str, Callable[[Fields, _Start], Step]] = MappingProxyType(
    {"send": _send, "task": _task, "wait_for": _wait, "branch": _branch, "end": _end}
)
