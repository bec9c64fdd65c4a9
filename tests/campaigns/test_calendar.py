"""Business days, holidays and clocks that jump."""

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.calendar import (
    BusinessCalendar,
    at_local,
    country_of,
    local_date,
    next_day_of_month,
    preload,
    region_of,
    weekend,
    zone_of,
)

SATURDAY_SUNDAY = frozenset({5, 6})
FRIDAY_SATURDAY = frozenset({4, 5})


@pytest.mark.parametrize("country", ["IL", "SA", "EG", "KW", "QA", "BH", "OM", "JO"])
def test_business_rests_on_friday_and_saturday_there(country: str) -> None:
    assert weekend(country) == FRIDAY_SATURDAY


@pytest.mark.parametrize("country", ["AE", "LT", "IT", "GB", "DE", "PL", "FR", "US", "XX", None])
def test_business_rests_on_saturday_and_sunday_elsewhere(country: str | None) -> None:
    assert weekend(country) == SATURDAY_SUNDAY


def test_the_next_business_day_is_the_day_itself_when_it_is_one() -> None:
    monday = date(2026, 6, 1)

    assert BusinessCalendar("LT").next_business_day(monday) == monday
    assert BusinessCalendar("LT").previous_business_day(monday) == monday


def test_business_days_step_over_weekends_and_holidays() -> None:
    calendar = BusinessCalendar("LT")
    friday = date(2026, 7, 3)  # a Friday; Monday the 6th is a holiday

    assert calendar.next_business_day(date(2026, 7, 4)) == date(2026, 7, 7)
    assert calendar.previous_business_day(date(2026, 7, 6)) == friday
    assert calendar.add_business_days(friday, 1) == date(2026, 7, 7)
    assert calendar.add_business_days(date(2026, 7, 7), -1) == friday
    assert calendar.add_business_days(date(2026, 7, 4), 0) == date(2026, 7, 7)


def test_sunday_is_a_business_day_in_israel_and_friday_is_not() -> None:
    assert BusinessCalendar("IL").is_business_day(date(2026, 6, 7))
    assert not BusinessCalendar("IL").is_business_day(date(2026, 6, 5))


def test_the_creditor_closes_and_opens_dates() -> None:
    monday, saturday, both = date(2026, 6, 1), date(2026, 6, 6), date(2026, 6, 7)
    calendar = BusinessCalendar(
        "LT", closed=frozenset({monday, both}), opened=frozenset({saturday, both})
    )

    assert not calendar.is_business_day(monday)
    assert calendar.is_business_day(saturday)
    assert not calendar.is_business_day(both)
    assert calendar.holiday(monday) == "closed by the creditor"


def test_an_unknown_region_of_the_kingdom_rests_whenever_any_region_does() -> None:
    saint_andrews_day = date(2026, 11, 30)

    assert BusinessCalendar("GB").holiday(saint_andrews_day)
    assert BusinessCalendar("GB", "GB-SCT").holiday(saint_andrews_day)
    assert BusinessCalendar("GB", "ENG").holiday(saint_andrews_day) is None
    assert BusinessCalendar("GB", "nowhere").holiday(saint_andrews_day)


def test_an_estimated_feast_is_a_day_wider_on_either_side() -> None:
    calendar = BusinessCalendar("AE")
    estimated = [
        date(2029, 1, 1) + timedelta(days=n)
        for n in range(365)
        if "estimated" in (calendar.holiday(date(2029, 1, 1) + timedelta(days=n)) or "")
    ]
    day_before = estimated[0] - timedelta(days=1)

    assert calendar.holiday(day_before) is None
    assert calendar.possible_holiday(day_before)
    settled = BusinessCalendar("AE", opened=frozenset({day_before}))
    assert settled.possible_holiday(day_before) is None


def test_a_country_without_known_holidays_has_none() -> None:
    preload(["IL", "XX"], [2026])

    assert BusinessCalendar("XX").holiday(date(2026, 1, 1)) is None
    assert BusinessCalendar(None).is_business_day(date(2026, 1, 1))


def test_a_zone_tells_its_country_where_it_has_one() -> None:
    assert country_of("Asia/Jerusalem") == "IL"
    assert country_of("Etc/UTC") is None
    assert zone_of("Europe/Vilnius") == ZoneInfo("Europe/Vilnius")
    assert [zone_of(name) for name in ("Nowhere/At_All", "America", "../x", "")] == [None] * 4


