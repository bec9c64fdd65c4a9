"""What a customer says of their own details: right, a pay-day, or what has changed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import update
from sqlmodel import Session

from app.intake.concerned import stop_customer
from app.intake.places import Place, told_of
from app.intake.tasks import Team, give_task
from app.store.bulk import insert_returning_ids
from app.store.given import table_of
from app.store.journal import Happened, record
from app.store.rows import Customer, Reply
from campaigns.vocabulary import Signal

CHANGE_WITHIN: Final = timedelta(days=7)
PAY_DAYS: Final = range(1, 32)

_CUSTOMER = table_of(Customer)


def confirm_details(
    session: Session,
    *,
    customer_id: int,
    pay_day: int | None,
    words: str | None,
    message_id: int | None,
    now: datetime,
    said_from: Place | None = None,
) -> None:
    """Notes that the customer looked at them. `pay_day` is a day of the month; None keeps none. It
    is confirmed where it was `said_from`.

    What has changed comes as free words: a person reads them, and no address is changed by itself,
    because whoever holds a link could send the messages elsewhere. Raises `UnknownCustomer`, and
    `ValueError` for a day that no month has.
    """
    stop_customer(session, customer_id)
    note_pay_day(session, customer_id, pay_day)
    session.connection().execute(
        update(_CUSTOMER).where(_CUSTOMER.c.id == customer_id).values(details_confirmed_at=now)
    )
    if words:
        ask_to_change(session, customer_id, words, medium="page", message_id=message_id, now=now)
    confirmed = Happened(
        Signal.DETAILS_CONFIRMED,
        at=now,
        customer_id=customer_id,
        message_id=message_id,
        own_act=True,
        payload={"changed": bool(words), "pay_day": pay_day, **told_of(said_from)},
    )
    record(session, [confirmed], now=now)


def note_pay_day(session: Session, customer_id: int, pay_day: int | None) -> None:
    """Keeps it, or none. Raises `ValueError` for a day that no month has."""
    if pay_day is not None and pay_day not in PAY_DAYS:
        raise ValueError(f"{pay_day} is no day of a month; take 1 to 31")
    session.connection().execute(
        update(_CUSTOMER).where(_CUSTOMER.c.id == customer_id).values(pay_day=pay_day)
    )


def ask_to_change(
    session: Session,
    customer_id: int,
    words: str,
    *,
    medium: str,
    message_id: int | None,
    now: datetime,
) -> None:
    """Keeps what was written and has a person correct the book. Holds nobody."""
    reply = {
        "customer_id": customer_id,
        "message_id": message_id,
        "medium": medium,
        "text": words,
        "received_at": now,
        "intent": "details_changed",
        "classed_at": now,
    }
    (reply_id,) = insert_returning_ids(session, Reply, [reply])
    give_task(
        session,
        key=f"details_changed:{reply_id}",
        team=Team.SERVICE,
        kind="details_changed",
        title="A customer's details have changed: read what they wrote, and correct the book",
        now=now,
        due_in=CHANGE_WITHIN,
        customer_id=customer_id,
        detail={"reply_id": reply_id},
    )
