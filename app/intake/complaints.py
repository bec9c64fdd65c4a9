"""Complaints and questions of data, answered by a person, by the day that the law gives."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, and_, bindparam, select, update
from sqlmodel import Session

from app.intake.concerned import stop_customer
from app.intake.holds import release, standing_holds
from app.intake.staff_answers import answer_reply
from app.intake.tasks import finish_task
from app.store.given import table_of
from app.store.journal import Happened, record
from app.store.rows import Complaint, Reply

_WHY: Final = "complaint"

_COMPLAINT, _REPLY = table_of(Complaint), table_of(Reply)


class UnknownComplaint(LookupError):
    """There is no such complaint."""


class ComplaintAnswered(Exception):
    """Somebody has answered it already."""


def complaint_of_reply(session: Session, reply_id: int, kind: str) -> Row[Any] | None:
    """The complaint (or question of data) that stands in this reply."""
    return session.connection().execute(_OF_REPLY, {"reply_id": reply_id, "kind": kind}).first()


def complaints_of(session: Session, customer_id: int) -> Sequence[Row[Any]]:
    """All of a customer's, the oldest first."""
    query = select(_COMPLAINT).where(_COMPLAINT.c.customer_id == customer_id)
    return session.connection().execute(query.order_by(_COMPLAINT.c.id)).all()


def answer_complaint(
    session: Session,
    complaint_id: int,
    *,
    reply_id: int | None,
    words: str | None,
    by: str,
    now: datetime,
) -> None:
    """Puts on record that it is answered, ends its task and its silence. `words` are sent to the
    customer where they wrote the reply; None: it was answered by letter or in a talk.

    Raises `UnknownComplaint`, `ComplaintAnswered`, and what `answer_reply` raises.
    """
    query = select(_COMPLAINT).where(_COMPLAINT.c.id == complaint_id)
    found = session.connection().execute(query).one_or_none()
    if found is None:
        raise UnknownComplaint(f"there is no complaint {complaint_id}")
    stop_customer(session, found.customer_id)
    answered = session.connection().execute(
        update(_COMPLAINT)
        .where(_COMPLAINT.c.id == complaint_id, _COMPLAINT.c.answered_at.is_(None))
        .values(answered_at=now, answered_by=by)
    )
    if answered.rowcount == 0:
        raise ComplaintAnswered(f"complaint {complaint_id} was answered already")
    if words is not None and reply_id is not None:
        answer_reply(session, reply_id, words, by=by, now=now)
    if reply_id is not None:
        finish_task(session, f"{found.kind}:{reply_id}", now)
    told = {"complaint_id": complaint_id, "by": by, "in_writing": words is not None}
    fact = Happened("complaint_answered", at=now, customer_id=found.customer_id, payload=told)
    record(session, [fact], now=now)
    held = [
        hold.id
        for hold in standing_holds(session, found.customer_id)
        if (hold.customer_id, hold.why) == (found.customer_id, _WHY)
    ]
    release(session, held, now)


_OF_REPLY = (
    select(_COMPLAINT)
    .join(
        _REPLY,
        and_(
            _REPLY.c.customer_id == _COMPLAINT.c.customer_id,
            _REPLY.c.received_at == _COMPLAINT.c.received_at,
        ),
    )
    .where(_REPLY.c.id == bindparam("reply_id"), _COMPLAINT.c.kind == bindparam("kind"))
    .order_by(_COMPLAINT.c.id)
)
