"""Counts the messages that providers took on a day, and what came of each within its time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BindParameter, Row, bindparam, case, func, literal, select
from sqlmodel import Session

from app.figures.names import Daily
from app.figures.quarters import Quarter, hour_of
from app.store.given import table_of
from app.store.rows import Address, Attempt, Creditor, Customer, Message
from channels.delivery import DeliveryStatus

_MESSAGE, _ATTEMPT, _CUSTOMER = table_of(Message), table_of(Attempt), table_of(Customer)
_ADDRESS, _CREDITOR = table_of(Address), table_of(Creditor)

Key = tuple[int, str, str, str, str, int, str]
"""Creditor, figure, currency, medium, language, hour, about."""


def count_messages(
    session: Session, start: datetime, end: datetime, until: datetime
) -> Counter[Key]:
    """Of every creditor, what was taken from `start` to before `end`, and what came of it before
    `until`."""
    counted: Counter[Key] = Counter()
    for row in session.connection().execute(_TAKEN, {"start": start, "end": end, "until": until}):
        for figure, number in _by_recipient(row).items():
            hour = hour_of(row.quarter, row.zone)
            key = (row.creditor_id, figure, "", row.medium, row.locale, hour, "")
            counted[key] += number
        for figure, number in _by_sender(row).items():
            key = (row.creditor_id, figure, "", row.medium, "", -1, str(row.sender_id))
            counted[key] += number
    return +counted


def _by_recipient(row: Row[Any]) -> Mapping[Daily, int]:
    return {
        Daily.SENT: row.sent,
        Daily.DELIVERED: row.delivered,
        Daily.FAILED: row.failed,
        Daily.VISITED: row.visited,
        Daily.ANSWERED: row.answered,
        Daily.SEGMENTS: row.segments,
    }


def _by_sender(row: Row[Any]) -> Mapping[Daily, int]:
    return {
        Daily.SENDER_SENT: row.sent,
        Daily.SENDER_FAILED: row.failed,
        Daily.SENDER_SEGMENTS: row.segments,
    }


_FAILURES: Final = tuple(str(status) for status in DeliveryStatus if status.is_failure)
FAILED: Final = func.coalesce(_MESSAGE.c.delivery, "").in_(_FAILURES)


def _columns() -> Iterator[Any]:
    until: BindParameter[datetime] = bindparam("until")
    yield func.count().label("sent")
    yield _how_many((_MESSAGE.c.delivered_at < until) & ~FAILED, "delivered")
    yield _how_many(FAILED, "failed")
    yield _how_many(_MESSAGE.c.clicked_at < until, "visited")
    yield _how_many(_MESSAGE.c.answered_at < until, "answered")
    yield func.coalesce(func.sum(_ATTEMPT.c.segments), 0).label("segments")


def _how_many(condition: Any, name: str) -> Any:
    return func.sum(case((condition, 1), else_=0)).label(name)


_ZONE: Final = func.coalesce(_CUSTOMER.c.zone, _ADDRESS.c.zone, _CREDITOR.c.zone)
_LOCALE: Final = func.coalesce(_ATTEMPT.c.locale, literal(""))
_QUARTER: Final = Quarter(_MESSAGE.c.accepted_at)
_BY: Final = (_MESSAGE.c.creditor_id, _MESSAGE.c.medium, _MESSAGE.c.sender_id)
_TAKEN: Final = (
    select(
        *_BY, _LOCALE.label("locale"), _ZONE.label("zone"), _QUARTER.label("quarter"), *_columns()
    )
    .join(_CREDITOR, _CREDITOR.c.id == _MESSAGE.c.creditor_id)
    .join(_CUSTOMER, _CUSTOMER.c.id == _MESSAGE.c.customer_id)
    .join(_ADDRESS, _ADDRESS.c.id == _MESSAGE.c.address_id)
    .join(
        _ATTEMPT,
        (_ATTEMPT.c.message_id == _MESSAGE.c.id) & (_ATTEMPT.c.number == _MESSAGE.c.attempts),
        isouter=True,
    )
    .where(_MESSAGE.c.accepted_at >= bindparam("start"), _MESSAGE.c.accepted_at < bindparam("end"))
    .group_by(*_BY, _LOCALE, _ZONE, _QUARTER)
)
