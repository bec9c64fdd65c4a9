"""What a case does at a wait, a branch, a condition, a task and an end."""

from dataclasses import replace
from datetime import timedelta

import pytest

from campaigns.case import Phase
from campaigns.decision import Give
from campaigns.events import CaseClosed
from campaigns.journey import Branch, Day, End, GiveTask, WaitFor
from campaigns.vocabulary import Category, Outcome, Signal
from tests.campaigns.casefacts import (
    DAY,
    LADDER,
    REFUSED,
    SMS,
    Played,
    anchored,
    end,
    invoice,
    journey,
    on_day,
    owing,
    reaction,
    said_first,
    send,
    signal,
    when,
)


def waiting() -> Played:
    wait = WaitFor("wait", anchored(3), Signal.PROMISE_MADE, 5 * DAY, "yes", "no")
    steps = journey(wait, send("yes", 9), send("no", 9), end("over", 30))
    played = Played(steps, owing())
    played.look(on_day(3))
    return played


def test_a_wait_ends_when_its_signal_comes() -> None:
    played = waiting()
    assert played.look_at == on_day(8)
    played.signalled(signal(Signal.PROMISE_MADE, on_day(4)))
    played.look(on_day(4))
    assert played.reasons[-3:] == ["wait_met", "noted", "not_yet"]
    assert played.case.next_step == "yes"


def test_a_wait_ends_when_its_time_is_over() -> None:
    played = waiting()
    played.look(on_day(8))
    assert played.reasons[-2:] == ["wait_over", "not_yet"]
    assert played.case.next_step == "no"


def test_another_signal_does_not_end_a_wait() -> None:
    played = waiting()
    played.signalled(signal(Signal.LINK_CLICKED, on_day(4)))
    assert played.look(on_day(4)).last.reason == "waiting_for"
    assert played.case.phase is Phase.WAITING


def test_an_answer_during_a_wait_goes_back_to_waiting() -> None:
    played = waiting()
    played.journey = replace(
        played.journey, reactions=reaction(Signal.PAYMENT_RECEIVED, Category.RECEIPT)
    )
    played.signalled(signal(Signal.PAYMENT_RECEIVED, on_day(4)))
    played.look(on_day(4))
    assert played.accepted().last.reason == "waiting_for"
    assert played.look_at == on_day(8)


def test_a_wait_whose_step_was_removed_still_ends() -> None:
    played = waiting()
    played.journey = journey(send("yes", 9), send("no", 9), end("over", 30))
    played.look(on_day(8))
    assert played.reasons[-2:] == ["wait_over", "not_yet"]


@pytest.mark.parametrize(("minor", "said"), [(600_00, "big"), (100_00, "middle"), (10_00, "small")])
def test_a_branch_takes_the_first_arm_that_holds(minor: int, said: str) -> None:
    arms = ((when("balance >= 500"), "big"), (when("balance >= 50"), "middle"))
    steps = journey(
        Branch("choose", anchored(3), arms, "small"),
        send("small", timedelta(0)),
        send("middle", timedelta(0)),
        send("big", timedelta(0)),
        end("over", 30),
    )
    played = Played(steps, owing(invoices=(invoice(minor=minor),)))
    played.look(on_day(3))
    assert played.templates == [said]


def test_a_condition_that_does_not_hold_passes_the_step() -> None:
    steps = journey(send("first", 3, when=when("balance >= 500")), end("over", 30))
    played = Played(steps, owing())
    played.look(on_day(3))
    assert played.reasons == ["condition_false", "not_yet"]


def test_a_condition_is_asked_when_the_step_is_due_and_not_before() -> None:
    steps = journey(send("first", 3, when=when("balance >= 500")), end("over", 30))
    played = Played(steps, owing())
    played.look(on_day(1))
    played.know(invoices=(invoice(minor=600_00),))
    played.look(on_day(3))
    assert played.templates == ["first"]


