"""Prices of messages: exact until they are added up."""

import pytest

from campaigns.money import Money
from campaigns.prices import Price


@pytest.mark.parametrize(
    ("price", "number", "minor"),
    [
        ("0.042 EUR", 1, 4),
        ("0.045 EUR", 1, 5),
        ("0.042 EUR", 100_000, 420_000),
        ("6.5 JPY", 3, 20),
        ("0.0125 KWD", 10, 125),
        ("0 USD", 9, 0),
    ],
)
def test_many_are_rounded_once(price: str, number: int, minor: int) -> None:
    assert Price.of(price).of_many(number) == Money(minor, price[-3:])


def test_it_is_written_as_it_is_read() -> None:
    assert str(Price.of(" 0.0420EUR ")) == "0.0420 EUR"


@pytest.mark.parametrize("text", ["", "0.04", "EUR", "-1 EUR", "1e3 EUR", "0,04 EUR", "1 eur"])
def test_what_is_no_price_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write an amount and a currency"):
        Price.of(text)
