"""What the team keeps at its own desk: notes on customers, and lists as somebody likes them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from app.store.columns import key, long_text, ref


class CustomerNote(SQLModel, table=True):
    """What somebody of the team wrote down about a customer. Its words go with erasure."""

    __tablename__ = "customer_note"
    id: int | None = key()
    customer_id: int = ref("customer")
    words: str | None = long_text(null=True)
    by: str
    at: datetime


class SavedView(SQLModel, table=True):
    """A list of the console as somebody asked for it: its address without the place in it.

    `owner_id` is the user whose view it is; 0: everybody's.
    """

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("owner_id", "room", "name"),)
    id: int | None = key()
    owner_id: int = Field(default=0)
    room: str
    name: str
    query: str = long_text()
    made_by: str
    made_at: datetime
