"""What is held against a sender: a rejection by its provider and a surge of complaints pause it,
and a template that its provider forbids is said by it no more. All of it until staff change the
sender; a pause ends by itself as well.

A complaint is what a provider tells of one message: marked as spam, opted out there, blocked, or
filtered by a carrier. It is counted against the last messages that the sender sent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any, Final

from sqlalchemy import Row, select
from sqlmodel import Session

from app.intake.tasks import Team
from app.store.bulk import insert_new, update_rows
from app.store.given import table_of
from app.store.rows import Sender, Task
from campaigns.vocabulary import Medium
from channels.errors import AddressOptedOut, ContentForbidden, Remedy, SendError

LAST: Final = 2000  # messages of a sender
FEWEST: Final = 3  # complaints: one angry reader of a new sender is no surge
SHARES: Final[Mapping[str, float]] = {
    # Gmail's and Yahoo's rules for bulk senders: a spam rate of 0.3 % is never to be reached.
    Medium.EMAIL: 0.003,
    # Nobody publishes one; a few in a hundred opt out of texts that nobody is angry about.
    Medium.SMS: 0.03,
    Medium.WHATSAPP: 0.03,
}
REJECTED_PAUSE: Final = timedelta(hours=6)
PAUSE: Final = timedelta(days=7)  # Gmail helps again after seven days below its limit
REASON: Final = "complaints of its recipients"

_STOPS: Final = (Remedy.STOP_SENDER, Remedy.STOP_TEMPLATE)
_SENDER = table_of(Sender)


@dataclass(frozen=True, slots=True)
class Mark:
    """What one message brought on its sender; `error` is None where its reader complained."""

    sender_id: int
    template: str
    error: SendError | None = None

    @property
    def is_complaint(self) -> bool:
        return self.error is None or isinstance(self.error, AddressOptedOut | ContentForbidden)

    @property
    def remedy(self) -> Remedy | None:
        return None if self.error is None else self.error.remedy

    @property
    def why(self) -> str:
        return REASON if self.error is None else self.error.sentence


def leaves_mark(error: SendError) -> bool:
    """Whether an error is to be held against the sender of its message."""
    return error.remedy in _STOPS or Mark(0, "", error).is_complaint


def mark_senders(session: Session, marks: Sequence[Mark], now: datetime) -> None:
    """Counts, and stops what has to stop. Locks the senders: guards, cases and messages come
    before."""
    by_sender: dict[int, list[Mark]] = defaultdict(list)
    for each in marks:
        by_sender[each.sender_id].append(each)
    query = select(_SENDER).where(_SENDER.c.id.in_(sorted(by_sender))).order_by(_SENDER.c.id)
    senders = session.connection().execute(query.with_for_update(key_share=True)).all()
    changed, tasks = [], []
    for sender in senders:
        row, given = _weighed(sender, by_sender[sender.id], now)
        changed.append({"id": sender.id, **row})
        tasks += given
    update_rows(session, Sender, changed)
    insert_new(session, Task, tasks)


def _weighed(
    sender: Row[Any], marks: Sequence[Mark], now: datetime
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What becomes of the sender, and the work that it gives."""
    rejected = [each for each in marks if each.remedy is Remedy.STOP_SENDER]
    forbidden = [each for each in marks if each.remedy is Remedy.STOP_TEMPLATE]
    tasks = [_stopped(sender, each, now) for each in (*rejected, *forbidden)]
    pauses = [(now + REJECTED_PAUSE, each.why) for each in rejected]
    new = [sender.sent] * sum(each.is_complaint for each in marks)
    complaints = [*(at for at in sender.complaints if at > sender.sent - LAST), *new]
    if new and len(complaints) >= _too_many(sender):
        tasks.append(_surge(sender, len(complaints), now))
        pauses.append((now + PAUSE, REASON))
        complaints = []
    row = {
        "complaints": complaints,
        "stopped_templates": sorted(
            {*sender.stopped_templates, *(each.template for each in forbidden)}
        ),
        **_longest([(sender.paused_until, sender.pause_reason), *pauses], now),
    }
    return row, tasks


def _longest(
    pauses: Sequence[tuple[datetime | None, str | None]], now: datetime
) -> dict[str, datetime | str | None]:
    until, reason = max(pauses, key=lambda pause: pause[0] or now)
    return {"paused_until": until, "pause_reason": reason}


def _too_many(sender: Row[Any]) -> int:
    share = sender.complaint_share or SHARES[sender.medium]
    return max(FEWEST, ceil(share * min(int(sender.sent), LAST)))


def _surge(sender: Row[Any], complaints: int, now: datetime) -> dict[str, Any]:
    return {
        "key": f"complaints:{sender.id}:{now:%Y-%m-%d}",
        "team": Team.OPERATIONS,
        "kind": "complaints",
        "title": "Too many recipients complain: the sender is paused",
        "detail": {
            "sender": sender.id, "complaints": complaints, "messages": min(sender.sent, LAST)
        },
        "created_at": now,
    }  # fmt: skip


def _stopped(sender: Row[Any], mark: Mark, now: datetime) -> dict[str, Any]:
    record = {} if mark.error is None else mark.error.as_record()
    return {
        "key": f"{mark.remedy}:{sender.id}:{mark.template}:{now:%Y-%m-%d}",
        "team": Team.ENGINEERING,
        "kind": str(mark.remedy),
        "title": mark.why,
        "detail": {"sender": sender.id, "template": mark.template, **record},
        "created_at": now,
    }
