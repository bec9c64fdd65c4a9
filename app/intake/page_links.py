"""The life of the links to a customer's page: ended early, made for another page, sent anew."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import bindparam, func, select
from sqlmodel import Session

from app.intake.concerned import known_customer
from app.intake.places import Place
from app.intake.service_answers import answer
from app.store.bulk import insert_returning_ids, update_rows
from app.store.given import table_of
from app.store.guard import lock_persons
from app.store.journal import Happened, record
from app.store.rows import Address, ContactPoint, Customer, Link, Message
from app.wording.links import token
from campaigns.vocabulary import Medium, Signal

LED_FOR: Final = timedelta(days=1)
"""How long a link works that no message carried: it leads from one page of a person to another."""
_REUSED_FOR: Final = timedelta(hours=1)

_LINK, _MESSAGE, _CUSTOMER = table_of(Link), table_of(Message), table_of(Customer)
_POINT, _ADDRESS = table_of(ContactPoint), table_of(Address)


def end_link(session: Session, link_id: int, *, customer_id: int, why: str, now: datetime) -> None:
    """Ends the link and its short code for good. `why` is a code. The guard is held by the
    caller."""
    update_rows(session, Link, [{"id": link_id, "revoked_at": now}])
    ended = Happened(
        "page_link_ended",
        at=now,
        customer_id=customer_id,
        key=f"page_link_ended:{link_id}",
        payload={"link_id": link_id, "why": why},
    )
    record(session, [ended], now=now)


def end_links(session: Session, customer_id: int, *, why: str, now: datetime) -> int:
    """Ends every link to this customer's page that somebody may hold, and answers how many. What a
    message that still waits will carry goes on, and so does a link to unsubscribe."""
    lock_persons(session, [known_customer(session, customer_id).person_id])
    asked = {"customer_id": customer_id, "now": now}
    ids = session.connection().execute(_HELD, asked).scalars().all()
    for link_id in ids:
        end_link(session, link_id, customer_id=customer_id, why=why, now=now)
    return len(ids)


def send_new_link(session: Session, link_id: int, now: datetime) -> bool:
    """Has a new link go where this one went, once a day, if that is still the customer's. Answers
    whether it goes; nobody outside may learn that."""
    found = session.connection().execute(_WENT, {"link_id": link_id}).first()
    if found is None:
        return False
    who = known_customer(session, found.customer_id)
    lock_persons(session, [who.person_id])
    place = Place(found.address_id, Medium(found.medium))
    return answer(session, who, place, Signal.INVOICE_ASKED, now=now)


def lead_to(session: Session, customer_id: int, *, secret: bytes, now: datetime) -> str:
    """The token of a link to this customer's page that no message carried; short-lived, and the
    same one for a while."""
    known = session.connection().execute(
        _LED, {"customer_id": customer_id, "soon": now + LED_FOR - _REUSED_FOR}
    )
    link_id = known.scalars().first() or _made(session, customer_id, secret, now)
    return token(secret, link_id)


def _made(session: Session, customer_id: int, secret: bytes, now: datetime) -> int:
    row = {
        "customer_id": customer_id,
        "purpose": "pay",
        "created_at": now,
        "expires_at": now + LED_FOR,
    }
    (link_id,) = insert_returning_ids(session, Link, [row])
    digest = sha256(token(secret, link_id).encode()).hexdigest()
    update_rows(session, Link, [{"id": link_id, "token_hash": digest}])
    return link_id


_HELD = (
    select(_LINK.c.id)
    .outerjoin(_MESSAGE, _MESSAGE.c.id == _LINK.c.message_id)
    .where(
        _LINK.c.customer_id == bindparam("customer_id"),
        _LINK.c.purpose != "unsubscribe",
        _LINK.c.revoked_at.is_(None),
        _LINK.c.expires_at > bindparam("now"),
        func.coalesce(_MESSAGE.c.state, "") != "waiting",
    )
    .order_by(_LINK.c.id)
)
_WENT = (
    select(_LINK.c.customer_id, _MESSAGE.c.address_id, _MESSAGE.c.medium)
    .join(_MESSAGE, _MESSAGE.c.id == _LINK.c.message_id)
    .join(_CUSTOMER, _CUSTOMER.c.id == _LINK.c.customer_id)
    .join(
        _POINT,
        (_POINT.c.customer_id == _LINK.c.customer_id)
        & (_POINT.c.medium == _MESSAGE.c.medium)
        & (_POINT.c.address_id == _MESSAGE.c.address_id),
    )
    .join(_ADDRESS, _ADDRESS.c.id == _MESSAGE.c.address_id)
    .where(
        _LINK.c.id == bindparam("link_id"),
        _CUSTOMER.c.erased_at.is_(None),
        _POINT.c.active,
        _ADDRESS.c.valid,
    )
)
_LED = (
    select(_LINK.c.id)
    .where(
        _LINK.c.customer_id == bindparam("customer_id"),
        _LINK.c.message_id.is_(None),
        _LINK.c.revoked_at.is_(None),
        _LINK.c.expires_at > bindparam("soon"),
    )
    .order_by(_LINK.c.id.desc())
    .limit(1)
)
