"""Cards that a gateway keeps, and what it is asked to do with one while nobody is at a page.

What the two requests may hold is as for `CheckoutRequest`: no name, no word of a debt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from campaigns.money import Money


@dataclass(frozen=True, slots=True)
class KeptCard:
    """A card by the gateway's own ids. `brand` and `last_four` only where it tells them."""

    customer_ref: str
    method_ref: str
    brand: str | None = None
    last_four: str | None = None


@dataclass(frozen=True, slots=True)
class KeepRequest:
    """A page on which the payer enters a card that is kept; nothing is taken. `key` is that of the
    mandate: the same key opens one page, ever."""

    key: str
    currency: str
    return_url: str
    cancel_url: str
    customer_ref: str
    expires_at: datetime
    language: str = "en"
    ids: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChargeRequest:
    """To take `amount` from a kept card. The same `key` takes it once, ever. `asked_at` is for a
    gateway without a clock of its own; it is no part of what the key stands for."""

    key: str
    amount: Money
    card: KeptCard
    description: str
    asked_at: datetime
    ids: Mapping[str, int] = field(default_factory=dict)
