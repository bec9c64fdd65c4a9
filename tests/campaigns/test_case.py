"""A case is the fold of its events."""

from datetime import datetime
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.case import CaseState, Phase, fold, fold_all, opened, step_of, step_origin
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
from campaigns.vocabulary import Medium, Outcome, Signal
from tests.campaigns.casefacts import ANCHOR, EMAIL, SMS, on_day

NOW = on_day(3)
OPENED = CaseOpened("case", ANCHOR, Arm.TREATMENT)
STEP, ANSWER = step_origin("first"), "signal:promise_made:7:own:2026-03-05T10:00:00+00:00"
SAID = MessageIntended("m1", STEP, SMS)


def folded(*events: CaseEvent) -> CaseState:
    return fold_all([(OPENED, on_day(0)), *((event, NOW) for event in events)])


def settled(stage: MessageStage, key: str = "m1", step: str | None = "first") -> MessageSettled:
    return MessageSettled(key, stage, step, 3 if step else None)


def test_a_history_begins_with_the_opening() -> None:
    with pytest.raises(ValueError, match="not with StepPassed"):
        fold_all([(StepPassed("a", 1, "superseded"), NOW)])
    with pytest.raises(ValueError, match="begins with CaseOpened"):
        fold_all([])


def test_an_opened_case_stands_behind_the_steps_that_were_past() -> None:
    case = opened(CaseOpened("case", ANCHOR, Arm.CONTROL, ("a", "b"), 3), NOW)
    assert (case.done, case.reached, case.arm, case.since) == (("a", "b"), 3, Arm.CONTROL, NOW)
    assert case.phase is Phase.READY


def test_a_passed_step_is_done_and_its_day_is_reached() -> None:
    case = folded(StepPassed("a", 3, "superseded"), TaskGiven("b", None))
    assert (case.done, case.reached, case.since) == (("a", "b"), 3, NOW)


def test_the_day_that_was_reached_never_falls() -> None:
    case = folded(StepPassed("a", 9, "superseded"), StepPassed("b", 3, "superseded"))
    assert case.reached == 9


def test_an_intended_message_is_waited_for() -> None:
    case = folded(SAID)
    assert case.phase is Phase.PENDING
    assert (case.message_key, case.origin, case.tried, case.ordinal) == ("m1", STEP, (SMS,), 0)
    assert case.done == ()


def test_acceptance_passes_the_step_and_counts_as_spoken() -> None:
    case = folded(SAID, settled(MessageStage.ACCEPTED))
    assert (case.done, case.spoken_step, case.spoke_at) == (("first",), "first", NOW)
    assert case.phase is Phase.READY


def test_expiry_passes_the_step_without_a_word() -> None:
    case = folded(SAID, settled(MessageStage.EXPIRED))
    assert (case.done, case.spoken_step, case.spoke_at) == (("first",), None, None)


def test_a_refusal_keeps_the_step_and_spends_the_medium() -> None:
    case = folded(SAID, settled(MessageStage.REFUSED))
    assert (case.done, case.tried_for(STEP)) == ((), (SMS,))


def test_a_stop_keeps_the_step_and_the_medium() -> None:
    case = folded(SAID, settled(MessageStage.STOPPED))
    assert (case.done, case.tried_for(STEP)) == ((), ())
    assert case.next_ordinal == 1


def test_ordinals_count_all_messages_of_a_case() -> None:
    first = folded(SAID, settled(MessageStage.STOPPED))
    assert folded().next_ordinal == 0
    answer = fold(first, MessageIntended("m2", ANSWER, EMAIL), NOW)
    assert (first.next_ordinal, answer.ordinal, answer.next_ordinal) == (1, 1, 2)


def test_an_answer_keeps_what_was_tried_for_the_step_that_it_interrupts() -> None:
    case = folded(
        SAID,
        settled(MessageStage.REFUSED),
        MessageIntended("m2", ANSWER, EMAIL),
        settled(MessageStage.REFUSED, "m2", None),
    )
    assert case.reacting_to == ANSWER
    assert case.tried_for(ANSWER) == (EMAIL,)
    assert case.tried_for(STEP) == (SMS,)
    over = fold(case, settled(MessageStage.EXPIRED, "m2", None), NOW)
    assert (over.reacting, over.tried_for(ANSWER), over.tried_for(STEP)) == (None, (), (SMS,))
    assert over.done == ()


def test_a_stopped_answer_may_take_the_same_medium_again() -> None:
    case = folded(MessageIntended("m1", ANSWER, EMAIL), settled(MessageStage.STOPPED, "m1", None))
    assert case.tried_for(ANSWER) == ()
    assert case.reacting_to == ANSWER


