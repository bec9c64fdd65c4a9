"""A published template: all its languages, named by the hash of their content."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.wording.words import LocalWords, canonical, content_hash


@dataclass(frozen=True, slots=True)
class Revision:
    """One template in all its languages, named by the hash of its content."""

    hash: str
    content: str
    words: Mapping[str, LocalWords]

    @property
    def template(self) -> str:
        """The template's name."""
        return next(iter(self.words.values())).template


def revision_of(words: Iterable[LocalWords]) -> Revision:
    """The revision that these languages of one template make."""
    rows = list(words)
    content = canonical(rows)
    return Revision(content_hash(content), content, {row.locale: row for row in rows})
