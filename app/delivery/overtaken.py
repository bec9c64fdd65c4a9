"""What has come between a message and its hour: why it is not to go any more. Pure over a snapshot.

The gate asks it of what is about to leave, `withdraw` of what waits. Whether policy lets it go is
no question of this module.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.book.snapshot import Snapshot
from app.delivery.claim import Waiting
from app.delivery.gate_records import Held
from campaigns.calendar import local_date
from campaigns.case import Phase
from campaigns.origins import at_any_hour, signal_of
from campaigns.stops import answered_already, moot, stops, told_already, unnamed
from campaigns.vocabulary import Category, SubjectKind


def untrue(message: Waiting, snapshot: Snapshot, now: datetime) -> Held | None:
    """Why there is nothing to say any more: too late, said by another case, paid meanwhile."""
    row = message.row
    if now >= row["valid_until"]:
        return _too_late(message)
    if snapshot.case.phase is Phase.CLOSED:
        return Held(message, "stopped", "case_closed", {})
    if answered_already(snapshot.facts, row["slot"]):
        signal = row["origin"].split(":", 2)[1]
        return Held(message, "stopped", "answered_already", {"signal": signal})
    idle = _moot(row, snapshot, now)
    return Held(message, "stopped", idle, {}) if idle is not None else None


def _too_late(message: Waiting) -> Held:
    until = {"until": f"{message.row['valid_until']:%Y-%m-%d %H:%M}"}
    if message.wants_approval:
        team = {"team": message.row["approval"]}
        return Held(message, "expired", "approval_missing", {**team, **until})
    return Held(message, "expired", "expired", until)


def stopped(message: Waiting, snapshot: Snapshot, now: datetime) -> Held | None:
    """What the case itself waits for, if anything: a hold, a dispute, a promise, a plan."""
    row = message.row
    category = Category(row["category"])
    found = stops(
        snapshot.facts,
        now,
        category=category,
        subject=SubjectKind(snapshot.row["subject"]),
        acted_at=row["answers_event_at"],
        at_any_hour=at_any_hour(row["origin"], category),
    )
    if found is None:
        return None
    return Held(message, "stopped", found.reason, found.params, refusal=found)


def _moot(row: Mapping[str, Any], snapshot: Snapshot, now: datetime) -> str | None:
    """Why nothing may be asked for any more, or there is nothing to speak of: a reason's code."""
    if row["origin"].startswith("signal:"):
        empty = unnamed(snapshot.facts, signal_of(row["origin"]).signal)
        if empty is not None:
            return empty
    if row["category"] == Category.RECEIPT:
        return None
    facts, subject = snapshot.facts, SubjectKind(snapshot.row["subject"])
    if told_already(facts, subject, now, case_key=snapshot.case.key):
        return "told_already"
    return moot(facts, local_date(now, snapshot.zone))
