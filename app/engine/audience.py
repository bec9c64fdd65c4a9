"""The audience of a campaign: a condition on what is known of a customer before a case is open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row

from campaigns.expressions import compile_condition
from campaigns.fact_table import FactType, view
from campaigns.facts import Facts, InvoiceFact
from campaigns.journey import Condition
from campaigns.money import Money
from campaigns.vocabulary import CustomerKind, Medium, SenderRole


@dataclass(frozen=True, slots=True)
class Audience:
    """Who a campaign is for. No condition: everybody.

    Names of the fact table that need a case or a history (promises, answers) are as for somebody
    new: an audience asks who the customer is and what is owed.
    """

    condition: Condition | None = None
    role: SenderRole = SenderRole.FIRST_PARTY
    sector: str | None = None
    locale: str = ""

    @classmethod
    def of(cls, campaign: Row[Any], custom: Mapping[str, FactType]) -> Audience:
        """Raises `ConditionError` for a condition that cannot be read."""
        text = campaign.audience
        condition = compile_condition(text, custom=custom) if text else None
        return cls(condition, SenderRole(campaign.role), campaign.sector, campaign.locale)

    def among(self, rows: Sequence[Row[Any]], today: date) -> frozenset[int]:
        """The customers of these rows who belong to it; their invoices stand in the rows."""
        if self.condition is None:
            return frozenset(row.id for row in rows)
        by_customer: dict[int, list[Row[Any]]] = defaultdict(list)
        for row in rows:
            by_customer[row.id].append(row)
        return frozenset(
            customer
            for customer, theirs in by_customer.items()
            if self.condition(view(self.facts(theirs), today))
        )

    def facts(self, rows: Sequence[Row[Any]]) -> Facts:
        """What is known of the customer whose rows these are."""
        row = rows[0]
        return Facts(
            creditor_id=0,
            customer_id=row.id,
            person_id=row.person_id,
            locale=row.locale or self.locale,
            country=row.country,
            region=None,
            zones=(),
            kind=CustomerKind(row.kind),
            role=self.role,
            sector=self.sector,
            preferred=Medium(row.preferred_medium) if row.preferred_medium else None,
            invoices=tuple(_invoice(one) for one in rows if "invoice_id" in one._fields),
            custom=row.custom,
        )


def _invoice(row: Row[Any]) -> InvoiceFact:
    open_now = Money(row.open_minor, row.currency)
    return InvoiceFact(row.invoice_id, row.invoice_name, open_now, row.due_on)
