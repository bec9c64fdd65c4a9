"""Proposals for a plan: exact in every currency, on real days, inside the envelope."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.book.envelope import PlanEnvelope
from app.intake.plan_offers import PlanOffer, Rhythm, Terms
from campaigns.money import Money

TODAY = date(2026, 1, 31)


def offer(minor: int = 10_000, currency: str = "ILS", **limits: int) -> PlanOffer:
    return PlanOffer(Money(minor, currency), TODAY, PlanEnvelope(**limits))


@pytest.mark.parametrize(
    ("currency", "amounts"),
    [
        ("JPY", ["34", "33", "33"]),
        ("ILS", ["0.34", "0.33", "0.33"]),
        ("KWD", ["0.034", "0.033", "0.033"]),
    ],
)
def test_what_cannot_be_divided_goes_to_the_first_part(currency: str, amounts: list[str]) -> None:
    parts = offer(100, currency).schedule(Terms(3, Rhythm.WEEKLY, TODAY))

    assert parts is not None
    assert [part.amount for part in parts] == [Money.of(each, currency) for each in amounts]


def test_a_month_that_lacks_the_day_takes_its_last() -> None:
    parts = offer().schedule(Terms(4, Rhythm.MONTHLY, TODAY))

    assert parts is not None
    assert [part.due_on.isoformat() for part in parts] == [
        "2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30",
    ]  # fmt: skip


def test_only_what_fits_the_envelope_is_proposed() -> None:
    assert offer().counts == (2, 3, 4, 6)
    assert offer(most_parts=12).counts == (2, 3, 4, 6, 12)
    assert offer(most_parts=1).counts == ()
    assert offer(3).counts == (2, 3)
    short = offer(furthest_days=14, first_within_days=7)
    assert short.counts == (2, 3)
    assert short.rhythms == (Rhythm.WEEKLY, Rhythm.FORTNIGHTLY)
    assert short.days == (TODAY, date(2026, 2, 1), date(2026, 2, 7))
    paid_on_the_fifth = PlanOffer(Money(100, "ILS"), TODAY, PlanEnvelope(), pay_day=5)
    assert date(2026, 2, 5) in paid_on_the_fifth.days


@given(
    minor=st.integers(2, 10**9),
    count=st.integers(-1, 14),
    rhythm=st.sampled_from(Rhythm),
    ahead=st.integers(-2, 200),
)
def test_a_schedule_adds_up_rises_and_stays_inside(
    minor: int, count: int, rhythm: Rhythm, ahead: int
) -> None:
    made = offer(minor)
    first = TODAY + timedelta(days=ahead)

    parts = made.schedule(Terms(count, rhythm, first))

    fits = 2 <= count <= min(6, minor) and 0 <= ahead <= 30
    assert (parts is not None) == (fits and rhythm.after(first, count - 1) <= made.latest)
    if parts is not None:
        days = [part.due_on for part in parts]
        assert sum(part.amount.minor for part in parts) == minor
        assert days == sorted(set(days))
        assert days[0] == first
        assert len({part.amount.minor for part in parts[1:]}) == 1
