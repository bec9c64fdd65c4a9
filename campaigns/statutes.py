"""Which rows of the packs give charges under the law that a contract is under.

A row that another overrides is set aside, also while that other is disabled: a country's own law
that nobody has read is no reason to charge by the rule that it replaced.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType

from campaigns.charges import Statute
from campaigns.duties import Fee, Interest
from campaigns.rates import Rate
from campaigns.rules import Pack
from campaigns.vocabulary import DebtClass


class Order(StrEnum):
    """Which of what is open a payment settles first, after the invoices that its payer named."""

    OLDEST_DUE = "oldest_due"
    COSTS_FIRST = "costs_first"  # of each debt, oldest due first: costs, interest, principal


_ORDERS: Mapping[str, Order] = MappingProxyType({"DE": Order.COSTS_FIRST})  # § 367(1) BGB


def order_under(law: str) -> Order:
    """The order that the law gives; the oldest due first where it is silent."""
    return _ORDERS.get(law, Order.OLDEST_DUE)


def statute(law: str, packs: Iterable[Pack], rates: Iterable[Rate]) -> Statute:
    """The rows in a country for business debts, whole-country packs alone."""
    rows = [
        rule
        for pack in packs
        if law in pack.countries and not (pack.regions or pack.cities)
        for rule in pack.rules
        if isinstance(rule, Fee | Interest)
        and rule.head.applies.debt_classes == {DebtClass.COMMERCIAL}
    ]
    aside = {id_ for row in rows for id_ in row.overrides}
    left = [row for row in rows if row.id not in aside]
    return Statute(
        tuple(row for row in left if isinstance(row, Fee)),
        tuple(row for row in left if isinstance(row, Interest)),
        tuple(rates),
    )
