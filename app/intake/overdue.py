"""Work on what customers said whose day has passed: it is raised once, so that it is seen."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, select
from sqlmodel import Session

from app.store.bulk import update_rows
from app.store.columns import word
from app.store.given import table_of
from app.store.journal import Happened, record
from app.store.rows import Task

SAID: Final = (
    *("call_me", "channel", "complaint", "data_request", "hardship", "hours", "language", "legal"),
    *("minor", "opt_out_suspected", "promise_offered", "question", "reply", "unknown_writer"),
)
"""Kinds of tasks in which a person of ours has to read or answer somebody, colleagues too."""

OVERDUE: Final = "OVERDUE: "

_TASK = table_of(Task)

log = logging.getLogger(__name__)


def overdue_tasks(now: datetime) -> Select[Any]:
    """Open ones whose day has passed, not raised yet."""
    return select(_TASK.c.id, _TASK.c.title, _TASK.c.kind, _TASK.c.customer_id).where(
        _TASK.c.state == word("open"),
        _TASK.c.due_at <= now,
        _TASK.c.escalated_at.is_(None),
        _TASK.c.kind.in_(SAID),
    )


def escalate_tasks(session: Session, now: datetime, *, limit: int = 500) -> int:
    """Raises them: the title says so, a fact and the log do. Answers how many."""
    query = overdue_tasks(now).order_by(_TASK.c.due_at, _TASK.c.id).limit(limit)
    late = session.connection().execute(query).all()
    update_rows(
        session,
        Task,
        [{"id": row.id, "title": f"{OVERDUE}{row.title}", "escalated_at": now} for row in late],
    )
    facts = [
        Happened(
            "task_overdue",
            at=now,
            customer_id=row.customer_id,
            key=f"task_overdue:{row.id}",
            payload={"task_id": row.id, "kind": row.kind},
        )
        for row in late
    ]
    record(session, facts, now=now)
    for row in late:
        log.warning("task %d (%s) is overdue: nobody has done it", row.id, row.kind)
    return len(late)
