"""The notation in which phrases are written, and how they are found among a text's tokens.

word        that word, in any case and without its accents
one|other   one of several words
stem*       any word that begins so
?word       may be missing
..          up to four words of any kind, within the sentence
#           a number
#:          a time of day with its minutes: 17:30
<name>      one of the words that the file gives this name

Matching is bounded: a phrase has few parts, and each step keeps a set of places, never a tree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Final

from app.hearing.reading import folded
from app.hearing.tokens import LONGEST_WORD, Token, tokens

GAP: Final = 4
MOST_PARTS: Final = 16
SHORTEST_STEM: Final = 2


class PhraseError(ValueError):
    """A phrase that cannot be read: what is wrong, and what to write instead."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.remedy = remedy


class Stands(StrEnum):
    """Where a phrase has to stand in a message."""

    WHOLE = "whole"
    HEAD = "heads"
    ANYWHERE = "phrases"
    HINT = "hints"
    VAGUE = "vague"
    LAST = "last"
    UNLESS = "unless"


@dataclass(frozen=True, slots=True)
class Part:
    """One place of a phrase. A gap has no words; a number has `is_number`."""

    words: frozenset[str] = frozenset()
    stems: tuple[str, ...] = ()
    is_optional: bool = False
    is_gap: bool = False
    is_number: bool = False
    is_clock: bool = False

    def fits(self, token: Token) -> bool:
        if self.is_clock:
            return ":" in token.number
        if self.is_number:
            return bool(token.number) and not token.is_phone
        if token.word in self.words or not self.words.isdisjoint(token.forms):
            return True
        if not self.stems:
            return False
        return token.word.startswith(self.stems) or any(
            form.startswith(self.stems) for form in token.forms
        )

    @property
    def is_anchor(self) -> bool:
        return not (self.is_optional or self.is_gap or self.is_number or self.is_clock)

    @property
    def weight(self) -> tuple[int, int]:
        """How rare it is likely to be: few words, and long ones."""
        spelled = [*self.words, *self.stems]
        return min(map(len, spelled)), -len(spelled)


@dataclass(frozen=True, slots=True)
class Phrase:
    """`parts` with the place of the one by which it is looked up."""

    parts: tuple[Part, ...]
    anchor: int
    stands: Stands = Stands.ANYWHERE

    def found_at(self, text: Sequence[Token], place: int) -> tuple[int, int] | None:
        """The widest stretch, end excluded, in which it stands with its anchor at `place`."""
        if not self.parts[self.anchor].fits(text[place]):
            return None
        before = self._within(text, place, self.parts[: self.anchor][::-1], step=-1)
        if not before:
            return None
        after = self._within(text, place, self.parts[self.anchor + 1 :], step=1)
        return (min(before), max(after) + 1) if after else None

    def _within(
        self, text: Sequence[Token], place: int, parts: Sequence[Part], *, step: int
    ) -> set[int]:
        """Where it may end on one side; a phrase with a gap stays in its sentence."""
        ends = _walk(text, place, parts, step=step)
        if any(part.is_gap for part in parts):
            return {end for end in ends if text[end].sentence == text[place].sentence}
        return ends


@dataclass(frozen=True, slots=True)
class Named:
    """Sets of words that phrases call by name."""

    words: Mapping[str, str] = field(default_factory=dict)

    def written_out(self, part: str) -> str:
        if "<" not in part:
            return part
        for name, words in self.words.items():
            part = part.replace(f"<{name}>", words)
        if "<" in part:
            known = ", ".join(f"<{name}>" for name in self.words) or "none"
            raise PhraseError(f"`{part}` names words that are not there", f"Known: {known}.")
        return part


def read_phrase(
    written: str, named: Named = Named(), *, stands: Stands = Stands.ANYWHERE
) -> Phrase:
    """The phrase of a line. Raises `PhraseError`."""
    pieces = (named.written_out(piece) for piece in written.split())
    parts = tuple(part for piece in pieces for part in _parts(piece))
    if len(parts) > MOST_PARTS:
        raise PhraseError(f"more than {MOST_PARTS} parts", "Write two phrases.")
    anchors = [index for index, part in enumerate(parts) if part.is_anchor]
    if not anchors:
        raise PhraseError("no word that must be there", "Add a word that is neither `?` nor `..`.")
    return Phrase(parts, max(anchors, key=lambda index: parts[index].weight), stands)


@lru_cache(maxsize=32_768)
def _parts(piece: str) -> tuple[Part, ...]:
    """What a piece stands for. Many phrases share theirs."""
    if piece == "..":
        return (Part(is_gap=True),)
    if piece == "#":
        return (Part(is_number=True),)
    if piece == "#:":
        return (Part(is_clock=True),)
    bare = piece.removeprefix("?")
    choices = bare.split("|")
    spelled = [_words(choice) for choice in choices]
    if len(choices) == 1 and len(spelled[0]) > 1 and bare == piece and "*" not in piece:
        return tuple(Part(words=frozenset({word})) for word in spelled[0])
    return (_choice(piece, choices, spelled),)


def _choice(piece: str, choices: Sequence[str], spelled: Sequence[Sequence[str]]) -> Part:
    for choice, words in zip(choices, spelled, strict=True):
        if len(words) != 1:
            problem = f"`{choice}` in `{piece}` is not one word"
            raise PhraseError(problem, "Between `|` and behind `?` stand single words.")
        if choice.endswith("*") and len(words[0]) < SHORTEST_STEM:
            raise PhraseError(f"`{choice}` begins too many words", "Write more letters.")
    pairs = list(zip(choices, (words[0] for words in spelled), strict=True))
    return Part(
        words=frozenset(word for choice, word in pairs if not choice.endswith("*")),
        stems=tuple(word for choice, word in pairs if choice.endswith("*")),
        is_optional=piece.startswith("?"),
    )


@lru_cache(maxsize=32_768)
def _words(spelled: str) -> tuple[str, ...]:
    plain = folded(spelled.removesuffix("*"))
    if plain.isalpha() and len(plain) <= LONGEST_WORD:
        return (plain,)  # most are: a token of letters alone is itself
    return tuple(token.word for token in tokens(spelled.removesuffix("*")))


def _walk(text: Sequence[Token], place: int, parts: Sequence[Part], *, step: int) -> set[int]:
    """The places at which the last of `parts` may stand, going from `place` by `step`."""
    at = {place}
    for part in parts:
        if part.is_gap:
            at = {spot for start in at for spot in _gap(text, start, step)}
            continue
        reached = {
            start + step
            for start in at
            if 0 <= start + step < len(text) and part.fits(text[start + step])
        }
        at = at | reached if part.is_optional else reached
        if not at:
            return at
    return at


def _gap(text: Sequence[Token], start: int, step: int) -> Iterable[int]:
    yield start
    for spot in range(start + step, start + step * (GAP + 1), step):
        if not 0 <= spot < len(text) or text[spot].sentence != text[start].sentence:
            return
        yield spot
