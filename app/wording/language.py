"""The small language of authored words: Jinja, cut down to what words need.

Variables, `if`, comparison, joining with `~`, and one function: `plural`. No loops, no
attributes, no filters, no arithmetic: nothing that can reach out or run long.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from types import CodeType

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, Undefined, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from app.wording.formats import Formats, formats_for
from app.wording.variables import VARIABLES, Kind, nearest
from campaigns.worded import Worded, quoted, worded

FUNCTIONS = ("plural",)
_OF_ADDRESS = frozenset({"gender", "formality", "vocative"})
_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.If,
    nodes.CondExpr, nodes.Not, nodes.And, nodes.Or, nodes.Compare, nodes.Operand, nodes.Call,
    nodes.Keyword, nodes.Concat,
)  # fmt: skip
_ALLOWED_TEXT = worded("variables, `if`, comparisons, `~` and plural(...)")
LONGEST_SOURCE = 8_000
"""Characters of one authored text: more than any medium carries."""
_DEEPEST = 24  # how deep code may nest; Python compiles what is left of it
_QUOTED = ("raw_begin", "comment_begin")  # what only one of parser and layout would leave alone
_MAY_QUOTE = re.compile(r"raw|\{#")  # reading it word by word takes as long as parsing it


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong on a line of an authored text, and what to write instead."""

    line: int
    problem: Worded
    remedy: Worded


@dataclass(frozen=True, slots=True)
class Parsed:
    """What an authored text uses, and what is wrong with it."""

    variables: frozenset[str]
    faults: tuple[Fault, ...]


class MissingFact(Exception):
    """Raised inside a render when a missing variable is used; the argument is its name."""


class Absent(Undefined):
    """A fact that the context does not hold: false in `if`, refused wherever it is written."""

    __slots__ = ()

    def __str__(self) -> str:
        return self._fail_with_undefined_error()


def absent(name: str) -> Absent:
    """The stand-in for a missing fact; using it raises `MissingFact(name)`."""
    return Absent(hint=name, name=name, exc=MissingFact)  # type: ignore[arg-type]  # not a TemplateRuntimeError, so that nothing in Jinja catches it


@lru_cache(maxsize=64)
def environment(locale: str) -> ImmutableSandboxedEnvironment:
    """One environment a language: its plurals bound, html escaped, missing names refused."""
    made = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=lambda name: name == "html",
        finalize=None,
        cache_size=0,
    )
    made.globals = {"plural": plural_in(formats_for(locale))}
    return made


def compiled(locale: str, source: str | nodes.Template, name: str) -> Template:
    """A text, or its tree, compiled for good. `name` is `html` where values must be escaped."""
    made = environment(locale)
    code: CodeType = made.compile(source, name=name)
    # A plain dict: Jinja would look through a chain of them, name by name, at each rendering.
    return Template.from_code(made, code, made.globals)


def plural_in(formats: Formats) -> Callable[..., str]:
    """`plural(count, one=…, other=…)` by the language's CLDR categories; `{n}` is the count."""

    def plural(count: object, /, **forms: str) -> str:
        if not isinstance(count, int | Decimal):
            raise TypeError(f"plural() counts whole numbers, not {count!s}")
        form = forms[formats.plural_category(count)]
        return form.replace("{n}", formats.count(count)) if "{n}" in form else form

    return plural


def code_or_data(source: str) -> list[tuple[bool, str]]:
    """`source` cut into (is Jinja code, text) pieces that join to it again."""
    pieces: list[tuple[bool, str]] = []
    inside = ""
    for _, kind, value in environment("en").lex(source):
        if kind == "data":
            pieces.append((False, value))
            continue
        inside += value
        if kind.endswith("_end"):
            pieces.append((True, inside))
            inside = ""
    return pieces


@lru_cache(maxsize=4096)
def parse(source: str, locale: str) -> Parsed:
    """Every variable that a text uses and every fault in it, all at once.

    What is too long or nested too deeply is a fault like any other, found before it costs time.
    """
    tree = _tree(source, locale)
    if isinstance(tree, Fault):
        return Parsed(frozenset(), (tree,))
    faults: list[Fault] = []
    used: set[str] = set()
    for node in (tree, *_descendants(tree)):
        if isinstance(node, nodes.Name) and node.name not in FUNCTIONS:
            used.add(node.name)
            if node.name not in VARIABLES:
                faults.append(_unknown(node))
        elif isinstance(node, nodes.Call):
            faults += _call_faults(node, locale)
        elif not isinstance(node, _ALLOWED):
            kind = type(node).__name__.lower()
            problem = worded("`%(kind)s` is not part of the language", kind=kind)
            faults.append(
                Fault(
                    node.lineno or 1,
                    problem,
                    worded("Use %(allowed)s", allowed=_ALLOWED_TEXT),
                )
            )
    return Parsed(frozenset(used), tuple(faults))


