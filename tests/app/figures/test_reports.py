"""What reports make of figures: known values, and what must hold for any."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.figures.reports.ageing import Bucket, aged, bucket_of, due_between
from app.figures.reports.cohorts import cohorts
from app.figures.reports.months import between, days_in, shifted
from app.figures.reports.outstanding import Ledger, days_outstanding
from app.figures.reports.rates import Rate, difference
from app.figures.reports.survival import survival

TODAY = date(2026, 6, 1)
MONTHS = list(between("2025-11", "2026-06"))
AMOUNTS = st.integers(0, 10**9)


def test_months_follow_each_other_over_the_year() -> None:
    assert (shifted("2025-12", 1), shifted("2026-01", -2), shifted("2026-06", 0)) == (
        "2026-01",
        "2025-11",
        "2026-06",
    )
    assert (days_in("2024-02"), days_in("2026-02")) == (29, 28)


def test_dso_counts_back_month_by_month() -> None:
    """600 owed: all of June's 200 (30 days), all of May's 300 (31), and a tenth of April's 1000."""
    billed = {"2026-04": 1000, "2026-05": 300, "2026-06": 200}
    ledger = Ledger(billed, {"2026-06": 900}, {"2026-06": 300}, {("2026-06", 0): 200})
    found = days_outstanding(ledger, "2026-06")
    assert (found.receivable, found.overdue, found.is_whole) == (600, 100, True)
    assert found.dso == pytest.approx(30 + 31 + 3)
    assert found.best == pytest.approx(30 + 31)
    assert found.delinquent == pytest.approx(3)


def test_dso_says_when_the_sales_on_record_do_not_reach_back_far_enough() -> None:
    ledger = Ledger({"2026-05": 100, "2026-06": 0}, {"2026-06": -50}, {}, {})
    found = days_outstanding(ledger, "2026-06", days=10)
    assert (found.dso, found.is_whole) == (10 + 31, False)


def test_a_book_without_debt_has_no_days() -> None:
    found = days_outstanding(Ledger({}, {}, {}, {}), "2026-06")
    assert (found.dso, found.best, found.is_whole) == (0, 0, True)


@given(st.data())
def test_best_possible_dso_lies_between_nothing_and_dso_which_ends_with_the_sales(
    data: st.DataObject,
) -> None:
    billed = {month: data.draw(AMOUNTS) for month in MONTHS}
    settled = {month: data.draw(st.integers(0, max(billed[month], 1))) for month in MONTHS}
    fell = {month: data.draw(st.integers(0, max(billed[month], 1))) for month in MONTHS}
    ledger = Ledger(billed, settled, fell, {(MONTHS[0], 1): data.draw(AMOUNTS)})
    found = days_outstanding(ledger, MONTHS[-1])
    assert 0 <= found.best <= found.dso <= sum(map(days_in, MONTHS))
    assert found.delinquent >= 0


@given(st.integers(-400, 400))
def test_every_due_date_has_one_bucket_and_lies_between_its_ends(days: int) -> None:
    due_on = TODAY + timedelta(days=days)
    first, last = due_between(bucket_of(due_on, TODAY), TODAY)
    assert first is None or first <= due_on
    assert last is None or due_on <= last
    others = [bucket for bucket in Bucket if bucket is not bucket_of(due_on, TODAY)]
    assert not any(_holds(due_between(bucket, TODAY), due_on) for bucket in others)


def _holds(ends: tuple[date | None, date | None], day: date) -> bool:
    first, last = ends
    return (first is None or first <= day) and (last is None or day <= last)


def test_an_invoice_is_current_on_the_day_it_is_due_and_a_day_old_on_the_next() -> None:
    ages = (0, 1, 30, 31, 60, 61, 90, 91)
    assert [bucket_of(TODAY - timedelta(days=age), TODAY) for age in ages] == [
        Bucket.CURRENT,
        Bucket.TO_30,
        Bucket.TO_30,
        Bucket.TO_60,
        Bucket.TO_60,
        Bucket.TO_90,
        Bucket.TO_90,
        Bucket.OVER_90,
    ]


