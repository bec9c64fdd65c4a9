"""What becomes of a case's message, and what the case does then."""

from campaigns.decision import Give
from campaigns.events import StepPassed
from campaigns.facts import PromiseFact
from campaigns.money import Money
from campaigns.vocabulary import Category, Signal
from tests.campaigns.casefacts import (
    ANCHOR,
    DAY,
    EMAIL,
    EXPIRED,
    HOUR,
    LADDER,
    REFUSED,
    SMS,
    STOPPED,
    end,
    journey,
    on_day,
    reaction,
    said_first,
    send,
    signal,
)


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
