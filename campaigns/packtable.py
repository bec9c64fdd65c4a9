"""A table of a rule pack's file, read value by value: what is wrong is reported, never raised.

A getter that finds nothing usable reports why, at its line, and gives an empty value of its type;
the reader throws the result away when anything was reported.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TypeVar

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from campaigns.duties import Term, Unit
from campaigns.findings import Place, Report, did_you_mean

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

_DURATION = re.compile(r"(\d{1,4})(d|h|s)")
_TERM = re.compile(r"(\d{1,4})(min|h|d|bd|mo|y)")
_UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1), "s": timedelta(seconds=1)}


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping of the file, at its place."""

    content: CommentedMap
    place: Place
    report: Report

    def fault(self, key: str, problem: str, remedy: str) -> None:
        """Reports at the key, or at the table when the key is not there."""
        self.report.add(self.at(key), problem, remedy)

    def at(self, key: str) -> Place:
        if key not in (self.content.lc.data or ()):  # not there, or merged in from elsewhere
            return self.place
        line, column = self.content.lc.key(key)
        return Place(line + 1, column + 1)

    def only(self, known: Collection[str]) -> None:
        """Reports keys that do not exist."""
        for key in self.content:
            if key not in known:
                remedy = did_you_mean(str(key), known) or f"Known: {', '.join(known)}."
                self.fault(key, f"unknown key `{key}`", remedy)

    def text(self, key: str, *, needed: bool = True) -> str:
        value = self._value(key, needed=needed)
        if value is None:
            return ""
        if isinstance(value, str) and value.strip():
            return str(value)
        self.fault(key, f"`{key}` must be a text", "Put words here, in quotes if need be.")
        return ""

    def choice(self, key: str, known: Mapping[str, T], *, needed: bool = True) -> T | None:
        value = self._value(key, needed=needed)
        if value is None:
            return None
        if isinstance(value, str) and value in known:
            return known[value]
        self._unknown(key, value, known)
        return None

    def words(self, key: str) -> frozenset[str]:
        return frozenset(self._list(key))

    def set_of(self, key: str, kind: type[E]) -> frozenset[E]:
        return self.among(key, {str(member): member for member in kind})

    def one_of(self, key: str, kind: type[E], *, needed: bool = False) -> E | None:
        return self.choice(key, {str(member): member for member in kind}, needed=needed)

    def among(self, key: str, known: Mapping[str, T]) -> frozenset[T]:
        found = set()
        for word in self._list(key):
            if word in known:
                found.add(known[word])
            else:
                self._unknown(key, word, known)
        return frozenset(found)

    def count(self, key: str) -> int:
        value = self._value(key, needed=True)
        if value is None:
            return 1
        if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
            return int(value)
        self.fault(key, f"`{key}` must be 1 or more", "To forbid, use `medium_forbidden`.")
        return 1

    def flag(self, key: str) -> bool:
        value = self._value(key, needed=False)
        if value is None or isinstance(value, bool):
            return bool(value)
        self.fault(key, f"`{key}` must be true or false", "Write `true` or leave it out.")
        return False

    def duration(self, key: str, *, needed: bool = True) -> timedelta:
        value = self._value(key, needed=needed)
        if value is None:
            return timedelta(0)
        if isinstance(value, str) and (match := _DURATION.fullmatch(value)):
            return int(match[1]) * _UNITS[match[2]]
        remedy = "Write days, hours or seconds: `7d`, `20h`, `6s`."
        self.fault(key, f"`{key}` is no duration: {value}", remedy)
        return timedelta(0)

    def term(self, key: str) -> Term | None:
        """A time that the law counts, or None when it is not given."""
        value = self._value(key, needed=False)
        if value is None:
            return None
        if isinstance(value, str) and (match := _TERM.fullmatch(value)):
            return Term(int(match[1]), Unit(match[2]))
        self.fault(key, f"`{key}` is no term: {value}", "Write `5min`, `10bd`, `4mo` or `3y`.")
        return None

    def decimal(self, key: str) -> Decimal:
        value = self._value(key, needed=True)
        if value is None:
            return Decimal(0)
        try:
            return Decimal(value if isinstance(value, str) else "")
        except InvalidOperation:
            self.fault(key, f"`{key}` is no number: {value}", 'Write `"8.0"`, in quotes.')
            return Decimal(0)

    def day(self, key: str, *, needed: bool = False) -> date | None:
        value = self._value(key, needed=needed)
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        self.fault(key, f"`{key}` is no date: {value}", "Write `2026-09-01`.")
        return None

    def inner(self, key: str) -> Table | None:
        value = self._value(key, needed=False)
        if value is None:
            return None
        if isinstance(value, CommentedMap):
            return Table(value, self.at(key), self.report)
        self.fault(key, f"`{key}` must be a table", "Indent its keys below it.")
        return None

    def tables(self, key: str) -> Iterator[Table]:
        value = self._value(key, needed=True)
        if value is None:
            return
        if not isinstance(value, CommentedSeq):
            self.fault(key, f"`{key}` must be a list", "Begin each entry with `- `.")
            return
        for index, entry in enumerate(value):
            line, column = value.lc.item(index)
            place = Place(line + 1, column + 1)
            if isinstance(entry, CommentedMap):
                yield Table(entry, place, self.report)
            else:
                self.report.add(place, "an entry is a table", "Begin it with `- id: `.")

    def _value(self, key: str, *, needed: bool) -> object | None:
        value: object | None = self.content.get(key)
        if value is None and needed:
            self.fault(key, f"`{key}` is missing", f"Add `{key}:`.")
        return value

    def _list(self, key: str) -> list[str]:
        value = self._value(key, needed=False)
        if value is None:
            return []
        if isinstance(value, CommentedSeq) and all(isinstance(word, str) for word in value):
            return [str(word) for word in value]
        self.fault(key, f"`{key}` must be a list of words", f"Write `{key}: [one, two]`.")
        return []

    def _unknown(self, key: str, value: object, known: Collection[str]) -> None:
        remedy = did_you_mean(str(value), known) or f"Known: {', '.join(known)}."
        self.fault(key, f"unknown {key} `{value}`", remedy)


def table_in(text: str, report: Report, *, what: str, schema: str) -> Table | None:
    """The table that a YAML 1.2 text holds; None, with the reason reported, when it holds none."""
    try:
        root = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
        report.add(place, "this is not YAML", "Mend the line.", cause=str(error.problem))
        return None
    except (YAMLError, ValueError) as error:
        report.add(Place(1, 1), "this is not YAML", "Mend the file.", cause=str(error))
        return None
    if isinstance(root, CommentedMap):
        return Table(root, Place(1, 1), report)
    report.add(Place(1, 1), f"{what} is a table", f"Begin with `schema: {schema}`.")
    return None
