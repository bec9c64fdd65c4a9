"""The types of a condition: checks a parsed tree and rebuilds it from what was checked.

Numbers, texts, flags (yes or no) and dates never mix, and a comparison that can never be true
is a fault. Nothing here evaluates anything but arithmetic on literal numbers.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NoReturn

from campaigns.expression_source import Fault, column_of, plain
from campaigns.expression_terms import WORDS, Literal, Term, clash, contradicts
from campaigns.fact_table import FACT_TABLE, FactType
from campaigns.findings import did_you_mean
from campaigns.worded import Worded, worded

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_CHOOSING = (ast.In, ast.NotIn)


class _Refused(Exception):
    """A part that makes no sense; its fault is noted already."""


class Checker:
    """Checks one tree. Collects `faults`, the `constants` that the rebuilt tree names, and the
    custom attributes that it `needs`."""

    def __init__(self, source: str, custom: Mapping[str, FactType]) -> None:
        self.faults: list[Fault] = []
        self.constants: dict[str, object] = {}
        self.needs: dict[str, FactType] = {}
        self._source = source
        self._text = plain(source).strip().encode()
        self._custom = custom
        self._by_node: Mapping[type[ast.expr], Callable[[Any], Term]] = {
            ast.Constant: self._constant,
            ast.Name: self._fact,
            ast.Attribute: self._attribute,
            ast.Call: self._date,
            ast.BoolOp: self._joined,
            ast.UnaryOp: self._signed,
            ast.BinOp: self._arithmetic,
            ast.Compare: self._comparison,
        }

    def condition(self, tree: ast.expr) -> ast.expr | None:
        """The rebuilt tree of a condition, or None when `faults` say why not."""
        try:
            term = self._term(tree)
            if term.type is not FactType.FLAG:
                problem = worded(
                    "the condition is %(what)s, not true or false", what=WORDS[term.type]
                )
                raise self._refusal(tree, problem, worded("Compare it, such as `balance >= 5`."))
        except _Refused:
            return None
        return term.node

    def _refusal(self, node: ast.expr, problem: Worded, remedy: Worded) -> _Refused:
        self.faults.append(Fault(column_of(self._source, node), problem, remedy))
        return _Refused()

    def _term(self, node: ast.expr) -> Term:
        return self._by_node.get(type(node), self._stranger)(node)

    def _stranger(self, node: ast.expr) -> NoReturn:
        remedy = worded("Use facts, literals, comparisons, + - *, and, or, not, in.")
        raise self._refusal(node, worded("this has no place in a condition"), remedy)

    def _of(self, kind: FactType, node: ast.expr, where: str) -> Term:
        term = self._term(node)
        if term.type is kind:
            return term
        problem = worded(
            "%(where)s takes %(what)s, and this is %(instead)s",
            where=where,
            what=WORDS[kind],
            instead=WORDS[term.type],
        )
        dates = kind is FactType.NUMBER and term.type is FactType.DATE
        remedy = (
            worded("`days_past_due` counts days.")
            if dates
            else worded("Give it %(what)s.", what=WORDS[kind])
        )
        raise self._refusal(node, problem, remedy)

    def _all(self, nodes: list[ast.expr], read: Callable[[ast.expr], Term]) -> list[Term]:
        """Reads every node before it gives up, so that all faults are told at once."""
        terms = []
        for node in nodes:
            try:
                terms.append(read(node))
            except _Refused:
                continue
        if len(terms) < len(nodes):
            raise _Refused
        return terms

    def _literal(self, value: Literal) -> Term:
        match value:
            case bool():
                return Term(ast.Constant(value), FactType.FLAG, value)
            case int():
                return Term(ast.Constant(value), FactType.NUMBER, value)
            case str():
                return Term(ast.Constant(value), FactType.TEXT, value)
            case Decimal() | date():
                name = f"_c{len(self.constants)}"
                self.constants[name] = value
                kind = FactType.DATE if isinstance(value, date) else FactType.NUMBER
                return Term(ast.Name(name, ast.Load()), kind, value)

    def _constant(self, node: ast.Constant) -> Term:
        if isinstance(node.value, float):
            text = self._text[node.col_offset : node.end_col_offset].decode()
            return self._literal(Decimal(text))
        if isinstance(node.value, bool | int | str):
            return self._literal(node.value)
        problem = worded("this is no number, text, flag or date")
        raise self._refusal(node, problem, worded("Write one of these, such as 5 or 'text'."))

    def _fact(self, node: ast.Name) -> Term:
        column = FACT_TABLE.get(node.id)
        if column is not None:
            item = _item("_view", node.id)
            return Term(item, column.type, values=column.values, name=node.id)
        if node.id in self._custom:
            remedy = worded("Write `custom.%(name)s`.", name=node.id)
        else:
            known = (*FACT_TABLE, *(f"custom.{name}" for name in self._custom), "True", "False")
            remedy = did_you_mean(node.id, known) or worded(
                "The facts are %(known)s.", known=", ".join(FACT_TABLE)
            )
        raise self._refusal(node, worded("there is no fact `%(name)s`", name=node.id), remedy)

    def _attribute(self, node: ast.Attribute) -> Term:
        if not isinstance(node.value, ast.Name) or node.value.id != "custom":
            raise self._refusal(
                node,
                worded("only `custom` has attributes"),
                worded("Write a fact, or custom.name."),
            )
        kind = self._custom.get(node.attr)
        if kind is None:
            remedy = did_you_mean(node.attr, self._custom, of="custom.") or worded(
                "Declare it, with its type."
            )
            raise self._refusal(
                node, worded("no custom attribute `%(name)s` is declared", name=node.attr), remedy
            )
        self.needs[node.attr] = kind
        return Term(_item("_custom", node.attr), kind, name=f"custom.{node.attr}")

    def _date(self, node: ast.Call) -> Term:
        match node:
            case ast.Call(
                func=ast.Name(id="date"), args=[ast.Constant(value=str(text))], keywords=[]
            ):
                day = _day(text)
                if day is not None:
                    return self._literal(day)
                remedy = worded("Write it as date('2026-05-01'): year, month, day.")
                raise self._refusal(node, worded("`%(text)s` is no date", text=text), remedy)
            case _:
                remedy = worded("Write date('2026-05-01'), or a fact.")
                raise self._refusal(node, worded("a condition calls nothing but date"), remedy)

    def _joined(self, node: ast.BoolOp) -> Term:
        word = "`and`" if isinstance(node.op, ast.And) else "`or`"
        terms = self._all(node.values, lambda value: self._of(FactType.FLAG, value, word))
        return Term(ast.BoolOp(node.op, [term.node for term in terms]), FactType.FLAG)

    def _signed(self, node: ast.UnaryOp) -> Term:
        match node.op:
            case ast.Not():
                term = self._of(FactType.FLAG, node.operand, "`not`")
                return Term(ast.UnaryOp(node.op, term.node), FactType.FLAG)
            case ast.USub():
                term = self._of(FactType.NUMBER, node.operand, worded("a sign"))
                if isinstance(term.literal, int | Decimal):
                    return self._literal(-term.literal)
                return Term(ast.UnaryOp(node.op, term.node), FactType.NUMBER)
            case _:
                raise self._refusal(
                    node, worded("this sign has no place in a condition"), worded("Leave it out.")
                )

    def _arithmetic(self, node: ast.BinOp) -> Term:
        if not isinstance(node.op, ast.Add | ast.Sub | ast.Mult):
            remedy = worded("Use + - or *; for conditions use `and` and `or`.")
            raise self._refusal(node, worded("this sign has no place in a condition"), remedy)
        left, right = self._all(
            [node.left, node.right],
            lambda part: self._of(FactType.NUMBER, part, worded("arithmetic")),
        )
        a, b = left.literal, right.literal
        if isinstance(a, int | Decimal) and isinstance(b, int | Decimal):
            return self._literal(_worked_out(a, node.op, b))
        return Term(ast.BinOp(left.node, node.op, right.node), FactType.NUMBER)

    def _comparison(self, node: ast.Compare) -> Term:
        if isinstance(node.ops[0], _CHOOSING) and len(node.ops) == 1:
            return self._choice(node)
        if any(isinstance(op, _CHOOSING) for op in node.ops):
            raise self._refusal(
                node, worded("`in` stands in a chain"), worded("Put it into brackets.")
            )
        if any(isinstance(op, ast.Is | ast.IsNot) for op in node.ops):
            raise self._refusal(
                node, worded("`is` has no place in a condition"), worded("Write == or !=.")
            )
        parts = [node.left, *node.comparators]
        terms = self._all(parts, self._term)
        for op, left, right, part in zip(node.ops, terms, terms[1:], parts[1:], strict=False):
            senseless = clash(left, op, right)
            if senseless is not None:
                raise self._refusal(part, *senseless)
        if contradicts(node.ops, [term.literal for term in terms]):
            raise self._refusal(
                node,
                worded("this comparison can never be true"),
                worded("Turn the signs or the limits round."),
            )
        nodes = [term.node for term in terms]
        return Term(ast.Compare(nodes[0], node.ops, nodes[1:]), FactType.FLAG)

    def _choice(self, node: ast.Compare) -> Term:
        chosen, listed = self._term(node.left), node.comparators[0]
        if not isinstance(listed, ast.Tuple | ast.List) or not listed.elts:
            remedy = worded("Write them in brackets with commas, such as ('lt', 'lv') or ('lt',).")
            raise self._refusal(listed, worded("`in` takes a list of literals"), remedy)
        terms = self._all(listed.elts, lambda element: self._listed(chosen, element))
        choices = ast.Tuple([term.node for term in terms], ast.Load())
        return Term(ast.Compare(chosen.node, node.ops, [choices]), FactType.FLAG)

    def _listed(self, chosen: Term, element: ast.expr) -> Term:
        term = self._term(element)
        if term.literal is None:
            remedy = worded("List literals only; compare facts with ==.")
            raise self._refusal(element, worded("`in` takes a list of literals"), remedy)
        senseless = clash(chosen, ast.Eq(), term)
        if senseless is not None:
            raise self._refusal(element, *senseless)
        return term


def _item(table: str, key: str) -> ast.expr:
    return ast.Subscript(ast.Name(table, ast.Load()), ast.Constant(key), ast.Load())


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _ISO.fullmatch(text) else None
    except ValueError:
        return None


def _worked_out(a: int | Decimal, op: ast.operator, b: int | Decimal) -> int | Decimal:
    if isinstance(op, ast.Add):
        return a + b
    return a - b if isinstance(op, ast.Sub) else a * b