def test_a_new_step_begins_with_every_medium() -> None:
    case = folded(SAID, settled(MessageStage.ACCEPTED))
    assert case.tried_for(step_origin("second")) == ()


def test_an_answer_during_a_wait_goes_back_to_waiting() -> None:
    wait = WaitBegan("w", Signal.PROMISE_MADE, on_day(9))
    case = folded(wait, MessageIntended("m1", ANSWER, SMS))
    assert case.phase is Phase.PENDING
    back = fold(case, settled(MessageStage.ACCEPTED, "m1", None), NOW)
    assert (back.phase, back.next_step, back.wait_until) == (Phase.WAITING, "w", on_day(9))


def test_a_wait_and_a_branch_lead_on() -> None:
    assert folded(WaitEnded("w", 3, True, "x")).next_step == "x"
    assert folded(BranchTaken("b", 3, None)).next_step is None


def test_what_a_fallback_came_to_does_not_undo_where_the_case_was_sent() -> None:
    case = folded(
        SAID,
        settled(MessageStage.ACCEPTED),
        BranchTaken("b", 3, "x"),
        MessageIntended("m2", STEP, EMAIL),
        settled(MessageStage.ACCEPTED, "m2"),
    )
    assert (case.next_step, case.done) == ("x", ("first", "b"))


def test_after_counts_anew_from_a_fallback_that_was_accepted_and_not_from_one_that_expired() -> (
    None
):
    case = folded(SAID, settled(MessageStage.ACCEPTED), MessageIntended("m2", STEP, EMAIL))
    later = on_day(5)
    assert fold(case, settled(MessageStage.ACCEPTED, "m2"), later).since == later
    assert fold(case, settled(MessageStage.EXPIRED, "m2"), later).since == NOW


def test_a_lost_message_reached_nobody() -> None:
    assert folded(SAID, settled(MessageStage.ACCEPTED), MessageLost("m1")).spoke_at is None


def test_a_closed_case_stays_as_it_is() -> None:
    closed = folded(CaseClosed(Outcome.SETTLED))
    assert (closed.phase, closed.outcome) == (Phase.CLOSED, Outcome.SETTLED)
    for event in (SAID, settled(MessageStage.ACCEPTED), CaseClosed(Outcome.EXHAUSTED)):
        assert fold(closed, event, NOW) == closed


def test_a_closed_case_waits_for_nothing() -> None:
    wait = WaitBegan("w", Signal.PROMISE_MADE, on_day(9))
    closed = folded(wait, CaseClosed(Outcome.SETTLED))
    assert (closed.waiting_for, closed.wait_until) == (None, None)


@pytest.mark.parametrize("step_id", ["a", "offer_help", "with:colon"])
def test_the_origin_of_a_step_names_it(step_id: str) -> None:
    assert step_of(step_origin(step_id)) == step_id


NAMES = st.sampled_from(["a", "b", "c"])
DAYS = st.none() | st.integers(-5, 60)
EVENTS = st.one_of(
    st.builds(StepPassed, NAMES, DAYS, st.just("superseded")),
    st.builds(TaskGiven, NAMES, DAYS),
    st.builds(
        MessageIntended,
        st.sampled_from(["m1", "m2"]),
        st.sampled_from([STEP, step_origin("a"), ANSWER]),
        st.sampled_from(Medium),
    ),
    st.builds(
        MessageSettled, st.just("m1"), st.sampled_from(MessageStage), st.none() | NAMES, DAYS
    ),
    st.builds(MessageLost, st.just("m1")),
    st.builds(WaitBegan, NAMES, st.sampled_from(Signal), st.just(on_day(20))),
    st.builds(WaitEnded, NAMES, DAYS, st.booleans(), st.none() | NAMES),
    st.builds(BranchTaken, NAMES, DAYS, st.none() | NAMES),
    st.builds(CaseClosed, st.sampled_from(Outcome)),
)


def test_the_random_histories_hold_every_kind_of_event() -> None:
    assert len(get_args(CaseEvent)) == 10


@given(st.lists(EVENTS, max_size=12))
def test_over_any_history_position_only_grows_and_closed_stays_closed(
    events: list[CaseEvent],
) -> None:
    case, at = opened(OPENED, on_day(0)), NOW
    for event in events:
        after = fold(case, event, at)
        assert after.done[: len(case.done)] == case.done
        assert len(set(after.done)) == len(after.done)
        assert case.reached is None or (after.reached is not None and after.reached >= case.reached)
        assert after.ordinal >= case.ordinal
        if case.phase is Phase.CLOSED:
            assert after == case
        if after.phase is Phase.WAITING:
            assert after.waiting_for is not None
        case = after
    history: list[tuple[CaseEvent, datetime]] = [(OPENED, on_day(0)), *((e, at) for e in events)]
    assert fold_all(history) == case
