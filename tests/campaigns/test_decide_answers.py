"""What a case answers to signals: once a kind, on another medium after a refusal, or not at all."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from campaigns.facts import HoldFact, MessageStage, PlanFact
from campaigns.journey import Journey
from campaigns.vocabulary import Category, HoldKind, Signal
from tests.campaigns.casefacts import (
    ANCHOR,
    DAY,
    EMAIL,
    HOUR,
    SMS,
    Played,
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

PAID, BROKEN, MADE = Signal.PAYMENT_RECEIVED, Signal.PROMISE_BROKEN, Signal.PROMISE_MADE


def answering(**more: Any) -> Journey:
    on = reaction(BROKEN, **more) | reaction(PAID, Category.RECEIPT)
    return journey(send("first", 10), end("over", 30), on=on)


def heard(*facts: object, steps: Journey | None = None, **more: Any) -> Played:
    played = Played(steps or answering(), owing(**more))
    played.know(signals=facts)
    played.look(on_day(1))
    return played


def test_a_signal_is_answered_and_then_the_journey_goes_on() -> None:
    played = heard(signal(BROKEN, on_day(1)))
    assert played.reasons == ["reaction"]
    assert played.accepted(delivered=True).last.reason == "not_yet"
    assert played.templates == ["on_promise_broken"]


def test_a_signal_without_a_reaction_is_noted() -> None:
    played = heard(signal(MADE, on_day(1)))
    assert played.reasons == ["noted", "not_yet"]
    assert played.facts.signals == ()


def test_a_reaction_whose_condition_does_not_hold_is_noted() -> None:
    steps = answering(when=when("balance >= 500"))
    assert heard(signal(BROKEN, on_day(1)), steps=steps).reasons == ["noted", "not_yet"]


STOP = Signal.OPTED_OUT


def test_a_stop_is_confirmed_where_it_was_written_and_by_no_other_message() -> None:
    confirming = journey(end("over", 30), on=reaction(STOP, Category.RECEIPT))
    on_page = signal(STOP, on_day(1), own_act=True)
    told_by_staff = signal(STOP, on_day(1))
    (first, *_) = owing().channels
    written = replace(on_page, medium=first.medium, address_id=first.address_id)

    assert heard(written, steps=confirming).media == [first.medium]
    for fact in (on_page, told_by_staff):
        played = heard(fact, steps=confirming)
        assert played.reasons == ["confirmed_there", "not_yet"]
        assert played.said == []


def test_several_signals_of_one_kind_are_answered_once_by_an_answer_to_the_latest() -> None:
    played = heard(
        signal(PAID, on_day(0, "10:00"), 7, own_act=True),
        signal(PAID, on_day(1, "11:00"), 9, own_act=True),
        signal(PAID, on_day(0, "15:00"), 8, own_act=True),
    )
    assert played.templates == ["on_payment_received"]
    assert played.said[0].answers_own_act_at == on_day(1, "11:00")
    assert played.facts.signals == ()


def test_two_kinds_are_answered_one_after_the_other() -> None:
    played = heard(signal(BROKEN, on_day(1), 1), signal(PAID, on_day(1), 2))
    played.accepted(on_day(1, "12:01"))
    assert played.templates == ["on_promise_broken", "on_payment_received"]


def test_two_events_of_one_kind_at_the_same_instant_are_two_when_they_come_apart() -> None:
    played = heard(signal(PAID, on_day(1), 1), channels=channels(SMS))
    played.accepted(on_day(1, "12:01"))
    played.signalled(signal(PAID, on_day(1), 2))
    played.look(on_day(1, "12:02"))
    assert played.media == [SMS, SMS]
    assert played.said[0].origin != played.said[1].origin


def test_an_answer_that_is_refused_is_tried_on_the_next_medium() -> None:
    played = heard(signal(BROKEN, on_day(1)), channels=channels(SMS, EMAIL))
    played.outcome(MessageStage.REFUSED)
    assert set(played.media) == {SMS, EMAIL}
    played.outcome(MessageStage.REFUSED)
    assert played.reasons[-2:] == ["no_medium_left", "not_yet"]
    assert played.case.reacting is None


def test_an_answer_without_fallback_is_given_up_when_it_is_refused() -> None:
    played = heard(signal(BROKEN, on_day(1)), steps=answering(on_refusal=False))
    played.outcome(MessageStage.REFUSED)
    assert played.reasons[-2:] == ["no_fallback", "not_yet"]


def test_an_answer_is_given_up_when_it_is_too_late() -> None:
    played = heard(signal(BROKEN, on_day(1) - 2 * DAY))
    assert played.reasons == ["reaction_too_late", "not_yet"]


def test_a_refused_answer_is_given_up_when_it_is_too_late_for_another_medium() -> None:
    played = heard(signal(BROKEN, on_day(1)))
    played.outcome(MessageStage.REFUSED, on_day(3))
    assert played.reasons[-2:] == ["reaction_too_late", "not_yet"]
    assert played.case.reacting is None


def test_an_answer_waits_for_its_hour_and_is_given_up_when_that_comes_too_late() -> None:
    played = Played(answering(), owing())
    played.signalled(signal(BROKEN, on_day(1, "23:00")))
    played.look(on_day(1, "23:00"))
    assert played.reasons == ["outside_hours"]
    assert played.look_at == on_day(2, "08:00")
    late = Played(answering(valid_for=2 * HOUR), owing())
    late.signalled(signal(BROKEN, on_day(1, "23:00")))
    late.look(on_day(1, "23:00"))
    assert late.reasons == ["outside_hours", "not_yet"]
    assert late.facts.signals == ()


def test_an_answer_that_must_wait_does_not_hold_up_one_that_need_not() -> None:
    sleepy = replace(channels(SMS)[0], zones=("Asia/Tokyo",))
    played = Played(answering(order=(SMS,)), owing(channels=(sleepy, channels(SMS, EMAIL)[1])))
    played.signalled(signal(BROKEN, on_day(1), 1), signal(PAID, on_day(1), 2))
    played.look(on_day(1, "14:00"))
    assert played.templates == ["on_payment_received"]
    assert [fact.signal for fact in played.facts.signals] == [BROKEN]


def test_a_reaction_that_was_removed_while_it_was_in_progress_is_given_up() -> None:
    played = heard(signal(BROKEN, on_day(1)))
    played.journey = journey(send("first", 10), end("over", 30))
    played.outcome(MessageStage.REFUSED)
    assert played.reasons[-2:] == ["reaction_too_late", "not_yet"]


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"invoices": ()}, "paid_meanwhile"),
        ({"anchor_open": False}, "paid_meanwhile"),
        ({"invoices": (invoice(disputed=True),)}, "dispute_open"),
        ({"invoices": (invoice(limitation_on=ANCHOR),)}, "limitation_passed"),
        ({"holds": (HoldFact(HoldKind.STAFF, None),)}, "hold"),
        ({"plan": PlanFact(None)}, "plan_running"),
    ],
)
def test_an_answer_that_asks_for_money_is_given_up_where_none_may_be_asked(
    facts: dict[str, Any], reason: str
) -> None:
    played = heard(signal(BROKEN, on_day(1)), **facts)
    assert played.said == []
    assert played.reasons[0] == reason
    assert played.facts.signals == ()


def test_an_answer_to_the_customers_own_act_passes_a_hold_but_not_a_limitation_date() -> None:
    held = owing(holds=(HoldFact(HoldKind.STAFF, None),))
    played = Played(answering(), held)
    played.signalled(signal(BROKEN, on_day(1), own_act=True))
    played.look(on_day(1))
    assert played.templates == ["on_promise_broken"]
    old = Played(answering(), owing(invoices=(invoice(limitation_on=ANCHOR),)))
    old.signalled(signal(BROKEN, on_day(1), own_act=True))
    old.look(on_day(1))
    assert old.said == []


def test_a_plan_does_not_stop_the_answers_of_its_own_journey() -> None:
    steps = journey(end("over", 30), on=reaction(BROKEN), subject="plan")
    played = heard(signal(BROKEN, on_day(1)), steps=steps, plan=PlanFact(None))
    assert played.templates == ["on_promise_broken"]


def test_what_the_gate_stopped_for_a_payment_is_not_written_again_and_again() -> None:
    played = heard(signal(BROKEN, on_day(1)))
    played.know(invoices=())
    played.outcome(MessageStage.STOPPED)
    assert played.reasons[-2:] == ["paid_meanwhile", "settled"]
    assert len(played.said) == 1


def test_a_receipt_is_given_whatever_stops_the_rest() -> None:
    played = heard(
        signal(PAID, on_day(1)),
        holds=(HoldFact(HoldKind.STAFF, None),),
        invoices=(invoice(disputed=True),),
    )
    assert played.templates == ["on_payment_received"]


def test_an_answer_keeps_the_place_of_the_case() -> None:
    played = heard(signal(BROKEN, on_day(1)))
    before = played.case.done, played.case.reached, played.case.since
    played.accepted(on_day(1) + timedelta(minutes=1), delivered=True)
    assert (played.case.done, played.case.reached, played.case.since) == before
