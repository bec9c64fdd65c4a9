"""What WhatsApp has approved of a template, and what it would have to read again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import select
from sqlmodel import Session

from app.store.given import table_of
from app.store.rows import ApprovedText
from app.wording.blanks import bodies
from app.wording.errors import WordingError
from app.wording.words import LocalWords, from_canonical

_TEXT = table_of(ApprovedText)
APPROVED, NEVER = "approved", "never"

Told = Mapping[tuple[str, str], Mapping[str, str]]
"""What the provider said last of each text, by template and language."""


@dataclass(frozen=True, slots=True)
class Approval:
    """`texts` are what the words can come to, each with what WhatsApp says of it; `flagged` that
    the file says that they are approved, which counts for the sandbox."""

    texts: tuple[tuple[str, str], ...]
    flagged: bool

    @property
    def again(self) -> tuple[str, ...]:
        """The texts that nobody has submitted yet."""
        return tuple(text for text, state in self.texts if state == NEVER)

    @property
    def state(self) -> str:
        """In one word: approved, never, or the worst that was said."""
        states = {state for _, state in self.texts}
        if states == {APPROVED} or (states == {NEVER} and self.flagged):
            return APPROVED
        said = states - {APPROVED, NEVER}
        return min(said, default=NEVER if NEVER in states else APPROVED)


def told(session: Session, template: str | None = None) -> Told:
    """Of one template or of all: there are a few hundred texts at most."""
    query = select(_TEXT.c.template, _TEXT.c.locale, _TEXT.c.body, _TEXT.c.status)
    if template is not None:
        query = query.where(_TEXT.c.template == template)
    found: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for row in session.connection().execute(query.order_by(_TEXT.c.id)):
        found[row.template, row.locale][row.body] = row.status
    return found


def approval_of(words: LocalWords, said: Mapping[str, str]) -> Approval:
    """Of the words as they are written. Raises `WordingError` where they cannot be read."""
    texts = tuple((body.text, said.get(body.text, NEVER)) for body in bodies(words))
    return Approval(texts, words.whatsapp_approved)


def published_state(
    content: str, locale: str, said: Mapping[str, str] | None, *, flagged: bool
) -> str:
    """The state of published words in one word. Nothing is worked out where nothing was asked."""
    if said is None:
        return APPROVED if flagged else NEVER
    try:
        texts = _texts(content, locale)
    except WordingError:
        return NEVER
    return Approval(tuple((text, said.get(text, NEVER)) for text in texts), flagged).state


@lru_cache(maxsize=2048)
def _texts(content: str, locale: str) -> tuple[str, ...]:
    return tuple(body.text for body in bodies(from_canonical(content)[locale]))
