"""The audit trail's own rows: one line for each fact of a person, each bound to the one before.

A line holds hashes alone. Its salt stands apart, so that erasure can delete it: the chain stays
verifiable, and what the line was about can no longer be guessed from its hash.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from app.store.columns import key, ref


class TrailLine(SQLModel, table=True):
    """`content` is the salted hash of a row, `digest` that of the digest before and `content`."""

    __tablename__ = "trail_line"
    __table_args__ = (
        UniqueConstraint("person_id", "number"),
        UniqueConstraint("kind", "row_id"),
    )
    id: int | None = key()
    person_id: int = ref("person", index=False)
    number: int
    kind: str  # of `app.records.sources`
    row_id: int
    content: str
    digest: str


class TrailSalt(SQLModel, table=True):
    """Drawn for one line; gone with what that line was about."""

    __tablename__ = "trail_salt"
    id: int | None = key()
    line_id: int = Field(foreign_key="trail_line.id", unique=True)
    salt: str


class TrailHead(SQLModel, table=True):
    """The last line of a person. Whoever adds lines locks it: nobody waits for it but them."""

    __tablename__ = "trail_head"
    id: int | None = key()
    person_id: int = Field(foreign_key="person.id", unique=True)
    number: int = 0
    digest: str = ""


class TrailMark(SQLModel, table=True):
    """How far the rows of a kind are linked: all up to `low_id`; some up to `high_id`, which was
    the highest at `marked_at`."""

    __tablename__ = "trail_mark"
    id: int | None = key()
    kind: str = Field(unique=True)
    low_id: int = 0
    high_id: int = 0
    marked_at: datetime
    linked_at: datetime


class WithheldAddress(SQLModel, table=True):
    """An address that was erased and must not be written to again: its keyed hash, nothing else.

    `medium` None: on any. `secret_mark` tells by which installation secret it can be recognised.
    """

    __tablename__ = "withheld_address"
    id: int | None = key()
    digest: str = Field(index=True)
    secret_mark: str
    medium: str | None = None
    creditor_id: int | None = ref("creditor", null=True, index=False)
    reason: str
    at: datetime
