"""Statutory charges: hand-computed sums beside their working, and what holds for any invoice."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.charges import (
    ChargesRefused,
    Freeze,
    LateInvoice,
    Move,
    RateMissing,
    Statute,
    charges,
)
from campaigns.duties import Frozen, Order, Reference
from campaigns.money import Money
from campaigns.rates import Rate
from campaigns.rulehead import Status
from campaigns.statutes import order_under, statute
from campaigns.vocabulary import DebtClass
from tests.campaigns.policyfacts import SHIPPED, pack_of

EU = (
    "{id: RATE, kind: interest, applies: {debt_classes: [commercial]}, reference: ecb_mro,"
    ' points: "8.0", day_count: actual_365, rate_of: each_half_year}'
)
EU_FEE = (
    "{id: FEE, kind: fee, applies: {debt_classes: [commercial]}, currency: EUR,"
    " bands: [{fixed: 40}]}"
)
GB = EU.replace("ecb_mro", "boe_base").replace("each_half", "first_half")
GB_FEE = EU_FEE.replace("EUR", "GBP").replace(
    "[{fixed: 40}]", "[{below: 1000, fixed: 40}, {below: 10000, fixed: 70}, {fixed: 100}]"
)


def rate(reference: Reference, starts_on: date, percent: str) -> Rate:
    return Rate(reference, starts_on, Decimal(percent), "test", Status.PRIMARY)


RATES = (
    rate(Reference.ECB_MRO, date(2026, 1, 1), "2.15"),
    rate(Reference.ECB_MRO, date(2026, 7, 1), "2.40"),
    rate(Reference.BOE_BASE, date(2026, 1, 1), "4.00"),
    rate(Reference.BOE_BASE, date(2026, 7, 1), "3.75"),
)


@cache
def law(*rows: str) -> Statute:
    return statute("XX", [pack_of(*rows, level="law", countries="XX")], RATES)


def late(minor: int, due_on: date, *moves: Move, currency: str = "EUR") -> LateInvoice:
    return LateInvoice(minor, currency, due_on, DebtClass.COMMERCIAL, moves)


def test_the_rate_moves_on_the_first_of_july() -> None:
    """10,000.00 at 10.15 % for the 30 days of June is 83.4246..., at 10.40 % for the 62 days of
    July and August 176.6575...; each span is rounded down."""
    found = charges(late(1_000_000, date(2026, 5, 31)), law(EU, EU_FEE), date(2026, 8, 31))

    assert [(s.first_on, s.last_on, s.days, s.rate, s.amount.minor) for s in found.spans] == [
        (date(2026, 6, 1), date(2026, 6, 30), 30, Decimal("10.15"), 8342),
        (date(2026, 7, 1), date(2026, 8, 31), 62, Decimal("10.40"), 17665),
    ]
    assert found.interest == Money(26007, "EUR")
    assert found.cost is not None
    assert found.cost.amount == Money(4000, "EUR")


def test_in_britain_the_rate_of_the_first_half_year_stays() -> None:
    """5,000.00 at 12 % for 30 days is 49.3150...; 70.00 for a claim of 1,000 to 9,999.99."""
    invoice = late(500_000, date(2026, 6, 20), currency="GBP")

    found = charges(invoice, law(GB, GB_FEE), date(2026, 7, 20))

    assert [(s.days, s.rate, s.amount.minor) for s in found.spans] == [(30, Decimal("12.00"), 4931)]
    assert found.cost is not None
    assert found.cost.amount == Money(7000, "GBP")


@pytest.mark.parametrize(
    ("minor", "fixed"),
    [(1, 40), (99_999, 40), (100_000, 70), (999_999, 70), (1_000_000, 100), (10**9, 100)],
)
def test_the_band_of_a_fixed_sum_is_that_of_the_claim(minor: int, fixed: int) -> None:
    invoice = late(minor, date(2026, 6, 20), currency="GBP")

    found = charges(invoice, law(GB_FEE), date(2026, 6, 21))

    assert found.cost is not None
    assert found.cost.amount == Money.of(fixed, "GBP")


def test_a_part_payment_bears_no_interest_from_its_own_day_on() -> None:
    """1,000.00 for 10 days at 10.15 % is 2.7808..., then 400.00 for 10 days 1.1123..."""
    invoice = late(100_000, date(2026, 3, 31), Move(date(2026, 4, 11), -60_000))

    found = charges(invoice, law(EU), date(2026, 4, 20))

    assert [(s.principal.minor, s.days, s.amount.minor) for s in found.spans] == [
        (100_000, 10, 278),
        (40_000, 10, 111),
    ]


def test_what_was_paid_in_time_costs_nothing() -> None:
    invoice = late(100_000, date(2026, 3, 31), Move(date(2026, 3, 31), -100_000))

    found = charges(invoice, law(EU, EU_FEE), date(2026, 6, 1))

    assert (found.cost, found.spans) == (None, ())


def test_nothing_is_due_on_the_due_date() -> None:
    found = charges(late(100_000, date(2026, 3, 31)), law(EU, EU_FEE), date(2026, 3, 31))

    assert (found.cost, found.spans) == (None, ())


def test_an_invoice_in_another_currency_has_no_fixed_sum() -> None:
    invoice = late(100_000, date(2026, 3, 31), currency="USD")

    assert charges(invoice, law(EU_FEE), date(2026, 4, 30)).cost is None


def test_a_consumer_is_always_refused() -> None:
    invoice = LateInvoice(100_000, "EUR", date(2026, 3, 31), DebtClass.CONSUMER)

    with pytest.raises(ChargesRefused, match="business debts alone"):
        charges(invoice, law(EU, EU_FEE), date(2026, 4, 30))


def test_a_half_year_without_a_rate_is_named() -> None:
    invoice = late(100_000, date(2026, 11, 30))

    with pytest.raises(RateMissing, match="ecb_mro from 2027-01-01 is missing"):
        charges(invoice, law(EU), date(2027, 1, 1))
    assert charges(invoice, law(EU), date(2026, 12, 31)).interest.minor > 0


def test_two_rows_that_give_the_same_are_refused() -> None:
    with pytest.raises(ChargesRefused, match="RATE, SECOND"):
        charges(
            late(100_000, date(2026, 3, 31)),
            law(EU, EU.replace("id: RATE", "id: SECOND")),
            date(2026, 4, 30),
        )


def test_breathing_space_freezes_interest_and_the_fixed_sum() -> None:
    invoice = late(100_000, date(2026, 3, 31))
    freeze = Freeze(date(2026, 4, 1), date(2026, 5, 30))  # 60 days

    held = charges(invoice, law(EU, EU_FEE), date(2026, 5, 30), frozen=[freeze])
    after = charges(invoice, law(EU, EU_FEE), date(2026, 5, 31), frozen=[freeze])

    assert (held.interest.minor, held.cost) == (0, None)
    assert [(s.days, s.rate, s.amount.minor) for s in after.spans] == [
        (60, Decimal(0), 0),
        (1, Decimal("10.15"), 27),
    ]
    assert after.cost is None


def test_a_hold_may_freeze_interest_alone() -> None:
    freeze = Freeze(date(2026, 4, 1), date(2026, 4, 30), frozenset({Frozen.INTEREST}))

    found = charges(
        late(100_000, date(2026, 3, 31)), law(EU, EU_FEE), date(2026, 4, 30), frozen=[freeze]
    )

    assert (found.interest.minor, found.cost is None) == (0, False)


def test_a_row_counts_only_while_it_is_in_force() -> None:
    rule = EU.replace("reference:", "effective_from: 2026-04-11, reference:")

    found = charges(late(100_000, date(2026, 3, 31)), law(rule), date(2026, 4, 20))

    assert [(s.first_on, s.days) for s in found.spans] == [(date(2026, 4, 11), 10)]


def test_germany_sets_the_rows_of_the_union_aside_even_unread() -> None:
    german, lithuanian = (statute(country, SHIPPED.values(), ()) for country in ("DE", "LT"))

    assert [r.id for r in (*german.fees, *german.interests)] == ["DE-BGB288-FEE", "DE-BGB288"]
    assert [r.id for r in (*lithuanian.fees, *lithuanian.interests)] == ["EU-LPD", "EU-LPD-RATE"]


def test_costs_come_first_where_the_law_says_so() -> None:
    assert order_under("DE", SHIPPED.values()) is Order.COSTS_FIRST
    assert order_under("GB", SHIPPED.values()) is Order.OLDEST_DUE


DUE = date(2026, 1, 10)
days = st.integers(1, 340)
amounts = st.integers(0, 10**9)
paid = st.lists(
    st.builds(lambda day, minor: Move(DUE + timedelta(days=day), -minor), days, amounts), max_size=4
)
freezes = st.lists(
    st.builds(
        lambda day, length: Freeze(DUE + timedelta(day), DUE + timedelta(day + length)),
        days,
        st.integers(0, 60),
    ),
    max_size=2,
)


@given(amounts, paid, freezes, days)
def test_interest_is_the_sum_of_its_days_within_the_rounding_of_its_spans(
    minor: int, moves: list[Move], frozen: list[Freeze], length: int
) -> None:
    invoice, on = late(minor, DUE, *moves), DUE + timedelta(days=length)

    found = charges(invoice, law(EU), on, frozen=frozen)

    exact = Fraction(0)
    for day in (DUE + timedelta(days=n) for n in range(1, length + 1)):
        if not any(freeze.first_on <= day <= freeze.last_on for freeze in frozen):
            percent = Fraction("10.15") if day < date(2026, 7, 1) else Fraction("10.40")
            exact += invoice.principal_on(day) * percent / 100 / 365
    assert exact - len(found.spans) <= found.interest.minor <= exact


@given(amounts, paid, freezes, days)
def test_interest_never_shrinks_with_the_days(
    minor: int, moves: list[Move], frozen: list[Freeze], length: int
) -> None:
    invoice, on = late(minor, DUE, *moves), DUE + timedelta(days=length)

    before, after = (
        charges(invoice, law(EU), day, frozen=frozen).interest.minor
        for day in (on, on + timedelta(days=1))
    )

    assert before <= after


@given(amounts, paid, days)
def test_nothing_grows_while_everything_is_frozen(
    minor: int, moves: list[Move], length: int
) -> None:
    always = Freeze(DUE, DUE + timedelta(days=400))

    found = charges(
        late(minor, DUE, *moves), law(EU, EU_FEE), DUE + timedelta(days=length), frozen=[always]
    )

    assert (found.interest.minor, found.cost) == (0, None)
