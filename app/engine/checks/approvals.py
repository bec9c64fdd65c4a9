"""Whether every message that wants somebody's word had it when it left: given before its gate, on
the version of the template that was said, and not void by then.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Row
from sqlmodel import Session

from app.engine.checks.attempts import AT_ONCE, grouped, messages_of
from app.store.given import table_of
from app.store.rows import MessageApproval

_APPROVAL = table_of(MessageApproval)


def unapproved(session: Session, page: Sequence[Row[Any]]) -> Iterator[int]:
    """The attempts among these that nobody had approved."""
    messages = messages_of(session, [row.message_id for row in page])
    wanted = {id_ for id_, message in messages.items() if message.approval is not None}
    given = grouped(session, _APPROVAL, "message_id", wanted)
    for row in page:
        if row.message_id in wanted and not any(
            _binds(approval, row) for approval in given.get(row.message_id, ())
        ):
            yield row.id


def _binds(approval: Row[Any], attempt: Row[Any]) -> bool:
    return bool(
        approval.outcome == "approved"
        and approval.decided_at <= attempt.gated_at + AT_ONCE
        and (approval.void_at is None or approval.void_at > attempt.gated_at - AT_ONCE)
        and approval.template_hash == attempt.evidence.get("template")
    )
