"""Names and numbers as they are compared: without what people leave out, or write otherwise.

What is stored and what is typed go through the same folding, so that each finds the other. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

LONGEST: Final = 40
"""Letters of a word that count; nobody types more of one to find somebody."""
MOST: Final = 24
"""Words that one customer is found by."""

_QUOTES: Final = "'’‘ʼʻ‛`´′\"“”„‟″«»׳״"  # also geresh and gershayim: inside of words
_ALIKE: Final = str.maketrans(
    {
        **dict(zip("ךםןףץ", "כמנפצ", strict=True)),
        "װ": "וו",
        "ױ": "וי",
        "ײ": "יי",
        "ٱ": "ا",
        "ى": "ي",
        "ی": "ي",
        "ې": "ي",
        "ة": "ه",
        "ۀ": "ه",
        "ە": "ه",
        "ہ": "ه",
        "ک": "ك",
        "گ": "ك",
        "ء": None,
        "ـ": None,
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "ı": "i",
        "ħ": "h",
        "ŧ": "t",
        "ĸ": "k",
        "ŋ": "n",
        **dict.fromkeys(_QUOTES),
    }
)
_WORD: Final = re.compile(r"\w+")


def fold(text: str) -> str:
    """Small letters without marks: no niqqud, no tashkil, no accents, no bidi controls, no quotes;
    final letters as others, forms of alef, yaa and haa as one, digits as 0 to 9."""
    if text.isascii():
        return text.lower().translate(_ALIKE)
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    kept = "".join(_digit(letter) for letter in apart if _counts(letter))
    return kept.translate(_ALIKE)


def words(text: str) -> list[str]:
    """The folded words as they stand, each part of what a hyphen or a maqaf joins for itself."""
    return [word[:LONGEST] for word in _WORD.findall(fold(text).replace("_", " "))]


def name_words(text: str) -> frozenset[str]:
    """All by which a name or a number is found: its words, and what hyphens join, as one."""
    return frozenset(word for piece in text.split() for word in _piece_words(piece))


def words_of(texts: Iterable[str | None]) -> frozenset[str]:
    """The words of a customer, the longest where there are too many."""
    found = frozenset[str]().union(*(name_words(text) for text in texts if text))
    if len(found) <= MOST:
        return found
    return frozenset(sorted(found, key=lambda word: (-len(word), word))[:MOST])


@lru_cache(maxsize=20_000)  # people share their names
def _piece_words(piece: str) -> tuple[str, ...]:
    parts = words(piece)
    return (*parts, "".join(parts)[:LONGEST]) if len(parts) > 1 else tuple(parts)


def _counts(letter: str) -> bool:
    return unicodedata.category(letter) not in ("Mn", "Me", "Cf", "Cc") or letter.isspace()


def _digit(letter: str) -> str:
    number = unicodedata.decimal(letter, None)
    return letter if number is None else str(number)
