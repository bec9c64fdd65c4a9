"""Reads one table of a journey file: each value has its type, or a finding says why not."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar

from campaigns.expressions import ConditionError, compile_condition
from campaigns.fact_table import FactType
from campaigns.findings import Place, Report, did_you_mean
from campaigns.journey import Condition
from campaigns.language_source import Items, Kind, Node, Scalar, Table, describe
from campaigns.worded import worded

LONGEST_DAYS = 3650
UNITS: Mapping[str, timedelta] = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}

_SLUG = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)
_DURATION = re.compile(r"(\d{1,7})([mhdw])", re.ASCII)
_WORD = TypeVar("_WORD", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Context:
    """What a file is checked against. `templates` None takes every well-formed name."""

    report: Report
    custom: Mapping[str, FactType]
    templates: Collection[str] | None


class Fields:
    """One table, read by key. A key that is missing or wrong reads as None; the finding is made."""

    def __init__(self, table: Table, context: Context, what: str) -> None:
        self.place = table.place
        self.what = what
        self.context = context
        self._nodes = {key.text: value for key, value in table.entries}
        self._keys = {key.text: key.place for key, _ in table.entries}

    def __contains__(self, key: str) -> bool:
        return key in self._nodes

    def place_of(self, key: str) -> Place:
        """Where a key stands, or the table when it is not there."""
        return self._keys.get(key, self.place)

    def say(self, place: Place, problem: str, remedy: str) -> None:
        self.context.report.add(place, problem, remedy)

    def allow(self, keys: Collection[str]) -> None:
        """Reports every key that is not one of `keys`."""
        for key, place in self._keys.items():
            if key not in keys:
                remedy = did_you_mean(key, keys) or worded(
                    "Use one of %(known)s.", known=", ".join(keys)
                )
                self.say(
                    place, worded("%(what)s has no key `%(key)s`", what=self.what, key=key), remedy
                )

    def node(self, key: str, *, needed: bool = False) -> Node | None:
        """The value of a key, unless it is missing or empty."""
        found = self._nodes.get(key)
        if found is None:
            if needed:
                self.say(
                    self.place,
                    worded("%(what)s has no `%(key)s`", what=self.what, key=key),
                    worded("Add `%(key)s:`.", key=key),
                )
            return None
        if isinstance(found, Scalar) and found.kind is Kind.EMPTY:
            self.say(
                self.place_of(key),
                worded("`%(key)s` has no value", key=key),
                worded("Write one, or delete the key."),
            )
            return None
        return found

    def scalar(self, key: str, *, needed: bool = False) -> Scalar | None:
        found = self.node(key, needed=needed)
        if found is None or isinstance(found, Scalar):
            return found
        self.say(
            found.place,
            worded("`%(key)s` is %(what)s", key=key, what=describe(found)),
            worded("Write one word or text."),
        )
        return None

    def text(self, key: str, *, needed: bool = True) -> str | None:
        """A text for people."""
        found = self.scalar(key, needed=needed)
        if found is None:
            return None
        if found.kind is not Kind.TEXT or not found.text.strip():
            problem = worded(
                "`%(key)s` is %(value)s, not a text",
                key=key,
                value=describe(found) if found.text.strip() else worded("blank"),
            )
            self.say(
                found.place,
                problem,
                worded('Put it into quotes: "%(value)s".', value=found.text or "words"),
            )
            return None
        return found.text.strip()

    def slug(self, key: str, *, needed: bool = True) -> str | None:
        """A name for machines and people: small letters, digits and underscores."""
        found = self.scalar(key, needed=needed)
        if found is None or _SLUG.fullmatch(found.text):
            return found.text if found else None
        remedy = worded("Write small letters, digits and underscores, first a letter.")
        self.say(
            found.place, worded("`%(key)s` cannot be `%(text)s`", key=key, text=found.text), remedy
        )
        return None

    def word(self, key: str, words: type[_WORD], *, needed: bool = False) -> _WORD | None:
        """One of a closed set."""
        found = self.scalar(key, needed=needed)
        return None if found is None else chosen(found, words, self.context.report, key)

    def flag(self, key: str) -> bool | None:
        found = self.scalar(key)
        if found is None or found.kind is Kind.FLAG:
            return found.text.lower() == "true" if found else None
        yes = found.text.lower() in ("yes", "on", "y")
        remedy = worded(
            "Write `%(value)s`; YAML 1.2 knows no yes and no.", value="true" if yes else "false"
        )
        self.say(
            found.place,
            worded("`%(key)s` is `%(text)s`, not true or false", key=key, text=found.text),
            remedy,
        )
        return None

    def whole(self, key: str, *, limit: int) -> int | None:
        """A whole number of at most `limit` either way."""
        found = self.scalar(key)
        if found is None:
            return None
        if found.kind is not Kind.WHOLE:
            remedy = worded("Write a plain number: -3 is before the due date, 3 is after.")
            self.say(
                found.place,
                worded("`%(key)s` is `%(text)s`, not a whole number", key=key, text=found.text),
                remedy,
            )
            return None
        if len(found.text) > 9 or abs(int(found.text)) > limit:
            self.say(
                found.place,
                worded("`%(key)s` is too far away", key=key),
                worded("Stay within %(limit)s either way.", limit=limit),
            )
            return None
        return int(found.text)

    def duration(self, key: str, *, zero: bool = False, needed: bool = False) -> timedelta | None:
        """A length of time: a number and m, h, d or w."""
        found = self.scalar(key, needed=needed)
        if found is None:
            return None
        match = _DURATION.fullmatch(found.text)
        if match is None:
            example = f"{found.text}d" if found.text.isdigit() else "4d"
            remedy = worded(
                "Write a number and m, h, d or w, such as %(example)s.", example=example
            )
            self.say(
                found.place,
                worded("`%(key)s` is `%(text)s`, not a length of time", key=key, text=found.text),
                remedy,
            )
            return None
        length = int(match[1]) * UNITS[match[2]]
        if length > timedelta(days=LONGEST_DAYS) or not (length or zero):
            most = f"{LONGEST_DAYS}d"
            remedy = (
                worded("Write at most %(most)s.", most=most)
                if zero
                else worded("Write more than nothing and at most %(most)s.", most=most)
            )
            self.say(
                found.place,
                worded("`%(key)s` cannot be `%(text)s`", key=key, text=found.text),
                remedy,
            )
            return None
        return length

    def condition(self, key: str, *, needed: bool = False) -> Condition | None:
        found = self.scalar(key, needed=needed)
        if found is None:
            return None
        try:
            return compile_condition(found.text, custom=self.context.custom)
        except ConditionError as error:
            for fault in error.faults:
                self.say(found.place_of(fault.column - 1), fault.problem, fault.remedy)
            return None

    def template(self, key: str) -> str | None:
        """The name of a template that exists."""
        name = self.slug(key)
        known = self.context.templates
        if name is None or known is None or name in known:
            return name
        remedy = did_you_mean(name, known) or worded("Write the template first.")
        found = self._nodes[key]
        self.say(found.place, worded("there is no template `%(name)s`", name=name), remedy)
        return None

    def table(self, key: str, what: str) -> Fields | None:
        found = self.node(key)
        if found is None or isinstance(found, Table):
            return Fields(found, self.context, what) if found else None
        self.say(
            found.place,
            worded("`%(key)s` is %(what)s", key=key, what=describe(found)),
            worded("%(what)s is a table of keys.", what=what),
        )
        return None

    def items(self, key: str, *, needed: bool = False) -> tuple[Node, ...] | None:
        """A list that is not empty."""
        found = self.node(key, needed=needed)
        if isinstance(found, Items) and found.items:
            return found.items
        if found is not None:
            shown = worded("empty") if isinstance(found, Items) else describe(found)
            self.say(
                found.place,
                worded("`%(key)s` is %(what)s", key=key, what=shown),
                worded("Write a list, one item on a line."),
            )
        return None


def chosen(found: Node, words: type[_WORD], report: Report, key: str) -> _WORD | None:
    """The word of a closed set that a node spells."""
    known = tuple(str(word) for word in words)
    if isinstance(found, Scalar) and found.text in known:
        return words(found.text)
    shown = f"`{found.text}`" if isinstance(found, Scalar) else describe(found)
    near = did_you_mean(found.text, known) if isinstance(found, Scalar) else ""
    remedy = near or worded("It is one of %(known)s.", known=", ".join(known))
    report.add(found.place, worded("`%(key)s` cannot be %(shown)s", key=key, shown=shown), remedy)
    return None
