"""A person decides of one message before it goes: it is seen as it would go now.

Whoever approves says what they saw. It is made anew in the same transaction; if it says something
else by then, nothing happens and they see it anew. Two people never decide the same message.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, select
from sqlmodel import Session

from app.delivery.approval_tasks import close_asking
from app.delivery.claim import COLUMNS, Claimed
from app.delivery.gate_records import Held, write_held
from app.delivery.message_approvals import changed_between, digest_of, facts_of
from app.delivery.prepare import Draft, Unwritten, prepare
from app.delivery.words import PublishedWords
from app.engine.catalogue import Catalogue
from app.intake.tasks import Team, give_task
from app.store.bulk import insert_rows, lock_rows, update_rows
from app.store.columns import word
from app.store.given import GIVEN, rows_given, table_of
from app.store.journal import Happened, record
from app.store.rows import Case, Message, MessageApproval, Sender
from app.store.tasks import DONE_WITHIN
from app.wording.links import TOKEN_LENGTH

REFUSED: Final = "message_refused"
MOST_ALIKE: Final = 50
"""Messages that are shown to be approved together: what somebody can look over."""

_MESSAGE, _SENDER, _APPROVAL = table_of(Message), table_of(Sender), table_of(MessageApproval)
UNAPPROVED: Final = (
    _MESSAGE.c.state == word("waiting"),
    _MESSAGE.c.approval.is_not(None),
    _MESSAGE.c.approved_at.is_(None),
)
"""The messages that want a person's word and have none."""
_NO_LINKS: Final[Mapping[str, int]] = {"pay": 0, "unsubscribe": 0, "card": 0}


class NotWaiting(Exception):
    """Somebody has decided already, or the message is over."""


class SaysOtherwise(Exception):
    """It does not say any more what was seen, or cannot be said at all."""


@dataclass(frozen=True, slots=True, repr=False)
class Asked:
    """A message that waits for a person. `seen` names just what it says now. `was` is the approval
    that turned void, and `changed` what has changed since that was given."""

    message: Draft | Unwritten
    facts: Mapping[str, Any]
    seen: str
    was: Row[Any] | None = None
    changed: Sequence[str] = ()

    @property
    def id(self) -> int:
        return self.message.claimed.id


class Approver:
    """What people decide with: rules and words as they are published now."""

    def __init__(self, catalogue: Catalogue, base_url: str) -> None:
        self._catalogue = catalogue
        self._words = PublishedWords(len(f"{base_url}/p/") + TOKEN_LENGTH)

    def asked(self, session: Session, message_id: int, now: datetime) -> Asked:
        """One message as it would go now. Raises `NotWaiting`."""
        found = self._asked(session, [message_id], now)
        if not found:
            raise NotWaiting(message_id)
        return found[0]

    def alike(self, session: Session, message_id: int, now: datetime) -> list[Asked]:
        """Those that the same template would say for the same creditor, the oldest first; at most
        `MOST_ALIKE`, the message itself among them if it waits."""
        return self._asked(session, alike_ids(session, message_id, MOST_ALIKE), now)

    def approve(
        self, session: Session, message_id: int, *, seen: str, by: str, now: datetime
    ) -> str:
        """Lets it go, as far as the gate lets it. Answers the version of its template. Raises
        `NotWaiting` and `SaysOtherwise`."""
        lock_rows(session, Message, [message_id])
        asked = self.asked(session, message_id, now)
        if isinstance(asked.message, Unwritten) or asked.seen != seen:
            raise SaysOtherwise(message_id)
        row = asked.message.claimed.row
        kept = _decision(row, "approved", by, now, asked.facts["template"])
        insert_rows(session, MessageApproval, [{**kept, "facts": dict(asked.facts)}])
        free: dict[str, Any] = {"due_at": now, "reason": None, "reason_params": {}}
        stands = {"id": message_id, "approved_at": now, **free, "updated_at": now}
        update_rows(session, Message, [stands])
        close_asking(session, [row], now)
        told = {"by": by, "template": asked.facts["template"], "facts": seen}
        record(session, [_fact("message_approved", row, now, told)], now=now)
        return str(asked.facts["template"])

    def refuse(
        self, session: Session, message_id: int, *, note: str, by: str, now: datetime
    ) -> None:
        """It is not said, its case goes on, and collections knows why. Raises `NotWaiting`."""
        case_id = session.connection().scalar(_CASE_OF.where(_MESSAGE.c.id == message_id))
        lock_rows(session, Case, [case_id] if case_id is not None else [])
        lock_rows(session, Message, [message_id])
        asked = self.asked(session, message_id, now)
        claimed = asked.message.claimed
        template = asked.facts.get("template", "")
        kept = _decision(claimed.row, "refused", by, now, template)
        insert_rows(
            session, MessageApproval, [{**kept, "facts": dict(asked.facts), "note": note.strip()}]
        )
        write_held(session, [Held(claimed, "expired", "approval_refused", {"by": by})], now)
        _give_back(session, claimed, now)
        record(session, [_fact("message_not_approved", claimed.row, now, {"by": by})], now=now)

    def _asked(self, session: Session, ids: Sequence[int], now: datetime) -> list[Asked]:
        found = rows_given(session, _WAITING, sorted(ids))
        rows = [dict(row._mapping) for row in found if now < row.valid_until]
        senders = {row.id: row for row in rows_given(session, _SENDERS, _senders_of(rows))}
        claims = [Claimed(row, senders[row["sender_id"]], _NO_LINKS) for row in rows]
        self._catalogue.refresh(session)
        written = prepare(session, claims, self._catalogue, self._words.current(session), now)
        void = {row.message_id: row for row in rows_given(session, _VOID, sorted(ids))}
        return [_as_asked(one, void.get(one.claimed.id)) for one in written]


