"""A file as a tree of places: YAML 1.2 without anchors, tags, directives or second documents.

Built from the loader's events, so that nothing is constructed before it is checked, no alias can
multiply a text, and every word keeps its line and column.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from campaigns.findings import Place, Report
from campaigns.worded import Worded, quoted, worded

LONGEST = 200_000
DEEPEST = 12

_LEADING_TAB = re.compile(r"^ *\t", re.MULTILINE)
_DIRECTIVE = re.compile(r"^%", re.MULTILINE)
_WHOLE = re.compile(r"[-+]?\d+", re.ASCII)
_DECIMAL = re.compile(r"[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?", re.ASCII)


class Kind(StrEnum):
    """What YAML 1.2 takes a scalar for. `yes`, `no`, `on` and `off` are texts."""

    TEXT = "text"
    WHOLE = "whole"
    DECIMAL = "decimal"
    FLAG = "flag"
    EMPTY = "empty"


_WORDS: Mapping[Kind, Worded] = {
    Kind.TEXT: worded("a text"),
    Kind.WHOLE: worded("a whole number"),
    Kind.DECIMAL: worded("a decimal number"),
    Kind.FLAG: worded("true or false"),
    Kind.EMPTY: worded("nothing"),
}


@dataclass(frozen=True, slots=True)
class Scalar:
    """One word or text. `raw` is how it stands in the file from `place` on."""

    place: Place
    text: str
    kind: Kind
    raw: str = ""

    def place_of(self, offset: int) -> Place:
        """Where the character at `offset` of `text` stands in the file."""
        at = self.raw.find("\n") + 1 if self.raw[:1] in ("|", ">") else 0
        for character in self.text[: offset + 1]:
            if not character.isspace():
                at = max(self.raw.find(character, at), 0) + 1
        before = self.raw[: max(at - 1, 0)]
        lines = before.count("\n")
        if not lines:
            return Place(self.place.line, self.place.column + len(before))
        return Place(self.place.line + lines, len(before) - before.rfind("\n"))


@dataclass(frozen=True, slots=True)
class Items:
    place: Place
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Table:
    place: Place
    entries: tuple[tuple[Scalar, Node], ...]


Node = Scalar | Items | Table


def describe(node: Node) -> Worded:
    """What a node is, in words for a finding."""
    match node:
        case Scalar():
            return _WORDS[node.kind]
        case Items():
            return worded("a list")
        case Table():
            return worded("a table of keys")


def read_tree(text: str, report: Report) -> Node | None:
    """The tree of a file, or None when it has none; what is wrong with it goes to the report."""
    if len(text) > LONGEST:
        report.add(
            Place(1, 1),
            worded("the file is too big"),
            worded("Keep it within %(longest)s characters.", longest=LONGEST),
        )
        return None
    text = text.removeprefix("\ufeff")
    if _finds_foreign(text, report):
        return None
    builder = _Builder(text, report)
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            if not builder.takes(event):
                return None
    except MarkedYAMLError as error:
        _not_yaml(error, report)
        return None
    except ReaderError as error:
        before = text[: error.position]
        place = Place(before.count("\n") + 1, len(before) - before.rfind("\n"))
        report.add(
            place,
            worded("a character that YAML does not allow"),
            worded("Delete it and type it anew."),
        )
        return None
    except (YAMLError, ValueError, RecursionError) as error:
        report.add(
            Place(1, 1),
            worded("the file is not YAML"),
            worded("Write it anew."),
            cause=quoted(str(error)),
        )
        return None
    return builder.root


def _finds_foreign(text: str, report: Report) -> bool:
    """Reports what YAML would stumble over in words that do not help."""
    tab, directive = _LEADING_TAB.search(text), _DIRECTIVE.search(text)
    if tab:
        place = Place(text.count("\n", 0, tab.start()) + 1, tab.end() - tab.start())
        report.add(place, worded("a tab indents this line"), worded("Indent with spaces."))
    if directive:
        place = Place(text.count("\n", 0, directive.start()) + 1, 1)
        report.add(place, worded("a YAML directive"), worded("Delete the line."))
    return bool(tab or directive)


_CAUSES: Mapping[str, Worded] = {
    "mapping values are not allowed": worded("a second colon on one line, outside of quotes"),
    "could not find expected ':'": worded("a key has no colon behind it"),
    "expected <block end>": worded("the indentation does not fit the lines above"),
    "found unexpected end of stream": worded("a quote or a bracket is not closed"),
    "expected ',' or": worded("a comma or a closing bracket is missing"),
    "cannot start any token": worded("a sign that may begin a text only in quotes"),
    "found unknown escape character": worded("a backslash in double quotes that means nothing"),
}
"""What the loader's own words mean, by what they hold."""


