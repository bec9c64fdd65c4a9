"""What messages are to the law: notices on record, and tasks for what must follow them in time.

A notice is written with the attempt that gives it, so that no crash loses it. It counts once the
provider has accepted the message, and no longer when it bounced: whoever reads facts asks that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from app.delivery.law import Owed
from app.store.bulk import insert_new
from app.store.rows import Notice

Row = Mapping[str, Any]


def write_notices(session: Session, given: Sequence[tuple[Row, Owed]], now: datetime) -> None:
    """One a message and kind, however often it is tried."""
    rows = [
        {
            "key": f"{act}:message:{message['id']}",
            "customer_id": message["customer_id"],
            "act": str(act),
            "at": now,
            "made_by": "message",
            "message_id": message["id"],
        }
        for message, owed in given
        for act in owed.gives
    ]
    insert_new(session, Notice, rows)


def tasks_of(customer_id: int, owed: Owed, at: datetime) -> Iterable[dict[str, Any]]:
    """What must be given in time, now that the first message was accepted at `at`."""
    for act, term in owed.follows:
        yield {
            "key": f"notice:{act}:{customer_id}",
            "team": "collections",
            "kind": "notice",
            "title": f"Give the {str(act).replace('_', ' ')} within {term} of the first message",
            "customer_id": customer_id,
            "detail": {"act": str(act)},
            "created_at": at,
            "due_at": term.after(at),
        }
