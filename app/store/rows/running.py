"""How the running goes: when each loop last did its work, and how often what happened."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.store.columns import key


class LoopBeat(SQLModel, table=True):
    """The last time at which a loop did its work, in whichever process."""

    __tablename__ = "loop_beat"
    id: int | None = key()
    name: str = Field(unique=True)
    at: datetime


class EventTally(SQLModel, table=True):
    """How many events of a kind there were since tallies are kept. `about` is the medium or the
    source that they name; empty where they name none."""

    __tablename__ = "event_tally"
    __table_args__ = (UniqueConstraint("kind", "about"),)
    id: int | None = key()
    kind: str
    about: str = ""
    times: int = Field(default=0, sa_type=BigInteger)


class TallyMark(SQLModel, table=True):
    """The one row that says which events are tallied: all up to `low_id`. `high_id` was the highest
    at `marked_at`."""

    __tablename__ = "tally_mark"
    id: int | None = key()
    name: str = Field(unique=True)
    low_id: int = Field(sa_type=BigInteger)
    high_id: int = Field(sa_type=BigInteger)
    marked_at: datetime
