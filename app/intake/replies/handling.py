"""What a person does with a text that waits: takes it, hands it on, matches it, or is done with it.

Answering and classing stand where they always did; here is who may, and that nobody else is at it.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Row, select, update
from sqlmodel import Session

from app.intake.alarms import NoSuchAlarm, take_alarm
from app.intake.leases import READING_FOR, Lease, ensure, give_back, take
from app.intake.replies.classing import finish_reading, is_owed, reply_of
from app.intake.replies.said import ReplyTaken
from app.intake.replies.taking import take_for
from app.intake.replies.waiting import Urgency, finish_item
from app.intake.replies.written import Written
from app.intake.special import note_special
from app.intake.tasks import change_task, finish_task
from app.store.given import table_of
from app.store.rows import InboxItem, SpecialNote, Task
from campaigns.vocabulary import Medium

STAFF_NOTE: Final = "staff_note"
LONGEST_NOTE: Final = 4_000

_ITEM, _NOTE, _TASK = table_of(InboxItem), table_of(SpecialNote), table_of(Task)


class NoSuchItem(LookupError):
    """Nothing that waits has this number."""


class Unhandled(StrEnum):
    """Why something cannot be done with a text. Stable: pages choose their words by it."""

    DEALT_WITH = "dealt_with"
    OWED = "owed"  # the customer was told of an answer
    PAST = "past"
    AFTER_PROMISED = "after_promised"
    NOT_A_STRANGERS = "not_a_strangers"
    NOTE_LENGTH = "note_length"


class NotHandled(ValueError):
    """It cannot be done so: `code` is for pages, the words for staff."""

    def __init__(self, code: Unhandled, words: str) -> None:
        super().__init__(words)
        self.code = code


def item_of(session: Session, item_id: int) -> Row[Any]:
    """The row. Raises `NoSuchItem`."""
    query = select(_ITEM).where(_ITEM.c.id == item_id)
    found = session.connection().execute(query).one_or_none()
    if found is None:
        raise NoSuchItem(f"nothing in the inbox has the number {item_id}")
    return found


def take_item(session: Session, item_id: int, *, by: str, now: datetime) -> Lease:
    """Has it alone for a while. Whoever takes what tells of danger has the alarm as well.

    Raises `NoSuchItem` and `TakenByAnother`.
    """
    lease = keep_item(session, item_id, by=by, now=now)
    item = item_of(session, item_id)
    if item.urgency == Urgency.DANGER:
        _take_alarm(session, item, by, now)
    return lease


def keep_item(session: Session, item_id: int, *, by: str, now: datetime) -> Lease:
    """Has it alone for a while, to say whose it is and until when: an alarm rings on.

    Raises `NoSuchItem` and `TakenByAnother`.
    """
    item = item_of(session, item_id)
    return take(session, item.key, by=by, lasts=READING_FOR, now=now)


def still_theirs(session: Session, item_id: int, fence: int, *, by: str, now: datetime) -> Row[Any]:
    """The item, in the transaction that deals with it: it waits, and nobody else is or was at it.

    Raises `NoSuchItem`, `NotHandled` and `TakenByAnother`.
    """
    item = item_of(session, item_id)
    ensure(session, item.key, fence, by=by, now=now)
    if item_of(session, item_id).done_at is not None:
        raise NotHandled(Unhandled.DEALT_WITH, "it has been dealt with")
    return item


def assign(session: Session, item_id: int, owner: str | None, *, by: str, now: datetime) -> None:
    """Gives it to somebody of the team, with its tasks; None: to nobody in particular. Whoever
    gives it away lets go of it."""
    item = item_of(session, item_id)
    _change(session, item_id, owner=owner)
    for task in tasks_of(session, item):
        change_task(session, task.id, {"owner": owner}, now)
    if owner != by:
        give_back(session, item.key, by=by, now=now)


def set_deadline(session: Session, item_id: int, due_at: datetime, *, now: datetime) -> None:
    """By when it is dealt with: from now on, and not after the day that the customer was told."""
    item = item_of(session, item_id)
    if due_at <= now:
        raise NotHandled(Unhandled.PAST, "that is past: choose a later time")
    told = reply_of(session, item.reply_id).answer_by if item.reply_id is not None else None
    if told is not None and due_at.date() > told:
        words = f"the customer was told of an answer by {told}: choose that day or sooner"
        raise NotHandled(Unhandled.AFTER_PROMISED, words)
    _change(session, item_id, due_at=due_at)


def read_and_done(session: Session, item: Row[Any], *, by: str, now: datetime) -> None:
    """It was read and asks for nothing more; what halted for it goes on. Raises `NotHandled` where
    the customer was told of an answer."""
    if item.reply_id is None:
        finish_task(session, item.key, now)
        finish_item(session, item.key, by=by, now=now)
        return
    reply = reply_of(session, item.reply_id)
    if is_owed(session, reply):
        words = f"they were told of an answer by {reply.answer_by}: answer it"
        raise NotHandled(Unhandled.OWED, words)
    finish_reading(session, reply, by=by, now=now)


def match_by_hand(
    session: Session, item: Row[Any], customer_id: int, *, by: str, now: datetime
) -> ReplyTaken:
    """Takes the text in as this customer's. What it says is done; a machine answers nothing.

    Raises `NotHandled` where it is somebody's already or its words are gone.
    """
    if item.reply_id is not None or item.words is None:
        words = "it is matched already, or its words are gone"
        raise NotHandled(Unhandled.NOT_A_STRANGERS, words)
    written = Written(
        key=f"matched:{item.id}",
        medium=Medium(item.medium),
        from_address=item.from_address,
        to_address=item.to_address,
        text=item.words,
        at=item.arrived_at,
    )
    taken = take_for(session, written, customer_id, now=now)
    finish_task(session, item.key, now)
    finish_item(session, item.key, by=by, now=now)
    return taken


def note_in_confidence(session: Session, customer_id: int, words: str, now: datetime) -> int:
    """Keeps what was learnt where only those read who give their name. Answers its number."""
    told = words.strip()
    if not told or len(told) > LONGEST_NOTE:
        raise NotHandled(Unhandled.NOTE_LENGTH, f"a note has 1 to {LONGEST_NOTE} characters")
    return note_special(session, customer_id=customer_id, kind=STAFF_NOTE, words=told, now=now)


def notes_about(session: Session, customer_id: int) -> list[Row[Any]]:
    """Which notes in confidence there are: their numbers and days, and no word of them."""
    query = select(_NOTE.c.id, _NOTE.c.noted_at).where(
        _NOTE.c.customer_id == customer_id, _NOTE.c.kind.is_not(None)
    )
    return list(session.connection().execute(query.order_by(_NOTE.c.id.desc()).limit(20)))


def tasks_of(session: Session, item: Row[Any]) -> list[Row[Any]]:
    """The open tasks that this text gave."""
    open_ones = select(_TASK).where(_TASK.c.state == "open")
    if item.reply_id is None:
        return list(session.connection().execute(open_ones.where(_TASK.c.key == item.key)))
    theirs = open_ones.where(_TASK.c.customer_id == item.customer_id).order_by(_TASK.c.id)
    found = session.connection().execute(theirs)
    return [task for task in found if task.detail.get("reply_id") == item.reply_id]


def _take_alarm(session: Session, item: Row[Any], by: str, now: datetime) -> None:
    for task in tasks_of(session, item):
        if task.kind != "danger":
            continue
        try:
            take_alarm(session, task.id, by=by, now=now)
        except NoSuchAlarm:
            return  # somebody has taken it before


def _change(session: Session, item_id: int, **values: Any) -> None:
    statement = update(_ITEM).where(_ITEM.c.id == item_id).values(**values)
    session.connection().execute(statement)
