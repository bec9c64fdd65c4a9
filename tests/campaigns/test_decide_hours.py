"""A case waits for its hour, or for what somebody is mending; or it gives up a step."""

from dataclasses import replace
from typing import Any

import pytest

from campaigns.decision import Give
from campaigns.facts import ConsentState
from campaigns.vocabulary import Category, Outcome
from tests.campaigns.casefacts import (
    EMAIL,
    HOUR,
    LADDER,
    SMS,
    Played,
    channels,
    end,
    journey,
    on_day,
    owing,
    send,
)


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
