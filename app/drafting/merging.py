"""Takes what was published meanwhile into a draft, line by line, where they touch other lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from app.drafting.contents import Files


@dataclass(frozen=True, slots=True)
class Conflict:
    """Lines that both have changed, from `line` of what the draft was begun from."""

    file: str
    line: int
    base: tuple[str, ...]
    mine: tuple[str, ...]
    theirs: tuple[str, ...]


def merged(base: Files, mine: Files, theirs: Files) -> tuple[dict[str, str], list[Conflict]]:
    """`mine` with what `theirs` changed since `base`. Where both changed the same lines `mine`
    stays, and the conflict is told."""
    conflicts: list[Conflict] = []
    result = {}
    for file in sorted({*base, *mine, *theirs}):
        text, found = _file(file, base.get(file), mine.get(file), theirs.get(file))
        conflicts += found
        if text is not None:
            result[file] = text
    return result, conflicts


def _file(
    file: str, base: str | None, mine: str | None, theirs: str | None
) -> tuple[str | None, list[Conflict]]:
    if theirs in (mine, base):
        return mine, []
    if mine == base:
        return theirs, []
    before, ours, others = (_lines(text) for text in (base, mine, theirs))
    if base is None or mine is None or theirs is None:
        return mine, [Conflict(file, 1, before, ours, others)]
    return _by_line(file, before, ours, others)


def _by_line(
    file: str, base: tuple[str, ...], mine: tuple[str, ...], theirs: tuple[str, ...]
) -> tuple[str, list[Conflict]]:
    told: list[str] = []
    conflicts = []
    at_base = at_mine = at_theirs = 0
    for b, m, t in (*_anchors(base, mine, theirs), (len(base), len(mine), len(theirs))):
        was, ours, others = base[at_base:b], mine[at_mine:m], theirs[at_theirs:t]
        if others in (was, ours):
            told += ours
        elif ours == was:
            told += others
        else:
            told += ours
            conflicts.append(Conflict(file, at_base + 1, was, ours, others))
        told += base[b : b + 1]
        at_base, at_mine, at_theirs = b + 1, m + 1, t + 1
    return "".join(told), conflicts


def _anchors(
    base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]
) -> list[tuple[int, int, int]]:
    """Where a line of the base stands unchanged in both."""
    ours, others = _kept(base, mine), _kept(base, theirs)
    return [(at, ours[at], others[at]) for at in sorted(ours.keys() & others.keys())]


def _kept(base: Sequence[str], other: Sequence[str]) -> Mapping[int, int]:
    blocks = SequenceMatcher(None, base, other, autojunk=False).get_matching_blocks()
    return {each.a + n: each.b + n for each in blocks for n in range(each.size)}


def _lines(text: str | None) -> tuple[str, ...]:
    return tuple((text or "").splitlines(keepends=True))
