"""What became of attempts that nobody answered for.

An attempt left in `sending` by a crash is unclear, like one whose request timed out. The provider
is asked, no faster than the sender sends; "found" settles it, "not found" proves nothing. What
stays unclear is assumed sent: a mail after an hour, a text after a day and with a task for a
person, whose resend is a new message.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, or_, select
from sqlmodel import Session

from app.delivery.calls import Run
from app.delivery.dispatch import CALL_WITHIN, Channels
from app.delivery.effects import count_asked
from app.store.bulk import insert_new, update_rows
from app.store.columns import word
from app.store.engines import Database
from app.store.given import chunks, table_of
from app.store.journal import Happened, record, wake
from app.store.rows import Attempt, Link, Message, Sender, Task
from app.wording.links import token
from channels.seam import Channel, Envelope, Found, Medium

CRASHED_AFTER = timedelta(seconds=60)
ASK_AFTER = timedelta(seconds=30)
ASK_FOR = timedelta(seconds=10)  # a tick takes no more than it can ask in this time
ASSUME_AFTER = {
    "email": timedelta(hours=1),
    "sms": timedelta(hours=24),
    "whatsapp": timedelta(hours=24),
}

_ATTEMPT, _MESSAGE, _SENDER = table_of(Attempt), table_of(Message), table_of(Sender)
_LINK = table_of(Link)
_FIRST = (datetime.min.replace(tzinfo=UTC), 0)

log = logging.getLogger(__name__)


class Reconciliation:
    """The loop that settles unclear attempts."""

    def __init__(
        self,
        database: Database,
        channels: Channels,
        *,
        secret: bytes,
        batch: int = 200,
        run: Run = asyncio.run,
    ) -> None:
        self._run = run
        self._database = database
        self._channels = channels
        self._secret = secret
        self._batch = batch
        self._last = _FIRST

    def tick(self, now: datetime) -> int:
        """Settles what can be settled and answers how many attempts that were."""
        with self._database.read() as session:
            if session.connection().execute(_ANY_OPEN, {"asked": now - ASK_AFTER}).first() is None:
                return 0
            crashed = _crashed(session, now)
            unclear = self._unclear(session, now)
        if crashed:
            with self._database.write() as session:
                _give_up_waiting(session, crashed, now)
        if not unclear:
            return 0
        waits = self._waits(unclear)
        answers = self._run(self._ask(unclear, waits))
        with self._database.write() as session:
            return _settle(session, unclear, answers, now)

    def _unclear(self, session: Session, now: datetime) -> Sequence[Row[Any]]:
        """The next page of what is unclear; after the last comes the first again."""
        query = _unclear_query(now, self._last, self._batch)
        page = session.connection().execute(query).all()
        ours = page[: len(self._waits(page))]
        is_more = len(page) == self._batch or len(ours) < len(page)
        self._last = (ours[-1].gated_at, ours[-1].id) if is_more else _FIRST
        return ours

    def _waits(self, page: Sequence[Row[Any]]) -> list[float]:
        """Seconds until each of these is asked for at its sender's rate, up to the first that would
        have to wait too long. Who is nobody outside, or cannot be asked, is no reason to wait."""
        asked: Counter[int] = Counter()
        waits: list[float] = []
        for row in page:
            channel = self._channels.get((row.medium, row.provider))
            is_paced = channel and channel.capabilities.real and channel.capabilities.lookup
            wait = asked[row.sender_id] / row.per_second if is_paced else 0.0
            if wait >= ASK_FOR.total_seconds():
                break
            asked[row.sender_id] += 1
            waits.append(wait)
        return waits

    async def _ask(self, unclear: Sequence[Row[Any]], waits: Sequence[float]) -> list[Found | None]:
        asks = (self._find(row, wait) for row, wait in zip(unclear, waits, strict=True))
        return list(await asyncio.gather(*asks))

    async def _find(self, row: Row[Any], wait: float) -> Found | None:
        channel: Channel | None = self._channels.get((row.medium, row.provider))
        if channel is None or not channel.capabilities.lookup:
            return None
        await asyncio.sleep(wait)
        try:
            async with asyncio.timeout(CALL_WITHIN.total_seconds()):
                answer = await channel.find(self._envelope(row))
        except Exception as problem:  # noqa: BLE001  # a defect proves nothing, like "not found"
            log.error("attempt %s cannot be looked up: %s", row.id, type(problem).__name__)
            return None
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


_IS_OPEN = _ATTEMPT.c.state.in_([word("sending"), word("unclear")])
_ANY_OPEN = (
    select(_ATTEMPT.c.id).where(_IS_OPEN, _ATTEMPT.c.gated_at <= bindparam("asked")).limit(1)
)


def _open_attempt(state: str) -> ColumnElement[bool]:
    """Names the whole partial index beside the state: SQLite does not see that one implies it."""
    return and_(_IS_OPEN, _ATTEMPT.c.state == word(state))


def _unclear_query(now: datetime, after: tuple[datetime, int], limit: int) -> Select[Any]:
    return (
        select(
            *(_ATTEMPT.c[name] for name in _ATTEMPT_COLUMNS),
            _MESSAGE.c.case_id,
            _MESSAGE.c.customer_id,
            _MESSAGE.c.contact_point_id,
            _MESSAGE.c.template,
            _ATTEMPT.c.sender_id,
            _SENDER.c.provider,
            _SENDER.c.per_second,
            _SENDER.c.address.label("sender"),
            _LINK.c.id.label("link_id"),
        )
        .select_from(_ATTEMPT)
        .join(_MESSAGE, _MESSAGE.c.id == _ATTEMPT.c.message_id)
        .join(_SENDER, _SENDER.c.id == _ATTEMPT.c.sender_id)
        .outerjoin(_LINK, (_LINK.c.message_id == _MESSAGE.c.id) & (_LINK.c.purpose == "pay"))
        .where(
            _open_attempt("unclear"),
            _ATTEMPT.c.gated_at <= now - ASK_AFTER,
            _ATTEMPT.c.gated_at >= after[0],
            or_(_ATTEMPT.c.gated_at > after[0], _ATTEMPT.c.id > after[1]),
        )
        .order_by(_ATTEMPT.c.gated_at, _ATTEMPT.c.id)
        .limit(limit)
    )


def _crashed(session: Session, now: datetime) -> Sequence[int]:
    """Attempts whose worker died between the gate and the answer."""
    query = (
        select(_ATTEMPT.c.id)
        .where(_open_attempt("sending"), _ATTEMPT.c.gated_at <= now - CRASHED_AFTER)
        .order_by(_ATTEMPT.c.gated_at, _ATTEMPT.c.id)  # by id, SQLite would walk the whole table
    )
    return session.connection().execute(query).scalars().all()


def _give_up_waiting(session: Session, crashed: Sequence[int], now: datetime) -> None:
    """Attempts first and then their messages, like every outcome: so neither waits in a ring."""
    for part in chunks(crashed):
        query = (
            select(_ATTEMPT.c.id, _ATTEMPT.c.message_id)
            .where(_ATTEMPT.c.id.in_(part), _ATTEMPT.c.state == word("sending"))
            .order_by(_ATTEMPT.c.id)
            .with_for_update(key_share=True)
        )
        found = session.connection().execute(query).all()
        update_rows(session, Attempt, [{"id": row.id, "state": "unclear"} for row in found])
        lost = {"state": "unclear", "reason": "outcome_unclear", "lease_until": None}
        messages = [{"id": row.message_id, **lost, "updated_at": now} for row in found]
        update_rows(session, Message, messages)


def _settle(
    session: Session, unclear: Sequence[Row[Any]], answers: Sequence[Found | None], now: datetime
) -> int:
    settled = []
    still = _still_unclear(session, [row.id for row in unclear])
    for row, found in zip(unclear, answers, strict=True):
        if row.id not in still:
            continue
        if found is not None:
            settled.append(_Settled(row, "accepted", found.at, found.provider_id))
        elif now - row.gated_at >= ASSUME_AFTER.get(row.medium, timedelta(days=1)):
            settled.append(_Settled(row, "assumed_sent", row.gated_at))
    _write(session, settled, now)
    return len(settled)


@dataclass(frozen=True, slots=True)
class _Settled:
    """What an unclear attempt came to, and when the provider took it as far as is known."""

    row: Row[Any]
    state: str  # accepted | assumed_sent
    at: datetime
    provider_id: str | None = None


def _still_unclear(session: Session, attempt_ids: Sequence[int]) -> frozenset[int]:
    query = (
        select(_ATTEMPT.c.id)
        .where(_ATTEMPT.c.id.in_(attempt_ids), _ATTEMPT.c.state == word("unclear"))
        .order_by(_ATTEMPT.c.id)
        .with_for_update(key_share=True)
    )
    return frozenset(session.connection().execute(query).scalars())


def _write(session: Session, settled: Sequence[_Settled], now: datetime) -> None:
    wake(session, [one.row.case_id for one in settled], now=now)
    update_rows(session, Message, [_message(one, now) for one in settled])
    update_rows(session, Attempt, [_attempt(one, now) for one in settled])
    count_asked(session, [one.row.contact_point_id for one in settled])
    record(session, [_fact(one, now) for one in settled], now=now)
    assumed = [one.row for one in settled if one.state == "assumed_sent"]
    insert_new(session, Task, [_task(row, now) for row in assumed if row.medium != "email"])


def _attempt(one: _Settled, now: datetime) -> dict[str, Any]:
    return {
        "id": one.row.id,
        "state": one.state,
        "provider_id": one.provider_id,
        "finished_at": now,
    }


def _message(one: _Settled, now: datetime) -> dict[str, Any]:
    return {
        "id": one.row.message_id,
        "state": one.state,
        "reason": "outcome_unclear" if one.state == "assumed_sent" else None,
        "accepted_at": one.at,
        "delivery": "accepted" if one.state == "accepted" else None,
        "updated_at": now,
    }


def _fact(one: _Settled, now: datetime) -> Happened:
    return Happened(
        f"message_{one.state}",
        now,
        customer_id=one.row.customer_id,
        case_id=one.row.case_id,
        message_id=one.row.message_id,
        payload={"attempt": one.row.id, "medium": one.row.medium},
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
