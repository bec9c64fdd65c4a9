"""Where days are lived in which nobody sits: what waits for somebody's word gets it after a while.

It is given as in production, on what the message says at that instant, and the gate holds it to it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlmodel import Session

from app.delivery.approving import UNAPPROVED, Approver, SaysOtherwise
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import Message

APPROVED_AFTER: Final = timedelta(hours=4)
"""Half a day of a team at work. The clock alone counts, also by night."""
BY: Final = "duly"

_MESSAGE = table_of(Message)
_WAITING: Final = select(_MESSAGE.c.id).where(*UNAPPROVED)


def approve_assumed(database: Database, approver: Approver, now: datetime) -> int:
    """Approves what has waited for so long. Answers how many there were; what cannot be put into
    words stays, and is over in its time."""
    with database.read() as session:
        query = _WAITING.where(_MESSAGE.c.created_at <= now - APPROVED_AFTER)
        ids = session.connection().execute(query.order_by(_MESSAGE.c.id)).scalars().all()
    return sum(_approve(database, approver, message_id, now) for message_id in ids)


def next_assumed(session: Session, now: datetime) -> datetime | None:
    """When the next of them will have waited for so long, if that is later than now."""
    query = select(func.min(_MESSAGE.c.created_at)).where(
        *UNAPPROVED, _MESSAGE.c.created_at > now - APPROVED_AFTER
    )
    first = session.connection().scalar(query)
    return first + APPROVED_AFTER if first is not None else None


def _approve(database: Database, approver: Approver, message_id: int, now: datetime) -> bool:
    with database.write() as session:
        seen = approver.asked(session, message_id, now).seen
        try:
            approver.approve(session, message_id, seen=seen, by=BY, now=now)
        except SaysOtherwise:
            return False
    return True
