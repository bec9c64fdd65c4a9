"""All phrases of all languages, looked up by the words of a text in one pass."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from app.hearing.opt_out_words import EXACT_BY_LANGUAGE
from app.hearing.reading import normalise
from app.hearing.tokens import Token
from app.hearing.word_files import Entry, Section, shipped_entries

LONG: Final = 6
"""Letters from which on a word may be typed wrongly once."""
VERY_LONG: Final = 9
"""Letters from which on it may be any slip: so long a word is seldom one letter from another."""
VOWELS: Final = frozenset("aeiouyаеёиоуыэюяאהויעاويىةه")
"""Letters that people leave out, add and mistake for each other."""
_KEYS: Final = (
    *("qwertyuiop", "asdfghjkl", "zxcvbnm", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю"),
    *"qaz wsx edc rfv tgb yhn ujm zs xd cf vg bh nj mk".split(),
)
_NOTHING_ELSE: Final[frozenset[str]] = frozenset()
OFTEN: Final = 12
"""Places at which one phrase is noted: who writes "please" a thousand times says it once."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase that stands in a text, its end excluded."""

    entry: Entry
    start: int
    end: int


class Lexicon:
    """Phrases, by the words that they are looked up by."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._words: dict[str, list[Entry]] = defaultdict(list)
        self._stems: dict[str, list[Entry]] = defaultdict(list)
        self._known: set[str] = set()
        self._greetings: set[str] = set()
        for entry in entries:
            self._add(entry)
        self._stem_lengths = sorted({len(stem) for stem in self._stems})
        self._near = _deletions(word for word in self._known if len(word) >= LONG)

    def find(self, text: Sequence[Token]) -> list[Hit]:
        """Every phrase that stands in the text, at its first `OFTEN` places."""
        spelled = [self._spelled(token) for token in text]
        times: Counter[int] = Counter()
        found: list[Hit] = []
        for place in range(len(spelled)):
            for hit in self._at(spelled, place):
                times[id(hit.entry)] += 1
                if times[id(hit.entry)] <= OFTEN:
                    found.append(hit)
        return found

    def _add(self, entry: Entry) -> None:
        anchor = entry.phrase.parts[entry.phrase.anchor]
        for word in anchor.words:
            self._words[word].append(entry)
        for stem in anchor.stems:
            self._stems[stem].append(entry)
        for part in entry.phrase.parts:
            self._known |= part.words
            if entry.section is Section.FILLER:
                self._greetings |= part.words

    def _begins_known(self, word: str) -> bool:
        return any(word[:length] in self._stems for length in self._stem_lengths if length > 3)

    def _at(self, text: Sequence[Token], place: int) -> Iterator[Hit]:
        token = text[place]
        seen: set[int] = set()
        for word in (token.word, *token.forms):
            for entry in self._looked_up(word):
                if id(entry) in seen:
                    continue
                seen.add(id(entry))
                span = entry.phrase.found_at(text, place)
                if span:
                    yield Hit(entry, *span)

    def _looked_up(self, word: str) -> Iterator[Entry]:
        yield from self._words.get(word, ())
        for length in self._stem_lengths:
            if length > len(word):
                return
            yield from self._stems.get(word[:length], ())

    def _spelled(self, token: Token) -> Token:
        """The token with what it was meant to be, if nobody knows the word as it stands."""
        word = token.word
        if word in self._greetings:
            return replace(token, forms=_NOTHING_ELSE)  # "please" in Hebrew ends in "hard"
        if len(word) < LONG or token.number or word in self._known or word in _stop_words():
            return token
        if self._begins_known(word) or not self._known.isdisjoint(token.forms):
            return token
        meant = {
            known
            for shorter in _shorter(word)
            for known in self._near.get(shorter, ())
            if known[0] == word[0] and _is_one_slip(word, known)
        }
        return replace(token, forms=token.forms | meant) if meant else token


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The words that come with Duly."""
    return Lexicon(shipped_entries())


@lru_cache(maxsize=1)
def _stop_words() -> frozenset[str]:
    listed = ",".join(EXACT_BY_LANGUAGE.values()).split(",")
    return frozenset(normalise(word) for word in listed)


def _deletions(words: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for word in words:
        for shorter in _shorter(word):
            found[shorter].append(word)
    return found


def _shorter(word: str) -> set[str]:
    return {word, *(word[:index] + word[index + 1 :] for index in range(len(word)))}


def _is_one_slip(word: str, known: str) -> bool:
    """One letter too many, too few, another one, or two changed about, where they share a word
    that is one letter shorter than the longer of them. Below `VERY_LONG` letters only the slips
    of a hand: "garage" is no "garbage"."""
    at = next(
        (place for place, pair in enumerate(zip(word, known, strict=False)) if pair[0] != pair[1]),
        min(len(word), len(known)),
    )
    if len(word) != len(known):
        longer = max(word, known, key=len)
        return len(known) >= VERY_LONG or longer[at] in VOWELS or longer[at] in longer[at - 1 : at]
    if word[at + 1 :] == known[at + 1 :]:
        return len(known) >= VERY_LONG or _is_near(word[at], known[at])
    swapped = known[:at] + known[at + 1] + known[at] + known[at + 2 :]
    return word == swapped


def _is_near(one: str, other: str) -> bool:
    """Two vowels, or two keys side by side."""
    return (one in VOWELS and other in VOWELS) or any(
        one + other in row or other + one in row for row in _KEYS
    )
