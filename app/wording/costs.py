"""What an SMS costs in its language, and which of its characters make it dear for no reason."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app.wording.formats import formats_for
from app.wording.tags import language_of
from channels.sms import Costly, SmsSize, costly, counted_double, measure

_SPELT_WITH: Mapping[str, str] = MappingProxyType(
    {
        "lt": "ąčęėįšųūž",
        "pl": "ąćęłńóśźż",
        "fr": "âçêëîïôœûÿ",
        "es": "áíóú",
        "it": "íîóú",
        "de": "",
        "en": "",
    }
)
"""The letters beyond GSM-7 that a language needs: a text without them reads as spam."""
_SCRIPTS = ("ru", "uk", "be", "bg", "el", "sr", "hy", "ka", "th", "zh", "ja", "ko", "hi")


@dataclass(frozen=True, slots=True)
class Costs:
    """`left` are the units that still fit; `dear` the characters without which the text would
    travel in GSM-7, in `plain` segments; `doubled` those that take the room of two;
    `spelt` says that the language's own letters need the wider alphabet."""

    size: SmsSize
    left: int
    dear: tuple[Costly, ...]
    plain: int
    doubled: tuple[str, ...]
    spelt: bool


def costs_of(text: str, locale: str) -> Costs:
    """The costs of a text as it is sent, with its links at full length."""
    size = measure(text)
    left = size.per_segment * size.segments - size.units
    found = costly(text)
    own = any(is_own_letter(one.char, locale) for one in found)
    dear = () if own else found
    for one in dear:
        text = text.replace(one.char, one.plain or "")
    doubled = () if found else counted_double(text)
    return Costs(size, left, dear, measure(text).segments, doubled, spelt=own)


def is_own_letter(char: str, locale: str) -> bool:
    """Whether the language is written with this letter."""
    if not unicodedata.category(char).startswith(("L", "M")):
        return False
    language = language_of(locale)
    if formats_for(locale).rtl or language in _SCRIPTS:
        return not unicodedata.name(char, "").startswith("LATIN")
    return char.lower() in _SPELT_WITH.get(language, "")