def _cause(told: str) -> Worded:
    """Why it is not YAML, in words of ours where they are known."""
    return next((known for part, known in _CAUSES.items() if part in told), quoted(told))


def _not_yaml(error: MarkedYAMLError, report: Report) -> None:
    mark = error.problem_mark or error.context_mark
    place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
    remedy = worded(
        "Look at the indentation, colons, quotes and brackets here and on the line above."
    )
    report.add(
        place,
        worded("the file is not YAML"),
        remedy,
        cause=_cause(str(error.problem or error.context)),
    )


@dataclass(slots=True)
class _Open:
    """A list or a table that is still being read. In a table, keys and values alternate."""

    place: Place
    is_table: bool
    parts: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class _Builder:
    text: str
    report: Report
    root: Node | None = None
    _open: list[_Open] = field(default_factory=list)
    _documents: int = 0

    def takes(self, event: Any) -> bool:
        """Adds an event of the loader; False when the file cannot be read on."""
        place = Place(event.start_mark.line + 1, event.start_mark.column + 1)
        kind = type(event).__name__
        if self._is_foreign(event, kind, place):
            return False
        match kind:
            case "MappingStartEvent" | "SequenceStartEvent":
                self._open.append(_Open(place, kind == "MappingStartEvent"))
            case "MappingEndEvent" | "SequenceEndEvent":
                self._add(self._closed(self._open.pop()))
            case "ScalarEvent":
                self._add(self._scalar(event, place))
            case _:
                pass  # the stream and its document begin and end
        return True

    def _is_foreign(self, event: Any, kind: str, place: Place) -> bool:
        self._documents += kind == "DocumentStartEvent"
        if kind == "AliasEvent" or getattr(event, "anchor", None):
            self.report.add(
                place, worded("anchors and aliases are not used"), worded("Write the text out.")
            )
        elif getattr(event, "tag", None):
            self.report.add(
                place, worded("tags are not used"), worded("Delete the word that begins with `!`.")
            )
        elif self._documents > 1:
            self.report.add(
                place, worded("a second document begins"), worded("Put it into a file of its own.")
            )
        elif len(self._open) > DEEPEST:
            self.report.add(
                place,
                worded("nested too deeply"),
                worded("A journey has few levels; see the docs."),
            )
        else:
            return False
        return True

    def _scalar(self, event: Any, place: Place) -> Scalar:
        raw = self.text[event.start_mark.index : event.end_mark.index]
        if event.style:
            return Scalar(place, event.value, Kind.TEXT, raw)
        kind = _kind(event.value)
        return Scalar(self._near(place) if not raw else place, event.value, kind, raw)

    def _near(self, place: Place) -> Place:
        """A value that is not there is reported at its key."""
        parts = self._open[-1].parts if self._open else []
        return parts[-1].place if len(parts) % 2 and self._open[-1].is_table else place

    def _add(self, node: Node) -> None:
        if self._open:
            self._open[-1].parts.append(node)
        else:
            self.root = node

    def _closed(self, opened: _Open) -> Node:
        if not opened.is_table:
            return Items(opened.place, tuple(opened.parts))
        return Table(opened.place, tuple(self._entries(opened.parts)))

    def _entries(self, parts: list[Node]) -> Iterator[tuple[Scalar, Node]]:
        seen: dict[str, Place] = {}
        for key, value in zip(parts[::2], parts[1::2], strict=True):
            if not isinstance(key, Scalar):
                self.report.add(
                    key.place,
                    worded("%(what)s stands as a key", what=describe(key)),
                    worded("Write one word."),
                )
            elif key.text in seen:
                line = seen[key.text].line
                first = worded("it stands on line %(line)s already", line=line)
                remedy = worded("Keep one of the two.")
                self.report.add(
                    key.place,
                    worded("`%(text)s` is written twice", text=key.text),
                    remedy,
                    cause=first,
                )
            else:
                seen[key.text] = key.place
                yield key, value


def _kind(word: str) -> Kind:
    if word in ("", "~", "null", "Null", "NULL"):
        return Kind.EMPTY
    if word in ("true", "True", "TRUE", "false", "False", "FALSE"):
        return Kind.FLAG
    if _WHOLE.fullmatch(word):
        return Kind.WHOLE
    return Kind.DECIMAL if _DECIMAL.fullmatch(word) else Kind.TEXT