def _tree(source: str, locale: str) -> nodes.Template | Fault:
    if len(source) > LONGEST_SOURCE:
        problem = worded(
            "%(count)s characters in one text, at most %(most)s",
            count=len(source),
            most=LONGEST_SOURCE,
        )
        return Fault(1, problem, worded("Shorten the words"))
    made = environment(locale)
    try:
        lexed = made.lex(source) if _MAY_QUOTE.search(source) else ()
        quoted = next((line for line, kind, _ in lexed if kind in _QUOTED), None)
        if quoted is not None:
            problem = worded("`raw` and comments are not part of the language")
            return Fault(quoted, problem, worded("Use %(allowed)s", allowed=_ALLOWED_TEXT))
        tree = made.parse(source)
    except TemplateSyntaxError as error:
        return Fault(
            error.lineno,
            worded("syntax error: %(message)s", message=_misread(error.message or "")),
            worded("Check braces and quotes"),
        )
    except RecursionError:
        return _TOO_DEEP
    except ValueError:  # Python reads no number of thousands of figures
        return Fault(1, worded("a number that is too long"), worded("Write it in words"))
    return _TOO_DEEP if _is_deep(tree) else tree


_MISREAD: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"expected token .+, got '(?P<found>.+)'"),
        worded("`%(found)s` stands where something else belongs", found="").template,
    ),
    (
        re.compile(r"unexpected (?:char )?'(?P<found>.+?)'.*"),
        worded("`%(found)s` does not belong here", found="").template,
    ),
    (
        re.compile(r"Encountered unknown tag '(?P<found>\w+)'.*", re.DOTALL),
        worded("there is no tag `%(found)s`", found="").template,
    ),
    (
        re.compile(r"Unexpected end of template.*", re.DOTALL),
        worded("what was begun is not ended").template,
    ),
)
"""What Jinja says, and how we say it."""


def _misread(message: str) -> Worded:
    for pattern, template in _MISREAD:
        found = pattern.fullmatch(message)
        if found is not None:
            return worded(template, **found.groupdict())
    return quoted(message)


_TOO_DEEP = Fault(1, worded("code that is nested too deeply"), worded("Say it in several texts"))


def _is_deep(tree: nodes.Template) -> bool:
    level: list[nodes.Node] = [tree]
    for _ in range(_DEEPEST):
        level = [child for node in level for child in node.iter_child_nodes()]
        if not level:
            return False
    return True


def _descendants(node: nodes.Node) -> list[nodes.Node]:
    return [found for child in node.iter_child_nodes() for found in (child, *_descendants(child))]


def _unknown(node: nodes.Name) -> Fault:
    if node.name in _OF_ADDRESS:
        problem = worded("`%(name)s` is no variable", name=node.name)
        return Fault(
            node.lineno, problem, worded("Write the text in its forms of address: docs/messages.md")
        )
    near = nearest(node.name)
    remedy = (
        worded("Did you mean `%(near)s`?", near=near)
        if near
        else worded("docs/messages.md lists the variables")
    )
    return Fault(node.lineno, worded("unknown variable `%(name)s`", name=node.name), remedy)


def _call_faults(node: nodes.Call, locale: str) -> list[Fault]:
    name = node.node.name if isinstance(node.node, nodes.Name) else ""
    if name not in FUNCTIONS or node.dyn_args is not None or node.dyn_kwargs is not None:
        return [
            Fault(
                node.lineno,
                worded("cannot call `%(name)s`", name=name or "…"),
                worded("Use %(allowed)s", allowed=_ALLOWED_TEXT),
            )
        ]
    needed = formats_for(locale).plural_categories
    given = [keyword.key for keyword in node.kwargs]
    faults = []
    if sorted(given) != sorted(needed):
        problem = worded("`%(name)s` has the forms %(forms)s", name=name, forms=_listed(given))
        faults.append(
            Fault(
                node.lineno,
                problem,
                worded(
                    "Write exactly %(forms)s in %(locale)s", forms=_listed(needed), locale=locale
                ),
            )
        )
    first = node.args[0] if len(node.args) == 1 else None
    row = VARIABLES.get(first.name) if isinstance(first, nodes.Name) else None
    if row is None or row.kind is not Kind.COUNT:
        names = [row.name for row in VARIABLES.values() if row.kind is Kind.COUNT]
        problem = worded("`%(name)s` does not start with a count", name=name)
        faults.append(
            Fault(node.lineno, problem, worded("Start with one of %(known)s", known=_listed(names)))
        )
    return faults


def _listed(names: object) -> str:
    order = ("zero", "one", "two", "few", "many", "other")
    given = list(names) if isinstance(names, (list, tuple, set, frozenset)) else []
    return ", ".join(sorted(given, key=lambda n: order.index(n) if n in order else 0)) or "none"
