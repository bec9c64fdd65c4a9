"""Instants on the reader's clock, in the reader's language."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.console.customers.desk import day_of
from app.console.times import day_asked, times_for

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", "24 Nov 2026 11:00"),
        ("he", "24.11.2026 11:00"),
        ("ar", "24/11/2026 11:00"),
        ("lt", "2026-11-24 11:00"),
    ],
)
def test_an_instant_is_shown_on_the_clock_of_its_reader(language: str, shown: str) -> None:
    told = times_for(language, "Asia/Jerusalem").at(NOW)

    assert f"<bdi>{shown}</bdi>" in told
    assert 'datetime="2026-11-24T11:00:00+02:00"' in told


@pytest.mark.parametrize(
    ("away", "shown"),
    [
        (timedelta(seconds=-59), "10:59"),
        (timedelta(seconds=30), "11:00"),
        (timedelta(hours=-3), "3 hours ago"),
        (timedelta(days=2), "in 2 days"),
    ],
)
def test_how_long_ago_is_told_in_words_but_for_this_minute(away: timedelta, shown: str) -> None:
    assert f"<bdi>{shown}</bdi>" in times_for("en", "Asia/Jerusalem").ago(NOW + away, NOW)


def test_the_day_is_the_readers_own() -> None:
    late = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)

    assert times_for("en", "Asia/Jerusalem").today(late) == date(2026, 11, 25)
    assert times_for("en", "America/New_York").today(late) == date(2026, 11, 24)


def test_a_day_at_the_ends_of_the_calendar_is_as_good_as_none() -> None:
    assert day_asked("2026-06-30") == date(2026, 6, 30)
    for told in ("0001-01-01", "9999-12-31", "2026-02-31", "soon", ""):
        assert day_asked(told) is None
        assert day_of({"until": told}, "until") is None
