"""What a person of the team answers a customer: kept under their name, and sent where it was asked.

The words stand on a row of their own, on the customer's page and in a mail. A text by SMS or
WhatsApp says that there is an answer, and by whom: somebody else may see the screen.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row
from sqlmodel import Session

from app.intake.concerned import Concerned, stop_customer
from app.intake.confirming import place_of
from app.intake.opt_outs import closings
from app.intake.places import Place, told_of
from app.intake.replies.classing import finish_reading, reply_of
from app.intake.service_answers import open_case
from app.store.bulk import insert_returning_ids
from app.store.journal import Happened, record
from app.store.rows import StaffAnswer
from campaigns.vocabulary import Medium, Signal

LONGEST: Final = 4_000
_OWN_ACT: Final = timedelta(days=1)
"""How long an answer is one to the customer's own act, which no cap holds back."""


class NotAnswered(ValueError):
    """The answer cannot be taken; it says why."""


def answer_reply(session: Session, reply_id: int, words: str, *, by: str, now: datetime) -> int:
    """Keeps the answer and has it said, ends what halted for the reply and its tasks, and answers
    the answer's id. What the reply asks for besides stays to be classed by the person who reads it.

    Raises `UnknownReply`, and `NotAnswered` for no words, too many, or no name.
    """
    told, who = words.strip(), by.strip()
    if not told or not who:
        raise NotAnswered("say what you answer, and give your name: the customer reads both")
    if len(told) > LONGEST:
        raise NotAnswered(f"an answer has at most {LONGEST} characters; this has {len(told)}")
    reply = reply_of(session, reply_id)
    user = stop_customer(session, reply.customer_id)
    row = {
        "customer_id": reply.customer_id,
        "reply_id": reply_id,
        "words": told,
        "written_by": who,
        "written_at": now,
    }
    (answer_id,) = insert_returning_ids(session, StaffAnswer, [row])
    finish_reading(session, reply, by=who, now=now)
    _tell(session, user, reply, answer_id, now)
    return answer_id


def write_to_customer(
    session: Session, customer_id: int, words: str, *, by: str, now: datetime
) -> int:
    """Keeps words that answer no text of theirs, and has it said that they are there, as the
    customer likes it best. Answers the answer's id. Raises `NotAnswered` as above."""
    told, who = words.strip(), by.strip()
    if not told or not who or len(told) > LONGEST:
        raise NotAnswered(f"write 1 to {LONGEST} characters, and give your name")
    user = stop_customer(session, customer_id)
    row = {"customer_id": customer_id, "words": told, "written_by": who, "written_at": now}
    (answer_id,) = insert_returning_ids(session, StaffAnswer, [row])
    answered = Happened(
        Signal.MESSAGE_ANSWERED,
        at=now,
        customer_id=customer_id,
        case_id=open_case(session, user, now),
        payload={"answer_id": answer_id},
    )
    record(session, [answered], now=now)
    return answer_id


def _tell(
    session: Session, user: Concerned, reply: Row[Any], answer_id: int, now: datetime
) -> None:
    """Within a day it goes where the customer wrote, past the caps; later, as they like it best."""
    is_soon = now - reply.received_at <= _OWN_ACT
    place = _place(session, user, reply) if is_soon else None
    answered = Happened(
        Signal.MESSAGE_ANSWERED,
        at=now,
        customer_id=user.customer_id,
        case_id=open_case(session, user, now),
        own_act=is_soon,
        payload={"answer_id": answer_id, "reply_id": reply.id, **told_of(place)},
    )
    record(session, [answered], now=now)


def _place(session: Session, user: Concerned, reply: Row[Any]) -> Place | None:
    """Where they wrote from, or where the page's link had gone; nowhere that is closed by now."""
    if reply.address_id is not None and reply.medium in tuple(Medium):
        place: Place | None = Place(reply.address_id, Medium(reply.medium))
    else:
        place = place_of(session, reply.customer_id, reply.message_id)
    if place is None:
        return None
    closed = any(
        row.medium in (None, place.medium) and row.creditor_id in (None, user.creditor_id)
        for row in closings(session, place.address_id)
    )
    return None if closed else place
