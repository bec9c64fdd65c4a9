"""A person reads a reply and says what it means: the halt ends, and the act is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Row, Select, and_, exists, or_, select, update
from sqlmodel import Session

from app.hearing.intents import Asked, Confidence, Details, Intent, Meaning, Reader
from app.intake.concerned import stop_customer
from app.intake.holds import release
from app.intake.opt_outs import StopSaid, opt_out_person
from app.intake.replies.acts import ACTS, SPECIAL
from app.intake.replies.rows import class_reply
from app.intake.replies.said import Said
from app.intake.replies.taking import READER
from app.intake.replies.waiting import finish_item, reply_key
from app.intake.tasks import finish_task
from app.store.columns import word
from app.store.given import table_of
from app.store.rows import Customer, Hold, Message, Reply, StaffAnswer, Task
from campaigns.reach import StopAct
from campaigns.vocabulary import HoldKind, Medium

_CUSTOMER, _HOLD, _MESSAGE = table_of(Customer), table_of(Hold), table_of(Message)
_REPLY, _TASK = table_of(Reply), table_of(Task)
_ANSWER = table_of(StaffAnswer)

_NOT_OURS: Final = {
    Intent.UNCLEAR: "say what it means, or leave it held",
    Intent.OPT_IN: "put the new consent on record: `duly consent give`",
    Intent.HELP: "answer it yourself, then class it as thanks",
}


class UnknownReply(LookupError):
    """No reply has this number."""


class NotClassed(ValueError):
    """The reply cannot be classed so; it says why, and what to do instead."""


def replies(session: Session, *, unread_only: bool) -> list[dict[str, Any]]:
    """The replies without their words, the oldest first; unread are those that nobody has classed,
    and those that nobody has answered who was told by when."""
    query: Select[Any] = select(
        *(_REPLY.c[name] for name in ("id", "received_at", "medium", "intent", "classed_at")),
        _REPLY.c.classed_by,
        _REPLY.c.answer_by,
        _CUSTOMER.c.external_id.label("customer"),
    ).join(_CUSTOMER, _CUSTOMER.c.id == _REPLY.c.customer_id)
    if unread_only:
        is_owed = and_(
            _REPLY.c.answer_by.is_not(None), ~exists().where(_ANSWER.c.reply_id == _REPLY.c.id)
        )
        query = query.where(or_(_REPLY.c.classed_at.is_(None), is_owed))
    rows = session.connection().execute(query.order_by(_REPLY.c.received_at, _REPLY.c.id))
    return [dict(row._mapping) for row in rows]


def reply_of(session: Session, reply_id: int) -> Row[Any]:
    """The row itself, with its words. Raises `UnknownReply`."""
    query = select(_REPLY).where(_REPLY.c.id == reply_id)
    found = session.connection().execute(query).one_or_none()
    if found is None:
        raise UnknownReply(f"there is no reply {reply_id}; `duly reply list` has their numbers")
    return found


def class_by_person(
    session: Session,
    reply_id: int,
    intent: Intent,
    *,
    by: str,
    now: datetime,
    on: date | None = None,
    reader: Reader = READER,
) -> None:
    """Does what the intent does, as if it had been certain; nothing is answered by a machine. What
    the text says beside (a day, a sum) is read again; `on` is the day that the person read.

    The halt ends when no other reply of the customer waits. Raises `UnknownReply`, `NotClassed`.
    """
    row = reply_of(session, reply_id)
    if intent in _NOT_OURS:
        raise NotClassed(f"{intent} is nothing to class a reply by: {_NOT_OURS[intent]}")
    user = stop_customer(session, row.customer_id)
    meaning = _meaning(row, intent, on, reader)
    address_id = row.address_id or _address(session, row)
    if intent is Intent.WRONG_PERSON and address_id is None:
        raise NotClassed("it is not known from which address it came: close it by hand")
    class_reply(session, reply_id, meaning, classed_by=by, now=now)
    if not is_owed(session, row):
        finish_item(session, reply_key(reply_id), by=by, now=now)
    _finish(session, reply_id, now)
    _let_go(session, row.customer_id, now)
    if intent is Intent.OPT_OUT:
        stop = StopSaid(StopAct.WRITTEN, Medium(row.medium), f"reply:{reply_id}", by=by)
        opt_out_person(session, stop, customer_id=row.customer_id, now=now)
        return
    words = None if intent in SPECIAL else row.text
    said = Said(user, reply_id, meaning, row.text, words, row.received_at, now, None, address_id)
    ACTS[intent](session, said)


def is_owed(session: Session, reply: Row[Any]) -> bool:
    """Whether the customer was told of an answer that nobody has given."""
    query = select(_ANSWER.c.id).where(_ANSWER.c.reply_id == reply.id).limit(1)
    return reply.answer_by is not None and session.connection().execute(query).first() is None


def finish_reading(session: Session, reply: Row[Any], *, by: str, now: datetime) -> None:
    """A person has read and answered it: its tasks are done, and what halted for it goes on. The
    guard is held by the caller."""
    session.connection().execute(
        update(_REPLY)
        .where(_REPLY.c.id == reply.id, _REPLY.c.classed_at.is_(None))
        .values(classed_at=now, classed_by=by)
    )
    _finish(session, reply.id, now)
    finish_item(session, reply_key(reply.id), by=by, now=now)
    finish_task(session, f"message:{reply.id}", now)
    if reply.classed_at is None:
        _let_go(session, reply.customer_id, now)


def _meaning(row: Row[Any], intent: Intent, on: date | None, reader: Reader) -> Meaning:
    read = reader.understand(row.text, Asked(row.received_at.date()))
    details = next((m.details for m in read if m.intent is intent), Details())
    return Meaning(intent, Confidence.CERTAIN, "staff", replace(details, on=on or details.on))


def _address(session: Session, row: Row[Any]) -> int | None:
    query = select(_MESSAGE.c.address_id).where(_MESSAGE.c.id == row.message_id)
    return session.connection().execute(query).scalar_one_or_none()


def _finish(session: Session, reply_id: int, now: datetime) -> None:
    """The task of reading is done; the act gives its own."""
    keys = [f"{kind}:{reply_id}" for kind in _READING]
    session.connection().execute(
        update(_TASK)
        .where(_TASK.c.key.in_(keys), _TASK.c.state == word("open"))
        .values(state="done", done_at=now)
    )


_READING: Final[Sequence[str]] = ("reply", "opt_out_suspected", "promise_offered")


def _let_go(session: Session, customer_id: int, now: datetime) -> None:
    waiting = select(_REPLY.c.id).where(
        _REPLY.c.customer_id == customer_id, _REPLY.c.classed_at.is_(None)
    )
    if session.connection().execute(waiting.limit(1)).first() is not None:
        return
    held = select(_HOLD.c.id).where(
        _HOLD.c.customer_id == customer_id,
        _HOLD.c.kind == HoldKind.REPLY,
        _HOLD.c.released_at.is_(None),
    )
    release(session, list(session.connection().execute(held).scalars()), now)
