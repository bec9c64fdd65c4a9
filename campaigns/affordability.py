"""What somebody can pay a month, from the few figures that they told. A calculation for staff to
look at with its working, never an offer by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from campaigns.money import Money

KEPT_BACK: Final = 2
"""One part in so many of what is left stays with the customer: what nobody plans comes too."""


@dataclass(frozen=True, slots=True)
class Affordable:
    """An amount a month, and how it was come by, a sentence a step. The repr shows no figure."""

    amount: Money
    working: tuple[str, ...]

    def __repr__(self) -> str:
        return "Affordable(…)"


def affordable(
    *, income: Money | None, costs: Money | None, payable: Money | None
) -> Affordable | None:
    """The lower of what they say they can pay and of half of what their costs leave; None where
    neither can be known. Nothing is left: nothing is asked."""
    spare = _spare(income, costs)
    if spare is None:
        if payable is None:
            return None
        told = f"They say that they can pay {payable}; there is nothing to hold that against."
        return Affordable(payable, (told,))
    left, working = spare
    if payable is None:
        return Affordable(left, working)
    lower = min(left, payable, key=lambda each: each.minor)
    told = f"They say that they can pay {payable}; the lower of the two is {lower}."
    return Affordable(lower, (*working, told))


def _spare(income: Money | None, costs: Money | None) -> tuple[Money, tuple[str, ...]] | None:
    if income is None or costs is None:
        return None
    left = income - costs
    step = f"{income} come in and {costs} are fixed costs: {left} are left."
    if left.minor <= 0:
        return Money(0, left.currency), (step, "Nothing is left, so nothing is asked for now.")
    half = Money(left.minor // KEPT_BACK, left.currency)
    return half, (step, f"Half of it stays for what nobody plans: {half}.")
