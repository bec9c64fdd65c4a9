"""A second reader, such as a classifier on this machine: it may only make us more silent.

It can turn what we would act on into `UNCLEAR`, and add a meaning that holds. It never takes a stop
away, never adds a permission, and its days and amounts are not looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from app.hearing.intents import Asked, Confidence, Details, Intent, Meaning, Reader
from app.hearing.understanding import SILENCING, UNCLEAR, gravest_first


class SecondReader(Protocol):
    """Total, as a `Reader` is. None means that it has no opinion."""

    def opinion(self, text: str, asked: Asked) -> Sequence[Meaning] | None: ...


@dataclass(frozen=True, slots=True)
class Doubting:
    """A `Reader` whose answers a second one may only make quieter."""

    first: Reader
    second: SecondReader

    def understand(self, text: str, asked: Asked) -> Sequence[Meaning]:
        said = self.first.understand(text, asked)
        opinion = self.second.opinion(text, asked)
        return said if opinion is None else quieter(said, opinion)


def quieter(said: Sequence[Meaning], opinion: Sequence[Meaning]) -> Sequence[Meaning]:
    """What both say, all of `said` that silences, and what silences of `opinion` as `POSSIBLE`."""
    seconded = {meaning.intent for meaning in opinion}
    kept = [m for m in said if m.intent in SILENCING or m.intent in seconded]
    known = {meaning.intent for meaning in kept}
    added = [
        Meaning(meaning.intent, Confidence.POSSIBLE, "second", Details())
        for meaning in opinion
        if meaning.intent in SILENCING and meaning.intent not in known
    ]
    lost = len(kept) < len(said)
    doubt = [UNCLEAR] if lost and Intent.UNCLEAR not in known else []
    return gravest_first([*kept, *added, *doubt]) or [UNCLEAR]