def alike_ids(session: Session, message_id: int, most: int) -> Sequence[int]:
    """Which wait that the same template would say for the same creditor as this message."""
    one = session.connection().execute(_OF.where(_MESSAGE.c.id == message_id)).one()
    query = _ALIKE.where(
        _MESSAGE.c.creditor_id == one.creditor_id, _MESSAGE.c.template == one.template
    )
    return session.connection().execute(query.limit(most)).scalars().all()


def _as_asked(message: Draft | Unwritten, was: Row[Any] | None) -> Asked:
    facts = facts_of(message) if isinstance(message, Draft) else {}
    changed = changed_between(was.facts, facts) if was is not None and facts else ()
    return Asked(message, facts, digest_of(facts), was, changed)


def _give_back(session: Session, claimed: Claimed, now: datetime) -> None:
    """What is not said for a reason is somebody's work: the team has to know."""
    give_task(
        session,
        key=f"{REFUSED}:{claimed.row['key']}",
        team=Team.COLLECTIONS,
        kind=REFUSED,
        title="A message was not approved",
        now=now,
        due_in=DONE_WITHIN,
        customer_id=claimed.row["customer_id"],
        case_id=claimed.row["case_id"],
        detail={"message_id": claimed.id},
    )


def _senders_of(rows: Sequence[Mapping[str, Any]]) -> list[int]:
    return sorted({row["sender_id"] for row in rows})


def _decision(
    row: Mapping[str, Any], outcome: str, by: str, now: datetime, template: str
) -> dict[str, Any]:
    return {
        "message_id": row["id"],
        "customer_id": row["customer_id"],
        "outcome": outcome,
        "decided_by": by,
        "decided_at": now,
        "template_hash": template,
    }


def _fact(kind: str, row: Mapping[str, Any], now: datetime, told: Mapping[str, str]) -> Happened:
    return Happened(
        kind,
        now,
        customer_id=row["customer_id"],
        case_id=row["case_id"],
        message_id=row["id"],
        payload=told,
    )


_WAITING: Final = (
    select(*(_MESSAGE.c[name] for name in COLUMNS))
    .where(_MESSAGE.c.id.in_(GIVEN), *UNAPPROVED)
    .order_by(_MESSAGE.c.id)
)
_SENDERS: Final = select(_SENDER).where(_SENDER.c.id.in_(GIVEN))
_OF: Final = select(_MESSAGE.c.creditor_id, _MESSAGE.c.template)
_CASE_OF: Final = select(_MESSAGE.c.case_id)
_ALIKE: Final = select(_MESSAGE.c.id).where(*UNAPPROVED).order_by(_MESSAGE.c.id)
_VOID: Final = (
    select(_APPROVAL)
    .where(_APPROVAL.c.message_id.in_(GIVEN), _APPROVAL.c.void_at.is_not(None))
    .order_by(_APPROVAL.c.id)
)
