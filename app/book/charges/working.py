"""The working of a charge as plain data: what a page, a letter or a program can show."""

from __future__ import annotations

from typing import Any

from app.book.charges.assessing import Assessed
from app.book.charges.terms import ChargeKind
from campaigns.charges import Charges, FixedSum, Span


def working(assessed: Assessed, kind: ChargeKind) -> dict[str, Any]:
    """How the sum of a kind comes about; days and rates as text, money in minor units."""
    found = assessed.charges
    if found is None:
        return {}
    parts = _spans(found) if kind is ChargeKind.INTEREST else _cost(found.cost)
    return {
        "on": found.on.isoformat(),
        "currency": found.currency,
        "number": assessed.invoice.number,
        "due_on": assessed.invoice.due_on.isoformat(),
        **parts,
        "total_minor": assessed.due(kind).minor,
        "claimed_before_minor": assessed.claimed.get(kind, 0),
    }


def _cost(cost: FixedSum | None) -> dict[str, Any]:
    if cost is None:
        return {}
    return {"rule": cost.rule, "principal_minor": cost.principal.minor}


def _spans(found: Charges) -> dict[str, Any]:
    return {"spans": [_span(span) for span in found.spans]}


def _span(span: Span) -> dict[str, Any]:
    return {
        "from": span.first_on.isoformat(),
        "to": span.last_on.isoformat(),
        "days": span.days,
        "principal_minor": span.principal.minor,
        "reference_rate": str(span.reference_rate),
        "points": str(span.points),
        "rate": str(span.rate),
        "amount_minor": span.amount.minor,
        "rule": span.rule,
    }
