"""Templates as one language says them. What does not change from page to page is worked out when a
template is compiled: the words, the parts that it includes, the macros that it takes from others.

Asked for at every page, words and parts would cost more than half of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from babel.support import Translations
from jinja2 import Environment, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

_BLANK: Final = re.compile(r"%\((\w+)\)s")
_IS_SPECIAL: Final = re.compile("[&<>'\"]").search


class _Writing(CodeGenerator):
    """Code that escapes what it writes by `Spoken.written`."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.written(")

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: N802 (the name that Jinja looks for)
        """What the writer writes needs no context, by which Jinja would go."""
        match node:
            case nodes.Call(node=nodes.Getattr(node=nodes.Name(name="w")), kwargs=[]):
                self.visit(node.node, frame)
                self.write("(")
                for argument in node.args:
                    self.visit(argument, frame)
                    self.write(", ")
                self.write(")")
            case _:
                super().visit_Call(node, frame, forward_caller=forward_caller)


class Spoken(Environment):
    """An environment of one language. It renders what Jinja's own would, byte for byte."""

    code_generator_class = _Writing

    def __init__(self, words: Translations, **options: Any) -> None:
        super().__init__(**options)
        self._words = words

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        made: nodes.Template = _Whole(self, self._words).visit(tree)
        return made

    @staticmethod
    def written(value: Any) -> str:
        """The value as HTML. Most hold nothing special, and are as they should be."""
        kind = type(value)
        if kind is Markup or (kind is str and _IS_SPECIAL(value) is None):
            plain: str = value
            return plain
        return escape(value)

    def part(self, name: str) -> nodes.Template:
        """The template of this name, as far as it is worked out."""
        assert self.loader is not None
        source, filename, _ = self.loader.get_source(self, name)
        return self._parse(source, name, filename)


class _Whole(NodeTransformer):
    """Puts words and parts into a template."""

    def __init__(self, environment: Spoken, words: Translations) -> None:
        self._environment = environment
        self._words = words

    def visit_Include(self, node: nodes.Include) -> nodes.Node:  # noqa: N802 (the name that Jinja looks for)
        """A part sees the names around it, and those it sets are its own: a scope."""
        if not isinstance(node.template, nodes.Const) or node.ignore_missing:
            return node
        part = self._environment.part(node.template.value)
        return nodes.Scope(part.body, lineno=node.lineno)

    def visit_FromImport(self, node: nodes.FromImport) -> nodes.Node | list[nodes.Macro]:  # noqa: N802 (the name that Jinja looks for)
        if not isinstance(node.template, nodes.Const) or not node.with_context:
            return node
        part = self._environment.part(node.template.value)
        macros = {macro.name: macro for macro in part.find_all(nodes.Macro)}
        if any(not isinstance(name, str) or name not in macros for name in node.names):
            return node
        return list(_with_those_they_use(macros, map(str, node.names)))

    def visit_Output(self, node: nodes.Output) -> nodes.Node:  # noqa: N802 (the name that Jinja looks for)
        node.nodes = [part for each in node.nodes for part in self._said(each)]
        self.generic_visit(node)
        return node

    def _said(self, node: nodes.Expr) -> Iterator[nodes.Expr]:
        """A text and what stands in its blanks, one after the other."""
        match node:
            case nodes.Call(
                node=nodes.Name(name="_" | "gettext"),
                args=[nodes.Const(value=str(text))],
                kwargs=kwargs,
                dyn_args=None,
                dyn_kwargs=None,
            ):
                filled = {pair.key: pair.value for pair in kwargs}
                pieces = _BLANK.split(self._words.ugettext(text))
                for at, piece in enumerate(pieces):
                    if at % 2:
                        yield filled[piece]
                    elif piece:
                        # As the extension does it: `%%` is a `%` also where there are no blanks.
                        said = Markup(piece) % {}
                        yield nodes.TemplateData(str(said), lineno=node.lineno)
            case _:
                yield node


def _with_those_they_use(
    macros: dict[str, nodes.Macro], names: Iterable[str]
) -> Iterator[nodes.Macro]:
    """These macros, each after those of the same file that it calls."""
    seen = set[str]()

    def found(name: str) -> Iterator[nodes.Macro]:
        if name in seen:
            return
        seen.add(name)
        macro = macros[name]
        for used in macro.find_all(nodes.Name):
            if used.name in macros and used.ctx == "load":
                yield from found(used.name)
        yield macro

    for name in names:
        yield from found(name)
