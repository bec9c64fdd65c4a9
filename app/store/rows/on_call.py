"""Who is called when somebody may be in danger, and each time that they were."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from app.store.columns import key, live_index, long_text, ref


class OnCall(SQLModel, table=True):
    """One of ours who is called, at any hour: of a creditor, or of the house (`creditor_id` None).

    They are called in the order of their rows. Whoever is taken off the list stays on record.
    """

    __tablename__ = "on_call"
    __table_args__ = (live_index("ix_on_call_list", "creditor_id", where="removed_at IS NULL"),)
    id: int | None = key()
    creditor_id: int | None = ref("creditor", null=True, index=False)
    name: str
    medium: str  # sms | email
    address: str
    added_at: datetime
    added_by: str
    removed_at: datetime | None = None
    removed_by: str | None = None


class OnCallWaiver(SQLModel, table=True):
    """Somebody answers for a creditor that really writes to people with nobody on call."""

    __tablename__ = "on_call_waiver"
    id: int | None = key()
    creditor_id: int = ref("creditor")
    waived_at: datetime
    waived_by: str
    note: str = long_text()
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None


class Alarm(SQLModel, table=True):
    """A task that somebody has to open now. It calls on until it is taken; `due_at` is when next.

    `note_id` is the note that tells why: whoever reads that has taken the alarm.
    """

    __tablename__ = "alarm"
    __table_args__ = (live_index("ix_alarm_due", "due_at", where="taken_at IS NULL"),)
    id: int | None = key()
    task_id: int = Field(foreign_key="task.id", unique=True)
    creditor_id: int | None = ref("creditor", null=True, index=False)
    note_id: int | None = None
    raised_at: datetime
    due_at: datetime
    taken_at: datetime | None = None
    taken_by: str | None = None


class AlarmCall(SQLModel, table=True):
    """One try to reach one who is on call. Its text is not kept: it names the task alone."""

    __tablename__ = "alarm_call"
    __table_args__ = (UniqueConstraint("alarm_id", "number"),)
    id: int | None = key()
    alarm_id: int = ref("alarm", index=False)
    on_call_id: int = ref("on_call", index=False)
    number: int
    called_at: datetime
    outcome: str = "calling"  # calling | accepted | refused | later | unclear | failed | no_sender
    code: str | None = None  # the provider's, where it did not take it
    provider_id: str | None = None
