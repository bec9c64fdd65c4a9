"""What is said on the customer's page: answers of the team, wishes for a call, feedback."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from app.store.columns import key, long_text, ref


class StaffAnswer(SQLModel, table=True):
    """What somebody of the team wrote to a customer, under their own name."""

    __tablename__ = "staff_answer"
    id: int | None = key()
    customer_id: int = ref("customer")
    reply_id: int | None = ref("reply", null=True)  # what it answers
    words: str = long_text()
    written_by: str
    written_at: datetime = Field(index=True)


class CallWish(SQLModel, table=True):
    """When and where a customer wants to be called. It is over when it is cancelled, or when its
    task is done: whoever calls ends it there."""

    __tablename__ = "call_wish"
    id: int | None = key()
    customer_id: int = ref("customer")
    address_id: int | None = ref("address", null=True, index=False)  # a number on record
    number: str | None = None  # another one: for this call alone, and gone after it
    starts_at: datetime
    ends_at: datetime
    asked_at: datetime = Field(index=True)
    task_key: str = Field(unique=True)
    cancelled_at: datetime | None = None


class Feedback(SQLModel, table=True):
    """What a customer answered to the one question at the end: did you understand your options?"""

    __tablename__ = "feedback"
    id: int | None = key()
    customer_id: int = ref("customer")
    creditor_id: int = ref("creditor", index=False)
    link_id: int = ref("link", index=False)
    answer: str  # yes | partly | no
    words: str | None = long_text(null=True)
    locale: str
    given_at: datetime
