"""Drafts as they stand, and what was done to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, select
from sqlmodel import Session

from app.drafting.contents import Kind, hash_of, unpacked
from app.drafting.errors import SamePerson, UnknownDraft
from app.store.given import table_of
from app.store.rows import Draft as DraftRow
from app.store.rows import DraftEvent

_DRAFT, _EVENT = table_of(DraftRow), table_of(DraftEvent)


class State(StrEnum):
    """OPEN is edited; SUBMITTED waits for a second person; APPROVED may be published."""

    OPEN = "open"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft. Every act names the `revision` that it has seen; `base` is what it was begun from,
    `note` what was said with the last decision."""

    id: int
    kind: Kind
    name: str
    files: dict[str, str]
    base: dict[str, str]
    base_hash: str | None
    state: State
    revision: int
    author: str
    begun_at: datetime
    edited_by: str
    edited_at: datetime
    submitted_by: str | None
    submitted_at: datetime | None
    decided_by: str | None
    decided_at: datetime | None
    approved_hash: str | None
    note: str
    published_hash: str | None
    closed_by: str | None
    closed_at: datetime | None

    @property
    def content_hash(self) -> str:
        return hash_of(self.files)

    @property
    def is_live(self) -> bool:
        return self.closed_at is None

    @classmethod
    def of(cls, row: Row[Any]) -> Draft:
        values = dict(row._mapping)
        values["files"] = unpacked(values.pop("content"))
        values["base"] = unpacked(values["base"])
        values["kind"], values["state"] = Kind(values["kind"]), State(values["state"])
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Done:
    """One act on a draft."""

    act: str
    who: str
    at: datetime
    revision: int
    content_hash: str
    note: str


def draft(session: Session, draft_id: int) -> Draft:
    """One draft. Raises `UnknownDraft`."""
    row = session.connection().execute(select(_DRAFT).where(_DRAFT.c.id == draft_id)).first()
    if row is None:
        raise UnknownDraft(draft_id)
    return Draft.of(row)


def live(session: Session, kind: Kind, name: str) -> Draft | None:
    """The draft of this name that is neither published nor withdrawn."""
    named = (_DRAFT.c.kind == kind) & (_DRAFT.c.name == name)
    found = _drafts(session, named & _DRAFT.c.closed_at.is_(None))
    return found[0] if found else None


def all_live(session: Session, kind: Kind) -> list[Draft]:
    """Those that somebody works on, by name."""
    return _drafts(session, (_DRAFT.c.kind == kind) & _DRAFT.c.closed_at.is_(None))


def history(session: Session, draft_id: int) -> Sequence[Done]:
    """What was done to a draft, the newest first."""
    columns = [_EVENT.c[name] for name in ("act", "who", "at", "revision", "content_hash", "note")]
    query = select(*columns).where(_EVENT.c.draft_id == draft_id).order_by(_EVENT.c.id.desc())
    return [Done(*row) for row in session.connection().execute(query)]


def writers(session: Session, draft_id: int) -> frozenset[str]:
    """Whoever has put words into it."""
    wrote = _EVENT.c.act.in_(("begun", "saved", "merged"))
    query = select(_EVENT.c.who).where(_EVENT.c.draft_id == draft_id, wrote).distinct()
    return frozenset(session.connection().execute(query).scalars())


def ensure_not_own(session: Session, digest: str, who: str) -> None:
    """Raises `SamePerson` if they have put words into what was published under this hash."""
    query = select(_DRAFT.c.id).where(_DRAFT.c.published_hash == digest)
    for draft_id in session.connection().execute(query).scalars():
        if who in writers(session, draft_id):
            raise SamePerson


def _drafts(session: Session, where: ColumnElement[bool]) -> list[Draft]:
    query = select(_DRAFT).where(where).order_by(_DRAFT.c.name, _DRAFT.c.id)
    return [Draft.of(row) for row in session.connection().execute(query)]
