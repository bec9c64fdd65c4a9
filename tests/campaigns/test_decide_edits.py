"""Editing a journey never repeats a passed step and never strands a case (promise 9)."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.facts import MessageStage
from campaigns.journey import Journey, Send, Step
from campaigns.vocabulary import Outcome
from tests.campaigns.casefacts import (
    DAY,
    EMAIL,
    SMS,
    Played,
    end,
    journey,
    on_day,
    owing,
    send,
    when,
)

LADDER = journey(send("a", 0), send("b", 3), send("c", 10), send("d", 22), end("over", 30))


def at_second(steps: Journey = LADDER) -> Played:
    """A case whose steps a and b have been said, the second on day 3."""
    played = Played(steps, owing(), entered=("a",), reached=0)
    played.look(on_day(3))
    played.accepted(on_day(3), delivered=True)
    assert played.templates == ["b"]
    return played


def edited(played: Played, *steps: Step) -> list[str]:
    """What is said after the edit, up to the end of the case."""
    before = len(played.said)
    played.journey = journey(*steps)
    played.look(played.now + DAY)
    played.play_on()
    return played.templates[before:]


def test_a_step_inserted_ahead_is_said() -> None:
    steps = (send("a", 0), send("b", 3), send("x", 7), send("c", 10), end("over", 30))
    assert edited(at_second(), *steps) == ["x", "c"]


def test_a_step_inserted_behind_is_not_said() -> None:
    steps = (send("a", 0), send("x", 1), send("b", 3), send("c", 10), end("over", 30))
    assert edited(at_second(), *steps) == ["c"]


def test_the_step_passed_last_may_be_removed() -> None:
    assert edited(at_second(), send("a", 0), send("c", 10), end("over", 30)) == ["c"]


def test_the_step_passed_last_is_not_said_again_under_another_name() -> None:
    steps = (send("a", 0), send("b2", 3), send("c", 10), end("over", 30))
    assert edited(at_second(), *steps) == ["c"]


def test_when_all_passed_steps_are_gone_it_goes_on_behind_the_day_that_was_reached() -> None:
    steps = (send("k", 0), send("l", 3), send("m", 10), end("over", 30))
    assert edited(at_second(), *steps) == ["m"]


def test_when_nothing_lies_behind_that_day_the_last_end_is_left() -> None:
    played = at_second()
    assert edited(played, send("k", 0), send("l", 2), end("over", 3)) == []
    assert played.case.outcome is Outcome.HANDED_OVER


def test_steps_may_be_reordered() -> None:
    steps = (send("c", 1), send("b", 3), send("a", 10), send("d", 22), end("over", 30))
    assert edited(at_second(), *steps) == ["d"]


def test_a_passed_step_that_moves_to_the_end_takes_nobody_with_it() -> None:
    steps = (send("b", 3), send("c", 10), send("d", 22), send("a", 25), end("over", 30))
    assert edited(at_second(), *steps) == ["c", "d"]


def test_a_condition_that_is_added_counts_from_now_on() -> None:
    never = when("balance >= 5000")
    steps = (send("a", 0, when=never), send("b", 3, when=never), send("c", 10, when=never))
    assert edited(at_second(), *steps, send("d", 22), end("over", 30)) == ["d"]


def test_a_message_that_is_out_while_its_step_is_removed_settles_the_case() -> None:
    played = Played(LADDER, owing(), entered=("a",), reached=0)
    played.look(on_day(3))
    played.journey = journey(send("a", 0), send("c", 10), end("over", 30))
    played.accepted(on_day(3), delivered=True)
    assert "b" in played.case.done
    assert played.look_at == on_day(10, "09:00")


def test_a_step_that_was_refused_on_one_medium_is_finished_before_one_that_was_inserted() -> None:
    played = Played(LADDER, owing(SMS, EMAIL), entered=("a",), reached=0)
    played.look(on_day(3))
    played.journey = journey(send("a", 0), send("x", 1), send("b", 3), end("over", 30))
    played.outcome(MessageStage.REFUSED, on_day(3))
    assert played.templates == ["b", "b"]
    assert set(played.media) == {SMS, EMAIL}


def test_a_branch_that_led_to_a_removed_step_leads_to_the_next_one() -> None:
    played = at_second()
    played.case = replace(played.case, next_step="gone")
    assert edited(played, *LADDER.steps) == ["c", "d"]


SENDS = st.integers(1, 8).flatmap(
    lambda count: st.lists(st.integers(-2, 40), min_size=count, max_size=count).map(sorted)
)


def ladder(days: list[int], names: list[str]) -> tuple[Step, ...]:
    sends = tuple(send(name, day) for name, day in zip(names, days, strict=True))
    return (*sends, end("over", max(days) + 5))


@settings(max_examples=60)
@given(SENDS, st.data())
def test_no_name_speaks_twice_over_any_number_of_edits(
    days: list[int], data: st.DataObject
) -> None:
    names = [f"s{number}" for number in range(len(days))]
    played = Played(journey(*ladder(days, names)), owing(), now=on_day(-3))
    played.look()
    for number in range(12):
        if played.closed:
            break
        played.move_on()
        if data.draw(st.booleans()):
            order = data.draw(st.permutations(names))
            kept = [f"new{number}", *order[: data.draw(st.integers(1, len(order)))]]
            again = sorted(data.draw(st.lists(st.integers(-2, 40), min_size=9, max_size=9)))
            played.journey = journey(*ladder(again[: len(kept)], kept))
    played.play_on()
    assert len(set(played.templates)) == len(played.templates)


@settings(max_examples=60)
@given(SENDS, st.integers(-2, 60), st.data())
def test_renaming_the_step_that_was_said_last_does_not_say_it_again(
    days: list[int], today: int, data: st.DataObject
) -> None:
    names = [f"s{number}" for number in range(len(days))]
    played = Played(journey(*ladder(days, names)), owing(), now=on_day(today))
    played.look()
    if not played.pending:
        return
    said = played.templates[-1]
    played.accepted(delivered=True)
    played.journey = replace(
        played.journey,
        steps=tuple(
            replace(step, id="renamed") if isinstance(step, Send) and step.id == said else step
            for step in played.journey.steps
        ),
    )
    played.play_on()
    assert played.templates.count(said) == 1