@pytest.mark.parametrize(("by_telephone", "kind"), [(False, "journey"), (True, "call")])
def test_a_task_is_given_once_and_the_journey_goes_on(by_telephone: bool, kind: str) -> None:
    call = GiveTask("call", anchored(3), "collections", "Call", call=by_telephone)
    played = Played(journey(call, send("first", 3), end("over", 30)), owing())
    advanced = played.look(on_day(3))
    assert [d.reason for d in advanced.decisions] == ["task_given", "step_due"]
    assert isinstance(advanced.decisions[0].action, Give)
    assert advanced.decisions[0].action.kind == kind


def test_after_counts_from_what_was_accepted() -> None:
    steps = journey(send("first", 3), send("second", 2 * DAY), end("over", 30))
    played = said_first(steps)
    played.accepted(on_day(4, "10:00"), delivered=True)
    assert played.look_at == on_day(6, "10:00")


def test_an_end_keeps_its_distance_to_a_notice_that_was_said_late() -> None:
    played = Played(LADDER, owing(), entered=("first", "second"), reached=10)
    played.look(on_day(28))
    assert played.templates == ["notice"]
    played.accepted(on_day(28), delivered=True)
    assert played.look_at == on_day(38)
    played.look(on_day(38))
    assert played.case.outcome is Outcome.HANDED_OVER


def test_an_end_keeps_its_distance_to_a_notice_that_counts_from_the_step_before() -> None:
    steps = journey(
        send("first", 3), send("notice", 7 * DAY), end("over", 20)
    )  # the notice comes on day 10 when all goes to plan
    played = said_first(steps)
    played.accepted(on_day(3), delivered=True)
    played.look(on_day(18))
    played.accepted(on_day(18), delivered=True)
    assert played.look_at == on_day(18) + 10 * DAY


def test_an_end_keeps_its_distance_when_the_notice_was_renamed() -> None:
    played = Played(LADDER, owing(), entered=("first", "second"), reached=10)
    played.look(on_day(28))
    played.accepted(on_day(28), delivered=True)
    played.journey = journey(send("letter", 20), end("over", 30))
    played.look(on_day(31))
    assert played.templates == ["notice"]
    assert played.look_at == on_day(38)


def test_an_end_on_business_days_is_not_moved_into_the_notice() -> None:
    over = End("over", Day(5, "previous_business_day"), Outcome.HANDED_OVER)
    steps = journey(send("notice", 4), over)
    played = Played(steps, owing())
    played.look(on_day(4))  # a Friday: one day later is a Saturday
    played.accepted(on_day(4), delivered=True)
    assert played.look_at == on_day(7, "09:00")


def test_nobody_is_handed_over_who_was_never_reached() -> None:
    played = Played(LADDER, owing(channels=()))
    for day in (3, 10, 20, 30):
        played.look(on_day(day))
    assert played.last is not None
    assert played.last.event == CaseClosed(Outcome.EXHAUSTED)
    assert played.last.reason == "never_reached"


def test_nobody_is_handed_over_whose_every_message_failed_after_it_was_accepted() -> None:
    played = said_first(LADDER, SMS)
    played.accepted(on_day(3))
    failed = tuple(replace(contact, failed=True) for contact in played.facts.contacts)
    played.know(contacts=failed, channels=())
    played.outcome(REFUSED, on_day(3, "15:00"))
    assert "message_lost" in played.reasons
    for day in (10, 20, 30):
        played.look(on_day(day))
    assert played.case.outcome is Outcome.EXHAUSTED


def test_a_late_failure_loses_nothing_when_an_earlier_message_arrived() -> None:
    played = said_first(LADDER, SMS)
    played.accepted(on_day(3), delivered=True)
    played.look(on_day(10))
    played.accepted(on_day(10))
    first, second = played.facts.contacts
    played.know(contacts=(first, replace(second, failed=True)))
    played.outcome(REFUSED, on_day(10, "15:00"))
    assert "message_lost" not in played.reasons
    assert played.case.spoke_at is not None


def test_a_journey_that_has_no_step_left_closes() -> None:
    played = Played(journey(send("first", 3)), owing(), entered=("first",), reached=3)
    assert played.look(on_day(4)).last.reason == "steps_over"
