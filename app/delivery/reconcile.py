"""What became of attempts that nobody answered for.

An attempt left in `sending` by a crash is unclear, like one whose request timed out. The provider is
asked; "found" settles it, "not found" proves nothing. What stays unclear is assumed sent: a mail
after an hour, a text after a day and with a task for a person, whose resend is a new message.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select, update
from sqlmodel import Session

from app.delivery.dispatch import Channels
from app.store.bulk import chunks, insert_new, table_of, update_rows
from app.store.engines import Database
from app.store.journal import Happened, record, wake
from app.store.rows import Attempt, ContactPoint, Link, Message, Sender, Task
from app.wording.links import token
from channels.seam import Channel, Envelope, Found, Medium

CRASHED_AFTER = timedelta(seconds=60)
ASK_AFTER = timedelta(seconds=30)
ASSUME_AFTER = {
    "email": timedelta(hours=1),
    "sms": timedelta(hours=24),
    "whatsapp": timedelta(hours=24),
}

_ATTEMPT, _MESSAGE, _SENDER = table_of(Attempt), table_of(Message), table_of(Sender)
_POINT, _LINK = table_of(ContactPoint), table_of(Link)


class Reconciliation:
    """The loop that settles unclear attempts."""

    def __init__(
        self, database: Database, channels: Channels, *, secret: bytes, batch: int = 200
    ) -> None:
        self._database = database
        self._channels = channels
        self._secret = secret
        self._batch = batch

    def tick(self, now: datetime) -> int:
        """Settles what can be settled and answers how many attempts that were."""
        with self._database.write() as session:
            _give_up_waiting(session, now)
        with self._database.read() as session:
            unclear = self._unclear(session, now)
        if not unclear:
            return 0
        answers = asyncio.run(self._ask(unclear))
        with self._database.write() as session:
            return _settle(session, unclear, answers, now)

    def _unclear(self, session: Session, now: datetime) -> Sequence[Row[Any]]:
        query = (
            select(
                *(_ATTEMPT.c[name] for name in _ATTEMPT_COLUMNS),
                _MESSAGE.c.case_id,
                _MESSAGE.c.customer_id,
                _MESSAGE.c.contact_point_id,
                _MESSAGE.c.template,
                _SENDER.c.provider,
                _SENDER.c.address.label("sender"),
                _LINK.c.id.label("link_id"),
            )
            .join(_MESSAGE, _MESSAGE.c.id == _ATTEMPT.c.message_id)
            .join(_SENDER, _SENDER.c.id == _ATTEMPT.c.sender_id)
            .outerjoin(_LINK, (_LINK.c.message_id == _MESSAGE.c.id) & (_LINK.c.purpose == "pay"))
            .where(_ATTEMPT.c.state == "unclear", _ATTEMPT.c.gated_at <= now - ASK_AFTER)
            .order_by(_ATTEMPT.c.gated_at, _ATTEMPT.c.id)
            .limit(self._batch)
        )
        return session.connection().execute(query).all()

    async def _ask(self, unclear: Sequence[Row[Any]]) -> list[Found | None]:
        return list(await asyncio.gather(*(self._find(row) for row in unclear)))

    async def _find(self, row: Row[Any]) -> Found | None:
        channel: Channel | None = self._channels.get((row.medium, row.provider))
        if channel is None or not channel.capabilities.lookup:
            return None
        answer = await channel.find(self._envelope(row))
        return answer if isinstance(answer, Found) else None

    def _envelope(self, row: Row[Any]) -> Envelope:
        """As much of the sent message as it takes to recognise it."""
        return Envelope(
            attempt_key=row.key,
            medium=Medium(row.medium),
            sender=row.sender,
            recipient=row.recipient,
            text=row.text,
            subject=row.subject,
            locale=row.locale,
            template=row.template,
            sent_at=row.gated_at,
            link_token=token(self._secret, row.link_id) if row.link_id is not None else None,
        )


_ATTEMPT_COLUMNS = (
    "id", "key", "message_id", "medium", "recipient", "text", "subject", "locale", "gated_at",
)  # fmt: skip


def _give_up_waiting(session: Session, now: datetime) -> None:
    """Attempts whose worker died between the gate and the answer."""
    crashed = list(
        session.connection()
        .execute(
            select(_ATTEMPT.c.message_id).where(
                _ATTEMPT.c.state == "sending", _ATTEMPT.c.gated_at <= now - CRASHED_AFTER
            )
        )
        .scalars()
    )
    for part in chunks(crashed):
        session.connection().execute(
            update(_MESSAGE)
            .where(_MESSAGE.c.id.in_(part), _MESSAGE.c.state == "sending")
            .values(state="unclear", reason="outcome_unclear", lease_until=None, updated_at=now)
        )
        session.connection().execute(
            update(_ATTEMPT)
            .where(_ATTEMPT.c.message_id.in_(part), _ATTEMPT.c.state == "sending")
            .values(state="unclear")
        )


def _settle(
    session: Session, unclear: Sequence[Row[Any]], answers: Sequence[Found | None], now: datetime
) -> int:
    still = _still_unclear(session, [row.id for row in unclear])
    settled = []
    for row, found in zip(unclear, answers, strict=True):
        if row.id not in still:
            continue
        if found is not None:
            settled.append((row, "accepted", found.provider_id))
        elif now - row.gated_at >= ASSUME_AFTER[row.medium]:
            settled.append((row, "assumed_sent", None))
    _write(session, settled, now)
    return len(settled)


def _still_unclear(session: Session, attempt_ids: Sequence[int]) -> frozenset[int]:
    query = (
        select(_ATTEMPT.c.id)
        .where(_ATTEMPT.c.id.in_(attempt_ids), _ATTEMPT.c.state == "unclear")
        .with_for_update()
    )
    return frozenset(session.connection().execute(query).scalars())


def _write(
    session: Session, settled: Sequence[tuple[Row[Any], str, str | None]], now: datetime
) -> None:
    wake(session, sorted({row.case_id for row, _, _ in settled}), now=now)
    update_rows(session, Message, [_message(row, state, now) for row, state, _ in settled])
    update_rows(
        session,
        Attempt,
        [
            {"id": row.id, "state": state, "provider_id": provider_id, "finished_at": now}
            for row, state, provider_id in settled
        ],
    )
    for row, _, _ in settled:
        session.connection().execute(
            update(_POINT)
            .where(_POINT.c.id == row.contact_point_id)
            .values(asked=_POINT.c.asked + 1)
        )
    record(session, [_fact(row, state, now) for row, state, _ in settled], now=now)
    assumed = [row for row, state, _ in settled if state == "assumed_sent"]
    insert_new(session, Task, [_task(row, now) for row in assumed if row.medium != "email"])


def _message(row: Row[Any], state: str, now: datetime) -> dict[str, Any]:
    return {
        "id": row.message_id,
        "state": state,
        "reason": "outcome_unclear" if state == "assumed_sent" else None,
        "accepted_at": row.gated_at,
        "delivery": "accepted" if state == "accepted" else None,
        "updated_at": now,
    }


def _fact(row: Row[Any], state: str, now: datetime) -> Happened:
    return Happened(
        f"message_{state}",
        now,
        customer_id=row.customer_id,
        case_id=row.case_id,
        message_id=row.message_id,
        payload={"attempt": row.id, "medium": row.medium},
    )


def _task(row: Row[Any], now: datetime) -> dict[str, Any]:
    return {
        "key": f"unclear:{row.key}",
        "team": "service",
        "kind": "unclear",
        "title": "It is not known whether this message arrived",
        "customer_id": row.customer_id,
        "case_id": row.case_id,
        "detail": {"message": row.message_id},
        "created_at": now,
    }
