"""The tree of a plain file of words, read line by line: twenty times faster than YAML.

It knows tables of keys, texts below `|`, and words on the line of their key; of anything else it
says nothing, and YAML decides. What it does read, YAML reads alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from campaigns.findings import Place
from campaigns.language_source import LONGEST, Kind, Node, Scalar, Table

STEP: Final = 2
_FOREIGN: Final = re.compile("[\t\r\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x85\u2028\u2029\ufeff]")
_KEY: Final = re.compile(r" *(?P<key>[A-Za-z][A-Za-z_]*(?:/[a-z_]+)?):(?: (?P<value>.+))?")
_QUOTED: Final = re.compile(r'"[^"\\]*"')
_BARE: Final = re.compile(r"[^\W\d_](?:[^:#]*[^:#\s])?")
_NO_TEXT: Final = frozenset("null true false".split())


class _NotPlainError(Exception):
    """The file has a form that YAML must read."""


@dataclass(slots=True)
class _Lines:
    """The lines with the place of the next one."""

    lines: list[str]
    at: int = 0

    def skip_empty(self) -> None:
        """Goes to the next line that says something."""
        while self.at < len(self.lines) and self.lines[self.at].lstrip(" ")[:1] in ("", "#"):
            self.at += 1

    def indent(self) -> int:
        """Of the next line that says something; less than any at the end."""
        self.skip_empty()
        if self.at == len(self.lines):
            return -1
        line = self.lines[self.at]
        return len(line) - len(line.lstrip(" "))


@dataclass(slots=True)
class _Open:
    entries: list[tuple[Scalar, Node]] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)


def plain_tree(text: str) -> Table | None:
    """The file's tree, or None if YAML must read it."""
    if len(text) > LONGEST or _FOREIGN.search(text):
        return None
    lines = _Lines(text.split("\n"))
    try:
        root = _table(lines, 0)
    except _NotPlainError:
        return None
    return root if lines.indent() < 0 else None


def _table(lines: _Lines, indent: int) -> Table:
    if lines.indent() != indent:
        raise _NotPlainError
    opened, first = _Open(), Place(lines.at + 1, indent + 1)
    while lines.indent() == indent:
        found = _KEY.fullmatch(lines.lines[lines.at])
        if found is None or found["key"] in opened.keys or found["key"].lower() in _NO_TEXT:
            raise _NotPlainError
        opened.keys.add(found["key"])
        key = Scalar(Place(lines.at + 1, indent + 1), found["key"], Kind.TEXT, found["key"])
        lines.at += 1
        opened.entries.append((key, _value(lines, found["value"], key, indent)))
    return Table(first, tuple(opened.entries))


def _value(lines: _Lines, written: str | None, key: Scalar, indent: int) -> Node:
    if written is None:
        return _table(lines, indent + STEP)
    place = Place(key.place.line, key.place.column + len(key.text) + 2)
    if written == "|":
        return Scalar(place, "".join(_block(lines, indent + STEP)), Kind.TEXT, written)
    if lines.indent() > indent:
        raise _NotPlainError  # the words go on below
    if _QUOTED.fullmatch(written):
        return Scalar(place, written[1:-1], Kind.TEXT, written)
    if _BARE.fullmatch(written) and written.lower() not in _NO_TEXT:
        return Scalar(place, written, Kind.TEXT, written)
    raise _NotPlainError


def _block(lines: _Lines, indent: int) -> Iterator[str]:
    """The lines of a text. Empty ones at its end do not belong to it."""
    empty, has_begun = 0, False
    while lines.at < len(lines.lines):
        line = lines.lines[lines.at]
        said = line.lstrip(" ")
        if said and len(line) - len(said) < indent:
            break
        if said and not has_begun and len(line) - len(said) > indent:
            raise _NotPlainError  # its first line says how far a text is indented
        if line and not said:
            raise _NotPlainError
        if said:
            yield "\n" * empty + line[indent:] + "\n"
        empty = 0 if said else empty + 1
        has_begun = has_begun or bool(said)
        lines.at += 1
    if not has_begun:
        raise _NotPlainError
