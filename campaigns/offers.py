"""Early-payment discounts and thank-yous: on which invoice, until when, how much, and when earned.

Exact: the discount is a share of what is open, rounded up to the minor unit, so in the customer's
favour. It is never more than what is short of the whole: whoever pays all of it is owed nothing
back. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum


class OfferKind(StrEnum):
    """What an offer thanks for. No invoice is under both."""

    EARLY_PAYMENT = "early_payment"  # an invoice that is not past due
    THANK_YOU = "thank_you"  # one that is


class Situation(StrEnum):
    """What keeps a customer from an offer, unless the offer allows it."""

    DISPUTE = "dispute"
    HARDSHIP = "hardship"
    LIMITED = "limited"  # something is past its limitation date


@dataclass(frozen=True, slots=True)
class OfferTerms:
    """What a creditor gives: `percent` of what is open, until `ends_on` at the latest; for an early
    payment also until the due date, and `within_days` of the invoice's own."""

    id: int
    kind: OfferKind
    percent: Decimal
    ends_on: date | None = None
    within_days: int | None = None
    allows: frozenset[Situation] = frozenset()

    def until(self, *, invoiced_on: date, due_on: date, on: date) -> date | None:
        """The last day on which the invoice has the discount, seen from `on`; None: it has none."""
        if (due_on < on) is not (self.kind is OfferKind.THANK_YOU):
            return None
        ends = [self.ends_on] if self.ends_on else []
        if self.kind is OfferKind.EARLY_PAYMENT:
            ends.append(due_on)
            if self.within_days is not None:
                ends.append(invoiced_on + timedelta(days=self.within_days))
        last = min(ends, default=None)
        return last if last is not None and on <= last else None

    def discount(self, open_minor: int) -> int:
        """In minor units, rounded up."""
        share = Decimal(open_minor) * self.percent / 100
        return int(share.to_integral_value(ROUND_CEILING))


@dataclass(frozen=True, slots=True)
class Reduced:
    """An open invoice and the discount that it has now; 0 is none."""

    invoice_id: int
    open_minor: int
    discount_minor: int = 0


def earned(invoices: Sequence[Reduced], paid_minor: int) -> tuple[tuple[int, int], ...]:
    """What of which invoice is written off when `paid_minor` comes in time.

    The invoices stand in the order in which money settles them. Each that is paid in full, less its
    discount, has it; what the money does not reach has none.
    """
    found, left = [], paid_minor
    for invoice in invoices:
        net = invoice.open_minor - invoice.discount_minor
        if left < net:
            break
        left -= net
        found.append((invoice.invoice_id, invoice.discount_minor))
    needed = sum(invoice.open_minor for invoice in invoices) - sum(minor for _, minor in found)
    return tuple(_without_surplus(found, spare=max(0, paid_minor - needed)))


def _without_surplus(found: Iterable[tuple[int, int]], *, spare: int) -> list[tuple[int, int]]:
    """Money that nothing else needs takes the place of a discount, of the last invoice first."""
    kept = []
    for invoice_id, minor in reversed(list(found)):
        less = min(minor, spare)
        spare -= less
        if minor > less:
            kept.append((invoice_id, minor - less))
    return kept[::-1]
