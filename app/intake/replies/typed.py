"""What somebody types into a box of a form is read for one thing alone: whether they are in danger.

The form says what they want, so nothing else is made of the words.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from app.hearing.intents import Asked, Confidence, Intent, Reader
from app.intake.concerned import stop_customer
from app.intake.confirming import place_of
from app.intake.danger import report_danger
from app.intake.replies.taking import READER
from app.intake.replies.written import LONGEST
from app.intake.service_answers import answer
from campaigns.vocabulary import Signal


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
    place = place_of(session, customer_id, message_id)
    if place is not None and danger.confidence >= Confidence.LIKELY:
        answer(session, user, place, Signal.DANGER_REPORTED, now=now)
    return None
