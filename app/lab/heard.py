"""How well replies are read: precision and recall against what people labelled.

Meanings are counted one by one: a text with two has two chances to be right. Details are counted
where a label gives them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from app.hearing.intents import Asked, Details, Intent, Meaning, Reader
from app.hearing.understanding import SILENCING
from app.lab.labelled.entries import LOCALES, Half, Labelled, labelled

WRITTEN_ON: Final = date(2026, 3, 1)
"""The writer's day where a label needs none."""


@dataclass(frozen=True, slots=True)
class Miss:
    """A text that was not read as it is labelled. Its repr shows no word of it."""

    entry: Labelled = field(repr=False)
    read: Sequence[Meaning]
    lacking: frozenset[Intent]
    too_many: frozenset[Intent]
    details: Mapping[str, str] = field(repr=False)


@dataclass(slots=True)
class Score:
    """Counts of one kind of meaning, or of all."""

    right: int = 0
    lacking: int = 0
    too_many: int = 0

    @property
    def recall(self) -> float | None:
        return _share(self.right, self.lacking)

    @property
    def precision(self) -> float | None:
        return _share(self.right, self.too_many)


@dataclass(slots=True)
class Heard:
    """The report: by intent over all languages, by language, and what became of opt-outs."""

    by_intent: dict[Intent, Score]
    by_locale: dict[str, Score]
    details: Counter[str] = field(default_factory=Counter)
    details_right: Counter[str] = field(default_factory=Counter)
    opt_outs: int = 0
    opt_outs_silenced: int = 0
    misses: list[Miss] = field(default_factory=list, repr=False)

    @property
    def total(self) -> Score:
        return _sum(self.by_intent.values())


def hear(reader: Reader, half: Half, locales: Sequence[str] = LOCALES) -> Heard:
    """Reads the labelled replies of these languages and counts."""
    heard = Heard({intent: Score() for intent in Intent}, {locale: Score() for locale in locales})
    for locale in locales:
        for entry in labelled(locale, half):
            _count(heard, entry, reader)
    return heard


def _count(heard: Heard, entry: Labelled, reader: Reader) -> None:
    asked = Asked(entry.wrote_on or WRITTEN_ON, (entry.locale,))
    read = reader.understand(entry.text, asked)
    got = frozenset(meaning.intent for meaning in read)
    for scores, key in _scores(heard, entry, got | entry.intents):
        scores.right += key in got and key in entry.intents
        scores.lacking += key not in got
        scores.too_many += key not in entry.intents
    if Intent.OPT_OUT in entry.intents:
        heard.opt_outs += 1
        heard.opt_outs_silenced += not got.isdisjoint(SILENCING)
    wrong = dict(_details(heard, entry.details, read))
    if got != entry.intents or wrong:
        miss = Miss(entry, read, entry.intents - got, got - entry.intents, wrong)
        heard.misses.append(miss)


def _scores(
    heard: Heard, entry: Labelled, intents: Iterable[Intent]
) -> Iterator[tuple[Score, Intent]]:
    for intent in intents:
        yield heard.by_intent[intent], intent
        yield heard.by_locale[entry.locale], intent


def _details(heard: Heard, expected: Details, read: Sequence[Meaning]) -> Iterator[tuple[str, str]]:
    """Counts each detail that a label gives; those that no meaning has, with what was expected."""
    for name in Details.__dataclass_fields__:
        value = getattr(expected, name)
        if value is None:
            continue
        is_right = any(getattr(meaning.details, name) == value for meaning in read)
        heard.details[name] += 1
        heard.details_right[name] += is_right
        if not is_right:
            yield name, str(value)


def _sum(scores: Iterable[Score]) -> Score:
    total = Score()
    for score in scores:
        total.right += score.right
        total.lacking += score.lacking
        total.too_many += score.too_many
    return total


def _share(right: int, wrong: int) -> float | None:
    return right / (right + wrong) if right + wrong else None
