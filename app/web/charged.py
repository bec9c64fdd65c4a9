"""What a customer is told about a charge: for which invoice, and how its sum comes about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from app.book.charges.terms import ChargeKind
from app.store.given import GIVEN, rows_given, table_of
from app.store.rows import Charge, Invoice
from campaigns.money import Money

_CHARGE, _INVOICE = table_of(Charge), table_of(Invoice)
_CHARGES = (
    select(_CHARGE.c.invoice_id, _CHARGE.c.kind, _CHARGE.c.working)
    .join_from(_CHARGE, _INVOICE, _INVOICE.c.id == _CHARGE.c.invoice_id)
    .where(_INVOICE.c.customer_id.in_(GIVEN))
)


@dataclass(frozen=True, slots=True)
class ChargedSpan:
    """Days, both included, at one rate on one principal; `share` is the rate as a fraction."""

    first: date
    last: date
    share: Decimal
    principal: Money
    amount: Money


@dataclass(frozen=True, slots=True)
class Charged:
    """A charge on the late invoice `number`, and what of `total` an earlier charge held."""

    kind: ChargeKind
    number: str
    on: date
    spans: tuple[ChargedSpan, ...]
    total: Money
    before: Money


def charged(session: Session, customer_id: int) -> Mapping[int, Charged]:
    """The charges of a customer, by the id of their own invoice."""
    return {
        row.invoice_id: _charged(ChargeKind(row.kind), row.working)
        for row in rows_given(session, _CHARGES, [customer_id])
    }


def _charged(kind: ChargeKind, working: Mapping[str, Any]) -> Charged:
    currency = working["currency"]
    return Charged(
        kind,
        working["number"],
        date.fromisoformat(working["on"]),
        tuple(_span(span, currency) for span in working.get("spans", ())),
        Money(working["total_minor"], currency),
        Money(working["claimed_before_minor"], currency),
    )


def _span(span: Mapping[str, Any], currency: str) -> ChargedSpan:
    return ChargedSpan(
        date.fromisoformat(span["from"]),
        date.fromisoformat(span["to"]),
        Decimal(span["rate"]) / 100,
        Money(span["principal_minor"], currency),
        Money(span["amount_minor"], currency),
    )
