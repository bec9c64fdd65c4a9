"""What a case does next: the order of the questions, the control arm, the days of its steps."""

from typing import Any

import pytest

from campaigns.case import Phase
from campaigns.decide import decide
from campaigns.decision import Give
from campaigns.events import Arm
from campaigns.facts import HoldFact, InvoiceFact, PastContact, PlanFact, PromiseFact
from campaigns.journey import GiveTask
from campaigns.money import Money
from campaigns.vocabulary import Category, HoldKind, Outcome, Signal
from tests.campaigns.casefacts import (
    ANCHOR,
    DAY,
    EMAIL,
    LADDER,
    MINUTE,
    SMS,
    STOPPED,
    WHATSAPP,
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
)


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
