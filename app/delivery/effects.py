"""What a batch of answers comes to, and the one place where that is written.

Guards of those who opted out first, then cases, then messages: the lock order of `app.store.guard`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, update
from sqlmodel import Session

from app.intake.opt_outs import OptOutSource, opt_out
from app.store.bulk import chunks, insert_new, lock_rows, table_of, update_rows
from app.store.journal import Happened, record, wake
from app.store.rows import Address, Attempt, ContactPoint, Message, Sender, Task
from campaigns.vocabulary import Medium

BREAKER_AFTER = 5  # provider errors in a row
BREAKER_PAUSE = timedelta(minutes=5)
BREAKER_REASON = "errors of its provider"
SENDER_PAUSE = timedelta(hours=6)  # a sender that the provider rejects; a task asks a person

_POINT, _SENDER = table_of(ContactPoint), table_of(Sender)


@dataclass(frozen=True, slots=True)
class OptedOut:
    """The provider knows of an opt-out of this address."""

    address_id: int
    medium: Medium
    attempt_id: int


@dataclass
class Effects:
    """What a batch of answers comes to, gathered before anything is written."""

    attempts: list[dict[str, Any]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    facts: list[Happened] = field(default_factory=list)
    cases: set[int] = field(default_factory=set)
    asked: list[int] = field(default_factory=list)
    opted_out: list[OptedOut] = field(default_factory=list)
    invalid: list[dict[str, Any]] = field(default_factory=list)
    tasks: list[dict[str, Any]] = field(default_factory=list)
    good: set[int] = field(default_factory=set)
    faults: list[int] = field(default_factory=list)
    paused: dict[int, str] = field(default_factory=dict)


def write(session: Session, effects: Effects, now: datetime) -> None:
    wake(session, sorted(effects.cases), now=now)
    update_rows(session, Message, effects.messages)
    update_rows(session, Attempt, effects.attempts)
    record(session, effects.facts, now=now)
    count_asked(session, effects.asked)
    update_rows(session, Address, sorted(effects.invalid, key=_by_id))
    for told in effects.opted_out:
        opt_out(
            session,
            address_id=told.address_id,
            medium=told.medium,
            source=OptOutSource.PROVIDER,
            evidence=f"attempt:{told.attempt_id}",
            now=now,
        )
    insert_new(session, Task, effects.tasks)
    _trip(session, effects, now)


def _by_id(row: Mapping[str, Any]) -> int:
    return int(row["id"])


def count_asked(session: Session, points: Sequence[int]) -> None:
    """One more message on each of these contact points."""
    lock_rows(session, ContactPoint, points)
    for part in chunks(sorted(set(points))):
        session.connection().execute(
            update(_POINT).where(_POINT.c.id.in_(part)).values(asked=_POINT.c.asked + 1)
        )


def _trip(session: Session, effects: Effects, now: datetime) -> None:
    """The breaker per sender: a success closes it, errors of the provider in a row open it.

    The answers of a batch have no order among them, so one success speaks for all of it.
    """
    connection = session.connection()
    faults = Counter(effects.faults)
    for sender_id in sorted({*effects.good, *faults, *effects.paused}):
        ours = update(_SENDER).where(_SENDER.c.id == sender_id)
        if sender_id in effects.good:  # whatever else went wrong beside it was not in a row
            connection.execute(ours.where(_SENDER.c.errors_in_row > 0).values(errors_in_row=0))
        elif sender_id in faults:
            connection.execute(ours.values(_counted(faults[sender_id], now)))
        if sender_id in effects.paused:
            until, why = now + SENDER_PAUSE, effects.paused[sender_id]
            connection.execute(ours.values(paused_until=until, pause_reason=why))


def _counted(faults: int, now: datetime) -> dict[str, Any]:
    count = _SENDER.c.errors_in_row + faults
    tripped = count >= BREAKER_AFTER
    return {
        "errors_in_row": count,
        "paused_until": case((tripped, now + BREAKER_PAUSE), else_=_SENDER.c.paused_until),
        "pause_reason": case((tripped, BREAKER_REASON), else_=_SENDER.c.pause_reason),
    }
