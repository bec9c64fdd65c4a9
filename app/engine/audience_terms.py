"""Simple audiences as a form shows them: some comparisons that all must hold.

Whatever is more than that is a text, and is left as it was written.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from campaigns.expression_source import Fault, parse
from campaigns.fact_table import FACT_TABLE, FactType

ASKED: Final = (
    "days_past_due",
    "balance",
    "currency",
    "open_invoices",
    "kind",
    "locale",
    "country",
    "preferred_medium",
)
"""What is known of a customer before a case is open."""

_SIGNS: Final[Mapping[type[ast.cmpop], str]] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.GtE: ">=",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.Lt: "<",
}
SIGNS: Final = tuple(_SIGNS.values())


@dataclass(frozen=True, slots=True)
class Term:
    """One comparison: `locale`, `==`, `he`."""

    fact: str
    sign: str
    value: str


def askable(custom: Mapping[str, FactType]) -> Mapping[str, FactType]:
    """What a form may ask about, with its type; a creditor's own attributes as `custom.name`."""
    own = {f"custom.{name}": kind for name, kind in custom.items() if kind is not FactType.DATE}
    return {name: FACT_TABLE[name].type for name in ASKED} | own


def terms_of(audience: str | None) -> tuple[Term, ...] | None:
    """The comparisons of an audience; None for one that is more than these."""
    if not audience:
        return ()
    tree = parse(audience)
    if isinstance(tree, Fault):
        return None
    is_all = isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And)
    parts = tree.values if is_all and isinstance(tree, ast.BoolOp) else [tree]
    found = [_term(part) for part in parts]
    terms = tuple(term for term in found if term is not None)
    return terms if len(terms) == len(found) else None


def text_of(terms: Iterable[Term], kinds: Mapping[str, FactType]) -> str:
    """The audience that the comparisons spell. What makes no sense is left for the checker."""
    return " and ".join(f"{t.fact} {t.sign} {_written(t, kinds)}" for t in terms)


def _term(node: ast.expr) -> Term | None:
    if not isinstance(node, ast.Compare) or len(node.ops) != 1:
        return None
    sign, right = _SIGNS.get(type(node.ops[0])), node.comparators[0]
    is_fact = isinstance(node.left, ast.Name | ast.Attribute)
    if sign is None or not is_fact or not isinstance(right, ast.Constant | ast.UnaryOp):
        return None
    value = right.value if isinstance(right, ast.Constant) else ast.unparse(right)
    return Term(ast.unparse(node.left), sign, str(value))


def _written(term: Term, kinds: Mapping[str, FactType]) -> str:
    kind = kinds.get(term.fact, FactType.TEXT)
    if kind is FactType.TEXT:
        quote = '"' if "'" in term.value else "'"
        return f"{quote}{term.value}{quote}"
    return term.value
