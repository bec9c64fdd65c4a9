"""The loop of alarms: calls who is on call, one after the other, until somebody takes it.

It knows no hours, no caps and no stop button: those protect customers, and this reaches our own.
What is sent names a task and nothing else. Where a customer is never told a thing twice, here
twice is better than not at all: whatever is not certainly taken is tried again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, bindparam, case, select, update
from sqlmodel import Session

from app.book.on_call import roster
from app.delivery.calls import Run
from app.delivery.dispatch import CALL_WITHIN, Channels
from app.intake.alarms import call_key, calls_of, task_was_taken
from app.store.bulk import insert_returning_ids
from app.store.engines import Database, Ending
from app.store.given import table_of
from app.store.journal import Happened, record
from app.store.rows import Alarm, AlarmCall, Sender, Task
from channels.errors import NoAnswer
from channels.seam import Accepted, Envelope, Later, Medium, Outcome, Refused, Unclear

WAIT: Final = timedelta(minutes=5)
"""How long whoever was called has to take it, where the settings say nothing else."""

LONGEST_WAIT: Final = timedelta(hours=1)
"""Nobody has taken it after many rounds: it still calls, not as often."""

TRY_AGAIN: Final = timedelta(seconds=30)
NEXT_AT_ONCE: Final = timedelta(seconds=5)
TRIES: Final = 2
"""Of one person, before the next is called."""

_NOT_KNOWN: Final = frozenset({"later", "unclear", "calling"})
"""Outcomes after which the same person is tried once more."""

_LEASE: Final = CALL_WITHIN + timedelta(seconds=10)
_AT_A_TIME: Final = 50
_ALARM, _CALL = table_of(Alarm), table_of(AlarmCall)
_SENDER, _TASK = table_of(Sender), table_of(Task)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Calling:
    """One call that was written down and is to be made; no envelope: nobody can carry it."""

    alarm: Row[Any]
    call_id: int
    on_call_id: int
    medium: str
    envelope: Envelope | None
    provider: str
    pause: timedelta


class Alarms:
    """`console` is what the address of the task begins with; `wait` how long each has to take it
    before the next is called."""

    def __init__(
        self,
        database: Database,
        channels: Channels,
        console: str,
        *,
        run: Run = asyncio.run,
        wait: timedelta = WAIT,
    ) -> None:
        self._database = database
        self._channels = channels
        self._console = console
        self._run = run
        self._wait = wait

    def tick(self, now: datetime) -> int:
        """Calls for every alarm that is due, and answers how many calls were made."""
        return sum(self._call(alarm_id, now) for alarm_id in self._due(now))

    def _due(self, now: datetime) -> Sequence[int]:
        query = select(_ALARM.c.id).where(_ALARM.c.taken_at.is_(None), _ALARM.c.due_at <= now)
        with self._database.read() as session:
            found = query.order_by(_ALARM.c.due_at, _ALARM.c.id).limit(_AT_A_TIME)
            return session.connection().execute(found).scalars().all()

    def _call(self, alarm_id: int, now: datetime) -> bool:
        """Written down first, so that a crash leaves it due again and on record."""
        self._database.ensure_going()
        with self._database.write() as session:
            calling = self._prepared(session, alarm_id, now)
        if calling is None:
            return False
        outcome = self._outcome(calling) if calling.envelope is not None else None
        with self._database.write() as session:
            _note(session, calling, outcome, now)
        return True

    def _prepared(self, session: Session, alarm_id: int, now: datetime) -> _Calling | None:
        """None: somebody has it, another worker calls, or there is nobody to call."""
        alarm = session.connection().execute(_CLAIM, {"alarm": alarm_id, "now": now}).one_or_none()
        if alarm is None:
            return None
        if alarm.owner is not None or alarm.state != "open":
            task_was_taken(session, alarm.id, by=alarm.owner or "whoever did the task", now=now)
            return None
        people = roster(session, alarm.creditor_id)
        if not people:
            log.critical("nobody is on call: open task %d now", alarm.task_id)
            _look_again(session, alarm.id, now + self._wait)
            return None
        calls = calls_of(session, alarm.id)
        person = people[_turn(people, calls)]
        sender = _sender(session, alarm.creditor_id, person.medium, self._channels)
        number = len(calls) + 1
        row = {
            "alarm_id": alarm.id,
            "on_call_id": person.id,
            "number": number,
            "called_at": now,
            "outcome": "calling" if sender is not None else "no_sender",
        }
        call_id = insert_returning_ids(session, AlarmCall, [row])[0]
        _look_again(session, alarm.id, now + _LEASE)
        return _Calling(
            alarm,
            call_id,
            person.id,
            person.medium,
            _letter(alarm, number, person, sender, self._console, now)
            if sender is not None
            else None,
            sender.provider if sender is not None else "",
            _patience(self._wait, len(calls) // len(people)),
        )

    def _outcome(self, calling: _Calling) -> Outcome:
        try:
            return self._run(self._send(calling))
        except Ending:  # another process tries again
            return Unclear(NoAnswer(provider=calling.provider, code="ending"))

    async def _send(self, calling: _Calling) -> Outcome:
        """Never raises: whatever happens here is tried again."""
        assert calling.envelope is not None
        channel = self._channels[calling.medium, calling.provider]
        try:
            async with asyncio.timeout(CALL_WITHIN.total_seconds()):
                return await channel.send(calling.envelope)
        except Exception as problem:  # noqa: BLE001  # a defect, or no answer at all
            kind = type(problem).__name__
            log.error("alarm %d: %s failed: %s", calling.alarm.id, channel.provider, kind)
            return Unclear(NoAnswer(provider=channel.provider, code="adapter"))


def _turn(people: Sequence[Row[Any]], calls: Sequence[Row[Any]]) -> int:
    """Whose turn it is: the first, then whoever comes after the one called last; that one again
    where it is not known that they were reached. After the last begins the first."""
    if not calls:
        return 0
    last = calls[-1]
    tried = 0
    for call in reversed(calls):
        if call.on_call_id != last.on_call_id or call.outcome not in _NOT_KNOWN:
            break
        tried += 1
    is_again = 0 < tried < TRIES and any(one.id == last.on_call_id for one in people)
    after = last.on_call_id if is_again else last.on_call_id + 1
    return next((place for place, one in enumerate(people) if one.id >= after), 0)


def _patience(wait: timedelta, rounds: int) -> timedelta:
    return min(wait * (1 << min(rounds, 10)), max(wait, LONGEST_WAIT))


def _letter(
    alarm: Row[Any],
    number: int,
    person: Row[Any],
    sender: Row[Any],
    console: str,
    now: datetime,
) -> Envelope:
    is_mail, task = person.medium == Medium.EMAIL, alarm.task_id
    where = f"{console}/console/queues/tasks/{task}"
    return Envelope(
        attempt_key=call_key(alarm.id, number),
        medium=Medium(person.medium),
        sender=sender.address,
        sender_name=sender.display_name,
        recipient=person.address,
        subject=f"URGENT: task {task}, open it now" if is_mail else None,
        text=f"URGENT: open task {task} now. Take it: {where} or duly alarm take {task}",
        locale="en",
        template="",
        sent_at=now,
    )


def _sender(
    session: Session, creditor_id: int | None, medium: str, channels: Channels
) -> Row[Any] | None:
    """Who carries it: a sender of the creditor, else anybody's; one that is paused only where there
    is no other."""
    found = session.connection().execute(_SENDERS, {"medium": medium}).all()
    able = [row for row in found if (row.medium, row.provider) in channels]
    own = [row for row in able if row.creditor_id == creditor_id]
    return next(iter(own or able), None)


def _note(session: Session, calling: _Calling, outcome: Outcome | None, now: datetime) -> None:
    told, pause = _told(outcome, calling.pause)
    session.connection().execute(update(_CALL).where(_CALL.c.id == calling.call_id).values(**told))
    _look_again(session, calling.alarm.id, now + pause)
    payload = {
        "task_id": calling.alarm.task_id,
        "on_call_id": calling.on_call_id,
        "medium": calling.medium,
        "outcome": told["outcome"],
    }
    fact = Happened("alarm_called", at=now, customer_id=calling.alarm.customer_id, payload=payload)
    record(session, [fact], now=now)
    if told["outcome"] != "accepted":
        log.critical(
            "task %d: person on call %d was not reached (%s)",
            calling.alarm.task_id, calling.on_call_id, told["outcome"],
        )  # fmt: skip


def _told(outcome: Outcome | None, pause: timedelta) -> tuple[dict[str, Any], timedelta]:
    """What is noted of a call, and when the alarm calls next."""
    match outcome:
        case None:
            return {"outcome": "no_sender"}, NEXT_AT_ONCE
        case Accepted(provider_id, _):
            return {"outcome": "accepted", "provider_id": provider_id}, pause
        case Refused(error):
            return {"outcome": "refused", "code": error.code}, NEXT_AT_ONCE
        case Later(error):
            return {"outcome": "later", "code": error.code}, TRY_AGAIN
        case Unclear(error):
            return {"outcome": "unclear", "code": error.code}, TRY_AGAIN


def _look_again(session: Session, alarm_id: int, at: datetime) -> None:
    session.connection().execute(update(_ALARM).where(_ALARM.c.id == alarm_id).values(due_at=at))


_CLAIM = (
    select(_ALARM, _TASK.c.customer_id, _TASK.c.owner, _TASK.c.state)
    .join(_TASK, _TASK.c.id == _ALARM.c.task_id)
    .where(
        _ALARM.c.id == bindparam("alarm"),
        _ALARM.c.taken_at.is_(None),
        _ALARM.c.due_at <= bindparam("now"),
    )
    .with_for_update(key_share=True, skip_locked=True, of=_ALARM)
)
_SENDERS = (
    select(_SENDER)
    .where(_SENDER.c.medium == bindparam("medium"), _SENDER.c.active)
    .order_by(case((_SENDER.c.paused_until.is_(None), 0), else_=1), _SENDER.c.id)
)
