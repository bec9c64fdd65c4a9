"""The texts that wait for a person: danger, hard stops, disputes, hardship, unclear promises, the
rest; of a class the nearest deadline first."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, Select, select

from app.console.lists import Listing, Sort
from app.intake.replies.waiting import Urgency
from app.store.given import table_of
from app.store.rows import Creditor, Customer, InboxItem, Reply

NOBODYS: Final = "nobody"
_HIGHEST: Final = 2**31

_ITEM, _REPLY = table_of(InboxItem), table_of(Reply)
_CREDITOR, _CUSTOMER = table_of(Creditor), table_of(Customer)


def _owned(owner: str) -> ColumnElement[bool]:
    return _ITEM.c.owner.is_(None) if owner == NOBODYS else _ITEM.c.owner == owner


def _urgent(urgency: str) -> ColumnElement[bool] | None:
    known = {str(int(each)): int(each) for each in Urgency}
    return _ITEM.c.urgency == known[urgency] if urgency in known else None


def _of_creditor(number: str) -> ColumnElement[bool] | None:
    if not number.isdecimal() or int(number) >= _HIGHEST:
        return None
    return _ITEM.c.creditor_id == int(number)


_WAITING: Final[Select[Any]] = (
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
)

INBOX: Final = Listing(
    _WAITING,
    {"urgent": Sort((_ITEM.c.urgency, _ITEM.c.due_at, _ITEM.c.id))},
    {"owner": _owned, "urgency": _urgent, "creditor": _of_creditor},
    along=select(_ITEM.c.id).where(_ITEM.c.done_at.is_(None)),
    found=frozenset({"urgency"}),
)
