"""What an SMS costs in its language, and which of its characters make it dear for no reason."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app.wording.formats import formats_for
from app.wording.tags import language_of
from channels.sms import Costly, SmsEncoding, SmsSize, costly, counted_double

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
    travel in GSM-7, `doubled` those that take the room of two;
    `spelt` says that the language's own letters need the wider alphabet."""

    size: SmsSize
    left: int
    dear: tuple[Costly, ...]
    doubled: tuple[str, ...]
    spelt: bool


def costs_of(text: str, size: SmsSize, locale: str) -> Costs:
    """The costs of a text as it is sent. `size` is its size with links at full length."""
    left = size.per_segment * size.segments - size.units
    if size.encoding is SmsEncoding.GSM_7:
        return Costs(size, left, (), counted_double(text), spelt=False)
    found = costly(text)
    own = tuple(one for one in found if is_own_letter(one.char, locale))
    return Costs(size, left, () if own else found, (), spelt=bool(own))


def is_own_letter(char: str, locale: str) -> bool:
    """Whether the language is written with this letter."""
    if not unicodedata.category(char).startswith(("L", "M")):
        return False
    language = language_of(locale)
    if formats_for(locale).rtl or language in _SCRIPTS:
        return not unicodedata.name(char, "").startswith("LATIN")
    return char.lower() in _SPELT_WITH.get(language, "")
