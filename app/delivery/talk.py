"""What confirmations of a talk name: the call that was arranged, what a person answered, and by
when one answers. Read only for the messages that say so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import exists, func, select
from sqlmodel import Session

from app.store.given import GIVEN, rows_given, table_of
from app.store.rows import Address, CallWish, Creditor, Customer, Reply, StaffAnswer
from app.wording.context import Answer, Call
from campaigns.vocabulary import Signal

_ADDRESS, _CALL, _ANSWER = table_of(Address), table_of(CallWish), table_of(StaffAnswer)
_CREDITOR, _CUSTOMER, _REPLY = table_of(Creditor), table_of(Customer), table_of(Reply)

ENDING: Final = 3
"""How many figures of a number its owner knows it by, and nobody else."""


@dataclass(frozen=True, slots=True)
class Talk:
    """The latest of each, of one customer."""

    call: Call | None = None
    answer: Answer | None = None
    answer_by: date | None = None


NO_TALK: Final = Talk()


def talks(session: Session, rows: Sequence[Mapping[str, Any]]) -> Mapping[int, Talk]:
    """By customer, for those whose messages speak of it."""
    found: dict[int, dict[str, Any]] = defaultdict(dict)
    for row in rows_given(session, _CALLS, _told(rows, Signal.CALL_ARRANGED)):
        zone = ZoneInfo(row.zone)
        begins, ends = (at.astimezone(zone) for at in (row.starts_at, row.ends_at))
        ending = (row.number or "")[-ENDING:]
        found[row.customer_id]["call"] = Call(begins.date(), begins.time(), ends.time(), ending)
    for row in rows_given(session, _ANSWERS, _told(rows, Signal.MESSAGE_ANSWERED)):
        found[row.customer_id]["answer"] = Answer(row.written_by, row.words)
    for row in rows_given(session, _AWAITED, _told(rows, Signal.REQUEST_MADE)):
        found[row.customer_id]["answer_by"] = row.answer_by
    return {customer_id: Talk(**told) for customer_id, told in found.items()}


def _told(rows: Sequence[Mapping[str, Any]], signal: Signal) -> list[int]:
    """The customers of the messages that answer this signal."""
    return [r["customer_id"] for r in rows if str(r["origin"]).startswith(f"signal:{signal}:")]


_CALLS = (
    select(
        _CALL.c.customer_id,
        _CALL.c.starts_at,
        _CALL.c.ends_at,
        func.coalesce(_CALL.c.number, _ADDRESS.c.value).label("number"),
        func.coalesce(_CUSTOMER.c.zone, _CREDITOR.c.zone).label("zone"),
    )
    .join(_CUSTOMER, _CUSTOMER.c.id == _CALL.c.customer_id)
    .join(_CREDITOR, _CREDITOR.c.id == _CUSTOMER.c.creditor_id)
    .outerjoin(_ADDRESS, _ADDRESS.c.id == _CALL.c.address_id)
    .where(_CALL.c.customer_id.in_(GIVEN), _CALL.c.cancelled_at.is_(None))
    .order_by(_CALL.c.id)
)
_ANSWERS = select(_ANSWER).where(_ANSWER.c.customer_id.in_(GIVEN)).order_by(_ANSWER.c.id)
_AWAITED = (
    select(_REPLY.c.customer_id, _REPLY.c.answer_by)
    .where(
        _REPLY.c.customer_id.in_(GIVEN),
        _REPLY.c.answer_by.is_not(None),
        ~exists().where(_ANSWER.c.reply_id == _REPLY.c.id),
    )
    .order_by(_REPLY.c.id)
)
