"""By when a team answers, and when it can call somebody back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from campaigns.calendar import BusinessCalendar, at_local
from campaigns.packhours import own_week
from campaigns.teamhours import TeamHours, called_at
from campaigns.vocabulary import Category
from campaigns.windows import Opening
from tests.campaigns.policyfacts import facts, ruleset

HAIFA = ZoneInfo("Asia/Jerusalem")
ISRAEL = BusinessCalendar("IL")
TEAM = TeamHours(ISRAEL, HAIFA)


def at(day: str, hour: int, minute: int = 0) -> datetime:
    return at_local(date.fromisoformat(day), time(hour, minute), HAIFA)


@pytest.mark.parametrize(
    ("written", "answered_on"),
    [
        (at("2026-06-01", 12), "2026-06-02"),  # a Monday at noon: Tuesday
        (at("2026-06-01", 18), "2026-06-03"),  # after hours it is read on Tuesday
        (at("2026-06-04", 12), "2026-06-07"),  # Thursday: Sunday, past the weekend
        (at("2026-06-05", 12), "2026-06-08"),  # Friday is read on Sunday
    ],
)
def test_an_answer_comes_on_the_next_day_of_the_team(written: datetime, answered_on: str) -> None:
    found = TEAM.answer_by(written)

    assert found.on.isoformat() == answered_on
    assert found.at == at(answered_on, 17)


def test_a_team_has_a_week_of_its_own_and_its_holidays() -> None:
    team = TeamHours(ISRAEL, HAIFA, own_week("sun-thu 10:00-16:00; fri 09:00-12:00"))

    assert team.on(date(2026, 6, 5)) == (at("2026-06-05", 9), at("2026-06-05", 12))
    assert team.on(date(2026, 6, 6)) is None
    assert team.on(date(2026, 9, 13)) is None  # the second day of the new year
    assert TeamHours(ISRAEL, HAIFA, (None,) * 7).answer_by(at("2026-06-01", 9)).on == date(
        2026, 6, 2
    )


def _slots(
    team: TeamHours, now: datetime, country: str | None = "IL", *zones: str, **more: str
) -> list[str]:
    legal = ruleset().timeline(
        replace(facts(country, **more), zones=zones), called_at(1, None, None), Category.REMINDER
    )
    return [_said(slot) for slot in team.slots(legal, now)]


def _said(slot: Opening) -> str:
    begins, ends = (each.astimezone(HAIFA) for each in slot)
    return f"{begins:%a %d %H:%M}-{ends:%H:%M}"


def test_a_call_is_offered_in_the_teams_hours_from_an_hour_on() -> None:
    found = _slots(TEAM, at("2026-06-01", 12))

    assert found[:3] == ["Mon 01 13:00-15:00", "Mon 01 15:00-17:00", "Tue 02 09:00-11:00"]
    assert not any(each.startswith(("Fri", "Sat")) for each in found)
    assert found[-1] == "Mon 08 15:00-17:00"


def test_no_call_is_offered_on_the_sabbath_however_the_team_works() -> None:
    team = TeamHours(ISRAEL, HAIFA, own_week("mon-sun 10:00-20:00"))

    found = _slots(team, at("2026-06-01", 8))

    assert not any(each.startswith("Sat") for each in found)
    fridays = [each for each in found if each.startswith("Fri")]
    assert fridays == ["Fri 05 10:00-12:00"]  # from 14:00 on it is the eve


def test_the_hours_are_those_of_the_customers_own_wall() -> None:
    """The team in Haifa is there from 9 to 17; in New York that is 2 to 10 in the morning."""
    york = ("US", "America/New_York")

    found = _slots(TEAM, at("2026-06-01", 12), *york, region="NY")

    assert found[0] == "Mon 01 15:00-17:00"
    assert {each.split()[2] for each in found} == {"15:00-17:00"}


def test_nobody_is_called_where_no_clock_is_known() -> None:
    assert _slots(TEAM, at("2026-06-01", 12), None) == []
    off = TeamHours(ISRAEL, HAIFA, calls_within_days=0)
    assert _slots(off, datetime(2026, 6, 1, 16, tzinfo=UTC)) == []
