"""Lists that leave as a file, and choices of many rows at once: what a room may hand to an errand.

Whoever has one adds a value to the mapping that the errands are given. Both go by key, a page at a
time, so a million rows need no more memory than one page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

from sqlmodel import Session

Cell: TypeAlias = str | int | float | Decimal | date | datetime | None
Parameters: TypeAlias = Mapping[str, Any]
"""The filters of a list as they stand in its URL; no personal data."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A page of a list. `after` is where the next one begins; None: this was the last."""

    cells: Sequence[Sequence[Cell]]
    after: Any = None


@dataclass(frozen=True, slots=True)
class Export:
    """A list as a file. `rows` answers what stands behind `after` (None: the beginning). It raises
    `ErrandFailed` for parameters that it does not know."""

    name: str
    columns: tuple[str, ...]
    rows: Callable[[Session, Parameters, Any], Rows]


@dataclass(frozen=True, slots=True)
class Chosen:
    """A page of ids. `after` is where the next one begins; None: this was the last. A page of a
    rare choice may hold none and not be the last."""

    ids: Sequence[int]
    after: int | None = None

    @classmethod
    def page(cls, ids: Sequence[int], limit: int) -> Chosen:
        """Of ids that are in order, where a full page may have one behind it."""
        return cls(ids, ids[-1] if len(ids) >= limit else None)


@dataclass(frozen=True, slots=True)
class Selection:
    """Ids that a filter chooses, upward: a page of about `limit`, of what stands behind `after`
    (0: the beginning)."""

    name: str
    page: Callable[[Session, Parameters, int, int], Chosen]
