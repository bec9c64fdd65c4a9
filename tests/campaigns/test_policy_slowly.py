"""Policy against a checker of its own that goes minute by minute and shares none of its rules."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.calendar import BusinessCalendar
from campaigns.packs import read_pack
from campaigns.policy import permits
from campaigns.proposal import Permit
from campaigns.ruleset import RuleSet
from tests.campaigns import lawdraws as draws
from tests.campaigns.policyfacts import (
    DAY,
    FOLDER,
    HOUR,
    MINUTE,
    SHIPPED,
    facts,
    pack_text,
    proposal,
)
from tests.campaigns.slowlaw import Corrections, SlowLaw, packs_in, table_of

SECOND = timedelta(seconds=1)
TILL_THE_HORIZON = 40 * DAY


def policy_of(corrections: Corrections, own: tuple[str, ...]) -> RuleSet:
    """All packs that ship and the creditor's own, as the engine has them."""
    mine = [read_pack(pack_text(*own), "own.yaml")] if own else []
    return RuleSet(
        (*SHIPPED.values(), *mine),
        BusinessCalendar(corrections.creditor) if corrections.creditor else None,
        {
            country: BusinessCalendar(
                country,
                closed=corrections.closed.get(country, frozenset()),
                opened=corrections.opened.get(country, frozenset()),
            )
            for country in {*corrections.closed, *corrections.opened}
        },
    )


def compare(data: st.DataObject, *, step: timedelta, at_most: timedelta) -> None:
    """One random question, asked of both. `step` and `at_most` say how many of the instants
    between now and the next look are held against the slow checker."""
    now = data.draw(draws.instants())
    person, message = data.draw(draws.people(now)), data.draw(draws.messages(now))
    corrections, own = data.draw(draws.corrections(now)), data.draw(draws.own_rules())
    tables = (*packs_in(FOLDER), *([table_of(pack_text(*own))] if own else []))
    slow = SlowLaw(tables, person, message, draws.COUNTRIES, corrections)

    verdict = permits(message, person, policy_of(corrections, own), now)

    if isinstance(verdict, Permit):
        assert verdict.until > now
        for at in _moments(now, verdict.until, step, at_most):
            assert slow.forbids(at) is None, (at, slow.forbids(at), verdict)
        return
    later = verdict.look_again_at
    for at in _moments(now, later or now + TILL_THE_HORIZON, step, at_most):
        assert slow.forbids(at) is not None, (at, verdict)
    if later is not None:
        assert later > now
        assert slow.forbids(later) is None, (later, slow.forbids(later), verdict)


def _moments(
    now: datetime, end: datetime, step: timedelta, at_most: timedelta
) -> Iterator[datetime]:
    """From now to the second before the end: every step, and the last minutes one by one."""
    at = now
    while at < min(end, now + at_most):
        yield at
        at += step
    for before in (SECOND, *(n * MINUTE for n in range(1, 62, 5))):
        if end - before >= now:
            yield end - before


@settings(max_examples=80)
@given(data=st.data())
def test_nothing_is_permitted_that_the_slow_checker_forbids_and_the_next_look_is_the_first(
    data: st.DataObject,
) -> None:
    compare(data, step=7 * HOUR, at_most=8 * DAY)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@settings(max_examples=300)
@given(data=st.data())
def test_the_same_of_many_more_questions_minute_by_minute(data: st.DataObject) -> None:
    compare(data, step=MINUTE, at_most=2 * DAY)


# Changes of clocks: the recorded ones, each with a window that begins or ends inside of it


def test_recorded_changes_of_clocks_move_hours_as_the_slow_checker_reads_the_wall(
    vectors: Path,
) -> None:
    cases = table_of((vectors / "time" / "dst_transitions_2024_2027.json").read_text())["cases"]
    for case in cases:
        if case["transition_utc"] >= "2026":
            _around(case)


def _around(case: Mapping[str, str]) -> None:
    """Hours that open in the middle of the gap or fold, and hours that close there."""
    middle, zone = datetime.fromisoformat(case["sample_local"]), case["zone"]
    change = datetime.fromisoformat(case["transition_utc"])
    opens = f"{middle:%H:%M}-23:50"
    shuts = f"00:00-{middle:%H:%M}" if middle.hour or middle.minute else "00:00-24:00"
    for span in (opens, shuts):
        text = pack_text(f'{{id: OWN, kind: window, hours: {{all: "{span}"}}}}')
        rules = RuleSet((read_pack(text, "own.yaml"),))
        person, message = facts(None, zone), proposal()
        slow = SlowLaw([table_of(text)], person, message, {}, Corrections())
        for n in range(-75, 80, 15):
            at = change + n * MINUTE
            verdict = permits(message, person, rules, at)
            said = slow.forbids(at)
            assert isinstance(verdict, Permit) == (said is None), (case["id"], span, at, said)
