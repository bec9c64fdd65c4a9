"""What people of different teams ask each other about a piece of work."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import SQLModel

from app.store.columns import key, live_index, long_text, ref


class TaskQuestion(SQLModel, table=True):
    """A question from one team to another, about a customer or about nobody.

    `task_id` is the asker's own work, which goes on once the answer is there. The asked team has a
    task of its own for it. The words are people's own and can be erased.
    """

    __tablename__ = "task_question"
    __table_args__ = (live_index("ix_task_question_open", "answer_by", where="state = 'open'"),)
    id: int | None = key()
    customer_id: int | None = ref("customer", null=True)
    task_id: int | None = ref("task", null=True)
    from_team: str
    to_team: str
    words: str = long_text()
    asked_by: str
    asked_at: datetime
    answer_by: datetime
    state: str = "open"  # open | answered | withdrawn
    answer: str | None = long_text(null=True)
    answered_by: str | None = None
    answered_at: datetime | None = None
