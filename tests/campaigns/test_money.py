"""Money is exact or it is an error."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.money import Money, MoneyError, minor_digits, totals

CURRENCIES = st.sampled_from(["EUR", "ILS", "JPY", "KWD", "CLF", "USD"])
MINOR = st.integers(-(10**40), 10**40)


@pytest.mark.parametrize(
    ("currency", "digits"), [("EUR", 2), ("ILS", 2), ("JPY", 0), ("ISK", 0), ("KWD", 3), ("CLF", 4)]
)
def test_a_currency_has_the_decimals_of_iso_4217(currency: str, digits: int) -> None:
    assert minor_digits(currency) == digits


def test_the_dinar_has_fils_though_cldr_shows_none() -> None:
    assert Money.of("1.234", "IQD").minor == 1234


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("1240.50", "ILS", 124050),
        (12, "EUR", 1200),
        (Decimal("-0.01"), "EUR", -1),
        ("7", "JPY", 7),
        ("1E+3", "EUR", 100000),
        ("12.500", "EUR", 1250),
    ],
)
def test_an_amount_is_held_in_minor_units(
    amount: Decimal | int | str, currency: str, minor: int
) -> None:
    assert Money.of(amount, currency) == Money(minor, currency)


@pytest.mark.parametrize(("amount", "currency"), [("0.001", "EUR"), ("1.5", "JPY")])
def test_more_decimals_than_the_currency_has_are_an_error(amount: str, currency: str) -> None:
    with pytest.raises(MoneyError, match="more decimals"):
        Money.of(amount, currency)


@pytest.mark.parametrize("amount", ["", "abc", "12,50", "NaN", "sNaN", "Infinity", "-inf"])
def test_what_is_no_amount_is_an_error(amount: str) -> None:
    with pytest.raises(MoneyError, match="no amount"):
        Money.of(amount, "EUR")


def test_an_amount_is_exact_however_large() -> None:
    assert Money.of("99999999999999999999999999999.99", "EUR").minor == int("9" * 31)
    with pytest.raises(MoneyError):
        Money.of("99999999999999999999999999999.999", "EUR")


def test_an_absurd_exponent_is_an_error_and_not_a_long_computation() -> None:
    with pytest.raises(MoneyError):
        Money.of("1E+999999", "EUR")


@given(MINOR, CURRENCIES)
def test_major_units_and_back_is_the_same(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    assert Money.of(money.decimal, currency) == money
    assert -money.decimal.as_tuple().exponent == minor_digits(currency)  # type: ignore[operator]


@given(MINOR, MINOR, CURRENCIES)
def test_adding_and_taking_away_are_exact(one: int, other: int, currency: str) -> None:
    total = Money(one, currency) + Money(other, currency)
    assert total - Money(other, currency) == Money(one, currency)


def test_two_currencies_are_never_added() -> None:
    with pytest.raises(MoneyError, match="EUR and ILS"):
        Money(1, "EUR") + Money(1, "ILS")
    with pytest.raises(MoneyError, match="EUR and ILS"):
        Money(1, "EUR") - Money(1, "ILS")


def test_totals_stand_side_by_side_in_the_order_of_their_currencies() -> None:
    amounts = [Money(1, "ILS"), Money(2, "EUR"), Money(3, "ILS")]
    assert totals(amounts) == (Money(4, "ILS"), Money(2, "EUR"))
    assert totals([]) == ()


def test_staff_read_an_amount_with_all_its_decimals() -> None:
    assert str(Money(124_050, "ILS")) == "1240.50 ILS"
    assert str(Money(1_500, "KWD")) == "1.500 KWD"
    assert str(Money(1_500, "JPY")) == "1500 JPY"
