"""The codes of acts that the code base writes, read from its source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from app.console.many.deeds import DEEDS
from tests.house.tree import ROOT

Place = ast.FunctionDef | ast.AsyncFunctionDef


def patterns() -> set[str]:
    """Each code as a pattern: where a part of it is made while it runs, that part is `.+`."""
    found: set[str] = set()
    for path in sorted((ROOT / "app").rglob("*.py")):
        text = path.read_text()
        if "office.act(" in text or ("note_act(" in text and "app.staff.acts" in text):
            found |= _Module(text).codes()
    return found


class _Module:
    def __init__(self, text: str) -> None:
        self.tree = ast.parse(text)
        self.calls = [node for node in ast.walk(self.tree) if isinstance(node, ast.Call)]
        self.places = [node for node in ast.walk(self.tree) if isinstance(node, Place)]

    def codes(self) -> set[str]:
        return {code for call in self.calls for code in self._of(call)}

    def _of(self, call: ast.Call) -> Iterator[str]:
        name = _name(call.func)
        at = {"note_act": 2, "act": 1}.get(name)
        if at is None or len(call.args) <= at or (name == "act" and not _is_office(call.func)):
            return
        if not (_name(call.args[at]) == "act" and self._within(call, "act")):  # `Office.act` itself
            yield from self._said(call.args[at], call)

    def _said(self, node: ast.expr, call: ast.Call) -> Iterator[str]:
        match node:
            case ast.Constant(value=str(code)):
                yield re.escape(code)
            case ast.JoinedStr(values=parts):
                yield "".join(
                    re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".+"
                    for part in parts
                )
            case ast.IfExp(body=one, orelse=other):
                yield from self._said(one, call)
                yield from self._said(other, call)
            case ast.Name(id=name):
                yield from self._named(name, call)
            case ast.Attribute(attr="act", value=ast.Attribute(attr="deed")):
                yield from {re.escape(deed.act) for deed in DEEDS.values()}
            case _:
                raise AssertionError(f"an act whose code nobody can read: {ast.unparse(call)}")

    def _named(self, name: str, call: ast.Call) -> Iterator[str]:
        """What a name holds: an argument of the function around it, or what is assigned there."""
        around = [place for place in self.places if call in ast.walk(place)]
        for place in reversed(around):
            names = [each.arg for each in place.args.args if each.arg != "self"]
            if name in names:
                for other in self.calls:
                    if _name(other.func) == place.name and len(other.args) > names.index(name):
                        yield from self._said(other.args[names.index(name)], other)
                return
            for node in ast.walk(place):
                if isinstance(node, ast.Assign):
                    yield from self._assigned(node, name, call)

    def _assigned(self, node: ast.Assign, name: str, call: ast.Call) -> Iterator[str]:
        match node:
            case ast.Assign(targets=[ast.Name(id=target)], value=value) if target == name:
                yield from self._said(value, call)
            case ast.Assign(
                targets=[ast.Tuple(elts=names)], value=ast.Subscript(value=ast.Name(id=table))
            ) if name in map(_name, names):
                at = [_name(each) for each in names].index(name)
                for row in self._rows(table):
                    yield from self._said(row.elts[at], call)

    def _rows(self, table: str) -> Iterator[ast.Tuple]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.AnnAssign) and _name(node.target) == table:
                assert isinstance(node.value, ast.Dict)
                yield from (row for row in node.value.values if isinstance(row, ast.Tuple))

    def _within(self, call: ast.Call, name: str) -> bool:
        return any(place.name == name and call in ast.walk(place) for place in self.places)


def _name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _is_office(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and _name(node.value) == "office"
