"""Conditions: a typed whitelist of Python's expression grammar, compiled once.

Text is parsed and checked, and only what was checked is rebuilt and compiled; nothing of the
author's text is ever evaluated as code. `expression_types` holds the rules of the types.

    ConditionError(ValueError)   one or more `Fault`s, each with its column and its remedy
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from types import CodeType, FunctionType

from campaigns.expression_source import Fault, canonical, parse, plain
from campaigns.expression_types import Checker
from campaigns.fact_table import FactType
from campaigns.journey import Condition
from campaigns.worded import joined

__all__ = ["ConditionError", "Fault", "canonical", "compile_condition"]

CUSTOM_LIMIT = 10**15


class ConditionError(ValueError):
    """A text that is not a condition, with everything that is wrong with it."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        super().__init__(joined(map(str, faults), "\n"))


def compile_condition(source: str, *, custom: Mapping[str, FactType]) -> Condition:
    """The condition that `source` spells, over `FACT_TABLE` and the attributes in `custom`.

    Total on every `facts.view`: a declared custom attribute that a customer lacks, or whose value
    has another type, makes the whole condition False. Raises `ConditionError` with all faults.
    """
    tree = parse(source)
    if isinstance(tree, Fault):
        raise ConditionError((tree,))
    checker = Checker(source, custom)
    checked = checker.condition(tree)
    if checked is None:
        raise ConditionError(tuple(sorted(checker.faults, key=lambda fault: fault.column)))
    test = _function(checked, checker.constants)
    return _Compiled(plain(source).strip(), tuple(checker.needs.items()), test)


@dataclass(frozen=True, slots=True)
class _Compiled:
    source: str
    needs: tuple[tuple[str, FactType], ...]
    test: Callable[[Mapping[str, object], Mapping[str, object]], object] = field(
        repr=False, compare=False
    )

    def __call__(self, view: Mapping[str, object]) -> bool:
        if not self.needs:
            return bool(self.test(view, view))
        attributes = _read(view["custom"], self.needs)
        return attributes is not None and bool(self.test(view, attributes))


def _function(body: ast.expr, constants: Mapping[str, object]) -> FunctionType:
    """`lambda _view, _custom: body`, which sees its constants and nothing else."""
    arguments = ast.arguments(
        posonlyargs=[],
        args=[ast.arg(arg="_view"), ast.arg(arg="_custom")],
        kwonlyargs=[],
        kw_defaults=[],
        defaults=[],
    )
    tree = ast.Expression(ast.Lambda(args=arguments, body=body))
    module = compile(ast.fix_missing_locations(tree), "<condition>", "eval")
    code = next(item for item in module.co_consts if isinstance(item, CodeType))
    return FunctionType(code, {"__builtins__": {}, **constants})


def _read(custom: object, needs: tuple[tuple[str, FactType], ...]) -> dict[str, object] | None:
    """The attributes in their declared types, or None when one of them is not there."""
    if not isinstance(custom, Mapping):
        return None
    values = {}
    for name, kind in needs:
        value = _as_type(custom.get(name), kind)
        if value is None:
            return None
        values[name] = value
    return values


def _as_type(value: object, kind: FactType) -> object | None:
    match kind:
        case FactType.NUMBER:
            return _as_number(value)
        case FactType.TEXT:
            return value if isinstance(value, str) else None
        case FactType.FLAG:
            return value if isinstance(value, bool) else None
        case FactType.DATE:
            return _as_date(value)


def _as_number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    return number if number.is_finite() and abs(number) < CUSTOM_LIMIT else None


def _as_date(value: object) -> date | None:
    """A date, or its ISO text (attributes are stored as JSON, which has no dates)."""
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, date) and not isinstance(value, datetime) else None