@pytest.mark.parametrize(
    ("zone", "wall", "instant"),
    [
        # Friday before the last Sunday of March, 02:00 to 03:00.
        ("Asia/Jerusalem", "2026-03-27T02:30", "2026-03-27T00:00"),
        ("Asia/Jerusalem", "2026-03-27T03:00", "2026-03-27T00:00"),
        # Last Sunday of March, at 01:00 UTC everywhere in the Union.
        ("Europe/Vilnius", "2026-03-29T03:30", "2026-03-29T01:00"),
        ("Europe/Berlin", "2026-03-29T02:00", "2026-03-29T01:00"),
        ("America/New_York", "2026-03-08T02:30", "2026-03-08T07:00"),
        # Half an hour is lost.
        ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30"),
        # Midnight itself does not exist.
        ("Asia/Beirut", "2026-03-29T00:00", "2026-03-28T22:00"),
        ("America/Santiago", "2026-09-06T00:30", "2026-09-06T04:00"),
        # A whole day does not exist.
        ("Pacific/Apia", "2011-12-30T12:00", "2011-12-30T10:00"),
    ],
)
def test_a_time_that_does_not_exist_becomes_the_next_that_does(
    zone: str, wall: str, instant: str
) -> None:
    asked = datetime.fromisoformat(wall)

    assert at_local(asked.date(), asked.time(), ZoneInfo(zone)) == _utc(instant)


@pytest.mark.parametrize(
    ("zone", "wall", "instant"),
    [
        ("Asia/Jerusalem", "2026-10-25T01:30", "2026-10-24T22:30"),
        ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30"),
        ("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45"),
    ],
)
def test_a_time_that_comes_twice_is_the_first(zone: str, wall: str, instant: str) -> None:
    asked = datetime.fromisoformat(wall)

    assert at_local(asked.date(), asked.time(), ZoneInfo(zone)) == _utc(instant)


def test_every_known_change_of_clocks_is_answered_right(vectors: Path) -> None:
    text = (vectors / "time" / "dst_transitions_2024_2027.json").read_text("utf-8")
    cases = json.loads(text)["cases"]

    for case in cases:
        zone, change = ZoneInfo(case["zone"]), _utc(case["transition_utc"].removesuffix("Z"))
        wall = datetime.fromisoformat(case["sample_local"])
        first = (wall - timedelta(seconds=case["offset_before_s"])).replace(tzinfo=UTC)
        expected = change if case["kind"] == "gap" else first
        assert at_local(wall.date(), wall.time(), zone) == expected, case["id"]
    assert len(cases) > 200


@given(
    minute=st.integers(0, 10 * 365 * 24 * 60),
    zone=st.sampled_from(["Asia/Jerusalem", "America/Santiago", "Asia/Kathmandu", "Europe/London"]),
)
def test_a_wall_time_that_exists_comes_back_as_it_was(minute: int, zone: str) -> None:
    instant = _utc("2020-01-01") + timedelta(minutes=minute)
    wall = instant.astimezone(ZoneInfo(zone))

    again = at_local(wall.date(), wall.time(), ZoneInfo(zone))

    assert again.astimezone(ZoneInfo(zone)).replace(fold=0) == wall.replace(fold=0)
    assert again <= instant


def test_the_date_is_the_one_on_the_wall() -> None:
    late = _utc("2026-06-01T22:00")

    assert local_date(late, ZoneInfo("Europe/Vilnius")) == date(2026, 6, 2)
    assert at_local(date(2026, 6, 2), time(1), ZoneInfo("Europe/Vilnius")) == late


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("number", "earliest", "found"),
    [
        (10, date(2026, 11, 10), date(2026, 11, 10)),
        (10, date(2026, 11, 11), date(2026, 12, 10)),
        (31, date(2026, 2, 3), date(2026, 2, 28)),
        (31, date(2028, 2, 3), date(2028, 2, 29)),
        (30, date(2027, 1, 31), date(2027, 2, 28)),
        (1, date(2026, 12, 31), date(2027, 1, 1)),
    ],
)
def test_a_day_of_the_month_comes_next_on(number: int, earliest: date, found: date) -> None:
    assert next_day_of_month(number, earliest) == found


@pytest.mark.parametrize(
    ("country", "written", "code"),
    [
        ("US", "NY", "NY"),
        ("us", "us-ny", "NY"),
        ("US", "New York", "NY"),
        ("US", " district of columbia ", "DC"),
        ("US", "N.Y.", None),
        ("US", None, None),
        ("GB", "GB-SCT", "SCT"),
        ("IL", "Haifa", "HAIFA"),  # no list of its regions is known
        ("XX", "yy", "YY"),
    ],
)
def test_a_region_is_known_by_its_code_or_its_name(
    country: str, written: str | None, code: str | None
) -> None:
    assert region_of(country, written) == code
