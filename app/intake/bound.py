"""Which rules bind a customer, apart from any case: as much of the facts as says that."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Row

from app.store.rows import Creditor, Customer
from campaigns.facts import Facts, InvoiceFact
from campaigns.money import Money
from campaigns.vocabulary import CustomerKind, DebtClass, SenderRole


def bound_facts(
    customer: Row[Any] | Customer, creditor: Row[Any] | Creditor, *, due_on: date | None = None
) -> Facts:
    """Of one who owes since `due_on`, where that is given."""
    assert creditor.id is not None
    assert customer.id is not None
    kind = CustomerKind(customer.kind)
    of = DebtClass.CONSUMER if kind is CustomerKind.CONSUMER else DebtClass.COMMERCIAL
    owed = (
        InvoiceFact(0, "", Money(1, creditor.currency), due_on, debt_class=of) if due_on else None
    )
    return Facts(
        creditor_id=creditor.id,
        customer_id=customer.id,
        person_id=customer.person_id,
        locale=creditor.locale,
        country=customer.country or customer.postal.get("country") or creditor.country,
        region=customer.region or customer.postal.get("region"),
        city=customer.postal.get("city"),
        postcode=customer.postal.get("postcode"),
        zones=(customer.zone,) if customer.zone else (),
        kind=kind,
        role=SenderRole(creditor.role),
        sector=creditor.sector,
        invoices=(owed,) if owed else (),
    )
