"""What somebody types into a box of a form is read for one thing alone: whether they are in danger.

The form says what they want, so nothing else is made of the words.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session

from app.hearing.intents import Asked, Confidence, Intent, Reader
from app.intake.concerned import stop_customer
from app.intake.danger import report_danger
from app.intake.places import Place
from app.intake.replies.taking import READER
from app.intake.replies.written import LONGEST
from app.intake.service_answers import answer
from app.store.bulk import table_of
from app.store.rows import Message
from campaigns.vocabulary import Medium, Signal

_MESSAGE = table_of(Message)


def heed(
    session: Session,
    customer_id: int,
    words: str | None,
    *,
    message_id: int | None,
    now: datetime,
    reader: Reader = READER,
) -> str | None:
    """Answers the words that the form's own row may keep: None where they are special data by this.

    Somebody who is likely in danger is told who listens, where the message went whose link they
    followed; where it is merely possible a person reads first.
    """
    if not words:
        return None
    read = reader.understand(words[:LONGEST], Asked(now.date()))
    danger = next((meaning for meaning in read if meaning.intent is Intent.SELF_HARM), None)
    if danger is None:
        return words
    user = stop_customer(session, customer_id)
    key = f"danger:page:{customer_id}:{now.isoformat()}"
    report_danger(session, user, key=key, words=words, now=now)
    place = _place(session, message_id)
    if place is not None and danger.confidence >= Confidence.LIKELY:
        answer(session, user, place, Signal.DANGER_REPORTED, now=now)
    return None


def _place(session: Session, message_id: int | None) -> Place | None:
    query = select(_MESSAGE.c.address_id, _MESSAGE.c.medium).where(_MESSAGE.c.id == message_id)
    row = session.connection().execute(query).one_or_none()
    return Place(row.address_id, Medium(row.medium)) if row is not None else None
