"""How a file writes days and numbers, by the columns that hold them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.book.guessing.sample import Column
from app.book.mapping.cells import Writing

_PLACES = re.compile(r"%\w")
_MINUS = ("-", "−")


@dataclass(frozen=True, slots=True)
class WritingGuess:
    """`dates_doubt` and `numbers_doubt` say what else would read the file."""

    writing: Writing
    dates_doubt: str | None
    numbers_doubt: str | None

    @property
    def month_first(self) -> bool:
        return any(pattern.startswith("%m") for pattern in self.writing.dates)


def guess_writing(days: Sequence[Column], amounts: Sequence[Column]) -> WritingGuess:
    """The pattern and the signs that read most, the simplest of equals."""
    patterns, dates_doubt = _patterns(days)
    writing, numbers_doubt = _numbers(amounts)
    return WritingGuess(replace(writing, dates=patterns), dates_doubt, numbers_doubt)


def _patterns(columns: Sequence[Column]) -> tuple[tuple[str, ...], str | None]:
    """One pattern for all columns, and others where some columns, or some cells of one, are written
    in a way that cannot be mistaken for it."""
    told: Counter[str] = Counter()
    for column in columns:
        told += column.patterns()
    if not told:
        return Writing().dates, None
    best = max(told, key=lambda pattern: told[pattern])
    found = [best]
    for column in columns:
        own = column.patterns()
        if own[best] < own.total() and not own[best]:
            found.append(max(own, key=lambda pattern: own[pattern]))
        found += _besides(column, found)
    equal = [pattern for pattern in told if pattern != best and told[pattern] == told[best]]
    doubt = f"{' or '.join(equal)} reads every day too" if equal else None
    return tuple(dict.fromkeys(found)), doubt


def _besides(column: Column, found: Sequence[str]) -> list[str]:
    """The pattern of the cells that none of `found` reads, where it is one alone and its signs are
    of no other: a workbook may hold days in one cell and texts in the next."""
    left = column.unread(found)
    signs = {_PLACES.sub("", pattern) for pattern in found}
    told = {
        pattern: count
        for pattern, count in left.patterns().items()
        if count and _PLACES.sub("", pattern) not in signs
    }
    likeliest = [pattern for pattern in told if told[pattern] == max(told.values())]
    return likeliest if len(likeliest) == 1 else []


def _numbers(columns: Sequence[Column]) -> tuple[Writing, str | None]:
    told: Counter[Writing] = Counter()
    for column in columns:
        told += column.writings()
    behind = any(text.endswith(_MINUS) for column in columns for text in column.texts)
    if not told:
        return Writing(minus_behind=behind), None
    best = max(told, key=lambda writing: told[writing])
    grouped = _grouped(columns, told, best)
    chosen = grouped or best
    doubt = None
    if grouped is not None:
        doubt = f"`{best.decimal}` may be the decimal sign instead: all have three digits behind it"
    return replace(chosen, minus_behind=behind), doubt


def _grouped(columns: Sequence[Column], told: Counter[Writing], best: Writing) -> Writing | None:
    """`1,234` alone is a thousand and more, rather than one and a bit of three decimals."""
    texts = [t for c in columns for t in c.texts if best.decimal in t and not best.thousands]
    if not texts or any(len(text.rpartition(best.decimal)[2]) != 3 for text in texts):
        return None
    rivals = [w for w in told if w.thousands == best.decimal and told[w] == told[best]]
    return rivals[0] if rivals else None
