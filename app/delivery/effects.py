"""What a batch of answers comes to, and the one place where that is written.

Guards of those who opted out first, then cases, then messages: the lock order of `app.store.guard`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import Session

from app.delivery import breaker
from app.intake.opt_outs import StopSaid, close_address, opt_out
from app.intake.senders import Mark, mark_senders
from app.store.bulk import insert_new, lock_rows, update_rows
from app.store.given import chunks, table_of
from app.store.journal import Happened, record, wake
from app.store.rows import Address, Attempt, ContactPoint, Message, Task
from campaigns.reach import StopAct
from campaigns.vocabulary import Medium

_POINT = table_of(ContactPoint)


@dataclass(frozen=True, slots=True)
class OptedOut:
    """The provider knows of an opt-out of this address."""

    address_id: int
    medium: Medium
    attempt_id: int


@dataclass(frozen=True, slots=True)
class Closed:
    """The number cannot have this medium: a landline lacks SMS, but not WhatsApp."""

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
    closed: list[Closed] = field(default_factory=list)
    tasks: list[dict[str, Any]] = field(default_factory=list)
    good: Counter[int] = field(default_factory=Counter)
    faults: list[int] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)


def write(session: Session, effects: Effects, now: datetime) -> None:
    wake(session, sorted(effects.cases), now=now)
    update_rows(session, Message, effects.messages)
    update_rows(session, Attempt, effects.attempts)
    record(session, effects.facts, now=now)
    count_asked(session, effects.asked)
    update_rows(session, Address, sorted(effects.invalid, key=_by_id))
    for shut in effects.closed:
        bounce = StopSaid(StopAct.BOUNCE, shut.medium, f"attempt:{shut.attempt_id}")
        close_address(session, shut.address_id, bounce, now)
    for told in effects.opted_out:
        stop = StopSaid(StopAct.PROVIDER, told.medium, f"attempt:{told.attempt_id}")
        opt_out(session, stop, address_id=told.address_id, now=now)
    insert_new(session, Task, effects.tasks)
    breaker.count(session, good=effects.good, faults=effects.faults, now=now)
    if effects.marks:
        mark_senders(session, effects.marks, now)


def _by_id(row: Mapping[str, Any]) -> int:
    return int(row["id"])


def count_asked(session: Session, points: Sequence[int]) -> None:
    """One more message on each of these contact points."""
    lock_rows(session, ContactPoint, points)
    for part in chunks(sorted(set(points))):
        session.connection().execute(
            update(_POINT).where(_POINT.c.id.in_(part)).values(asked=_POINT.c.asked + 1)
        )
