"""Finds gendered and formal slips: a word of one form of address in a text for another.

A list of words is a floor. It knows no grammar, so a person still reads the text.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from app.wording.address import Manner, SlipRule, manner_of
from app.wording.files import Finding
from app.wording.words import LocalWords
from campaigns.worded import Worded, worded

# Vowel points of Hebrew and Arabic: they are no word characters, yet they stand inside words.
_MARKS = "\u0591-\u05c7\u064b-\u0652\u0670"
_LETTER = rf"[\w{_MARKS}]"
_OPENING = r"(?:\A|(?<=[.!?؟:,،;\n\"'}>])|(?<=– ))[ ]*"
# "תוכל/י", "-ė/-as", "payé(e)", "מוזמן.ת": two forms in one word, which nobody says aloud.
_DOUBLED = re.compile(
    r"(?<![\w.:/@])[^\W\d_]+/-?[^\W\d_]+|[^\W\d_]+\(-?[^\W\d_]{1,4}\)(?!\w)|[\u05d0-\u05ea]+[.·][\u05d0-\u05ea]+"
)


@dataclass(frozen=True, slots=True)
class Slip:
    """A word on a line of a text, what it does there, and what to write instead."""

    word: str
    line: int
    why: Worded
    remedy: Worded


def slips_in(text: str, locale: str, *, forms: Collection[str]) -> list[Slip]:
    """The words in `text` that are wrong where it is said in each of these forms of address."""
    manner = manner_of(locale)
    found = [
        _slip(match, rule.why, rule.remedy)
        for rule in manner.slips
        if rule.only is None or any(form != rule.only for form in forms)
        for match in _matches(text, manner, rule)
    ]
    remedy = worded("Write one form that is right for anybody")
    doubled = (
        _slip(each, worded("holds two forms at once"), remedy) for each in _DOUBLED.finditer(text)
    )
    return [*found, *doubled]


def slips_of(words: LocalWords) -> list[Finding]:
    """Words of one form of address where another is said."""
    return [
        Finding(
            words.file,
            text.line_at(slip.line),
            worded("`%(word)s` %(why)s", word=slip.word, why=slip.why),
            slip.remedy,
        )
        for key, text in words.texts.items()
        for slip in slips_in(text.source, words.locale, forms=words.heard_in(key))
    ]


def _matches(text: str, manner: Manner, rule: SlipRule) -> list[re.Match[str]]:
    loose, exact = _patterns(manner.prefixes, rule)
    plain = re.sub(f"[{_MARKS}]", "", text)
    found = [] if loose is None else list(loose.finditer(plain))
    return found if exact is None else [*found, *exact.finditer(text)]


@lru_cache(maxsize=64)
def _patterns(
    prefixes: tuple[str, ...], rule: SlipRule
) -> tuple[re.Pattern[str] | None, re.Pattern[str] | None]:
    """What to look for in the text without its vowel points, and in the text as it is."""
    before = rf"(?<!\w)(?:{_any(prefixes)})?" if prefixes else r"(?<!\w)"
    loose = [
        rf"{before}(?:{_any(rule.words)})(?!\w)" if rule.words else "",
        rf"{_OPENING}(?:{_any(rule.openings)})(?!\w)" if rule.openings else "",
    ]
    exact = [
        rf"{_LETTER}*(?:{_any(rule.endings)})(?!{_LETTER})" if rule.endings else "",
        rf"(?<!\w)(?-i:{_any(rule.exactly)})(?!\w)" if rule.exactly else "",
    ]
    return _joined(loose), _joined(exact)


def _joined(patterns: list[str]) -> re.Pattern[str] | None:
    given = [pattern for pattern in patterns if pattern]
    return re.compile("|".join(given), re.IGNORECASE) if given else None


def _any(words: tuple[str, ...]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def _slip(match: re.Match[str], why: Worded, remedy: Worded) -> Slip:
    word = match[0].strip()
    return Slip(word, match.string.count("\n", 0, match.end()) + 1, why, remedy)
