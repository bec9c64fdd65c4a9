"""What a draft changes of what is published, line by line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from app.drafting.contents import Files

AROUND = 3
"""How many unchanged lines stand around a change."""


class Mark(StrEnum):
    """What became of a line. GAP stands for unchanged lines that are left out."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Line:
    """`before` and `after` are its numbers on both sides, counted from 1."""

    mark: Mark
    text: str
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class FileDifference:
    """One file that is not the same. `is_new` and `is_gone`: it stands on one side only."""

    file: str
    lines: tuple[Line, ...]
    is_new: bool = False
    is_gone: bool = False


def difference(before: Files, after: Files) -> list[FileDifference]:
    """The files that differ, by name."""
    return [
        FileDifference(
            name,
            tuple(_lines(before.get(name, ""), after.get(name, ""))),
            is_new=name not in before,
            is_gone=name not in after,
        )
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    ]


def _lines(before: str, after: str) -> Iterator[Line]:
    old, new = before.splitlines(), after.splitlines()
    groups = SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(AROUND)
    end = 0
    for group in groups:
        if group[0][1] > end:
            yield Line(Mark.GAP, "", None, None)
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                for n in range(i2 - i1):
                    yield Line(Mark.SAME, old[i1 + n], i1 + n + 1, j1 + n + 1)
                continue
            for i in range(i1, i2):
                yield Line(Mark.REMOVED, old[i], i + 1, None)
            for j in range(j1, j2):
                yield Line(Mark.ADDED, new[j], None, j + 1)
        end = group[-1][2]
    if end < len(old):
        yield Line(Mark.GAP, "", None, None)
