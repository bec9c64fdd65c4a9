"""What a sender may send in any 24 hours: its tier at the provider, and the ramp of a new one.

Mailbox providers trust a domain, not a mailbox: those of one domain warm up together. Counted by
the hour under the lock of the sender's row, so all workers share one count, and a little too
strictly: an hour counts until its last minute is a day old. SMS are counted in segments.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, or_, select
from sqlmodel import Session

from app.store.bulk import update_rows
from app.store.given import table_of
from app.store.rows import Sender
from campaigns.vocabulary import Medium

DAY: Final = timedelta(days=1)
HOUR: Final = timedelta(hours=1)
RAMP_DAYS: Final = 30

_SENDER = table_of(Sender)
_WARMING_MAILBOXES = select(_SENDER.c.id, _SENDER.c.address).where(
    _SENDER.c.medium == Medium.EMAIL.value, _SENDER.c.ramp_first.is_not(None)
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One message that would leave: by which sender, and how many segments it counts for."""

    sender_id: int
    units: int


def allowed_on(sender: Row[Any], day: date) -> int | None:
    """How much the sender may send on `day`: its own limit, or less while it warms up (twice as
    much each day as the day before). None: as much as its rate allows."""
    limits = (sender.per_day, _ramp_on(sender, day))
    return min((limit for limit in limits if limit is not None), default=None)


def _ramp_on(sender: Row[Any], day: date) -> int | None:
    if sender.ramp_first is None or sender.ramp_started_on is None:
        return None
    days = max(0, (day - sender.ramp_started_on).days)
    return int(sender.ramp_first) * 2**days if days < RAMP_DAYS else None


def reserve(session: Session, wanted: Sequence[Wanted], now: datetime) -> list[datetime | None]:
    """Takes what each one needs off its sender's day, in order, and off its sender's time what the
    segments after the first need. Answers None for what fits, and for what does not the instant at
    which there is room again."""
    senders = _locked(session, wanted)
    together = _warming_together(senders.values(), now)
    counts = {id_: _counted(sender, now) for id_, sender in senders.items()}
    full: dict[int, datetime] = {}
    answers: list[datetime | None] = []
    more: dict[int, int] = dict.fromkeys(senders, 0)
    for want in wanted:
        until = _full_until(senders.get(want.sender_id), together, counts, want, now)
        if until is not None:
            full[want.sender_id] = until
        elif want.sender_id in counts:
            hour = _hour(now)
            counts[want.sender_id][hour] = counts[want.sender_id].get(hour, 0) + want.units
            more[want.sender_id] += want.units - 1
        answers.append(until)
    ours = [i for i in senders if i in {want.sender_id for want in wanted}]
    update_rows(
        session, Sender, [_row(senders[i], counts[i], full.get(i), more[i], now) for i in ours]
    )
    return answers


def _locked(session: Session, wanted: Sequence[Wanted]) -> Mapping[int, Row[Any]]:
    """The senders that count, and those that they warm up with, in the order of their ids. Of the
    others nothing is locked."""
    ids = {want.sender_id for want in wanted}
    long = sorted({want.sender_id for want in wanted if want.units > 1})
    counts = or_(
        _SENDER.c.per_day.is_not(None), _SENDER.c.ramp_first.is_not(None), _SENDER.c.id.in_(long)
    )
    concerned = sorted(ids | _beside(session, ids))
    query = select(_SENDER).where(_SENDER.c.id.in_(concerned), counts).order_by(_SENDER.c.id)
    rows = session.connection().execute(query.with_for_update(key_share=True))
    return {row.id: row for row in rows}


def _beside(session: Session, ids: Collection[int]) -> set[int]:
    """The mailboxes that warm up a domain of these."""
    warming = session.connection().execute(_WARMING_MAILBOXES).all()
    domains = {_domain(row.address) for row in warming if row.id in ids}
    return {row.id for row in warming if _domain(row.address) in domains}


def _warming_together(
    senders: Iterable[Row[Any]], now: datetime
) -> Mapping[int, Sequence[Row[Any]]]:
    """Who shares a ramp with whom: a domain's mailboxes; a number has its own."""
    today = now.astimezone(UTC).date()
    shared: dict[str, list[Row[Any]]] = {}
    for sender in senders:
        if _ramp_on(sender, today) is not None:
            is_mail = sender.medium == Medium.EMAIL
            name = _domain(sender.address) if is_mail else f"sender {sender.id}"
            shared.setdefault(name, []).append(sender)
    return {sender.id: group for group in shared.values() for sender in group}


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()


def _counted(sender: Row[Any], now: datetime) -> dict[str, int]:
    """What it sent in each of the hours that are not a day old."""
    oldest = _hour(now - DAY)
    return {hour: units for hour, units in sender.sent_by_hour.items() if hour >= oldest}


def _full_until(
    sender: Row[Any] | None,
    together: Mapping[int, Sequence[Row[Any]]],
    counts: Mapping[int, Mapping[str, int]],
    want: Wanted,
    now: datetime,
) -> datetime | None:
    if sender is None:
        return None
    group = together.get(sender.id, ())
    if sender.per_day is None and not group:
        return None
    today = now.astimezone(UTC).date()
    ramp = min((ramp for one in group if (ramp := _ramp_on(one, today)) is not None), default=None)
    warmed: Counter[str] = Counter()
    for one in group:
        warmed.update(counts[one.id])
    untils = (
        _room_at(sender.per_day, counts[sender.id], want, now),
        _room_at(ramp, warmed, want, now),
    )
    return max((until for until in untils if until is not None), default=None)


def _room_at(
    limit: int | None, hours: Mapping[str, int], want: Wanted, now: datetime
) -> datetime | None:
    """When these hours have room for it under this limit; None for now."""
    if limit is None:
        return None
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
