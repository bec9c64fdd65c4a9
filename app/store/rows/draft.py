"""What designers work on before it is published: drafts of journeys and templates."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from app.store.columns import key, live_index, long_text, ref


class Draft(SQLModel, table=True):
    """A journey or a template that somebody edits. One of a name is open at a time; those that
    were published or withdrawn stay on record. `content` and `base` hold files by their names.
    """

    __tablename__ = "draft"
    __table_args__ = (
        live_index("ix_draft_live", "kind", "name", unique=True, where="closed_at IS NULL"),
        Index("ix_draft_name", "kind", "name", "id"),
    )
    id: int | None = key()
    kind: str  # journey | template
    name: str
    content: str = long_text()
    base: str = long_text()
    base_hash: str | None = None  # the publication that it was begun from; None: there was none
    state: str  # open | submitted | approved | published | withdrawn
    revision: int  # grows with each act: who has seen an older one changes nothing
    author: str
    begun_at: datetime
    edited_by: str
    edited_at: datetime
    submitted_by: str | None = None
    submitted_at: datetime | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    approved_hash: str | None = None  # of the content that was approved
    note: str = long_text()
    published_hash: str | None = Field(default=None, index=True)
    closed_by: str | None = None
    closed_at: datetime | None = None


class DraftEvent(SQLModel, table=True):
    """What was done to a draft, by whom."""

    __tablename__ = "draft_event"
    id: int | None = key()
    draft_id: int = ref("draft")
    act: str  # begun | saved | submitted | approved | rejected | merged | published | withdrawn
    who: str
    at: datetime
    revision: int
    content_hash: str
    note: str = long_text()
