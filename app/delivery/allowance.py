"""What a sender may send in any 24 hours: its tier at the provider, and the ramp of a new one.

Counted by the hour under the lock of the sender's row, so all workers share one count, and a little
too strictly: an hour counts until its last minute is a day old. SMS are counted in segments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, or_, select
from sqlmodel import Session

from app.store.bulk import table_of, update_rows
from app.store.rows import Sender

DAY: Final = timedelta(days=1)
HOUR: Final = timedelta(hours=1)
RAMP_DAYS: Final = 30

_SENDER = table_of(Sender)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One message that would leave: by which sender, and how many segments it counts for."""

    sender_id: int
    units: int


def allowed_on(sender: Row[Any], day: date) -> int | None:
    """How much the sender may send on `day`: its own limit, or less while it warms up (twice as
    much each day as the day before). None: as much as its rate allows."""
    limits: list[int] = [] if sender.per_day is None else [sender.per_day]
    if sender.ramp_first is not None and sender.ramp_started_on is not None:
        days = max(0, (day - sender.ramp_started_on).days)
        if days < RAMP_DAYS:
            limits.append(sender.ramp_first * 2**days)
    return min(limits, default=None)


def reserve(session: Session, wanted: Sequence[Wanted], now: datetime) -> list[datetime | None]:
    """Takes what each one needs off its sender's day, in order, and off its sender's time what the
    segments after the first need. Answers None for what fits, and for what does not the instant at
    which there is room again."""
    senders = _locked(session, wanted)
    counts = {id_: _counted(sender, now) for id_, sender in senders.items()}
    full: dict[int, datetime] = {}
    answers: list[datetime | None] = []
    more: dict[int, int] = dict.fromkeys(senders, 0)
    for want in wanted:
        until = _full_until(senders.get(want.sender_id), counts, want, now)
        if until is not None:
            full[want.sender_id] = until
        elif want.sender_id in counts:
            hour = _hour(now)
            counts[want.sender_id][hour] = counts[want.sender_id].get(hour, 0) + want.units
            more[want.sender_id] += want.units - 1
        answers.append(until)
    update_rows(
        session, Sender, [_row(senders[i], counts[i], full.get(i), more[i], now) for i in senders]
    )
    return answers


def _locked(session: Session, wanted: Sequence[Wanted]) -> Mapping[int, Row[Any]]:
    """The senders that count, in the order of their ids. Of the others nothing is locked."""
    ids = sorted({want.sender_id for want in wanted})
    long = sorted({want.sender_id for want in wanted if want.units > 1})
    counts = or_(
        _SENDER.c.per_day.is_not(None), _SENDER.c.ramp_first.is_not(None), _SENDER.c.id.in_(long)
    )
    query = select(_SENDER).where(_SENDER.c.id.in_(ids), counts).order_by(_SENDER.c.id)
    rows = session.connection().execute(query.with_for_update(key_share=True))
    return {row.id: row for row in rows}


def _counted(sender: Row[Any], now: datetime) -> dict[str, int]:
    """What it sent in each of the hours that are not a day old."""
    oldest = _hour(now - DAY)
    return {hour: units for hour, units in sender.sent_by_hour.items() if hour >= oldest}


def _full_until(
    sender: Row[Any] | None,
    counts: Mapping[int, Mapping[str, int]],
    want: Wanted,
    now: datetime,
) -> datetime | None:
    if sender is None:
        return None
    limit = allowed_on(sender, now.astimezone(UTC).date())
    if limit is None:
        return None
    hours = counts[sender.id]
    over = sum(hours.values()) + want.units - limit
    if over <= 0 or not hours:  # one that is larger than the whole day goes alone
        return None
    for hour in sorted(hours):
        over -= hours[hour]
        if over <= 0:
            return datetime.fromisoformat(hour) + HOUR + DAY
    return now + HOUR


def _row(
    sender: Row[Any],
    hours: Mapping[str, int],
    full_until: datetime | None,
    more: int,
    now: datetime,
) -> dict[str, Any]:
    free_at = sender.free_at
    if more:
        free_at = max(free_at or now, now) + timedelta(seconds=more / sender.per_second)
    return {
        "id": sender.id,
        "sent_by_hour": dict(hours),
        "full_until": full_until,
        "free_at": free_at,
    }


def _hour(at: datetime) -> str:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0).isoformat()
