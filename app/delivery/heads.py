"""The head of a mail: from whom, its own id, the thread of its case, and the way back for replies.

Frozen with the attempt, so that what was sent can be made again byte by byte. Links and reply
tokens are placeholders in it, as they are in the text.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Any, Final

from sqlalchemy import select
from sqlmodel import Session

from app.delivery.claim import Claimed
from app.store.given import GIVEN, rows_given, table_of
from app.store.rows import Attempt, Message
from app.wording.render import Rendered
from app.wording.reply_address import way_back
from campaigns.vocabulary import Medium
from channels.mail import message_id

Head = Mapping[str, Any]
Threads = Mapping[tuple[int, int], Sequence[str]]
"""The ids of earlier mails, oldest first, by case and address: nobody sees what others got."""

_LONGEST_THREAD: Final = 10
_ATTEMPT, _MESSAGE = table_of(Attempt), table_of(Message)
_EARLIER = (
    select(_MESSAGE.c.case_id, _ATTEMPT.c.address_id, _ATTEMPT.c.head)
    .join(_MESSAGE, _MESSAGE.c.id == _ATTEMPT.c.message_id)
    .where(
        _MESSAGE.c.case_id.in_(GIVEN),
        _ATTEMPT.c.medium == Medium.EMAIL.value,
        _ATTEMPT.c.state.in_(("sending", "accepted", "unclear", "assumed_sent")),
    )
    .order_by(_ATTEMPT.c.gated_at, _ATTEMPT.c.id)
)


def threads_of(session: Session, claimed: Sequence[Claimed]) -> Threads:
    """What was mailed before in the cases of these messages."""
    cases = {claim.row["case_id"] for claim in claimed if _is_mail(claim)}
    found: dict[tuple[int, int], list[str]] = defaultdict(list)
    for row in rows_given(session, _EARLIER, sorted(cases)) if cases else ():
        own = row.head.get("headers", {}).get("Message-ID")
        if own:
            found[row.case_id, row.address_id].append(own)
    return found


def head_of(
    claimed: Claimed, rendered: Rendered, attempt_key: str, threads: Threads, now: datetime
) -> Head:
    """The head of one mail; nothing off mail."""
    if not _is_mail(claimed):
        return {}
    sender = claimed.sender
    headers = {"Date": format_datetime(now), **_own(attempt_key, sender.address)}
    thread = threads.get((claimed.row["case_id"], claimed.row["address_id"]), ())
    if thread:
        headers["In-Reply-To"] = thread[-1]
        headers["References"] = " ".join(_kept(thread))
    if sender.two_way and sender.replies_to:
        headers["Reply-To"] = way_back(sender.replies_to, claimed.id)
    headers |= rendered.mail().headers
    return {"sender": sender.address, "sender_name": sender.display_name, "headers": headers}


def _own(attempt_key: str, sender: str) -> dict[str, str]:
    try:
        return {"Message-ID": message_id(attempt_key, sender)}
    except ValueError:  # a sender that is no mailbox, which a channel may yet know what to do with
        return {}


def _kept(thread: Sequence[str]) -> Sequence[str]:
    """The first and the latest (RFC 5322 section 3.6.4 lets a long thread be cut)."""
    if len(thread) <= _LONGEST_THREAD:
        return thread
    return (thread[0], *thread[1 - _LONGEST_THREAD :])


def _is_mail(claimed: Claimed) -> bool:
    return bool(claimed.row["medium"] == Medium.EMAIL)
