"""The texts that wait for a person, the most urgent first, a page at a time; and one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, select, tuple_
from sqlmodel import Session

from app.intake.leases import Lease, leases
from app.store.given import table_of
from app.store.rows import Creditor, Customer, InboxItem, Reply

ROWS: Final = 50

_ITEM, _REPLY = table_of(InboxItem), table_of(Reply)
_CREDITOR, _CUSTOMER = table_of(Creditor), table_of(Customer)


@dataclass(frozen=True, slots=True)
class Place:
    """Behind which item a page begins."""

    urgency: int
    due_at: datetime
    id: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose and which: of an owner (`""`: of nobody), of a class, of a creditor."""

    owner: str | None = None
    urgency: int | None = None
    creditor_id: int | None = None


@dataclass(frozen=True, slots=True)
class InboxPage:
    """Rows with the words of each, where they may be shown, and who is at which."""

    rows: Sequence[Row[Any]]
    at_work: Mapping[str, Lease]
    next: Place | None


def inbox_page(
    session: Session, wanted: Wanted, now: datetime, *, after: Place | None = None, rows: int = ROWS
) -> InboxPage:
    """A page: danger, hard stops, disputes, hardship, unclear promises, the rest; of a class the
    nearest deadline first."""
    query = _WAITING.where(*_conditions(wanted))
    if after is not None:
        at = tuple_(_ITEM.c.urgency, _ITEM.c.due_at, _ITEM.c.id)
        query = query.where(at > (after.urgency, after.due_at, after.id))
    found = session.connection().execute(query.limit(rows + 1)).all()
    shown = found[:rows]
    last = shown[-1] if len(found) > rows else None
    return InboxPage(
        shown,
        leases(session, [row.key for row in shown], now),
        Place(last.urgency, last.due_at, last.id) if last is not None else None,
    )


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.owner is not None:
        owned = _ITEM.c.owner == wanted.owner if wanted.owner else _ITEM.c.owner.is_(None)
        conditions.append(owned)
    if wanted.urgency is not None:
        conditions.append(_ITEM.c.urgency == wanted.urgency)
    if wanted.creditor_id is not None:
        conditions.append(_ITEM.c.creditor_id == wanted.creditor_id)
    return conditions


_WAITING: Final = (
    select(
        _ITEM,
        _REPLY.c.text,
        _REPLY.c.intent,
        _REPLY.c.meant,
        _REPLY.c.answer_by,
        _CUSTOMER.c.name,
        _CUSTOMER.c.external_id.label("number"),
        _CREDITOR.c.name.label("creditor"),
    )
    .select_from(_ITEM)
    .outerjoin(_REPLY, _REPLY.c.id == _ITEM.c.reply_id)
    .outerjoin(_CUSTOMER, _CUSTOMER.c.id == _ITEM.c.customer_id)
    .outerjoin(_CREDITOR, _CREDITOR.c.id == _ITEM.c.creditor_id)
    .where(_ITEM.c.done_at.is_(None))
    .order_by(_ITEM.c.urgency, _ITEM.c.due_at, _ITEM.c.id)
)
