"""Which rule packs a creditor is under, which of them somebody must answer for, and what changed.

A creditor's own pack binds that creditor alone. Packs of law concern those who live, or whose
customers live, where it holds; a provider's those who write through it; the house's everybody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from campaigns.rulehead import Level
from campaigns.rules import Pack, Rule
from campaigns.whereabouts import Place, in_region

Line = tuple[str, str]
"""A medium and the provider that carries it."""


def of_creditor(packs: Iterable[Pack], external_id: str) -> tuple[Pack, ...]:
    """The packs without those that other creditors made for themselves."""
    return tuple(pack for pack in packs if pack.creditor in ("", external_id))


def concerning(
    packs: Iterable[Pack], places: Collection[Place], lines: Collection[Line]
) -> tuple[Pack, ...]:
    """Those that speak of one of these places or lines, and those of the house and the creditor."""
    return tuple(pack for pack in packs if _concerns(pack, places, lines))


def _concerns(pack: Pack, places: Collection[Place], lines: Collection[Line]) -> bool:
    if pack.level is Level.PROVIDER:
        return any(_is_on(rule, line) for rule in pack.rules for line in lines)
    if pack.level is not Level.LAW:
        return True
    return any(
        country in pack.countries and in_region(pack.regions, region) for country, region in places
    )


def _is_on(rule: Rule, line: Line) -> bool:
    medium, provider = line
    applies = rule.head.applies
    return _names(applies.media, medium) and _names(applies.providers, provider)


def _names(words: frozenset[str], word: str) -> bool:
    return not words or word in words


@dataclass(frozen=True, slots=True)
class Changes:
    """The ids of the rows that differ between two versions of a pack."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]


def changes(old: Iterable[Rule], new: Iterable[Rule]) -> Changes:
    """What a reader of the old version must read anew. A row is known by its id and its start."""
    before, after = _by_version(old), _by_version(new)
    return Changes(
        added=_ids(after.keys() - before.keys()),
        removed=_ids(before.keys() - after.keys()),
        changed=_ids(key for key in before.keys() & after.keys() if before[key] != after[key]),
    )


def _by_version(rules: Iterable[Rule]) -> dict[tuple[str, date | None], Rule]:
    return {(rule.id, rule.head.effective_from): rule for rule in rules}


def _ids(keys: Iterable[tuple[str, date | None]]) -> tuple[str, ...]:
    return tuple(sorted({id_ for id_, _ in keys}))
