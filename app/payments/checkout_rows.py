"""The rows of checkouts: their states, how one ends, and how its page is closed at the gateway."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, bindparam, select, update
from sqlmodel import Session

from app.payments.gateway import Gateway, UnknownSession
from app.store import rows
from app.store.given import GIVEN, table_of
from app.store.guard import lock_persons
from campaigns.debits import Declined

_CHECKOUT = table_of(rows.Checkout)
_CUSTOMER = table_of(rows.Customer)


BANKS_TAKE: Final = timedelta(days=14)
"""How long a bank may take over a debit: for so long nobody is asked again for what is paid."""


class CheckoutState(StrEnum):
    """In the order of their weight: `end` keeps the heavier word."""

    OPEN = "open"
    EXPIRING = "expiring"
    PENDING = "pending"
    EXPIRED = "expired"
    DECLINED = "declined"
    PAID = "paid"


def end(session: Session, checkout_id: int, state: CheckoutState, now: datetime) -> bool:
    """Ends a checkout, or puts a stronger word in place of a weaker one; a weaker one is dropped.

    The states weigh as they are listed, so any order of the same callbacks ends the same.
    """
    weaker = list(CheckoutState)[: list(CheckoutState).index(state)]
    ended = {"checkout_id": checkout_id, GIVEN.key: weaker, "to": state, "now": now}
    return session.connection().execute(_ENDED, ended).rowcount > 0


_ENDED: Final = (
    update(_CHECKOUT)
    .where(_CHECKOUT.c.id == bindparam("checkout_id"), _CHECKOUT.c.state.in_(GIVEN))
    .values(state=bindparam("to"), ended_at=bindparam("now"))
)


def note_decline(
    session: Session, checkout_id: int, declined: Declined | None, code: str | None
) -> None:
    """What a bank's no to a kept card means for the next try, and the gateway's own word for it."""
    session.connection().execute(
        update(_CHECKOUT)
        .where(_CHECKOUT.c.id == checkout_id)
        .values(declined=declined.value if declined else None, decline_code=code)
    )


def lock_person_of(session: Session, checkout_id: int) -> None:
    """Locks the guard of the person whom a checkout belongs to."""
    query = (
        select(_CUSTOMER.c.person_id)
        .join(_CHECKOUT, _CHECKOUT.c.customer_id == _CUSTOMER.c.id)
        .where(_CHECKOUT.c.id == checkout_id)
    )
    lock_persons(session, session.connection().execute(query).scalars())


def one_where(session: Session, where: ColumnElement[bool]) -> Row[Any] | None:
    return session.connection().execute(select(_CHECKOUT).where(where)).one_or_none()


def the(session: Session, checkout_id: int) -> Row[Any]:
    return (
        session.connection().execute(select(_CHECKOUT).where(_CHECKOUT.c.id == checkout_id)).one()
    )


def expire_at(gateway: Gateway, session_id: str | None) -> None:
    """Has the gateway take no more payments in a session. Raises `SessionPaid`.

    A row without a session needs no call: its address was never given to anybody. Neither does
    one that the gateway does not know.
    """
    if session_id is not None:
        with suppress(UnknownSession):
            gateway.expire(session_id)
