"""What a customer and the team wrote to each other, as the customer may read it again. Reads only.

Words that were told in confidence are not shown back, nor what came from an address that somebody
else uses as well: nobody knows who of them wrote it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, TypeAlias

from sqlalchemy import BindParameter, Row, bindparam, exists, select
from sqlmodel import Session

from app.store.given import GIVEN, rows_given, table_of
from app.store.rows import ContactPoint, Customer, Dispute, Message, Reply, StaffAnswer
from campaigns.vocabulary import Signal

_CUSTOMER, _DISPUTE, _MESSAGE = table_of(Customer), table_of(Dispute), table_of(Message)
_ANSWER, _POINT, _REPLY = table_of(StaffAnswer), table_of(ContactPoint), table_of(Reply)

MOST: Final = 100
"""How many of each kind are read, the newest."""

PAGE: Final = "page"
_PAID: Final = frozenset({"already_paid", "paid_already"})
_SPECIAL: Final = "special"


class Unshown(StrEnum):
    """Why words are not shown, or are none."""

    IN_CONFIDENCE = "in_confidence"
    SHARED = "shared"  # the address is somebody else's as well
    GONE = "gone"
    PAID = "paid"  # said by pressing a button


@dataclass(frozen=True, slots=True)
class Wrote:
    """What the customer wrote. `answer_by` is the day that they were told, while nobody has
    answered."""

    at: datetime
    medium: str
    words: str = field(repr=False)
    unshown: Unshown | None = None
    answer_by: date | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """What a person of the team answered."""

    at: datetime
    by: str
    words: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reminded:
    """Messages that went out by themselves, with nothing said between them."""

    at: datetime
    until: datetime
    times: int


Entry: TypeAlias = Wrote | Answered | Reminded


def thread(session: Session, customer_id: int) -> Sequence[Entry]:
    """All of it, the newest last."""
    whose = {"customer_id": customer_id}
    found: list[Entry] = [*_written(session, whose)]
    rows = session.connection().execute(_ANSWERS, whose)
    found += [Answered(row.written_at, row.written_by, row.words) for row in rows]
    rows = session.connection().execute(_SENT, whose)
    found += [Reminded(row.accepted_at, row.accepted_at, 1) for row in rows]
    return tuple(_summed(sorted(found, key=lambda entry: entry.at)))


def is_answered(session: Session, customer_id: int) -> bool:
    """Whether the last that was written is what a person answered."""
    return bool(session.connection().scalar(_LAST_IS_OURS, {"customer_id": customer_id}))


def _written(session: Session, whose: dict[str, int]) -> Iterator[Wrote]:
    replies = session.connection().execute(_REPLIES, whose).all()
    answered = set(session.connection().execute(_ANSWERED, whose).scalars())
    addresses = sorted({r.address_id for r in replies if r.address_id is not None})
    person_id = session.connection().execute(_WHO, whose).scalar_one()
    users = rows_given(session, _USERS, addresses)
    shared = {row.address_id for row in users if row.person_id != person_id}
    for reply in replies:
        yield _wrote(reply, answered, shared)
    for row in session.connection().execute(_DISPUTES, whose):
        yield Wrote(row.opened_at, PAGE, row.words)


def _wrote(reply: Row[Any], answered: Collection[int], shared: Collection[int]) -> Wrote:
    unshown = _unshown(reply, shared)
    return Wrote(
        at=reply.received_at,
        medium=reply.medium,
        words="" if unshown else reply.text,
        unshown=unshown,
        answer_by=None if reply.id in answered else reply.answer_by,
    )


def _unshown(reply: Row[Any], shared: Collection[int]) -> Unshown | None:
    if reply.intent == _SPECIAL:
        return Unshown.IN_CONFIDENCE
    if reply.address_id in shared:
        return Unshown.SHARED
    if reply.text:
        return None
    return Unshown.PAID if reply.intent in _PAID else Unshown.GONE


def _summed(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Messages of ours that follow each other are one line."""
    last: Reminded | None = None
    for entry in entries:
        if isinstance(entry, Reminded):
            last = replace(last, until=entry.at, times=last.times + 1) if last else entry
            continue
        if last is not None:
            yield last
            last = None
        yield entry
    if last is not None:
        yield last


_WHOSE: BindParameter[int] = bindparam("customer_id")
_REPLIES = (
    select(_REPLY).where(_REPLY.c.customer_id == _WHOSE).order_by(_REPLY.c.id.desc()).limit(MOST)
)
_ANSWERS = (
    select(_ANSWER).where(_ANSWER.c.customer_id == _WHOSE).order_by(_ANSWER.c.id.desc()).limit(MOST)
)
_ANSWERED = select(_ANSWER.c.reply_id).where(_ANSWER.c.customer_id == _WHOSE)
_SENT = (
    select(_MESSAGE.c.accepted_at)
    .where(
        _MESSAGE.c.customer_id == _WHOSE,
        _MESSAGE.c.accepted_at.is_not(None),
        ~_MESSAGE.c.origin.startswith(f"signal:{Signal.MESSAGE_ANSWERED}:"),
    )
    .order_by(_MESSAGE.c.id.desc())
    .limit(MOST)
)
_DISPUTES = select(_DISPUTE.c.opened_at, _DISPUTE.c.words).where(
    _DISPUTE.c.customer_id == _WHOSE, _DISPUTE.c.words.is_not(None)
)
_LAST_IS_OURS = select(
    exists().where(
        _ANSWER.c.customer_id == _WHOSE,
        ~exists().where(
            _REPLY.c.customer_id == _WHOSE, _REPLY.c.received_at > _ANSWER.c.written_at
        ),
    )
)
_WHO = select(_CUSTOMER.c.person_id).where(_CUSTOMER.c.id == _WHOSE)
_USERS = (
    select(_POINT.c.address_id, _CUSTOMER.c.person_id)
    .join(_CUSTOMER, _CUSTOMER.c.id == _POINT.c.customer_id)
    .where(_POINT.c.address_id.in_(GIVEN))
)
