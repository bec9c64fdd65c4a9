"""What somebody did on their page is confirmed where the link to it went, and nowhere else.

The journey of answers says it, like the answer to a text. A stop and a wrong address are confirmed
on the page alone: nobody is written to who has just said that nobody shall write there.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlmodel import Session

from app.intake.concerned import Concerned
from app.intake.places import Place
from app.intake.service_answers import ANSWERED, open_case
from app.store.given import table_of
from app.store.journal import Happened, record
from app.store.rows import Event, Message
from campaigns.vocabulary import Medium, Signal

CONFIRMED_A_DAY: Final = 10
"""How many acts of a customer are confirmed within a day: whoever presses on and on is no mailing
list."""

_EVENT, _MESSAGE = table_of(Event), table_of(Message)


def confirming_at(
    session: Session, who: Concerned, message_id: int | None, *, now: datetime
) -> Place | None:
    """Where the act that the caller records next is confirmed, its case opened; None: nowhere.

    `message_id` is the message whose link was followed; without one it is the last that reached
    the customer. The guard is held by the caller.
    """
    place = place_of(session, who.customer_id, message_id)
    if place is None or _confirmed_lately(session, who, now) >= CONFIRMED_A_DAY:
        return None
    open_case(session, who, now)
    return place


def confirm(
    session: Session, who: Concerned, message_id: int | None, signal: Signal, *, now: datetime
) -> None:
    """Confirms an act that no other journey has to hear of."""
    place = confirming_at(session, who, message_id, now=now)
    if place is None:
        return
    done = Happened(
        signal,
        at=now,
        customer_id=who.customer_id,
        case_id=open_case(session, who, now),
        own_act=True,
        payload=place.told,
    )
    record(session, [done], now=now)


def place_of(session: Session, customer_id: int, message_id: int | None) -> Place | None:
    """The address and the medium of a customer's message: of that one, else of the last that was
    taken."""
    query = select(_MESSAGE.c.address_id, _MESSAGE.c.medium).where(
        _MESSAGE.c.customer_id == customer_id
    )
    if message_id is not None:
        query = query.where(_MESSAGE.c.id == message_id)
    else:
        query = query.where(_MESSAGE.c.accepted_at.is_not(None)).order_by(_MESSAGE.c.id.desc())
    row = session.connection().execute(query.limit(1)).one_or_none()
    return Place(row.address_id, Medium(row.medium)) if row is not None else None


def _confirmed_lately(session: Session, who: Concerned, now: datetime) -> int:
    query = select(_EVENT.c.payload).where(
        _EVENT.c.customer_id == who.customer_id,
        _EVENT.c.kind.in_(ANSWERED),
        _EVENT.c.at > now - timedelta(days=1),
    )
    payloads = session.connection().execute(query).scalars()
    return sum("address_id" in payload for payload in payloads)
