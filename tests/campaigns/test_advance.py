"""One look at a case: it decides until the case waits, speaks or is closed, and always rests."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.advance import advance
from campaigns.case import Phase
from campaigns.decision import Say
from campaigns.events import CaseClosed, MessageIntended
from campaigns.facts import MessageStage
from campaigns.journey import GiveTask, Journey, WaitFor
from campaigns.vocabulary import Outcome, Signal
from tests.campaigns.casefacts import (
    Played,
    anchored,
    channels,
    end,
    journey,
    on_day,
    owing,
    policy,
    reaction,
    send,
    signal,
)
from tests.campaigns.journeydraws import SIGNALS, journeys

AT_ONCE = timedelta(0)


def test_it_stops_at_the_first_message() -> None:
    task = GiveTask("t", anchored(1), "x", "y")
    played = Played(journey(task, send("a", 2), send("b", 3), end("over", 30)), owing())
    advanced = played.look(on_day(2))
    assert [decision.reason for decision in advanced.decisions] == ["task_given", "step_due"]
    assert isinstance(advanced.last.action, Say)
    assert isinstance(advanced.events[-1], MessageIntended)


def test_it_stops_when_the_case_is_closed() -> None:
    played = Played(journey(end("over", 3, Outcome.EXHAUSTED), end("later", 9)), owing())
    advanced = played.look(on_day(3))
    assert advanced.events == (CaseClosed(Outcome.EXHAUSTED),)
    assert advanced.last.look_at is None


def test_it_goes_on_after_a_decision_that_only_handled_a_signal() -> None:
    played = Played(journey(send("a", 3), end("over", 30)), owing())
    played.signalled(signal(Signal.LINK_CLICKED, on_day(3)))
    assert [d.reason for d in played.look(on_day(3)).decisions] == ["noted", "step_due"]


def test_a_look_that_changes_nothing_is_one_decision() -> None:
    played = Played(journey(send("a", 3), end("over", 30)), owing())
    advanced = played.look(on_day(1))
    assert (len(advanced.decisions), advanced.events) == (1, ())
    assert advanced.case == played.case


def test_every_step_and_every_signal_at_once_still_comes_to_rest() -> None:
    waits = [
        WaitFor(f"w{number}", anchored(AT_ONCE if number else 0), Signal.PROMISE_MADE, AT_ONCE)
        for number in range(60)
    ]
    steps = journey(*waits, end("over", 1), on=reaction(Signal.PROMISE_BROKEN))
    played = Played(steps, owing(channels=()))
    played.signalled(*(signal(kind, on_day(2), n) for n, kind in enumerate(Signal)))
    advanced = played.look(on_day(2))
    assert advanced.case.phase is Phase.CLOSED
    assert len(advanced.decisions) > 120


@settings(max_examples=150)
@given(journeys(), st.lists(st.sampled_from(SIGNALS), max_size=6), st.integers(-5, 90), st.data())
def test_any_journey_comes_to_rest_within_the_bound(
    steps: Journey, kinds: list[Signal], day: int, data: st.DataObject
) -> None:
    media = data.draw(st.sampled_from([(), (1,), (1, 2, 3)]))
    known = tuple(channel for channel in channels(*_MEDIA) if channel.contact_point_id in media)
    played = Played(steps, owing(channels=known))
    played.signalled(*(signal(kind, on_day(day), n) for n, kind in enumerate(kinds)))
    for _ in range(4):
        advanced = advance(played.case, played.facts, steps, policy(), on_day(day))
        assert len(advanced.decisions) <= 2 * len(steps.steps) + len(set(kinds)) + 5
        played.look(on_day(day))
        if played.case.phase is Phase.PENDING:
            played.outcome(
                data.draw(st.sampled_from([MessageStage.REFUSED, MessageStage.ACCEPTED]))
            )
        day += data.draw(st.integers(0, 9))


_MEDIA = tuple(channel.medium for channel in owing().channels)


@pytest.mark.parametrize("day", [0, 100, 5000])
def test_it_rests_however_late_it_looks(day: int) -> None:
    played = Played(journey(send("a", 0), send("b", 3), end("over", 30)), owing())
    assert len(played.look(on_day(day)).decisions) <= 9
