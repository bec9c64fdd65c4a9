"""A year of hours in many zones: what is allowed is exactly the windows, without gap or overlap."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from campaigns.facts import Facts
from campaigns.policy import permits
from campaigns.proposal import Permit, Proposal
from campaigns.vocabulary import Category, Medium
from tests.campaigns.lawdraws import COUNTRIES
from tests.campaigns.policyfacts import DAY, FOLDER, HOUR, MINUTE, facts, proposal, ruleset
from tests.campaigns.slowlaw import Corrections, SlowLaw, packs_in

RULES = ruleset()
START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
QUICK = ("Asia/Jerusalem", "Australia/Lord_Howe", "America/Santiago")

Window = tuple[datetime, datetime]


def asked(zone: str) -> tuple[Facts, Proposal]:
    """A consumer with nothing but a place: time alone allows and forbids."""
    person = facts(COUNTRIES[zone], zone, invoices=())
    return person, proposal(Medium.EMAIL, category=Category.REMINDER)


def walked(zone: str, start: datetime, end: datetime) -> list[Window]:
    """The windows as the chain of next looks leads from one to the next. A permit that ends where
    the next begins, without a refusal between them, goes on: its rules changed, not its hours."""
    person, message = asked(zone)
    found: list[Window] = []
    at = start
    while at < end:
        verdict = permits(message, person, RULES, at)
        if isinstance(verdict, Permit):
            assert verdict.until > at
            opens = found.pop()[0] if found and found[-1][1] == at else at
            found.append((opens, verdict.until))
            at = verdict.until
        else:
            assert verdict.look_again_at is not None
            assert verdict.look_again_at > at
            at = verdict.look_again_at
            assert isinstance(permits(message, person, RULES, at), Permit)
    return found


def by_the_day(zone: str, start: datetime, end: datetime) -> Iterator[Window]:
    """The windows of each day, read off the wall minute by minute by the slow checker."""
    person, message = asked(zone)
    slow = SlowLaw(packs_in(FOLDER), person, message, COUNTRIES, Corrections())
    day = start.astimezone(ZoneInfo(zone)).date()
    opens: datetime | None = None
    at = datetime(day.year, day.month, day.day, tzinfo=UTC) - DAY
    while at < end + DAY:
        is_open = slow.forbids(at) is None
        if is_open and opens is None:
            opens = at
        if not is_open and opens is not None:
            if opens < end and at > start:
                yield max(opens, start), at
            opens = None
        at += MINUTE


def hold_every_hour(zone: str, start: datetime, end: datetime) -> None:
    windows = walked(zone, start, end + 20 * DAY)
    person, message = asked(zone)
    at, index = start, 0
    while at < end:
        while index < len(windows) and windows[index][1] <= at:
            index += 1
        inside = index < len(windows) and windows[index][0] <= at
        verdict = permits(message, person, RULES, at)
        assert isinstance(verdict, Permit) == inside, (zone, at)
        if isinstance(verdict, Permit):
            assert verdict.until <= windows[index][1]
        else:
            assert verdict.look_again_at == windows[index][0], (zone, at)
        at += HOUR
    for (_, closed), (opens, _) in pairwise(windows):
        assert closed < opens


def test_a_month_of_hours_and_of_minutes_says_what_the_windows_say() -> None:
    around = datetime(2026, 3, 24, tzinfo=UTC), datetime(2026, 4, 7, tzinfo=UTC)
    for zone in QUICK:
        hold_every_hour(zone, *around)
        assert walked(zone, *around) == list(by_the_day(zone, *around))


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("zone", sorted(COUNTRIES))
def test_a_year_of_hours_has_no_gap_and_no_overlap(zone: str) -> None:
    hold_every_hour(zone, START, END)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("zone", sorted(COUNTRIES))
def test_a_year_of_windows_is_what_the_slow_checker_reads_off_the_wall(zone: str) -> None:
    assert walked(zone, START, END) == list(by_the_day(zone, START, END))


def test_a_year_has_a_window_for_every_business_day() -> None:
    """Not none at all: the proof above would hold of rules that allow nothing."""
    vilnius = walked("Europe/Vilnius", START, END)

    assert 245 <= len(vilnius) <= 262
    assert {(opens.astimezone(ZoneInfo("Europe/Vilnius")).hour) for opens, _ in vilnius} == {8}
    assert date(2026, 12, 25) not in {opens.date() for opens, _ in vilnius}
