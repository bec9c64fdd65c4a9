"""What one message costs: prices are finer than the units of their currency."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

from campaigns.money import Money, minor_digits
from campaigns.value import value

_WRITTEN = re.compile(r"\s*(\d{1,6}(?:\.\d{1,8})?)\s*([A-Z]{3})\s*")


@value
class Price:
    """So much of a currency's major unit for one; `str` writes what `of` reads."""

    each: Decimal
    currency: str

    @classmethod
    def of(cls, text: str) -> Price:
        """Reads `0.042 EUR`. Raises `ValueError` for anything else."""
        found = _WRITTEN.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is no price; write an amount and a currency: 0.042 EUR")
        return cls(Decimal(found[1]), found[2])

    def of_many(self, number: int) -> Money:
        """What so many cost, rounded once, half up."""
        minor = (self.each * number).scaleb(minor_digits(self.currency))
        return Money(int(minor.quantize(Decimal(1), ROUND_HALF_UP)), self.currency)

    def __str__(self) -> str:
        return f"{self.each} {self.currency}"
