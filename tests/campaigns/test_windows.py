"""Hours, rest days and evenings, on the wall clock of one zone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.calendar import BusinessCalendar
from campaigns.rules import RestDays, Window
from campaigns.windows import Hours, earliest_common, in_utc
from tests.campaigns.policyfacts import MINUTE, local, pack_of

JERUSALEM = "Asia/Jerusalem"


def hours(rule: str, zone: str = "Europe/Vilnius", country: str | None = "LT") -> Hours:
    (row,) = pack_of(rule).rules
    assert isinstance(row, Window | RestDays)
    return Hours(row, ZoneInfo(zone), (BusinessCalendar(country),))


def test_a_window_opens_to_the_second_and_closes_a_minute_early() -> None:
    window = hours('{id: A, kind: window, hours: {all: "08:00-20:00"}}')

    assert window.on(date(2026, 6, 1)) == (local("2026-06-01 08:00"), local("2026-06-01 19:59"))


def test_an_opening_is_cut_to_start_when_it_is_asked_for() -> None:
    window = hours('{id: A, kind: window, hours: {all: "08:00-20:00"}}')
    noon, closing = local("2026-06-01 12:00"), local("2026-06-01 19:59")

    assert window.opening(noon) == (noon, closing)
    assert window.opening(closing) == (local("2026-06-02 08:00"), local("2026-06-02 19:59"))


def test_a_window_to_midnight_ends_a_minute_before_it() -> None:
    window = hours('{id: A, kind: window, hours: {all: "08:00-24:00"}}')

    assert window.on(date(2026, 6, 1)) == (local("2026-06-01 08:00"), local("2026-06-01 23:59"))


def test_business_hours_follow_the_week_of_the_recipient_and_of_the_creditor() -> None:
    (row,) = pack_of('{id: A, kind: window, hours: {business: "08:00-20:00"}}').rules
    assert isinstance(row, Window)
    recipient, creditor = BusinessCalendar("IL"), BusinessCalendar("LT")
    week = [date(2026, 6, 1) + timedelta(days=n) for n in range(7)]
    zone = ZoneInfo(JERUSALEM)

    alone = Hours(row, zone, (recipient,))
    both = Hours(row, zone, (recipient,), creditor)

    assert [f"{day:%a}" for day in week if alone.on(day)] == ["Mon", "Tue", "Wed", "Thu", "Sun"]
    assert [f"{day:%a}" for day in week if both.on(day)] == ["Mon", "Tue", "Wed", "Thu"]


def test_a_holiday_rests_and_its_eve_ends_early() -> None:
    rest = hours(
        '{id: A, kind: rest_days, holidays: true, eves_from: "13:00"}', JERUSALEM, "IL"
    )  # Yom Kippur is on Monday 2026-09-21

    assert rest.on(date(2026, 9, 21)) is None
    assert rest.rest(local("2026-09-21 10:00", JERUSALEM)) == "Yom Kippur"
    assert rest.on(date(2026, 9, 20)) == (
        local("2026-09-20 00:00", JERUSALEM),
        local("2026-09-20 12:59", JERUSALEM),
    )
    assert rest.rest(local("2026-09-20 14:00", JERUSALEM)) == "the eve of Yom Kippur"


def test_a_whole_day_without_rest_lasts_to_midnight() -> None:
    rest = hours("{id: A, kind: rest_days, weekdays: [sun]}")

    assert rest.on(date(2026, 6, 1)) == (local("2026-06-01 00:00"), local("2026-06-02 00:00"))
    assert rest.on(date(2026, 6, 7)) is None
    assert rest.rest(local("2026-06-07 12:00")) == "Sunday"


def test_a_weekday_may_rest_from_an_hour_on() -> None:
    rest = hours('{id: A, kind: rest_days, weekday_from: {fri: "14:00"}}')

    assert rest.on(date(2026, 6, 5)) == (local("2026-06-05 00:00"), local("2026-06-05 13:59"))
    assert rest.rest(local("2026-06-05 15:00")) == "Friday evening"


def test_a_window_that_the_change_of_clocks_swallows_is_shut_that_day() -> None:
    window = hours('{id: A, kind: window, hours: {all: "02:00-02:30"}}', JERUSALEM)

    assert window.on(date(2026, 3, 27)) is None
    assert window.opening(local("2026-03-26 12:00", JERUSALEM)) == (
        local("2026-03-28 02:00", JERUSALEM),
        local("2026-03-28 02:29", JERUSALEM),
    )


def test_hours_that_never_open_give_nothing() -> None:
    assert hours("{id: A, kind: rest_days, weekdays: [all]}").opening(local("2026-06-01")) is None


def test_hours_of_two_zones_meet_where_both_are_open() -> None:
    rule = '{id: A, kind: window, hours: {all: "08:00-21:00"}}'
    east, west = hours(rule, "America/New_York"), hours(rule, "America/Los_Angeles")
    morning_in_the_east = local("2026-06-01 08:30", "America/New_York")

    assert earliest_common([east, west], morning_in_the_east) == local(
        "2026-06-01 08:00", "America/Los_Angeles"
    )


def test_hours_that_never_meet_give_nothing() -> None:
    rule = '{id: A, kind: window, hours: {all: "08:00-10:00"}}'

    found = earliest_common(
        [hours(rule, "Pacific/Auckland"), hours(rule, "Europe/London")], local("2026-06-01 08:00")
    )

    assert found is None


@given(
    minute=st.integers(0, 2 * 365 * 24 * 60),
    zones=st.lists(
        st.sampled_from([JERUSALEM, "Europe/Vilnius", "America/New_York", "Australia/Lord_Howe"]),
        min_size=1,
        max_size=3,
    ),
)
def test_the_first_common_instant_is_open_everywhere_and_no_earlier_minute_is(
    minute: int, zones: list[str]
) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC) + minute * MINUTE
    rows = [hours('{id: A, kind: window, hours: {mon-fri: "08:00-20:00"}}', z) for z in zones]

    found = earliest_common(rows, at)

    assert found is None or all(_is_open(row, found) for row in rows)
    end = min(found or at + timedelta(days=8), at + timedelta(days=8))
    minutes = range(0, int((end - at) / MINUTE), 7)
    assert not any(all(_is_open(row, at + n * MINUTE) for row in rows) for n in minutes)


def test_a_time_without_a_zone_is_refused() -> None:
    naive = datetime(2026, 1, 1)  # noqa: DTZ001 - the mistake that is meant

    with pytest.raises(ValueError, match="no zone"):
        in_utc(naive)


def _is_open(row: Hours, at: datetime) -> bool:
    span = row.on(at.astimezone(row.zone).date())
    return span is not None and span[0] <= at < span[1]
