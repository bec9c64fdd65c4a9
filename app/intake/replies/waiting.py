"""What a person has to read: each text once, with how urgent it is and by when it is dealt with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import IntEnum
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import select, update
from sqlmodel import Session

from app.hearing.intents import Intent, Meaning
from app.intake.concerned import Concerned
from app.intake.danger import AT_ONCE
from app.intake.replies.said import READ_WITHIN, ReplyTaken
from app.intake.replies.written import Written
from app.store.bulk import insert_new
from app.store.given import table_of
from app.store.rows import InboxItem

_ITEM = table_of(InboxItem)

_NO_WORDS: Final = {"words": None, "from_address": None, "to_address": None}


class Urgency(IntEnum):
    """In which order people read. The numbers are stored."""

    DANGER = 0
    HARD_STOP = 1
    DISPUTE = 2
    HARDSHIP = 3
    PROMISE = 4
    OTHER = 5


_OF: Final[Mapping[Intent, Urgency]] = MappingProxyType(
    {
        Intent.SELF_HARM: Urgency.DANGER,
        **dict.fromkeys(
            (Intent.OPT_OUT, Intent.WRONG_PERSON, Intent.BEREAVEMENT, Intent.MINOR),
            Urgency.HARD_STOP,
        ),
        **dict.fromkeys(
            (Intent.LAWYER, Intent.INSOLVENCY, Intent.BREATHING_SPACE), Urgency.HARD_STOP
        ),
        **dict.fromkeys((Intent.COMPLAINT, Intent.ABUSE, Intent.DISPUTE), Urgency.DISPUTE),
        **dict.fromkeys((Intent.ILLNESS, Intent.HARDSHIP), Urgency.HARDSHIP),
        **dict.fromkeys(
            (Intent.PART_PAYMENT, Intent.PLAN_REQUEST, Intent.PROMISE), Urgency.PROMISE
        ),
    }
)


def urgency_of(meanings: Sequence[Meaning]) -> Urgency:
    """That of the gravest that was read in it, were it merely possible."""
    return min(
        (_OF.get(meaning.intent, Urgency.OTHER) for meaning in meanings), default=Urgency.OTHER
    )


def needs_reader(meanings: Sequence[Meaning], taken: ReplyTaken, *, is_left: bool) -> bool:
    """What a machine has done with nothing left over needs nobody; what is grave always does."""
    return is_left or taken is ReplyTaken.HELD or urgency_of(meanings) <= Urgency.DISPUTE


def await_reader(
    session: Session,
    user: Concerned,
    reply_id: int,
    meanings: Sequence[Meaning],
    *,
    medium: str,
    at: datetime,
    now: datetime,
    due_at: datetime | None = None,
) -> None:
    """The team has it to read, by `due_at` or as soon as what was read in it asks for."""
    urgency = urgency_of(meanings)
    within = AT_ONCE if urgency is Urgency.DANGER else READ_WITHIN
    soonest = min(now + within, due_at or now + within) if urgency is Urgency.DANGER else due_at
    _add(
        session,
        key=reply_key(reply_id),
        reply_id=reply_id,
        customer_id=user.customer_id,
        creditor_id=user.creditor_id,
        medium=medium,
        urgency=urgency,
        arrived_at=at,
        due_at=soonest or now + within,
    )


def await_match(
    session: Session,
    task_key: str,
    written: Written,
    *,
    in_danger: bool,
    creditor_id: int | None,
    now: datetime,
) -> None:
    """Somebody has to find out whose it is. Its words stand here until they have."""
    _add(
        session,
        key=task_key,
        creditor_id=creditor_id,
        medium=written.medium,
        words=written.kept,
        from_address=written.from_address,
        to_address=written.to_address,
        urgency=Urgency.DANGER if in_danger else Urgency.OTHER,
        arrived_at=written.at,
        due_at=now + (AT_ONCE if in_danger else READ_WITHIN),
    )


def open_item_of(session: Session, reply_id: int) -> int | None:
    """The item of the inbox in which this reply waits; None where nobody waits for it."""
    query = select(_ITEM.c.id).where(_ITEM.c.key == reply_key(reply_id), _ITEM.c.done_at.is_(None))
    return session.connection().execute(query).scalar_one_or_none()


def finish_item(session: Session, key: str, *, by: str, now: datetime) -> None:
    """Somebody has dealt with it."""
    session.connection().execute(
        update(_ITEM)
        .where(_ITEM.c.key == key, _ITEM.c.done_at.is_(None))
        .values(done_at=now, done_by=by, **_NO_WORDS)
    )


def forget_strangers(session: Session, before: datetime) -> int:
    """Empties what strangers wrote before then, and nobody has dealt with. Answers how many."""
    old = (_ITEM.c.arrived_at < before, _ITEM.c.done_at.is_(None), _ITEM.c.words.is_not(None))
    statement = update(_ITEM).where(*old).values(**_NO_WORDS)
    return session.connection().execute(statement).rowcount


def reply_key(reply_id: int) -> str:
    return f"reply:{reply_id}"


def _add(session: Session, **item: Any) -> None:
    insert_new(session, InboxItem, [item])
