"""A text as words, numbers and pictures: what phrases are looked for in.

Every word stands for several forms of itself: without letters typed too often, without the little
words that Hebrew and Arabic write onto it. Total and linear: any text has tokens, and of a very
long one only the beginning is read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from app.hearing.reading import folded

LONGEST: Final = 8_000
"""Characters of a text that are read."""
LONGEST_WORD: Final = 40
LONGEST_NUMBER: Final = 9
"""Figures from which on a number is a telephone's, or an account's: no amount has so many."""

# Arabic in Latin letters writes sounds as digits: ma3, 3andi, 7abibi.
_MIXED = r"(?<!\w)(?:[a-z]+[2356789][a-z0-9]*|[2356789][a-z]{2,}[a-z0-9]*)"
_PHONE = r"(?:\+|\b0)\d[\d() .\-/]{6,18}\d\b"
_GROUPED = r"\d{1,3}(?:[ '’]\d{3})+(?!\d)(?:[.,]\d{1,2}(?!\d))?"
_NUMBER = r"\d+(?:[.,:/\-]\d+)*"
_PICTURE = "[\u2600-\u27bf\u2b50-\u2b55\U0001f000-\U0001faff]"
_SPLIT: Final = re.compile(
    rf"(?P<mixed>{_MIXED})|(?P<phone>{_PHONE})|(?P<number>{_GROUPED}|{_NUMBER})"
    rf"|(?P<word>[^\W\d_]+)|(?P<break>[.!?…\n؟。]+)|(?P<pause>[,;:،؛()–—])"
    rf"|(?P<sign>[₪€$£₽#№])|(?P<picture>{_PICTURE})"
)
# What stands right behind a figure without being Arabic.
_UNITS: Final = frozenset(
    "nd rd th st am pm eur euro euros usd nis ils pln zl zlotych gbp aed sar day days week weeks"
    " month months hrs min mins dias semanas meses jours mois tage wochen giorni mesi dni"
    " men".split()
)
_DATED: Final = re.compile(r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./\-]\d{1,2}[./\-]\d{2,4}")
# French and Italian cut a vowel off before the next word: two words. Elsewhere the sign is inside.
_ELIDED: Final = re.compile(
    r"\b(qu|jusqu|lorsqu|puisqu|quelqu|dell|all|dall|nell|sull|un|quell|quest|[cdjlmnst])"
    r"['’](?=[^\W\d_])"
)
_ABBREVIATED: Final = re.compile(r"(?<=[א-ת])[\"״]{1,2}(?=[א-ת])")
_INSIDE: Final = re.compile(r"(?<=[^\W_])['’`׳״\"](?=[^\W_])")
_E_MAIL: Final = re.compile(r"\be-(?=mail)")
_REPEATED: Final = re.compile(r"(.)\1{2,}")
_UMLAUT: Final = re.compile("([aou])e")
_TONES: Final = re.compile("[\U0001f3fb-\U0001f3ff]")
_HEBREW_HEADS: Final = "ושהבלמכ"
_ARABIC_HEADS: Final = ("وال", "بال", "لل", "ال", "و", "ف", "ب", "ل")
_NO_FORMS: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Token:
    """`word` as it is compared, `forms` what else it may be; `number` as written, where it is one.

    `sentence` and `clause` count the breaks before it: a phrase stays in its sentence, a negation
    in its clause.
    """

    word: str
    forms: frozenset[str]
    sentence: int
    clause: int
    number: str = ""
    is_phone: bool = False


def tokens(text: str) -> tuple[Token, ...]:
    """The tokens of the first `LONGEST` characters."""
    return tuple(_tokens(_prepared(text[:LONGEST])))


def _prepared(text: str) -> str:
    plain = _TONES.sub("", folded(text))
    if not plain.isascii():
        plain = "".join(_digit(char) if char.isdigit() else char for char in plain)
    plain = plain.replace("٫", ".").replace("٬", ",")
    # The sign of a Hebrew abbreviation tells words apart that are otherwise written alike.
    plain = _ABBREVIATED.sub("ˮ", _ELIDED.sub(r"\1 ", plain))
    return _E_MAIL.sub("e", _INSIDE.sub("", plain))


def _digit(char: str) -> str:
    value = unicodedata.digit(char, None)
    return char if value is None else str(value)


def _tokens(plain: str) -> Iterator[Token]:
    sentence = clause = 0
    behind_number = -1
    for found in _SPLIT.finditer(plain):
        kind, said = found.lastgroup, found.group()
        if kind == "number":
            behind_number = found.end()
        if kind == "break":
            if said == "." and found.start() == behind_number:
                continue  # "am 20.2. bezahlt": a day, no end
            sentence, clause = sentence + 1, clause + 1
        elif kind == "pause":
            clause += 1
        elif kind == "phone" and not _DATED.fullmatch(said.strip()):
            yield Token("0", _NO_FORMS, sentence, clause, said, is_phone=True)
        elif kind in ("phone", "number"):
            is_long = sum(map(str.isdigit, said)) >= LONGEST_NUMBER
            yield Token("0" if is_long else said, _NO_FORMS, sentence, clause, said, is_long)
        elif kind == "mixed" and said[1:] in _UNITS:
            yield Token(said[0], _NO_FORMS, sentence, clause, said[0])
            yield Token(said[1:], _NO_FORMS, sentence, clause)
        elif kind == "picture":
            yield Token(f"u{ord(said):x}", _NO_FORMS, sentence, clause)
        else:
            word = said[:LONGEST_WORD]
            yield Token(word, _forms(word), sentence, clause)


def _forms(word: str) -> frozenset[str]:
    if len(word) < 3:
        return _NO_FORMS
    found = set(_without_heads(word))
    found.add(_UMLAUT.sub(r"\1", word))  # German without its dots: ueber, fuer
    if _REPEATED.search(word):
        found |= {_REPEATED.sub(r"\1", word), _REPEATED.sub(r"\1\1", word)}
    return frozenset(found)


def _without_heads(word: str) -> Iterator[str]:
    """Hebrew and Arabic write `and`, `the`, `to` and their like onto the word that follows."""
    if "א" <= word[0] <= "ת":
        for cut in (1, 2):
            if len(word) - cut < 2 or word[cut - 1] not in _HEBREW_HEADS:
                return
            yield word[cut:]
    elif "ء" <= word[0] <= "ي":
        yield from (
            word[len(head) :]
            for head in _ARABIC_HEADS
            if word.startswith(head) and len(word) - len(head) >= 3
        )
