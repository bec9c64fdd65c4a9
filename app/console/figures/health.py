"""How well senders and feeds are: what pauses, what bounces, whose book is old, who is on call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Row, Select, func, select
from sqlmodel import Session

from app.book.on_call import uncovered
from app.figures.names import Daily
from app.figures.reading import daily
from app.figures.reports.rates import Rate
from app.store.given import table_of
from app.store.rows import Creditor, ImportRun, Sender

_SENDER, _CREDITOR, _RUN = table_of(Sender), table_of(Creditor), table_of(ImportRun)
BOUNCES_OVER: Final = timedelta(days=7)
BOUNCES_ARE_MANY: Final = 0.05
"""Mailbox providers begin to distrust a sender at about this share of dead addresses."""


class State(StrEnum):
    """What a sender does now, the worst first."""

    OFF = "off"
    RED = "red"  # its provider rates it so
    PAUSED = "paused"
    FULL = "full"  # its day has no more room
    BOUNCING = "bouncing"
    WELL = "well"


@dataclass(frozen=True, slots=True)
class SenderHealth:
    row: Row[Any]
    state: State
    sent: int
    """Today; `failed` is of the last week."""
    failed: Rate


@dataclass(frozen=True, slots=True)
class FeedHealth:
    row: Row[Any]
    is_stale: bool
    is_covered: bool
    imported: Row[Any] | None
    """The last import that ended."""


def senders(
    session: Session, creditors: Sequence[int] | None, today: date, now: datetime
) -> list[SenderHealth]:
    """Those of the creditors, the ones in trouble first."""
    week = _by_sender(session, today - BOUNCES_OVER + timedelta(days=1), today)
    running = _by_sender(session, today, today)
    query = _SENDERS if creditors is None else _SENDERS.where(_SENDER.c.creditor_id.in_(creditors))
    found = []
    for row in session.connection().execute(query):
        counts = week.get(str(row.id), {})
        failed = Rate(counts.get(Daily.SENDER_FAILED, 0), counts.get(Daily.SENDER_SENT, 0))
        sent = running.get(str(row.id), {}).get(Daily.SENDER_SENT, 0)
        found.append(SenderHealth(row, _state(row, failed, now), sent, failed))
    order = list(State)
    return sorted(found, key=lambda each: (order.index(each.state), each.row.id))


def _state(row: Row[Any], failed: Rate, now: datetime) -> State:
    if not row.active:
        return State.OFF
    if row.quality == State.RED:
        return State.RED
    if row.paused_until is not None and row.paused_until > now:
        return State.PAUSED
    if row.full_until is not None and row.full_until > now:
        return State.FULL
    if failed.share is not None and not failed.is_small and failed.share >= BOUNCES_ARE_MANY:
        return State.BOUNCING
    return State.WELL


def _by_sender(session: Session, first: date, last: date) -> Mapping[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    figures = (Daily.SENDER_SENT, Daily.SENDER_FAILED)
    for row in daily(session, figures, first, last, "about"):
        found.setdefault(row.about, {})[row.figure] = int(row.number)
    return found


def feeds(session: Session, creditors: Sequence[int] | None, now: datetime) -> list[FeedHealth]:
    """Each creditor's book and who is on call for it."""
    query = _FEEDS if creditors is None else _FEEDS.where(_CREDITOR.c.id.in_(creditors))
    rows = session.connection().execute(query).all()
    alone = uncovered(session, [row.id for row in rows])
    imported = {row.creditor_id: row for row in session.connection().execute(_IMPORTED)}
    return [
        FeedHealth(row, _is_stale(row, now), row.id not in alone, imported.get(row.id))
        for row in rows
    ]


def _is_stale(row: Row[Any], now: datetime) -> bool:
    """As the gate has it: a live feed is never stale."""
    if row.ledger_as_of is None or row.ledger_max_age_s is None:
        return False
    oldest: datetime = row.ledger_as_of + timedelta(seconds=row.ledger_max_age_s)
    return oldest < now


_SENDERS: Final[Select[Any]] = (
    select(_SENDER, _CREDITOR.c.name.label("creditor"))
    .join(_CREDITOR, _CREDITOR.c.id == _SENDER.c.creditor_id)
    .order_by(_SENDER.c.id)
)
_FEEDS: Final[Select[Any]] = select(
    _CREDITOR.c.id, _CREDITOR.c.name, _CREDITOR.c.ledger_as_of, _CREDITOR.c.ledger_max_age_s
).order_by(_CREDITOR.c.name, _CREDITOR.c.id)
_LAST: Final = (
    select(func.max(_RUN.c.id)).where(_RUN.c.finished_at.is_not(None)).group_by(_RUN.c.creditor_id)
)
_IMPORTED: Final[Select[Any]] = select(
    _RUN.c.creditor_id, _RUN.c.finished_at, _RUN.c.accepted, _RUN.c.rejected
).where(_RUN.c.id.in_(_LAST))
