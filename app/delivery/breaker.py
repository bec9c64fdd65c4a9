"""The breaker of a sender: errors of its provider in a row open it, one success closes it.

While it is open nothing is claimed for the sender. When its pause is over one message goes as a
probe, and the rest waits for what becomes of it: accepted, and all go on at the sender's rate; an
error, and the pause is twice as long.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, select
from sqlmodel import Session

from app.store.bulk import update_rows
from app.store.given import table_of
from app.store.rows import Sender

OPENS_AFTER: Final = 5  # provider errors in a row
PAUSE: Final = timedelta(minutes=5)
DOUBLED: Final = 4  # times at most: 80 minutes
PROBE_WITHIN: Final = timedelta(seconds=60)
REASON: Final = "errors of its provider"

_SENDER = table_of(Sender)


def is_half_open(sender: Row[Any]) -> bool:
    """Whether the next message of this sender is a probe."""
    return int(sender.errors_in_row) >= OPENS_AFTER


def count(
    session: Session,
    *,
    good: Mapping[int, int],
    faults: Sequence[int],
    now: datetime,
) -> None:
    """Weighs a batch of answers: how many of each sender were taken, and a sender for each error of
    its provider.

    The answers of a batch have no order among them, so one success speaks for all of it.
    """
    errors = Counter(faults)
    concerned = sorted({*good, *errors})
    query = select(_SENDER).where(_SENDER.c.id.in_(concerned)).order_by(_SENDER.c.id)
    senders = session.connection().execute(query.with_for_update(key_share=True)).all()
    changed = []
    for sender in senders:
        row = _weighed(sender, errors[sender.id], is_good=sender.id in good, now=now)
        changed.append({"id": sender.id, "sent": sender.sent + good.get(sender.id, 0), **row})
    update_rows(session, Sender, changed)


def _weighed(sender: Row[Any], errors: int, *, is_good: bool, now: datetime) -> dict[str, Any]:
    paused = {"paused_until": sender.paused_until, "pause_reason": sender.pause_reason}
    if is_good:  # whatever else went wrong beside it was not in a row
        is_ours = sender.pause_reason == REASON
        return _state(0, **(dict.fromkeys(paused) if is_ours else paused))
    if not errors or _pauses(sender, now):  # what was in flight when it opened counts no further
        return _state(sender.errors_in_row, **paused)
    counted = sender.errors_in_row + 1 if is_half_open(sender) else sender.errors_in_row + errors
    if counted < OPENS_AFTER:
        return _state(counted, **paused)
    failed_probes = counted - OPENS_AFTER if is_half_open(sender) else 0
    pause = PAUSE * 2 ** min(failed_probes, DOUBLED)
    return _state(OPENS_AFTER + failed_probes, now + pause, REASON)


def _pauses(sender: Row[Any], at: datetime) -> bool:
    return sender.paused_until is not None and sender.paused_until > at


def _state(
    errors_in_row: int, paused_until: datetime | None, pause_reason: str | None
) -> dict[str, Any]:
    return {
        "errors_in_row": errors_in_row,
        "paused_until": paused_until,
        "pause_reason": pause_reason,
        "probe_until": None,
    }
