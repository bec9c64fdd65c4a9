"""Random journeys of the language's own dataclasses, and random edits of them."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import strategies as st

from campaigns.expressions import compile_condition
from campaigns.journey import (
    After,
    Anchor,
    Branch,
    Condition,
    Day,
    End,
    GiveTask,
    Journey,
    Reaction,
    Send,
    SendPolicy,
    Step,
    WaitFor,
)
from campaigns.vocabulary import Category, Medium, Outcome, Signal, SubjectKind

CONDITIONS = tuple(
    compile_condition(source, custom={})
    for source in (
        "promises_broken >= 1",
        "balance >= 50",
        "balance < 50",
        "open_invoices > 1",
        "days_past_due > 12",
        "has_promise or kind == 'business'",
    )
)
SIGNALS = (
    Signal.PAYMENT_RECEIVED,
    Signal.PROMISE_MADE,
    Signal.PROMISE_BROKEN,
    Signal.LINK_CLICKED,
    Signal.REPLY_RECEIVED,
)
LENGTHS = st.sampled_from([timedelta(hours=1), timedelta(hours=30), timedelta(days=4)])
DELAYS = st.sampled_from([timedelta(0), timedelta(0), timedelta(hours=5), timedelta(days=3)])
SHIFTS = st.sampled_from(["none", "none", "next_business_day", "previous_business_day"])


def conditions() -> st.SearchStrategy[Condition | None]:
    return st.none() | st.none() | st.sampled_from(CONDITIONS)


def policies() -> st.SearchStrategy[SendPolicy]:
    orders = st.lists(st.sampled_from(Medium), unique=True, max_size=3).map(tuple)
    return st.builds(
        SendPolicy,
        order=st.just(()) | orders,
        on_refusal=st.sampled_from([True, True, False]),
        on_no_delivery=st.none() | LENGTHS,
        on_no_click=st.none() | LENGTHS,
    )


CATEGORIES = st.sampled_from([Category.REMINDER] * 4 + [Category.NOTICE, Category.LEGAL])


@st.composite
def one_step(draw: st.DrawFn, id: str, anchor: Anchor, later: tuple[str, ...]) -> Step:
    """A step that may lead to any of `later`."""
    when = draw(conditions())
    jumps = st.none() | st.sampled_from(later) if later else st.none()
    kind = draw(st.sampled_from(["send"] * 5 + ["task", "wait", "branch", "end"]))
    match kind:
        case "send":
            valid = draw(LENGTHS)
            return Send(id, anchor, id, draw(CATEGORIES), draw(policies()), valid, when)
        case "task":
            return GiveTask(id, anchor, "team", "Title", when)
        case "wait":
            limit = draw(st.sampled_from([timedelta(0), timedelta(hours=6), timedelta(days=9)]))
            kinds = st.sampled_from(SIGNALS)
            return WaitFor(id, anchor, draw(kinds), limit, draw(jumps), draw(jumps), when)
        case "branch" if later:
            arm = st.tuples(st.sampled_from(CONDITIONS), st.sampled_from(later))
            arms = tuple(draw(st.lists(arm, min_size=1, max_size=2)))
            return Branch(id, anchor, arms, draw(jumps), when)
        case _:
            return End(id, anchor, draw(st.sampled_from(Outcome)), when or CONDITIONS[0])


def reactions() -> st.SearchStrategy[dict[Signal, Reaction]]:
    said = st.builds(
        Reaction,
        signal=st.sampled_from(SIGNALS),
        template=st.just("answer"),
        category=st.sampled_from([Category.REMINDER, Category.RECEIPT]),
        policy=policies(),
        valid_for=st.sampled_from([timedelta(hours=20), timedelta(days=4)]),
        when=st.none() | st.none() | conditions(),
    )
    return st.lists(said, min_size=1, max_size=4).map(lambda all: {one.signal: one for one in all})


@st.composite
def journeys(draw: st.DrawFn) -> Journey:
    """One to seven steps in the order of the calendar, and an end without a condition."""
    count = draw(st.integers(1, 7))
    days = sorted(draw(st.lists(st.integers(-3, 40), min_size=count, max_size=count)))
    ids = (*(f"s{number}" for number in range(count)), "over")
    steps: list[Step] = []
    for number, day in enumerate(days):
        anchor: Anchor = Day(day, draw(SHIFTS))
        if number and draw(st.integers(0, 3)) == 0:
            anchor = After(draw(DELAYS))
        steps.append(draw(one_step(ids[number], anchor, ids[number + 1 :])))
    outcome = draw(st.sampled_from([Outcome.HANDED_OVER, Outcome.EXHAUSTED]))
    steps.append(End("over", Day(days[-1] + draw(st.integers(0, 10)), draw(SHIFTS)), outcome))
    subject = draw(st.sampled_from([SubjectKind.CUSTOMER] * 4 + [SubjectKind.PLAN]))
    return Journey("drawn", "Drawn", subject, tuple(steps), draw(reactions()), "hash")


@st.composite
def edits(draw: st.DrawFn, before: Journey, number: int) -> Journey:
    """Another version: steps inserted, removed, renamed or reordered, or conditions changed."""
    steps = list(before.steps)
    at = draw(st.integers(0, len(steps) - 1))
    match draw(st.sampled_from(["insert", "remove", "rename", "swap", "condition", "anew"])):
        case "insert":
            anchor = Day(draw(st.integers(-3, 45)))
            later = tuple(step.id for step in steps[at:])
            steps.insert(at, draw(one_step(f"new{number}", anchor, later)))
        case "remove" if len(steps) > 1:
            del steps[at]
        case "rename":
            steps[at] = replace(steps[at], id=f"renamed{number}")
        case "swap":
            to = draw(st.integers(0, len(steps) - 1))
            steps[at], steps[to] = steps[to], steps[at]
        case "condition":
            steps[at] = replace(steps[at], when=draw(conditions()))
        case _:
            return draw(journeys())
    return replace(before, steps=tuple(steps), reactions=draw(reactions()))
