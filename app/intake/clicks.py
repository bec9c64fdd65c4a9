"""A visit of a person, on record: they pressed a form of their page, for a GET tells nothing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlmodel import Session

from app.store.bulk import update_rows
from app.store.given import table_of
from app.store.journal import Happened, record
from app.store.rows import ContactPoint, Link, Message
from campaigns.vocabulary import Signal

_LINK, _MESSAGE, _POINT = table_of(Link), table_of(Message), table_of(ContactPoint)


def note_click(session: Session, link_id: int, now: datetime) -> bool:
    """Marks the link's message as clicked and its medium as answered, the first time. Answers
    whether it was the first. Call it under the guard of the customer's person."""
    connection = session.connection()
    message = connection.execute(_UNREAD, {"link_id": link_id}).one_or_none()
    if message is None:
        return False
    # Not an act that we answer: nobody is told that we watched.
    clicked = Happened(
        Signal.LINK_CLICKED,
        now,
        customer_id=message.customer_id,
        case_id=message.case_id,
        message_id=message.id,
        key=f"link_clicked:{message.id}",
        payload={"link_id": link_id},
    )
    record(session, [clicked], now=now)  # cases are locked before messages
    update_rows(session, Message, [{"id": message.id, "clicked_at": now}])
    connection.execute(_ANSWERED, {"point_id": message.contact_point_id})
    return True


_UNREAD = (
    select(
        _MESSAGE.c.id,
        _MESSAGE.c.case_id,
        _MESSAGE.c.customer_id,
        _MESSAGE.c.contact_point_id,
    )
    .join(_LINK, _LINK.c.message_id == _MESSAGE.c.id)
    .where(_LINK.c.id == bindparam("link_id"), _MESSAGE.c.clicked_at.is_(None))
)
_ANSWERED = (
    update(_POINT)
    .where(_POINT.c.id == bindparam("point_id"))
    .values(answered=_POINT.c.answered + 1)
)
