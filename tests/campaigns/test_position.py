"""Position: what comes next, when it is due, and where a new episode enters."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.calendar import BusinessCalendar
from campaigns.case import CaseState
from campaigns.events import Arm
from campaigns.journey import Branch, Day, GiveTask, Journey, Send, Step, WaitFor
from campaigns.position import DUE_AT, due_at, entry, next_index, step_date
from campaigns.situation import Situation
from campaigns.vocabulary import Category, Signal
from tests.campaigns.casefacts import (
    ANCHOR,
    DAY,
    HOUR,
    anchored,
    end,
    journey,
    on_day,
    owing,
    policy,
    send,
    when,
)
from tests.campaigns.journeydraws import journeys

CALENDAR = BusinessCalendar("LT")
LADDER = journey(send("a", 0), send("b", 3), send("c", 10), end("over", 30))


def state(**more: Any) -> CaseState:
    return replace(CaseState("case", ANCHOR, on_day(0), Arm.TREATMENT), **more)


def following(steps: Journey = LADDER, **more: Any) -> str | None:
    index = next_index(state(**more), steps)
    return None if index is None else steps.steps[index].id


def entered(
    steps: Journey, today: int, *, spoken_lately: bool = False
) -> tuple[tuple[str, ...], int | None]:
    day = ANCHOR + today * DAY
    return entry(steps, ANCHOR, day, spoken_lately=spoken_lately, calendar=CALENDAR)


# What comes next


def test_a_new_case_begins_with_the_first_step() -> None:
    assert following() == "a"


def test_it_goes_on_behind_the_step_that_was_passed_last() -> None:
    assert following(done=("a", "b"), reached=3) == "c"


def test_steps_that_were_jumped_over_stay_behind() -> None:
    assert following(done=("a", "c"), reached=10) == "over"


def test_a_branch_or_a_wait_says_where_to_go() -> None:
    assert following(done=("a",), reached=0, next_step="c") == "c"


@pytest.mark.parametrize("target", ["a", "gone"])
def test_where_to_go_counts_only_if_it_is_there_and_not_done(target: str) -> None:
    assert following(done=("a",), reached=0, next_step=target) == "b"


def test_nothing_is_left_when_all_is_done() -> None:
    assert following(done=("a", "b", "c", "over"), reached=30) is None


def test_when_the_last_passed_step_is_gone_its_day_is_behind_too() -> None:
    assert following(done=("a", "gone"), reached=3) == "c"
    assert following(done=("gone",), reached=10) == "over"


def test_a_case_without_a_day_goes_on_behind_what_it_knows() -> None:
    assert following(done=("a", "gone"), reached=None) == "b"


def test_when_no_later_day_is_left_the_last_end_is_next() -> None:
    assert following(done=("gone",), reached=99) == "over"
    assert following(journey(send("a", 0)), done=("gone",), reached=99) is None


@given(journeys(), journeys(), st.data())
def test_on_any_journey_the_next_step_is_one_that_is_not_done(
    before: Journey, after: Journey, data: st.DataObject
) -> None:
    names = [step.id for step in before.steps]
    done = tuple(data.draw(st.lists(st.sampled_from(names), unique=True)))
    reached = data.draw(st.none() | st.integers(-3, 60))
    target = data.draw(st.none() | st.sampled_from(names))
    found = following(after, done=done, reached=reached, next_step=target)
    assert found is None or found not in done


# When it is due


def due(step: Step, **more: Any) -> datetime:
    case = state(**more)
    steps = journey(send("said", 0), send("notice", 20), step)
    return due_at(Situation(case, owing(), steps, policy(), on_day(0)), steps.steps[-1])


def test_a_day_is_counted_from_the_due_date_at_nine_on_the_creditors_clock() -> None:
    assert DUE_AT.hour == 9
    assert due(send("x", 3)) == on_day(3, "09:00")
    assert due(send("x", -5)) == on_day(-5, "09:00")


def test_nine_stays_nine_over_a_change_of_the_clocks() -> None:
    assert due(send("x", 60)) == on_day(60, "09:00")


def test_after_is_counted_from_the_last_outcome_to_the_second() -> None:
    assert due(send("x", 36 * HOUR), since=on_day(4, "10:30")) == on_day(4, "10:30") + 36 * HOUR


def test_an_end_waits_for_its_day_and_for_the_days_of_the_notice() -> None:
    early = {"spoken_step": "notice", "spoke_at": on_day(20)}
    assert due(end("over", 30), **early) == on_day(20) + 10 * DAY
    late = {"spoken_step": "notice", "spoke_at": on_day(26)}
    assert due(end("over", 30), **late) == on_day(26) + 10 * DAY
    assert due(end("over", 30)) == on_day(30, "09:00")


def test_an_end_on_the_day_of_the_last_message_comes_at_once() -> None:
    said = {"spoken_step": "notice", "spoke_at": on_day(20, "11:00")}
    assert due(end("over", 20), **said) == on_day(20, "11:00")


@pytest.mark.parametrize(
    ("shift", "expected"),
    [
        ("none", date(2026, 3, 11)),
        ("next_business_day", date(2026, 3, 12)),
        ("previous_business_day", date(2026, 3, 10)),
    ],
)
def test_a_step_is_shifted_off_a_holiday_where_it_says_so(shift: str, expected: date) -> None:
    assert step_date(ANCHOR, Day(9, shift), CALENDAR) == expected


# Where a new episode enters


def test_nothing_is_past_on_the_first_day() -> None:
    assert entered(LADDER, 0) == ((), None)


def test_a_step_of_today_is_not_past() -> None:
    assert entered(LADDER, 3, spoken_lately=True) == (("a",), 0)


def test_the_latest_passed_message_is_kept_to_be_said_now() -> None:
    assert entered(LADDER, 14) == (("a", "b"), 3)


def test_nothing_is_kept_when_something_was_said_lately() -> None:
    assert entered(LADDER, 14, spoken_lately=True) == (("a", "b", "c"), 10)


def test_legal_steps_and_ends_are_never_past() -> None:
    legal = journey(send("a", 0), send("b", 3, category=Category.LEGAL), end("over", 30))
    assert entered(legal, 90, spoken_lately=True) == (("a",), 0)
    assert entered(LADDER, 90, spoken_lately=True) == (("a", "b", "c"), 10)


def test_a_task_that_is_past_is_not_given() -> None:
    steps = journey(send("a", 0), GiveTask("t", anchored(2), "x", "y"), send("c", 9), end("o", 30))
    assert entered(steps, 12) == (("a", "t"), 2)
    assert entered(steps, 5, spoken_lately=True) == (("a", "t"), 2)


def test_a_wait_that_is_past_is_not_begun_before_a_later_message() -> None:
    wait = WaitFor("w", anchored(timedelta(0)), Signal.PROMISE_MADE, 7 * DAY)
    steps = journey(send("a", 0), wait, send("c", 9), end("over", 30))
    assert entered(steps, 12) == (("a", "w"), 0)


def test_a_branch_that_decides_about_the_kept_message_is_kept_with_it() -> None:
    choose = Branch("choose", anchored(5), ((when("promises_broken >= 1"), "help"),), "c")
    steps = journey(send("a", 0), choose, send("c", 5), send("help", 20), end("over", 30))
    assert entered(steps, 12) == (("a",), 0)
    assert entered(steps, 12, spoken_lately=True) == (("a", "choose", "c"), 5)


def test_a_branch_before_a_task_that_is_past_is_past_with_it() -> None:
    choose = Branch("choose", anchored(5), ((when("balance >= 1"), "help"),), "t")
    task = GiveTask("t", anchored(6), "x", "y")
    steps = journey(send("a", 0), choose, task, send("c", 7), send("help", 20), end("over", 30))
    assert entered(steps, 12) == (("a", "choose", "t"), 6)


def test_a_branch_that_cannot_lead_past_the_kept_message_is_past() -> None:
    choose = Branch("choose", anchored(5), ((when("balance >= 1"), "c"),))
    steps = journey(send("a", 0), choose, send("b", 5), send("c", 9), end("over", 30))
    assert entered(steps, 12) == (("a", "choose", "b"), 5)


@given(journeys(), st.integers(-10, 80), st.booleans())
def test_what_is_past_is_a_beginning_of_the_journey_and_never_an_end(
    steps: Journey, today: int, lately: bool
) -> None:
    done, reached = entered(steps, today, spoken_lately=lately)
    past = steps.steps[: len(done)]
    assert done == tuple(step.id for step in past)
    for step in past:
        assert not (isinstance(step, Send) and step.category is Category.LEGAL)
        if isinstance(step.anchor, Day):
            assert step_date(ANCHOR, step.anchor, CALENDAR) < ANCHOR + today * DAY
            assert reached is not None
            assert reached >= step.anchor.offset
