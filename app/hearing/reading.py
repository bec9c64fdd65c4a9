"""Reads what somebody wrote just far enough to know whether it must stop us at once.

The steps are those of the contact rules, section 7, "Matcher". Reading can only make Duly more
silent, but for the few words of return that providers know: they take back a stop word, no more.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from app.hearing.opt_out_words import (
    EXACT_BY_LANGUAGE,
    HELP,
    HELP_KEYWORDS,
    PHRASES,
    RETURN,
    SHORT,
    UNMISTAKABLE,
    WRONG_NUMBER,
)

# Marks of direction and width, soft hyphens, and what follows an emoji to choose its picture.
_INVISIBLE: Final = re.compile(
    "[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\u20e3\ufe00-\ufe0f\ufeff]"
)
# Vowel points (niqqud), cantillation; harakat, dagger alef; tatweel.
_POINTS: Final = re.compile(
    "[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u065f\u0670\u0640]"
)
_ACCENTED: Final = ("LATIN", "GREEK", "CYRILLIC")
_FOLDED: Final = str.maketrans(
    {"إ": "ا", "أ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ı": "i", "ς": "σ", "ł": "l"}
)


class Verdict(StrEnum):
    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    HELP = "help"
    SUSPECTED = "suspected"
    UNREAD = "unread"


@dataclass(frozen=True, slots=True)
class Reading:
    """`rule` is a code for the records, without words: exact, keyword, first_word, phrase,
    wrong_number, none."""

    verdict: Verdict
    rule: str


def read(text: str) -> Reading:
    """What a message means for contact: an opt-out, probably one, a return, a question who we are,
    or something to be read."""
    plain = normalise(text)
    words = plain.split()
    if len(words) >= SHORT and all(len(word) == 1 for word in words):
        plain = "".join(words)  # S T O P
    if plain in _exact():
        return Reading(Verdict.OPT_OUT, "exact")
    if words and len(words) <= SHORT and _first(words) in _unmistakable():
        return Reading(Verdict.OPT_OUT, "first_word")
    if plain in _help():
        return Reading(Verdict.HELP, "keyword" if plain in HELP_KEYWORDS else "exact")
    if plain in _return():
        return Reading(Verdict.OPT_IN, "exact")
    padded = f" {plain} "
    if any(f" {phrase} " in padded for phrase in _phrases()):
        return Reading(Verdict.SUSPECTED, "phrase")
    if any(f" {phrase} " in padded for phrase in _wrong_number()):
        return Reading(Verdict.SUSPECTED, "wrong_number")
    return Reading(Verdict.UNREAD, "none")


def normalise(text: str) -> str:
    """Lower case without accents, vowel points, controls, punctuation and doubled blanks."""
    return " ".join("".join(c if _is_word(c) else " " for c in folded(text)).split())


def folded(text: str) -> str:
    """Lower case without accents, vowel points and controls; its punctuation stays."""
    if text.isascii():
        return text.casefold()
    composed = unicodedata.normalize("NFKC", text).casefold()
    visible = _INVISIBLE.sub("", composed)
    return _POINTS.sub("", _without_accents(visible)).translate(_FOLDED)


def _without_accents(text: str) -> str:
    """Drops the marks on Latin, Greek and Cyrillic letters; elsewhere a mark may be a vowel."""
    kept: list[str] = []
    on_letter = False
    for char in unicodedata.normalize("NFD", text):
        if not unicodedata.combining(char):
            on_letter = unicodedata.name(char, "").startswith(_ACCENTED)
        elif on_letter:
            continue
        kept.append(char)
    return unicodedata.normalize("NFC", "".join(kept))


def _is_word(char: str) -> bool:
    return unicodedata.category(char)[0] in "LNM"


def _first(words: list[str]) -> str:
    # "opt out of this" and "opt-out please" begin with one word that blanks have cut in two.
    return "optout" if words[:2] == ["opt", "out"] else words[0]


@lru_cache(maxsize=1)
def _exact() -> frozenset[str]:
    return _words(", ".join(EXACT_BY_LANGUAGE.values()))


@lru_cache(maxsize=1)
def _unmistakable() -> frozenset[str]:
    return _words(UNMISTAKABLE)


@lru_cache(maxsize=1)
def _help() -> frozenset[str]:
    return _words(HELP)


@lru_cache(maxsize=1)
def _return() -> frozenset[str]:
    return _words(RETURN)


@lru_cache(maxsize=1)
def _phrases() -> frozenset[str]:
    return _words(PHRASES)


@lru_cache(maxsize=1)
def _wrong_number() -> frozenset[str]:
    return _words(WRONG_NUMBER)


def _words(listed: str) -> frozenset[str]:
    return frozenset(normalise(word) for word in listed.split(","))
