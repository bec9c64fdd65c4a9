"""Typed parts of a condition, and what makes no sense between two of them."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from campaigns.fact_table import FactType
from campaigns.findings import did_you_mean
from campaigns.worded import Worded, worded

Literal = int | Decimal | str | bool | date

WORDS: Mapping[FactType, Worded] = {
    FactType.NUMBER: worded("a number"),
    FactType.TEXT: worded("a text"),
    FactType.FLAG: worded("a flag (True or False)"),
    FactType.DATE: worded("a date"),
}
_ASCENDING, _DESCENDING = (ast.Lt, ast.LtE, ast.Eq), (ast.Gt, ast.GtE, ast.Eq)
_STRICT = (ast.Lt, ast.Gt)
_ORDERING = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


@dataclass(frozen=True, slots=True)
class Term:
    """A checked part: its rebuilt node and type; its value if it is a literal; the closed set
    of its values and its name if it is a fact."""

    node: ast.expr
    type: FactType
    literal: Literal | None = None
    values: tuple[str, ...] = ()
    name: str = ""


def clash(left: Term, op: ast.cmpop, right: Term) -> tuple[Worded, Worded] | None:
    """Problem and remedy of two neighbours that make no sense together."""
    if left.type is not right.type:
        problem = worded(
            "%(left)s is compared with %(right)s", left=WORDS[left.type], right=WORDS[right.type]
        )
        return problem, worded("Compare what has the same type; this can never be true.")
    if left.literal is not None and right.literal is not None:
        return worded("two literals are compared"), worded("Name a fact on one side.")
    if left.name and left.name == right.name:
        problem = worded("`%(name)s` is compared with itself", name=left.name)
        return problem, worded("Name another fact or a literal.")
    if isinstance(op, _ORDERING) and left.type in (FactType.TEXT, FactType.FLAG):
        problem = worded("%(what)s has no order", what=WORDS[left.type])
        return problem, worded("Use == or !=, or `in` for several.")
    return _outside(left, right) or _outside(right, left)


def _outside(fact: Term, other: Term) -> tuple[Worded, Worded] | None:
    if not fact.values or (other.literal is None and not other.values):
        return None
    offered = other.values or (str(other.literal),)
    if set(offered) & set(fact.values):
        return None
    shown = ", ".join(f"'{value}'" for value in fact.values)
    remedy = did_you_mean(str(offered[0]), fact.values) or worded(
        "It is one of %(known)s.", known=shown
    )
    problem = worded("`%(name)s` is never '%(offered)s'", name=fact.name, offered=offered[0])
    return problem, remedy


def contradicts(ops: list[ast.cmpop], literals: list[Literal | None]) -> bool:
    """Whether a chain squeezes a fact between literals that leave no room for it."""
    fixed = [(index, value) for index, value in enumerate(literals) if value is not None]
    return any(
        _no_room(ops[i:j], low, high)
        for start, (i, low) in enumerate(fixed)
        for j, high in fixed[start + 1 :]
    )


def _no_room(ops: list[ast.cmpop], first: Literal, last: Literal) -> bool:
    strict = any(isinstance(op, _STRICT) for op in ops)
    rises = all(isinstance(op, _ASCENDING) for op in ops)
    falls = all(isinstance(op, _DESCENDING) for op in ops)
    equal = first == last
    if (rises or falls) and equal:
        return strict
    if rises and falls:
        return True
    if isinstance(first, str) or isinstance(last, str):
        return False
    ascends = first < last  # type: ignore[operator]  # both are numbers, or both are dates
    return (rises and not ascends) or (falls and ascends)
