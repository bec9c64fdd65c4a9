"""When anything is next due: what a virtual clock goes on to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlmodel import Session

from app.payments.stale import ABANDONED_AFTER
from app.store.given import table_of
from app.store.rows import Case, Checkout, Hold, Instalment, Message, Promise, Sender

_CASE, _MESSAGE, _SENDER = table_of(Case), table_of(Message), table_of(Sender)
_PROMISE, _INSTALMENT = table_of(Promise), table_of(Instalment)
_HOLD, _CHECKOUT = table_of(Hold), table_of(Checkout)


def next_instant(session: Session, now: datetime) -> datetime | None:
    """The earliest instant, later than `now`, at which a row of the store is due."""
    connection = session.connection()
    found = [connection.execute(query).scalar_one() for query in _dues(now)]
    left = connection.execute(_left(now)).scalar_one()
    found.append(left + ABANDONED_AFTER if left is not None else None)
    return min((at for at in found if at is not None), default=None)


def _left(now: datetime) -> Select[Any]:
    """When the oldest pay page was opened that does not count as left yet."""
    opened = _CHECKOUT.c.created_at
    return select(func.min(opened)).where(
        _CHECKOUT.c.state == "open",
        _CHECKOUT.c.mandate_id.is_(None),
        opened > now - ABANDONED_AFTER,
    )


def _dues(now: datetime) -> Iterator[Select[Any]]:
    """The earliest of each kind of instant after `now`."""
    instants: Mapping[ColumnElement[Any], ColumnElement[bool]] = {
        _CASE.c.look_at: _CASE.c.phase != "closed",
        _MESSAGE.c.due_at: _MESSAGE.c.state == "waiting",
        _SENDER.c.paused_until: _SENDER.c.active,
        _SENDER.c.full_until: _SENDER.c.active,
        _PROMISE.c.grace_until: _PROMISE.c.state == "open",
        _INSTALMENT.c.grace_until: _INSTALMENT.c.state == "due",
        _HOLD.c.until: _HOLD.c.released_at.is_(None),
        _CHECKOUT.c.expires_at: _CHECKOUT.c.state == "open",
    }
    for column, open_ in instants.items():
        yield select(func.min(column)).where(open_, column > now)
