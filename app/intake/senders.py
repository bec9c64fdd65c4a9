"""What is held against a sender: a surge of complaints stops it, and a template that its provider
forbids is said by it no more. Both until staff change the sender; a pause ends by itself as well.

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
from app.store.bulk import insert_new, table_of, update_rows
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
PAUSE: Final = timedelta(days=7)  # Gmail helps again after seven days below its limit
REASON: Final = "complaints of its recipients"

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
    def stops_template(self) -> bool:
        return self.error is not None and self.error.remedy is Remedy.STOP_TEMPLATE


def leaves_mark(error: SendError) -> bool:
    """Whether an error is to be held against the sender of its message."""
    mark = Mark(0, "", error)
    return mark.is_complaint or mark.stops_template


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
    forbidden = {each.template: each.error for each in marks if each.stops_template and each.error}
    tasks = [_forbidden(sender, template, error, now) for template, error in forbidden.items()]
    new = [sender.sent] * sum(each.is_complaint for each in marks)
    complaints = [*(at for at in sender.complaints if at > sender.sent - LAST), *new]
    row = {
        "complaints": complaints,
        "stopped_templates": sorted({*sender.stopped_templates, *forbidden}),
        "paused_until": sender.paused_until,
        "pause_reason": sender.pause_reason,
    }
    if not new or len(complaints) < _too_many(sender):
        return row, tasks
    until = max(sender.paused_until or now, now + PAUSE)
    row |= {"complaints": [], "paused_until": until, "pause_reason": REASON}
    return row, [*tasks, _surge(sender, len(complaints), now)]


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


def _forbidden(sender: Row[Any], template: str, error: SendError, now: datetime) -> dict[str, Any]:
    return {
        "key": f"{error.remedy}:{sender.id}:{template}:{now:%Y-%m-%d}",
        "team": "engineering",
        "kind": str(error.remedy),
        "title": error.sentence,
        "detail": {"sender": sender.id, "template": template, **error.as_record()},
        "created_at": now,
    }
