"""Amounts at Stripe: exact both ways, or refused."""

import pytest

from app.payments.gateway import GatewayRefused
from app.payments.stripe_money import from_stripe, to_stripe
from campaigns.money import Money


@pytest.mark.parametrize(
    ("amount", "units"),
    [
        (Money(24_050, "ILS"), 24_050),
        (Money(5000, "JPY"), 5000),
        (Money(5, "ISK"), 500),
        (Money(5_00, "MGA"), 5),
        (Money(5_120, "KWD"), 5_120),
        (Money(1, "EUR"), 1),
    ],
)
def test_an_amount_goes_there_and_comes_back_as_it_was(amount: Money, units: int) -> None:
    assert to_stripe(amount) == (units, amount.currency.lower())
    assert from_stripe(units, amount.currency.lower()) == amount


@pytest.mark.parametrize(
    "amount",
    [Money(5_124, "KWD"), Money(5_50, "MGA"), Money(500, "UGX"), Money(1, "CLF"), Money(1, "IQD")],
)
def test_what_stripe_cannot_say_exactly_is_refused(amount: Money) -> None:
    with pytest.raises(GatewayRefused):
        to_stripe(amount)


@pytest.mark.parametrize(
    ("units", "currency"), [("5", "eur"), (5.0, "eur"), (True, "eur"), (5, None), (550, "isk")]
)
def test_what_is_no_amount_is_not_read(units: object, currency: object) -> None:
    with pytest.raises(ValueError, match="whole"):
        from_stripe(units, currency)
