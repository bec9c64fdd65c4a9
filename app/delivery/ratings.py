"""How WhatsApp rates our numbers, read back again and again: one that it rates red sends nothing.

The provider's word is the rating, whatever staff had put there; where it says nothing of a number,
theirs stands. A number that fell is work for a person.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, select
from sqlmodel import Session

from app.delivery.calls import Run
from app.store.bulk import insert_new, update_rows
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import Sender, Task
from campaigns.vocabulary import Medium
from channels.errors import SendError
from channels.twilio_codes import PROVIDER
from channels.twilio_senders import Rated

Ask = Callable[[], Coroutine[Any, Any, list[Rated] | SendError]]
"""Reads the ratings of all numbers of the account."""

_RANK: Final = {"green": 0, "yellow": 1, "red": 2}

_SENDER = table_of(Sender)
_OURS = select(_SENDER).where(
    _SENDER.c.medium == Medium.WHATSAPP.value, _SENDER.c.provider == PROVIDER, _SENDER.c.active
)

log = logging.getLogger(__name__)


class RatingReading:
    """The loop that reads them."""

    def __init__(self, database: Database, ask: Ask, *, run: Run = asyncio.run) -> None:
        self._database = database
        self._ask = ask
        self._run = run

    def tick(self, now: datetime) -> int:
        """Answers how many changed. A provider that does not answer changes nothing."""
        with self._database.read() as session:
            if session.connection().execute(_OURS.limit(1)).first() is None:
                return 0
        told = self._run(self._ask())
        if isinstance(told, SendError):
            log.warning("ratings cannot be read: %s %s", told.kind, told.code)
            return 0
        with self._database.write() as session:
            return _take(session, told, now)


def _take(session: Session, told: Sequence[Rated], now: datetime) -> int:
    said = {rated.address: rated.quality for rated in told if rated.quality is not None}
    ours = _OURS.order_by(_SENDER.c.id).with_for_update(key_share=True)
    rows = [row for row in session.connection().execute(ours) if row.address in said]
    changed = [(row, said[row.address]) for row in rows if said[row.address] != row.quality]
    fallen = [(row, is_) for row, is_ in changed if _RANK[is_] > _RANK.get(row.quality, 0)]
    update_rows(session, Sender, [{"id": row.id, "quality": is_} for row, is_ in changed])
    insert_new(session, Task, [_task(row, is_, now) for row, is_ in fallen])
    return len(changed)


def _task(sender: Row[Any], quality: str, now: datetime) -> dict[str, Any]:
    what = "stopped" if quality == "red" else "in danger"
    return {
        "key": f"rating:{sender.id}:{quality}:{now:%Y-%m-%d}",
        "team": "operations",
        "kind": "rating",
        "title": f"WhatsApp rates a number {quality}: it is {what}",
        "detail": {"sender": sender.id, "was": sender.quality, "is": quality},
        "created_at": now,
    }
