"""Claims the messages that can start now: leased, one a person a batch, no faster than its sender.

A lease ends by itself, so a worker that dies gives its messages back. `fence` rises with every
claim; a gate that comes with an old fence has lost the message to somebody else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, or_, select
from sqlmodel import Session

from app.store.bulk import chunks, insert_returning_ids, table_of, update_rows
from app.store.rows import Link, Message, Sender
from app.wording.links import token

START_WITHIN = timedelta(seconds=2)  # a batch holds what its senders can start in this time
LINK_LIFE = timedelta(days=60)

_MESSAGE, _SENDER, _LINK = table_of(Message), table_of(Sender), table_of(Link)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A leased message with its sender and its links (purpose to id)."""

    row: Mapping[str, Any]
    sender: Row[Any]
    links: Mapping[str, int]

    @property
    def id(self) -> int:
        return int(self.row["id"])

    @property
    def fence(self) -> int:
        return int(self.row["fence"])


def claim(
    session: Session, now: datetime, *, limit: int, lease: timedelta, secret: bytes
) -> list[Claimed]:
    """Leases at most `limit` due messages to the caller until `now + lease`."""
    rows = _due(session, now, limit)
    senders = _senders(session, {row.sender_id for row in rows})
    taken = _startable(rows, senders, now)
    leased = [{"id": row.id, "lease_until": now + lease, "fence": row.fence + 1} for row in taken]
    update_rows(session, Message, leased)
    links = _links(session, taken, now, secret)
    return [
        Claimed(
            {**row._mapping, "fence": row.fence + 1},
            senders[row.sender_id],
            links[row.id],
        )
        for row in taken
    ]


def _due(session: Session, now: datetime, limit: int) -> Sequence[Row[Any]]:
    query = (
        select(_MESSAGE)
        .where(
            _MESSAGE.c.state == "waiting",
            _MESSAGE.c.due_at <= now,
            or_(_MESSAGE.c.lease_until.is_(None), _MESSAGE.c.lease_until <= now),
        )
        .order_by(_MESSAGE.c.due_at, _MESSAGE.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return session.connection().execute(query).all()


def _senders(session: Session, ids: set[int]) -> Mapping[int, Row[Any]]:
    query = select(_SENDER).where(_SENDER.c.id.in_(sorted(ids)))
    return {row.id: row for row in session.connection().execute(query)}


def _startable(
    rows: Sequence[Row[Any]], senders: Mapping[int, Row[Any]], now: datetime
) -> list[Row[Any]]:
    """One message a person; no more per sender than it can start; none for a paused sender."""
    started: Counter[int] = Counter()
    persons: set[int] = set()
    taken = []
    for row in rows:
        sender = senders[row.sender_id]
        room = max(1, int(sender.per_second * START_WITHIN.total_seconds()))
        paused = sender.paused_until is not None and sender.paused_until > now
        if paused or row.person_id in persons or started[sender.id] >= room:
            continue
        started[sender.id] += 1
        persons.add(row.person_id)
        taken.append(row)
    return taken


def _links(
    session: Session, rows: Sequence[Row[Any]], now: datetime, secret: bytes
) -> Mapping[int, dict[str, int]]:
    """The links of each message; made on its first claim and kept for every later try."""
    found: dict[int, dict[str, int]] = {row.id: {} for row in rows}
    for part in chunks([row.id for row in rows]):
        query = select(_LINK.c.id, _LINK.c.message_id, _LINK.c.purpose)
        for link in session.connection().execute(query.where(_LINK.c.message_id.in_(part))):
            found[link.message_id][link.purpose] = link.id
    new = [
        _link_row(row, purpose, now)
        for row in rows
        if not found[row.id]
        for purpose in ("pay", "unsubscribe")
    ]
    ids = insert_returning_ids(session, Link, new)
    for link_id, made in zip(ids, new, strict=True):
        found[made["message_id"]][made["purpose"]] = link_id
    hashes = [{"id": i, "token_hash": sha256(token(secret, i).encode()).hexdigest()} for i in ids]
    update_rows(session, Link, hashes)
    return found


def _link_row(row: Row[Any], purpose: str, now: datetime) -> dict[str, Any]:
    return {
        "customer_id": row.customer_id,
        "message_id": row.id,
        "purpose": purpose,
        "created_at": now,
        "expires_at": now + LINK_LIFE,
    }
