"""A text with numbered blanks, as WhatsApp approves one: made of authored words, and filled again.

The words of a template are no single text: they greet with a name or without, count, and have forms
of address. Each text that they can come to is one body. What was rendered is matched against the
approved bodies, so that what leaves is what was approved, and what fills its blanks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product
from math import prod
from typing import Any, Final, Self

from app.wording.bidi import with_single_stops
from app.wording.errors import TemplateInvalid
from app.wording.formats import formats_for
from app.wording.language import absent
from app.wording.mail import layout_words
from app.wording.parts import Part, compile_parts
from app.wording.variables import Kind, Variable
from app.wording.words import LocalWords
from campaigns.worded import worded
from channels.sms import gsm_safe

_MARK: Final = re.compile("\ue000([a-z_]+)\ue001")
_BLANK: Final = re.compile(r"\{\{([0-9]+)\}\}")
_UNFIT: Final = re.compile(r"[\n\t]| {5}")  # what WhatsApp refuses in the value of a blank (63013)
_COUNTS: Final = range(11, 200)
MOST: Final = 600
"""More texts than that nobody submits, and an approver would read."""


@dataclass(frozen=True, slots=True)
class Body:
    """One text with blanks `{{1}}`, `{{2}}`, … and the variable behind each."""

    text: str
    variables: Mapping[str, str] = field(default_factory=dict)


def bodies(words: LocalWords) -> list[Body]:
    """Every text that these words can come to on WhatsApp, the one with most blanks first.
    Raises `TemplateInvalid` for words that come to too many."""
    found = {
        body.text: body
        for form in words.forms()
        for body in _bodies(words, compile_parts(words, "whatsapp", form)["text"], form)
    }
    return sorted(found.values(), key=lambda body: -len(body.variables))


def blanks_of(body: str, text: str) -> Mapping[str, str] | None:
    """What fills the blanks of `body` so that it says `text`; None where it cannot."""
    for pattern in _patterns(body):
        match = pattern.fullmatch(text.strip())
        if match is not None:
            found = {name.removeprefix("blank"): value for name, value in match.groupdict().items()}
            return None if any(_UNFIT.search(value) for value in found.values()) else found
    return None


def _bodies(words: LocalWords, part: Part, form: str) -> Iterator[Body]:
    fixed = layout_words(words.locale, form)
    choices = [_choices(row, words.locale, fixed) for row in part.variables]
    many = prod(map(len, choices))
    if many > MOST:
        problem = worded(
            "%(template)s (%(locale)s) comes to %(many)s texts on WhatsApp",
            template=words.template,
            locale=words.locale,
            many=many,
        )
        raise TemplateInvalid(
            problem, worded("Use fewer variables that may be missing or are counted")
        )
    names = [row.name for row in part.variables]
    for values in product(*choices):
        filled = part.fill(dict(zip(names, values, strict=True)))
        yield _numbered(with_single_stops(filled).strip())


def _choices(row: Variable, locale: str, fixed: Mapping[str, str]) -> Sequence[Any]:
    """The values that make a difference to the words around the variable."""
    if row.kind is Kind.FLAG:
        return [True]
    if row.kind is Kind.STOP:
        return [fixed["stop_two_way"]]
    if row.kind is Kind.FIXED:
        return [fixed[row.name]]
    if row.kind is Kind.COUNT:
        return _counts(row.name, locale)
    mark = f"\ue000{row.name}\ue001"
    return [mark, absent(row.name)] if row.optional else [mark]


class _Count(int):
    """A number that is counted as it is, and written as a blank."""

    mark: str

    @classmethod
    def of(cls, number: int, name: str) -> Self:
        made = cls(number)
        made.mark = f"\ue000{name}\ue001"
        return made

    def __str__(self) -> str:
        return self.mark


def _counts(name: str, locale: str) -> Sequence[int]:
    """One itself, which words like to spell out, two where the language does so, and a number of
    each way to count."""
    category = formats_for(locale).plural_category
    shown = {category(number): _Count.of(number, name) for number in reversed(_COUNTS)}
    spelt = [number for number in (1, 2) if category(number) in ("one", "two")]
    return [*shown.values(), *spelt]


def _numbered(text: str) -> Body:
    numbers: dict[str, str] = {}

    def blank(mark: re.Match[str]) -> str:
        number = numbers.setdefault(mark[1], str(len(numbers) + 1))
        return "{{" + number + "}}"

    numbered = _MARK.sub(blank, text)
    return Body(numbered, {number: name for name, number in numbers.items()})


@lru_cache(maxsize=4096)
def _patterns(body: str) -> tuple[re.Pattern[str], ...]:
    """Rendering makes typography plain where the whole text can be, so both ways are known."""
    return tuple(_pattern(text) for text in dict.fromkeys((body, gsm_safe(body))))


def _pattern(body: str) -> re.Pattern[str]:
    seen: set[str] = set()
    parts = []
    for place, piece in enumerate(_BLANK.split(body.strip())):
        if place % 2 == 0:
            # A value that ends in a stop of its own has swallowed the one of the sentence.
            stop = r"\.?" if place and piece.startswith(".") else ""
            parts.append(stop + re.escape(piece.removeprefix(".") if stop else piece))
        elif piece in seen:
            parts.append(f"(?P=blank{piece})")
        else:
            seen.add(piece)
            parts.append(f"(?P<blank{piece}>.+?)")
    return re.compile("".join(parts), re.DOTALL)
