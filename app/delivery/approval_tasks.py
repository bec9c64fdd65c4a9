"""The task that asks for somebody's word on a message: one a message, opened again if its approval
turns void, and closed when it is answered or the message is over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, update
from sqlmodel import Session

from app.intake.tasks import asking_key
from app.store.bulk import update_rows
from app.store.columns import word
from app.store.given import GIVEN, change_given, table_of
from app.store.rows import Message, MessageApproval, Task

_APPROVAL, _TASK = table_of(MessageApproval), table_of(Task)


def ask_again(
    session: Session,
    messages: Sequence[Mapping[str, Any]],
    changed: Mapping[int, Sequence[str]],
    now: datetime,
) -> None:
    """Ends the approvals of these messages, whose facts changed, and goes back to whoever gave
    them. `changed` names the facts of each."""
    if not messages:
        return
    void = [{"which": row["id"], "at": now, "names": list(changed[row["id"]])} for row in messages]
    session.connection().execute(_VOID, void)
    update_rows(session, Message, [{"id": row["id"], "approved_at": None} for row in messages])
    asked = [{"key": asking_key(row["key"]), "state": "open", "done_at": None} for row in messages]
    update_rows(session, Task, asked, by="key")


def close_asking(session: Session, messages: Sequence[Mapping[str, Any]], now: datetime) -> None:
    """Nobody's word on these messages is asked for any more."""
    if messages:
        keys = sorted(asking_key(row["key"]) for row in messages)
        change_given(session, _CLOSED, keys, now=now)


_VOID = (
    update(_APPROVAL)
    .where(_APPROVAL.c.message_id == bindparam("which"), _APPROVAL.c.void_at.is_(None))
    .values(void_at=bindparam("at"), changed=bindparam("names"))
)
_CLOSED = (
    update(_TASK)
    .where(_TASK.c.key.in_(GIVEN), _TASK.c.state == word("open"))
    .values(state="done", done_at=bindparam("now"))
)
