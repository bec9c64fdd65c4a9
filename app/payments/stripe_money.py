"""Amounts as Stripe writes them: its minor units are not ISO's for some currencies.

https://docs.stripe.com/currencies#minor-units, as of November 2026. What Stripe cannot say exactly
is refused, never rounded.
"""

from __future__ import annotations

from typing import Any, Final

from app.payments.gateway import GatewayRefused
from campaigns.money import Money, minor_digits

_ZERO: Final = frozenset("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split())
_HUNDREDFOLD: Final = frozenset({"ISK"})
"""Without decimals, and yet written in hundredths; the last two digits must be 00."""

_THREE: Final = frozenset("BHD JOD KWD OMR TND".split())
"""Written in thousandths, of which the last digit must be 0: card networks carry two."""

_UNSURE: Final = frozenset({"UGX"})
"""What Stripe says of it contradicts itself by a factor of a hundred: not asked for."""


def stripe_digits(currency: str) -> int:
    """How many decimals an amount of this currency has at Stripe. Raises `GatewayRefused`."""
    if currency in _ZERO:
        return 0
    if currency in _THREE:
        return 3
    ours = minor_digits(currency)
    if currency in _UNSURE or (ours != 2 and currency not in _HUNDREDFOLD):
        raise GatewayRefused(f"Stripe takes no {currency} that we could write for sure")
    return 2


def to_stripe(amount: Money) -> tuple[int, str]:
    """Units and currency as a request names them. Raises `GatewayRefused`."""
    currency = amount.currency
    shift = stripe_digits(currency) - minor_digits(currency)
    if shift < 0:
        units, rest = divmod(amount.minor, 10**-shift)
    else:
        units, rest = amount.minor * 10**shift, 0
    if rest or (currency in _THREE and units % 10):
        raise GatewayRefused(f"{amount} is finer than what Stripe takes of {currency}")
    return units, currency.lower()


def from_stripe(units: Any, currency: Any) -> Money:
    """The amount of an event. Raises `ValueError` for what is no amount."""
    if not isinstance(units, int) or isinstance(units, bool) or not isinstance(currency, str):
        raise ValueError("an amount of Stripe is a whole number and a currency")
    iso = currency.upper()
    shift = stripe_digits(iso) - minor_digits(iso)
    if shift <= 0:
        return Money(units * 10**-shift, iso)
    minor, rest = divmod(units, 10**shift)
    if rest:
        raise ValueError(f"{units} is no whole amount of {iso}")
    return Money(minor, iso)
