"""What a case does next: the order of the questions, its steps, and what becomes of its message."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from campaigns.case import Phase
from campaigns.decide import decide
from campaigns.decision import Give
from campaigns.events import Arm, CaseClosed, StepPassed
from campaigns.facts import (
    ConsentState,
    HoldFact,
    InvoiceFact,
    MessageStage,
    PastContact,
    PlanFact,
    PromiseFact,
)
from campaigns.journey import Branch, Day, End, GiveTask, Journey, WaitFor
from campaigns.money import Money
from campaigns.vocabulary import Category, HoldKind, Medium, Outcome, Signal
from tests.campaigns.casefacts import (
    ANCHOR,
    DAY,
    EMAIL,
    HOUR,
    MINUTE,
    SMS,
    WHATSAPP,
    Played,
    anchored,
    channels,
    end,
    invoice,
    journey,
    on_day,
    owing,
    reaction,
    send,
    signal,
    when,
)

ACCEPTED, REFUSED = MessageStage.ACCEPTED, MessageStage.REFUSED
STOPPED, EXPIRED = MessageStage.STOPPED, MessageStage.EXPIRED

LADDER = journey(send("first", 3), send("second", 10), send("notice", 20), end("over", 30))


def said_first(steps: Journey = LADDER, *media: Medium) -> Played:
    """A case whose first step has just been said, on day 3."""
    played = Played(steps, owing(*media))
    played.look(on_day(3))
    assert played.templates == ["first"]
    return played


# The order of the questions


def test_it_sleeps_until_the_next_step_is_due() -> None:
    played = Played(LADDER, owing())
    played.look(on_day(0))
    assert played.reasons == ["not_yet"]
    assert played.look_at == on_day(3, "09:00")


def test_it_says_a_step_that_is_due_and_waits_for_what_becomes_of_it() -> None:
    played = said_first()
    assert played.case.phase is Phase.PENDING
    assert played.look(on_day(3, "13:00")).last.reason == "message_pending"


def test_a_closed_case_stays_closed_whatever_comes() -> None:
    played = Played(LADDER, owing(invoices=()))
    played.look(on_day(3))
    assert played.case.outcome is Outcome.SETTLED
    played.know(invoices=(invoice(),), signals=(signal(Signal.PROMISE_BROKEN, on_day(3)),))
    last = played.look(on_day(4)).last
    assert (last.reason, last.look_at, last.event) == ("closed", None, None)


def test_a_message_that_is_out_is_waited_for_even_when_everything_is_paid() -> None:
    played = said_first()
    played.know(invoices=())
    assert played.look(on_day(3, "12:05")).last.reason == "message_pending"
    assert played.outcome(STOPPED).last.reason == "settled"


def test_a_receipt_is_said_before_the_case_closes() -> None:
    steps = journey(
        send("first", 3),
        end("over", 30),
        on=reaction(Signal.PAYMENT_RECEIVED, Category.RECEIPT),
    )
    played = Played(steps, owing(invoices=()))
    played.signalled(signal(Signal.PAYMENT_RECEIVED, on_day(1)))
    played.look(on_day(1))
    assert played.templates == ["on_payment_received"]
    assert played.accepted().last.reason == "settled"


def test_a_payment_closes_before_a_hold_is_asked() -> None:
    held = owing(invoices=(), holds=(HoldFact(HoldKind.STAFF, None),))
    played = Played(LADDER, held)
    assert played.look(on_day(3)).last.reason == "settled"


@pytest.mark.parametrize(
    ("stop", "reason"),
    [
        ({"holds": (HoldFact(HoldKind.STAFF, on_day(5)),)}, "hold"),
        ({"holds": (HoldFact(HoldKind.REPLY, on_day(5)),)}, "reply_unread"),
        ({"invoices": (invoice(disputed=True),)}, "dispute_open"),
        ({"plan": PlanFact(None)}, "plan_running"),
        ({"promise": PromiseFact(ANCHOR, on_day(5), Money(1, "EUR"))}, "promise_open"),
        ({"invoices": (invoice(limitation_on=ANCHOR + 3 * DAY),)}, "limitation_passed"),
    ],
)
def test_nothing_is_said_while_a_stop_holds(stop: dict[str, Any], reason: str) -> None:
    played = Played(LADDER, owing(**stop))
    played.look(on_day(3))
    assert (played.reasons, played.said) == ([reason], [])
    assert played.look_at > on_day(3)


def test_a_plan_does_not_stop_its_own_reminders() -> None:
    steps = journey(send("instalment", 3), end("over", 30), subject="plan")
    played = Played(steps, owing(plan=PlanFact(ANCHOR)))
    played.look(on_day(3))
    assert played.templates == ["instalment"]


def test_a_debt_past_its_limitation_date_gives_one_task_however_often_it_is_looked_at() -> None:
    played = Played(LADDER, owing(invoices=(invoice(limitation_on=ANCHOR + 2 * DAY),)))
    first = played.look(on_day(3)).last.action
    second = played.look(on_day(10)).last.action
    assert isinstance(first, Give)
    assert isinstance(second, Give)
    assert first.key == second.key
    assert played.said == []


def test_the_day_before_the_limitation_date_is_still_a_day_to_ask() -> None:
    played = Played(LADDER, owing(invoices=(invoice(limitation_on=ANCHOR + 4 * DAY),)))
    played.look(on_day(3))
    assert played.templates == ["first"]


def test_after_a_stop_the_step_that_waited_is_said() -> None:
    played = Played(LADDER, owing(holds=(HoldFact(HoldKind.STAFF, on_day(7)),)))
    played.look(on_day(3))
    assert played.look_at == on_day(7)
    played.look(played.look_at)
    assert played.templates == ["first"]


# What becomes of the message


def test_a_case_advances_on_the_outcome_and_not_on_the_writing() -> None:
    played = said_first()
    assert "first" not in played.case.done
    played.accepted()
    assert "first" in played.case.done


def test_what_expired_passes_its_step() -> None:
    played = said_first()
    played.outcome(EXPIRED, on_day(6))
    assert played.case.done == ("first",)
    assert played.case.spoke_at is None


def test_what_was_refused_on_one_medium_is_tried_on_the_next() -> None:
    played = said_first()
    played.outcome(REFUSED)
    played.outcome(REFUSED)
    assert len(set(played.media)) == 3
    assert [said.ordinal for said in played.said] == [0, 1, 2]


def test_when_every_medium_refused_the_step_is_passed_and_a_person_is_asked() -> None:
    played = said_first(LADDER, SMS)
    advanced = played.outcome(REFUSED)
    passed = next(d for d in advanced.decisions if isinstance(d.event, StepPassed))
    assert passed.reason == "no_medium_left"
    assert isinstance(passed.action, Give)


def test_the_next_medium_has_only_the_time_that_the_refused_one_left() -> None:
    steps = journey(send("first", 3, valid_for=DAY), end("over", 30))
    played = said_first(steps)
    until = played.said[0].valid_until
    played.outcome(REFUSED, on_day(3, "19:00"))
    assert [said.valid_until for said in played.said] == [until, until]


def test_a_refusal_at_the_end_of_its_time_is_too_late_for_another_medium() -> None:
    steps = journey(send("first", 3, valid_for=4 * HOUR), end("over", 30))
    played = said_first(steps)
    played.outcome(REFUSED, on_day(3, "16:30"))
    assert "expired" in played.reasons
    assert len(played.said) == 1


def test_a_step_without_fallback_is_passed_when_it_is_refused() -> None:
    steps = journey(send("first", 3, on_refusal=False), end("over", 30))
    played = said_first(steps)
    played.outcome(REFUSED)
    assert "no_fallback" in played.reasons
    assert len(played.said) == 1
    assert played.case.done == ("first",)


def test_a_stopped_message_is_decided_again_on_the_same_medium_under_a_new_key() -> None:
    played = said_first(LADDER, SMS)
    played.outcome(STOPPED)
    assert played.media == [SMS, SMS]
    assert played.said[0].key != played.said[1].key
    assert [said.ordinal for said in played.said] == [0, 1]


def test_a_step_that_an_answer_interrupts_keeps_its_key_unique_and_its_tried_media() -> None:
    steps = journey(
        send("first", 3), end("over", 30), on=reaction(Signal.PROMISE_MADE, Category.RECEIPT)
    )
    played = said_first(steps, SMS, EMAIL)
    refused = played.media[0]
    played.signalled(signal(Signal.PROMISE_MADE, on_day(3)))
    played.outcome(REFUSED)
    assert played.templates == ["first", "on_promise_made"]
    played.accepted()
    assert played.templates == ["first", "on_promise_made", "first"]
    assert played.media[2] != refused
    assert len({said.key for said in played.said}) == 3


def test_a_message_stopped_by_a_promise_is_said_again_when_the_promise_is_over() -> None:
    steps = journey(
        send("first", 3), end("over", 30), on=reaction(Signal.PROMISE_MADE, Category.RECEIPT)
    )
    played = said_first(steps, SMS)
    grace = on_day(8, "00:00")
    played.know(promise=PromiseFact(ANCHOR + 6 * DAY, grace, Money(1, "EUR")))
    played.signalled(signal(Signal.PROMISE_MADE, on_day(3)))
    played.outcome(STOPPED)
    played.accepted()
    assert played.last is not None
    assert played.last.reason == "promise_open"
    played.know(promise=None)
    played.look(on_day(8))
    assert played.templates == ["first", "on_promise_made", "first"]
    assert len({said.key for said in played.said}) == 3


def test_a_message_that_is_not_on_record_is_never_said_again() -> None:
    played = said_first()
    played.know(message=None)
    advanced = played.look(on_day(3, "13:00"))
    assert advanced.decisions[0].reason == "message_unknown"
    assert isinstance(advanced.decisions[0].action, Give)
    assert played.case.done == ("first",)
    assert played.case.spoke_at is None
    assert len(played.said) == 1


# Waiting for an hour, and giving up


def test_outside_the_hours_it_sleeps_until_they_open() -> None:
    played = Played(LADDER, owing())
    played.look(on_day(3, "23:00"))
    assert played.last is not None
    assert played.last.reason == "outside_hours"
    played.look(played.look_at)
    assert played.templates == ["first"]


def test_a_step_that_cannot_be_said_while_it_is_valid_is_passed_at_once() -> None:
    steps = journey(send("first", 3, valid_for=2 * HOUR), end("over", 30))
    played = Played(steps, owing())
    played.look(on_day(3, "23:00"))
    assert played.reasons == ["outside_hours", "not_yet"]
    assert played.case.done == ("first",)


def test_a_legal_step_waits_for_its_hour_however_long_that_takes() -> None:
    legal = send("first", 3, category=Category.LEGAL, valid_for=2 * HOUR)
    played = Played(journey(legal, end("over", 30)), owing())
    played.look(on_day(3, "23:00"))
    assert played.case.done == ()
    played.look(played.look_at)
    assert played.templates == ["first"]


def test_an_opted_out_customer_passes_each_step_with_its_reason_and_one_task() -> None:
    gone = tuple(
        replace(channel, consent=ConsentState.WITHDRAWN, suppressed="opted out")
        for channel in channels(SMS, EMAIL)
    )
    played = Played(LADDER, owing(channels=gone))
    keys = set()
    for day in (3, 10, 20, 30):
        for decision in played.look(on_day(day)).decisions:
            if isinstance(decision.action, Give):
                keys.add(decision.action.key)
    assert played.reasons.count("opted_out") == 3
    assert len(keys) == 1
    assert played.case.outcome is Outcome.EXHAUSTED


def test_a_customer_without_any_address_passes_each_step_by_name() -> None:
    played = Played(LADDER, owing(channels=()))
    played.look(on_day(3))
    assert played.reasons == ["no_address", "not_yet"]


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"ledger_max_age": 26 * HOUR, "ledger_as_of": on_day(0)}, "ledger_stale"),
        (
            {"channels": (replace(channels(SMS)[0], unhealthy="paused"),)},
            "sender_unhealthy",
        ),
    ],
)
def test_it_waits_for_what_somebody_is_mending(facts: dict[str, Any], reason: str) -> None:
    played = Played(LADDER, owing(**facts))
    played.look(on_day(3))
    assert played.reasons == [reason]
    assert played.look_at == on_day(3) + 6 * HOUR
    assert played.case.done == ()


def test_what_is_being_mended_is_waited_for_even_longer_than_the_step_is_valid() -> None:
    paused = (replace(channels(SMS)[0], unhealthy="paused"),)
    steps = journey(send("first", 3, valid_for=2 * HOUR), end("over", 30))
    played = Played(steps, owing(channels=paused))
    played.look(on_day(3))
    assert played.reasons == ["sender_unhealthy"]


def test_a_medium_that_is_being_mended_is_worth_more_than_one_that_is_gone() -> None:
    sms, email = channels(SMS, EMAIL)
    broken = (replace(sms, valid=False), replace(email, unhealthy="paused"))
    played = Played(LADDER, owing(channels=broken))
    played.look(on_day(3))
    assert played.reasons == ["sender_unhealthy"]


# Fallbacks


def test_no_sign_of_delivery_in_time_leads_to_another_medium() -> None:
    played = said_first(journey(send("first", 3, on_no_delivery=DAY), end("over", 30)))
    played.accepted(on_day(3))
    assert played.last is not None
    assert (played.last.reason, played.look_at) == ("delivery_pending", on_day(4))
    played.look(on_day(4))
    assert played.reasons[-1] == "fallback"
    assert len(set(played.media)) == 2


def test_what_was_delivered_needs_no_fallback() -> None:
    played = said_first(journey(send("first", 3, on_no_delivery=DAY), end("over", 30)))
    played.accepted(on_day(3), delivered=True)
    played.look(on_day(4))
    assert len(played.said) == 1


def test_what_was_delivered_but_not_opened_leads_to_another_medium() -> None:
    played = said_first(journey(send("first", 3, on_no_click=DAY), end("over", 30)))
    played.accepted(on_day(3), delivered=True)
    played.look(on_day(4))
    assert len(set(played.media)) == 2


def test_a_failure_after_acceptance_is_a_refusal_too() -> None:
    played = said_first()
    played.accepted(on_day(3))
    played.outcome(REFUSED, on_day(3, "15:00"))
    assert played.reasons[-1] == "fallback"
    assert len(set(played.media)) == 2


def test_a_late_failure_without_on_refusal_leads_nowhere() -> None:
    played = said_first(journey(send("first", 3, on_refusal=False), end("over", 30)))
    played.accepted(on_day(3))
    played.outcome(REFUSED, on_day(3, "15:00"))
    assert len(played.said) == 1


def test_no_fallback_leads_to_the_same_medium() -> None:
    played = said_first(journey(send("first", 3, on_no_delivery=HOUR), end("over", 30)), SMS)
    played.accepted(on_day(3))
    played.look(on_day(3, "14:00"))
    assert played.media == [SMS]


def test_no_fallback_comes_after_another_step_has_spoken() -> None:
    steps = journey(
        send("first", 3, on_no_delivery=2 * DAY, valid_for=9 * DAY),
        send("second", 10),
        end("over", 30),
    )
    played = said_first(steps, SMS, EMAIL)
    played.accepted(on_day(3), delivered=True)
    played.look(on_day(10))
    played.accepted()
    played.look(on_day(11))
    assert played.templates == ["first", "second"]


def test_no_fallback_comes_when_the_step_is_no_longer_valid() -> None:
    steps = journey(send("first", 3, on_no_delivery=DAY, valid_for=DAY), end("over", 30))
    played = said_first(steps)
    played.accepted(on_day(3))
    played.look(on_day(4))
    assert len(played.said) == 1


def test_a_fallback_waits_for_its_hour() -> None:
    step = send("first", 3, on_no_delivery=DAY, valid_for=9 * DAY)
    played = said_first(journey(step, end("over", 30)))
    played.accepted(on_day(3, "20:30"))
    played.look(on_day(4, "20:30"))
    assert played.last is not None
    assert played.last.reason == "outside_hours"
    played.look(played.look_at)
    assert played.reasons[-1] == "fallback"


def test_a_fallback_does_not_undo_where_a_branch_has_led() -> None:
    choose = Branch("choose", anchored(timedelta(0)), ((when("balance >= 50"), "big"),))
    steps = journey(send("first", 3), choose, send("small", 10), send("big", 12), end("over", 30))
    played = said_first(steps)
    played.accepted(on_day(3))
    assert played.case.next_step == "big"
    played.outcome(REFUSED, on_day(3, "15:00"))
    played.accepted(on_day(3, "15:01"))
    assert played.case.next_step == "big"


# Waits, branches, tasks, ends


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


def test_a_task_is_given_once_and_the_journey_goes_on() -> None:
    call = GiveTask("call", anchored(3), "collections", "Call")
    played = Played(journey(call, send("first", 3), end("over", 30)), owing())
    advanced = played.look(on_day(3))
    assert [d.reason for d in advanced.decisions] == ["task_given", "step_due"]
    assert isinstance(advanced.decisions[0].action, Give)


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


# The control arm


def test_the_control_arm_walks_its_journey_in_silence() -> None:
    call = GiveTask("call", anchored(12), "collections", "Call")
    steps = journey(send("first", 3), call, end("over", 30))
    played = Played(steps, owing(), arm=Arm.CONTROL)
    advanced = [played.look(on_day(day)) for day in (3, 12, 30)]
    assert played.said == []
    assert not any(d.action for looked in advanced for d in looked.decisions)
    assert played.reasons == ["control_arm", "not_yet", "control_arm", "not_yet", "never_reached"]


def test_the_control_arm_gets_its_receipts() -> None:
    on = reaction(Signal.PAYMENT_RECEIVED, Category.RECEIPT) | reaction(Signal.PROMISE_BROKEN)
    played = Played(journey(send("first", 3), end("over", 9), on=on), owing(), arm=Arm.CONTROL)
    played.signalled(
        signal(Signal.PROMISE_BROKEN, on_day(1), 1), signal(Signal.PAYMENT_RECEIVED, on_day(1), 2)
    )
    played.look(on_day(1))
    assert played.templates == ["on_payment_received"]
    assert "noted" in played.reasons


# Days


def test_days_are_counted_from_the_due_date_however_late_the_first_was_said() -> None:
    played = Played(LADDER, owing())
    played.look(on_day(7))
    played.accepted(on_day(7), delivered=True)
    assert played.look_at == on_day(10, "09:00")


def test_a_pause_moves_no_day() -> None:
    held = owing(holds=(HoldFact(HoldKind.STAFF, on_day(8)),))
    played = Played(LADDER, held)
    played.look(on_day(3))
    played.know(holds=())
    played.look(on_day(8))
    played.accepted(on_day(8), delivered=True)
    assert played.look_at == on_day(10, "09:00")


def test_a_new_invoice_joins_the_text_and_not_the_anchor() -> None:
    played = said_first()
    played.accepted(delivered=True)
    newer = InvoiceFact(2, "INV-2", Money(5_00, "EUR"), ANCHOR + 5 * DAY)
    played.know(invoices=(invoice(), newer))
    assert played.look(on_day(6)).last.look_at == on_day(10, "09:00")


def test_the_gap_between_two_messages_moves_a_step_and_not_the_days_after_it() -> None:
    lately = PastContact(on_day(3, "11:00"), SMS, Category.REMINDER, 2, "other")
    played = Played(LADDER, owing(contacts=(lately,)))
    played.look(on_day(3, "11:30"))
    assert played.said == []
    assert on_day(3, "11:30") + MINUTE <= played.look_at < on_day(6)


def test_the_same_facts_give_the_same_decision() -> None:
    played = Played(LADDER, owing(SMS, WHATSAPP, EMAIL))
    asked = (played.case, played.facts, played.journey, played.policy, on_day(3))
    assert decide(*asked) == decide(*asked)
