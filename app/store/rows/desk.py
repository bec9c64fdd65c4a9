"""What people of the team sit at: texts to read, calls that were made, and who is at what."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from app.store.columns import key, live_index, long_text, ref


class InboxItem(SQLModel, table=True):
    """A text that a person has to read: a reply, or one that nobody known wrote, which alone has
    its words here until somebody has dealt with it. `urgency` is 0 for danger and grows; `due_at`
    is by when it is dealt with."""

    __tablename__ = "inbox_item"
    __table_args__ = (
        live_index("ix_inbox_open", "urgency", "due_at", "id", where="done_at IS NULL"),
    )
    id: int | None = key()
    key: str = Field(unique=True)
    reply_id: int | None = ref("reply", null=True)
    customer_id: int | None = ref("customer", null=True)
    creditor_id: int | None = ref("creditor", null=True, index=False)
    medium: str
    words: str | None = long_text(null=True)
    from_address: str | None = None
    to_address: str | None = None
    urgency: int
    arrived_at: datetime
    due_at: datetime
    owner: str | None = None
    done_at: datetime | None = None
    done_by: str | None = None


class WorkLease(SQLModel, table=True):
    """Who is at a piece of work (`reply:12`, `call:34`) until when. Each taking by another person
    raises `fence`: what was begun under an older one is refused."""

    __tablename__ = "work_lease"
    id: int | None = key()
    key: str = Field(unique=True)
    taken_by: str | None = None
    until: datetime
    fence: int = 0


class PhoneCall(SQLModel, table=True):
    """A call that somebody of the team made, and how it ended. What was said stands elsewhere."""

    __tablename__ = "phone_call"
    __table_args__ = (Index("ix_phone_call_person", "person_id", "called_at"),)
    id: int | None = key()
    customer_id: int = ref("customer")
    person_id: int = ref("person", index=False)
    creditor_id: int = ref("creditor", index=False)
    address_id: int | None = ref("address", null=True, index=False)
    task_id: int | None = ref("task", null=True, index=False)
    called_at: datetime
    called_by: str
    outcome: str
    asked_for: bool = False  # the customer wanted it: no cap counts it
