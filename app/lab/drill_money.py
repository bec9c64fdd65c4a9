"""Compares the ledger with Stripe's own list of what was taken from whom.

Each question is answered by findings: none means that no money was lost, doubled or invented.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session

from app.lab.drill_compare import Finding
from app.store.given import table_of
from app.store.rows import Payment
from campaigns.money import Money

STRIPE = "stripe"
_PAYMENT = table_of(Payment)


@dataclass(frozen=True, slots=True)
class Taken:
    """A payment that a provider took, by its own account. `payer` is our reference of a customer
    there."""

    reference: str
    payer: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Booked:
    """A payment as the ledger has it."""

    reference: str
    amount: Money


def booked(session: Session) -> list[Booked]:
    """Every payment that came by Stripe."""
    query = select(_PAYMENT).where(_PAYMENT.c.method == STRIPE)
    return [
        Booked(row.reference, Money(row.amount_minor, row.currency))
        for row in session.connection().execute(query)
    ]


def booked_twice(rows: Iterable[Booked]) -> list[Finding]:
    counts = Counter(row.reference for row in rows)
    return [_found(f"payment {ref} is booked {n} times") for ref, n in counts.items() if n > 1]


def not_booked(taken: Iterable[Taken], rows: Iterable[Booked]) -> list[Finding]:
    """Paid, and the ledger does not have it, or has another amount."""
    known = {row.reference: row.amount for row in rows}
    return [
        _found(f"payment {one.reference} of {one.amount} is booked as {known.get(one.reference)}")
        for one in taken
        if known.get(one.reference) != one.amount
    ]


def never_paid(taken: Iterable[Taken], rows: Iterable[Booked]) -> list[Finding]:
    """In the ledger, and nobody paid it."""
    paid = {one.reference for one in taken}
    return [
        _found(f"payment {row.reference} is booked, and nobody paid it")
        for row in rows
        if row.reference not in paid
    ]


def paid_twice(taken: Sequence[Taken]) -> list[Finding]:
    """One payer, who owed one sum, and two payments."""
    payments = defaultdict(list)
    for one in taken:
        payments[one.payer].append(one.reference)
    return [
        _found(f"one payer paid by {' and by '.join(refs)}")
        for refs in payments.values()
        if len(refs) > 1
    ]


def _found(sentence: str) -> Finding:
    return Finding(STRIPE, sentence)
