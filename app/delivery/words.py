"""The published words: which revisions are current, compiled once per set of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlmodel import Session

from app.store.publishing import contents, current, probe
from app.wording.render import Wording


@dataclass
class PublishedWords:
    """The current templates. `link_length` is how long a link is on this installation."""

    link_length: int
    _hashes: Mapping[str, str] = field(default_factory=dict)
    _wording: Wording | None = None
    _probe: object = None

    def current(self, session: Session) -> Wording:
        """The words as they are published now. Cheap while nothing is published."""
        seen = probe(session)
        if self._wording is None or seen != self._probe:
            hashes = current(session, "template")
            if self._wording is None or hashes != self._hashes:
                texts = contents(session, hashes.values())
                self._wording = Wording.from_revisions(texts, link_length=self.link_length)
            self._hashes, self._probe = hashes, seen
        return self._wording