@given(
    st.dictionaries(
        st.dates(date(2025, 1, 1), date(2027, 1, 1)), st.tuples(st.integers(1, 9), AMOUNTS)
    )
)
def test_the_buckets_together_are_the_open_book(book: dict[date, tuple[int, int]]) -> None:
    found = aged(book, TODAY).values()
    assert sum(each.number for each in found) == sum(number for number, _ in book.values())
    assert sum(each.amount for each in found) == sum(amount for _, amount in book.values())


def test_a_cohort_adds_up_what_was_recovered_month_after_month() -> None:
    found = cohorts(
        {"2026-04": 1000, "2026-05": 500},
        {("2026-04", 0): 100, ("2026-04", 2): 350, ("2026-05", 1): 500, ("2026-05", 2): 9},
        {("2026-04", 1): 100},
        first="2026-04",
        last="2026-06",
    )
    assert [list(each.recovered) for each in found] == [[100, 100, 450], [0, 500], [0]]
    assert found[0].shares() == [pytest.approx(100 / 900), pytest.approx(100 / 900), 0.5]
    assert found[2].shares() == [None]


@given(st.data())
def test_no_cohort_recovers_more_than_it_was_owed(data: st.DataObject) -> None:
    owed = data.draw(AMOUNTS)
    parts = [data.draw(st.integers(0, owed // 4)) for _ in range(3)]
    gone = data.draw(st.integers(0, owed // 4))
    recovered = {("2026-04", age): part for age, part in enumerate(parts)}
    (found, *_) = cohorts(
        {"2026-04": owed}, recovered, {("2026-04", 1): gone}, first="2026-04", last="2026-06"
    )
    shares = [share for share in found.shares() if share is not None]
    assert shares == sorted(shares)
    assert all(0 <= share <= 1 for share in shares)


def test_survival_counts_those_that_broke_against_those_that_came_so_far() -> None:
    """Ten plans: two break at the first instalment; one of five still running left after one."""
    plans = {
        ("broken", 0): 2,
        ("broken", 1): 1,
        ("running", 0): 1,
        ("running", 1): 1,
        ("running", 3): 2,
        ("completed", 3): 3,
    }
    steps = survival(plans)
    assert [(step.number, step.at_risk, step.broke) for step in steps] == [
        (1, 9, 2),
        (2, 6, 1),
        (3, 5, 0),
    ]
    assert steps[-1].alive == pytest.approx(7 / 9 * 5 / 6)


@given(
    st.dictionaries(
        st.tuples(st.sampled_from(("broken", "running", "completed")), st.integers(0, 12)),
        st.integers(0, 50),
    )
)
def test_survival_only_falls_and_everybody_at_risk_was_agreed(
    plans: dict[tuple[str, int], int],
) -> None:
    steps = survival(plans)
    alive = [1.0, *(step.alive for step in steps)]
    assert alive == sorted(alive, reverse=True)
    assert all(0 <= step.broke <= step.at_risk <= sum(plans.values()) for step in steps)


def test_intervals_are_those_of_the_papers() -> None:
    """Newcombe's own examples: 81 of 263, and 56 of 70 against 48 of 80."""
    assert Rate(81, 263).interval == pytest.approx((0.2553, 0.3662), abs=5e-5)
    found = difference(Rate(56, 70), Rate(48, 80))
    assert found is not None
    assert (found.more, found.low, found.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)
    assert found.is_clear


def test_an_empty_arm_cannot_be_compared_and_few_are_marked() -> None:
    assert difference(Rate(1, 2), Rate(0, 0)) is None
    assert Rate(0, 0).interval == (0, 1)
    assert (Rate(1, 29).is_small, Rate(1, 30).is_small) == (True, False)


@given(st.integers(0, 200), st.integers(0, 200), st.integers(1, 200), st.integers(1, 200))
def test_a_share_lies_in_its_interval_and_a_difference_in_its_own(
    first: int, second: int, many: int, more: int
) -> None:
    treated, control = Rate(min(first, many), many), Rate(min(second, more), more)
    low, high = treated.interval
    assert treated.share is not None
    assert 0 <= low <= treated.share <= high <= 1
    found = difference(treated, control)
    assert found is not None
    assert -1 <= found.low <= found.more <= found.high <= 1
