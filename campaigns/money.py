"""Exact money: minor units beside their ISO 4217 currency. No float, no sum across currencies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Context, Decimal, DecimalException, Inexact, InvalidOperation

from campaigns.value import value

# ISO 4217 minor units that are not 2. CLDR's display digits differ (it shows no fils for the
# Iraqi dinar), so they are no guide to what an invoice may hold.
_MINOR_DIGITS = {
    **dict.fromkeys(
        "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0
    ),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}

# Far more digits than any debt has. What does not fit is an error and is never rounded.
_EXACT = Context(prec=100, Emax=200, Emin=-200, traps=[Inexact, InvalidOperation])

Balances = Mapping[str, int]
"""Minor units by ISO currency. Balances are listed side by side and never added across."""


class MoneyError(ValueError):
    """An amount that cannot be held exactly, or a sum across currencies."""


def minor_digits(currency: str) -> int:
    """How many decimal places `currency` has (ISO 4217): 0, 2, 3 or 4."""
    return _MINOR_DIGITS.get(currency, 2)


@value
class Money:
    """An amount in minor units (agorot, cents, fils) and its ISO 4217 currency code."""

    minor: int
    currency: str

    @classmethod
    def of(cls, amount: Decimal | int | str, currency: str) -> Money:
        """The exact amount. Raises `MoneyError` when it has more decimals than the currency holds,
        or is no amount at all."""
        digits = minor_digits(currency)
        try:
            scaled = _EXACT.create_decimal(amount).scaleb(digits, _EXACT)
            if not scaled.is_finite():
                raise InvalidOperation
        except DecimalException:
            raise MoneyError(f"{amount!r} is no amount; write digits, such as 12.50") from None
        if scaled != scaled.to_integral_value():
            raise MoneyError(
                f"{amount} has more decimals than {currency} holds ({digits});"
                " round it where it is made"
            )
        return cls(int(scaled), currency)

    @property
    def decimal(self) -> Decimal:
        """In major units, with the currency's own number of decimals."""
        return Decimal(self.minor).scaleb(-minor_digits(self.currency), _EXACT)

    def __str__(self) -> str:
        """For staff and errors: `1240.50 ILS`. Customers read what `wording` formats."""
        return f"{self.decimal} {self.currency}"

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise MoneyError(f"{self.currency} and {other.currency} cannot be added")


def totals(amounts: Iterable[Money]) -> tuple[Money, ...]:
    """One sum a currency, in the order in which the currencies first appear."""
    sums: dict[str, int] = {}
    for amount in amounts:
        sums[amount.currency] = sums.get(amount.currency, 0) + amount.minor
    return tuple(Money(minor, currency) for currency, minor in sums.items())
