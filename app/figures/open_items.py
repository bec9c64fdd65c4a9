"""Counts what is open: holds, promises, disputes, tasks, and messages that are about to leave.

All of it stands in partial indexes over what is open, so this is asked each minute.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, case, distinct, func, select
from sqlmodel import Session

from app.figures.happenings import HELD_CUSTOMERS
from app.figures.keeping import Told
from app.figures.names import Standing
from app.figures.quarters import Quarter, instant_of
from app.store.columns import word
from app.store.given import table_of
from app.store.rows import Customer, Dispute, Hold, Invoice, Message, Promise, Task

_CUSTOMER, _HOLD, _PROMISE = table_of(Customer), table_of(Hold), table_of(Promise)
_DISPUTE, _INVOICE, _TASK = table_of(Dispute), table_of(Invoice), table_of(Task)
_MESSAGE = table_of(Message)

AHEAD: Final = timedelta(hours=24)

Key = tuple[int, str, str, str, str, str, int]
"""Creditor (0: none), figure, currency, medium, about, cohort, age."""
Found = Mapping[Key, Told]


def count_open_items(session: Session, now: datetime) -> Found:
    found: dict[Key, Told] = {}
    for key, told in (
        *_held(session),
        *_promised(session),
        *_disputed(session),
        *_tasks(session, now),
    ):
        found[key] = told
    return found | _due_messages(session, now)


def _held(session: Session) -> Iterator[tuple[Key, Told]]:
    for row in session.connection().execute(_HELD):
        yield (row.creditor_id, Standing.HELD, "", "", row.kind, "", 0), (row.number, 0)


def _promised(session: Session) -> Iterator[tuple[Key, Told]]:
    for row in session.connection().execute(_PROMISED):
        key = (row.creditor_id, Standing.PROMISED, row.currency, "", "", str(row.due_on), 0)
        yield key, (row.number, int(row.amount))


def _disputed(session: Session) -> Iterator[tuple[Key, Told]]:
    for row in session.connection().execute(_DISPUTED):
        key = (row.creditor_id, Standing.DISPUTED, row.currency, "", row.kind, "", 0)
        yield key, (row.number, int(row.amount))


def _tasks(session: Session, now: datetime) -> Iterator[tuple[Key, Told]]:
    for row in session.connection().execute(_TASKS, {"now": now}):
        creditor_id = row.creditor_id or 0
        yield (creditor_id, Standing.TASKS, "", "", row.team, "", 0), (row.number, 0)
        if row.late:
            yield (creditor_id, Standing.TASKS_LATE, "", "", row.team, "", 0), (row.late, 0)


def _due_messages(session: Session, now: datetime) -> dict[Key, Told]:
    """What is due already counts for the hour that runs."""
    counted: Counter[Key] = Counter()
    for row in session.connection().execute(_DUE, {"until": now + AHEAD}):
        hour = hour_name(max(instant_of(row.quarter), now))
        key = (row.creditor_id, Standing.DUE_MESSAGES, "", row.medium, "", hour, 0)
        counted[key] += row.number
    return {key: (number, 0) for key, number in counted.items()}


def hour_name(at: datetime) -> str:
    """The hour of an instant, in UTC: 2026-06-01T09."""
    return at.strftime("%Y-%m-%dT%H")


def hour_named(told: str) -> datetime | None:
    """Its first instant; None for what names no hour."""
    try:
        return datetime.strptime(told, "%Y-%m-%dT%H").replace(tzinfo=UTC)
    except ValueError:
        return None


_HELD: Final = (
    select(
        _CUSTOMER.c.creditor_id, _HOLD.c.kind, func.count(distinct(_CUSTOMER.c.id)).label("number")
    )
    .select_from(_HOLD)
    .join(_CUSTOMER, HELD_CUSTOMERS)
    .where(_HOLD.c.released_at.is_(None))
    .group_by(_CUSTOMER.c.creditor_id, _HOLD.c.kind)
)
_PROMISED: Final = (
    select(
        _CUSTOMER.c.creditor_id,
        _PROMISE.c.currency,
        _PROMISE.c.due_on,
        func.count().label("number"),
        func.sum(_PROMISE.c.amount_minor).label("amount"),
    )
    .join(_CUSTOMER, _CUSTOMER.c.id == _PROMISE.c.customer_id)
    .where(_PROMISE.c.state == word("open"))
    .group_by(_CUSTOMER.c.creditor_id, _PROMISE.c.currency, _PROMISE.c.due_on)
)
_DISPUTED: Final = (
    select(
        _INVOICE.c.creditor_id,
        _INVOICE.c.currency,
        _DISPUTE.c.kind,
        func.count().label("number"),
        func.sum(_INVOICE.c.open_minor).label("amount"),
    )
    .join(_INVOICE, _INVOICE.c.id == _DISPUTE.c.invoice_id)
    .where(_DISPUTE.c.state == word("open"))
    .group_by(_INVOICE.c.creditor_id, _INVOICE.c.currency, _DISPUTE.c.kind)
)
_TASKS: Final = (
    select(
        _CUSTOMER.c.creditor_id,
        _TASK.c.team,
        func.count().label("number"),
        func.sum(case((_TASK.c.due_at < bindparam("now"), 1), else_=0)).label("late"),
    )
    .join(_CUSTOMER, _CUSTOMER.c.id == _TASK.c.customer_id, isouter=True)
    .where(_TASK.c.state == word("open"))
    .group_by(_CUSTOMER.c.creditor_id, _TASK.c.team)
)
_QUARTER: Final = Quarter(_MESSAGE.c.due_at)
_DUE: Final = (
    select(
        _MESSAGE.c.creditor_id,
        _MESSAGE.c.medium,
        _QUARTER.label("quarter"),
        func.count().label("number"),
    )
    .where(_MESSAGE.c.state == word("waiting"), _MESSAGE.c.due_at <= bindparam("until"))
    .group_by(_MESSAGE.c.creditor_id, _MESSAGE.c.medium, _QUARTER)
)
