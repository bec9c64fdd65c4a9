"""The shape of an electronic invoice, by the terms of EN 16931, and why one cannot be taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from campaigns.money import Money


class EInvoiceProblem(ValueError):
    """Why a document cannot be taken: a clause that never repeats what it says."""


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who owes. `identifiers` are what the seller or a registry calls it, the seller's own first.

    A business has a VAT number or stands in a register.
    """

    identifiers: tuple[str, ...]
    name: str | None
    country: str | None
    is_business: bool
    email: str | None


@dataclass(frozen=True, slots=True)
class EInvoice:
    """An invoice or, with `credits`, a credit note; `credits` then names what it is for, if told.

    `payable` is what is asked for: the total without what was prepaid.
    """

    number: str
    issued_on: date
    due_on: date | None
    payable: Money
    prepaid: bool
    order_number: str | None
    payment_reference: str | None
    buyer: Buyer
    credits: tuple[str, ...] | None = None
