"""Another medium for a message that was not delivered, not opened, or failed after all."""

from datetime import timedelta

from campaigns.journey import Branch
from tests.campaigns.casefacts import (
    DAY,
    EMAIL,
    HOUR,
    REFUSED,
    SMS,
    anchored,
    end,
    journey,
    on_day,
    said_first,
    send,
    when,
)


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


def test_what_was_opened_needs_no_fallback() -> None:
    played = said_first(journey(send("first", 3, on_no_click=DAY), end("over", 30)))
    played.accepted(on_day(3), delivered=True, clicked=True)
    played.look(on_day(4))
    assert len(played.said) == 1


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
