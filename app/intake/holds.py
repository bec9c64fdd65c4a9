"""Holds: nobody writes to a person for a while. Each has an end, or a task whose owner ends it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Row, bindparam, select, update
from sqlmodel import Session

from app.intake.concerned import Concerned, customers_of, stop_persons
from app.store.bulk import insert_returning_ids
from app.store.given import table_of
from app.store.journal import Happened, record
from app.store.rows import Customer, Hold, Reply
from campaigns.vocabulary import HoldKind, Signal

_CUSTOMER, _HOLD, _REPLY = table_of(Customer), table_of(Hold), table_of(Reply)


def place_hold(
    session: Session,
    concerned: Concerned,
    kind: HoldKind,
    *,
    until: datetime | None,
    why: str,
    now: datetime,
    errand_id: int | None = None,
) -> int:
    """Holds the person and answers the hold's id. The guard is held by the caller.

    A second hold of the same kind, for the same customer, lengthens the first; None is longest.
    It is renewed by that: what the customer did in between is later than the first, not than it.
    An errand's hold stands beside all others, so that it can be taken back without them.
    """
    asked = {
        "person_id": concerned.person_id,
        "customer_id": concerned.customer_id,
        "kind": kind,
        "errand_id": errand_id,
    }
    open_hold = session.connection().execute(_ALIKE, asked).first()
    if open_hold is not None:
        return _lengthen(session, open_hold, until, now)
    row = {
        "person_id": concerned.person_id,
        "customer_id": concerned.customer_id,
        "kind": kind,
        "placed_at": now,
        "renewed_at": now,
        "until": until,
        "why": why,
        "errand_id": errand_id,
    }
    return insert_returning_ids(session, Hold, [row])[0]


_ALIKE = (
    select(_HOLD)
    .where(
        _HOLD.c.person_id == bindparam("person_id"),
        _HOLD.c.customer_id == bindparam("customer_id"),
        _HOLD.c.kind == bindparam("kind"),
        _HOLD.c.errand_id.is_not_distinct_from(bindparam("errand_id", type_=Integer)),
        _HOLD.c.released_at.is_(None),
    )
    .order_by(_HOLD.c.id)
)


def _lengthen(session: Session, hold: Row[Any], until: datetime | None, now: datetime) -> int:
    longest = None if hold.until is None or until is None else max(hold.until, until)
    session.connection().execute(
        update(_HOLD)
        .where(_HOLD.c.id == hold.id)
        .values(until=longest, renewed_at=max(hold.renewed_at, now))
    )
    return int(hold.id)


def standing_holds(session: Session, customer_id: int) -> Sequence[Row[Any]]:
    """The holds that are on for the customer's person, the oldest first."""
    person = select(_CUSTOMER.c.person_id).where(_CUSTOMER.c.id == customer_id)
    query = select(_HOLD).where(
        _HOLD.c.person_id == person.scalar_subquery(), _HOLD.c.released_at.is_(None)
    )
    return session.connection().execute(query.order_by(_HOLD.c.id)).all()


def said_before(session: Session, hold: Row[Any]) -> int | None:
    """The number of the reply that a hold of kind `reply` waits for, if nobody has classed it."""
    if hold.kind != HoldKind.REPLY:
        return None
    query = select(_REPLY.c.id).where(
        _REPLY.c.customer_id == hold.customer_id, _REPLY.c.classed_at.is_(None)
    )
    return session.connection().scalar(query.order_by(_REPLY.c.id.desc()).limit(1))


def hold_of(session: Session, hold_id: int) -> Row[Any] | None:
    """The hold of this number, if it is on."""
    query = select(_HOLD).where(_HOLD.c.id == hold_id, _HOLD.c.released_at.is_(None))
    return session.connection().execute(query).one_or_none()


def release_hold(session: Session, hold_id: int, now: datetime) -> bool:
    """A person ends a hold before its time. Answers whether it was still on."""
    person = select(_HOLD.c.person_id).where(_HOLD.c.id == hold_id)
    stop_persons(session, session.connection().execute(person).scalars())
    return release(session, [hold_id], now) > 0


def release(session: Session, hold_ids: Sequence[int], now: datetime) -> int:
    """Ends those holds that are still on and wakes the persons' cases. Answers how many.

    The persons' guards are held by the caller.
    """
    statement = (
        update(_HOLD)
        .where(_HOLD.c.id.in_(list(hold_ids)), _HOLD.c.released_at.is_(None))
        .values(released_at=now)
        .returning(_HOLD.c.id, _HOLD.c.person_id, _HOLD.c.kind)
    )
    ended = session.connection().execute(statement).all()
    record(session, _released(session, ended, now), now=now)
    return len(ended)


def _released(
    session: Session, ended: Sequence[Row[Any, Any, Any]], now: datetime
) -> list[Happened]:
    # A hold stops all that the person is, so all of it hears of its end.
    customers: dict[int, list[int]] = {}
    for one in customers_of(session, (row.person_id for row in ended)):
        customers.setdefault(one.person_id, []).append(one.customer_id)
    return [
        Happened(
            Signal.HOLD_RELEASED,
            at=now,
            customer_id=customer_id,
            key=f"hold_released:{row.id}:{customer_id}",
            payload={"hold_id": row.id, "kind": row.kind},
        )
        for row in sorted(ended)
        for customer_id in customers.get(row.person_id, ())
    ]
