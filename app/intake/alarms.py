"""Alarms: a task that a person of ours has to open now, at any hour. Raised here, and taken here.

What calls people stands in the loop `alarms`. An alarm knows a task and the number of a note, and
no word of what was said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, select, update
from sqlmodel import Session

from app.store.bulk import insert_new
from app.store.given import table_of
from app.store.journal import Happened, record
from app.store.rows import Alarm, AlarmCall, OnCall, Task
from channels.delivery import Receipt

_ALARM, _TASK = table_of(Alarm), table_of(Task)
_CALL, _ON_CALL = table_of(AlarmCall), table_of(OnCall)
_KEY: Final = re.compile(r"alarm-([0-9]{1,9})-([0-9]{1,9})")


class NoSuchAlarm(LookupError):
    """No alarm calls for this task; the words say what to do instead."""


def raise_alarm(
    session: Session,
    task_key: str,
    *,
    creditor_id: int | None,
    note_id: int | None,
    now: datetime,
) -> None:
    """Calls for a person to open the task, which was given just before. Once a task."""
    query = select(_TASK.c.id, _TASK.c.customer_id).where(_TASK.c.key == task_key)
    task = session.connection().execute(query).one()
    row = {
        "task_id": task.id,
        "creditor_id": creditor_id,
        "note_id": note_id,
        "raised_at": now,
        "due_at": now,
    }
    if insert_new(session, Alarm, [row], unique="task_id"):
        payload = {"task_id": task.id}
        fact = Happened("alarm_raised", at=now, customer_id=task.customer_id, payload=payload)
        record(session, [fact], now=now)


def alarms(session: Session, *, open_only: bool) -> Sequence[Row[Any]]:
    """The alarms with their tasks, the oldest first."""
    query = select(_ALARM, _TASK.c.customer_id, _TASK.c.title, _TASK.c.key).join(
        _TASK, _TASK.c.id == _ALARM.c.task_id
    )
    if open_only:
        query = query.where(_ALARM.c.taken_at.is_(None))
    return session.connection().execute(query.order_by(_ALARM.c.id)).all()


def calls_of(session: Session, alarm_id: int) -> Sequence[Row[Any]]:
    """Each try of an alarm, with who was called, in order."""
    query = (
        select(_CALL, _ON_CALL.c.name, _ON_CALL.c.medium)
        .join(_ON_CALL, _ON_CALL.c.id == _CALL.c.on_call_id)
        .where(_CALL.c.alarm_id == alarm_id)
        .order_by(_CALL.c.number)
    )
    return session.connection().execute(query).all()


def take_alarm(session: Session, task_id: int, *, by: str, now: datetime) -> None:
    """Somebody has it: it calls nobody any more, and the task is theirs. Raises `NoSuchAlarm`."""
    if not _end(session, _ALARM.c.task_id == task_id, by=by, now=now):
        raise NoSuchAlarm(f"no alarm calls for task {task_id}; `duly alarm list` has those that do")
    session.connection().execute(update(_TASK).where(_TASK.c.id == task_id).values(owner=by))


def note_of(session: Session, task_id: int) -> int | None:
    """The number of the note that tells why the alarm was raised; None where there is none."""
    query = select(_ALARM.c.note_id).where(_ALARM.c.task_id == task_id)
    return session.connection().execute(query).scalar_one_or_none()


def note_was_opened(session: Session, note_id: int, *, by: str, now: datetime) -> None:
    """Whoever reads the note that an alarm is about has taken it."""
    _end(session, _ALARM.c.note_id == note_id, by=by, now=now)


def task_was_taken(session: Session, alarm_id: int, *, by: str, now: datetime) -> None:
    """The task has an owner or is done, by whatever way."""
    _end(session, _ALARM.c.id == alarm_id, by=by, now=now)


def without_alarms(
    session: Session, receipts: Sequence[Receipt], *, now: datetime
) -> tuple[Receipt, ...]:
    """Takes those that speak of our own calls and hands back the others. A call that failed on its
    way has the next person called at once."""
    others = []
    for receipt in receipts:
        ours = _KEY.fullmatch(receipt.attempt_key or "")
        if ours is None:
            others.append(receipt)
        elif receipt.status.is_failure:
            _did_not_arrive(session, int(ours[1]), int(ours[2]), now)
    return tuple(others)


def call_key(alarm_id: int, number: int) -> str:
    """The name of a call at its provider."""
    return f"alarm-{alarm_id}-{number}"


def _did_not_arrive(session: Session, alarm_id: int, number: int, now: datetime) -> None:
    failed = (
        update(_CALL)
        .where(_CALL.c.alarm_id == alarm_id, _CALL.c.number == number, _CALL.c.outcome != "failed")
        .values(outcome="failed")
    )
    if session.connection().execute(failed).rowcount:
        session.connection().execute(
            update(_ALARM)
            .where(_ALARM.c.id == alarm_id, _ALARM.c.taken_at.is_(None), _ALARM.c.due_at > now)
            .values(due_at=now)
        )


def _end(session: Session, which: Any, *, by: str, now: datetime) -> bool:
    found = (
        select(_ALARM.c.id, _ALARM.c.task_id, _TASK.c.customer_id)
        .join(_TASK, _TASK.c.id == _ALARM.c.task_id)
        .where(which, _ALARM.c.taken_at.is_(None))
        .with_for_update(key_share=True, of=_ALARM)
    )
    row = session.connection().execute(found).one_or_none()
    if row is None:
        return False
    session.connection().execute(
        update(_ALARM).where(_ALARM.c.id == row.id).values(taken_at=now, taken_by=by)
    )
    payload = {"task_id": row.task_id, "by": by}
    taken = Happened("alarm_taken", at=now, customer_id=row.customer_id, payload=payload)
    record(session, [taken], now=now)
    return True
