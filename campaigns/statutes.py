"""Which rows of the packs give charges under the law that a contract is under.

A row that another overrides is set aside, also while that other is disabled: a country's own law
that nobody has read is no reason to charge by the rule that it replaced.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from campaigns.charges import Statute
from campaigns.duties import Fee, Interest, Order, Settlement
from campaigns.rates import Rate
from campaigns.rules import Pack, Rule
from campaigns.vocabulary import DebtClass


def statute(law: str, packs: Iterable[Pack], rates: Iterable[Rate]) -> Statute:
    """The rows in a country for business debts, whole-country packs alone."""
    rows = [
        rule
        for rule in _rules(law, packs)
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


def order_under(law: str, packs: Iterable[Pack]) -> Order:
    """The order that the law gives today; the oldest due first where it is silent."""
    given = [
        rule.order
        for rule in _rules(law, packs)
        if isinstance(rule, Settlement) and not (rule.head.disabled or rule.head.effective_to)
    ]
    return given[0] if given else Order.OLDEST_DUE


def _rules(law: str, packs: Iterable[Pack]) -> Iterator[Rule]:
    """Those of whole countries: contracts are under the law of one, not of a region's addressee."""
    for pack in packs:
        if law in pack.countries and not (pack.regions or pack.cities):
            yield from pack.rules
