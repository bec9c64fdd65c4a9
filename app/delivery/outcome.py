"""Weighs what the providers answered. Only this moves a message on from `sending`.

Every message ends in a state that says what is known: accepted, refused for good, to be tried
later, or unclear. Unclear is never sent again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from app.delivery.dispatch import Tried, Voided
from app.delivery.effects import Closed, Effects, OptedOut, write
from app.delivery.notices import tasks_of
from app.intake.alerts import alert
from app.intake.concerned import stop_persons, users_of
from app.intake.senders import Mark, leaves_mark
from app.store.given import chunks, table_of
from app.store.journal import Happened
from app.store.rows import Attempt
from campaigns.vocabulary import Medium
from channels.errors import AddressOptedOut, Remedy, SendError
from channels.seam import Accepted, Later, Refused, Unclear

BACK_OFF = timedelta(minutes=5)

_ATTEMPT = table_of(Attempt)


def save_outcomes(session: Session, tried: Sequence[Tried], now: datetime) -> int:
    """Writes the outcomes of attempts that are still open and answers how many those were."""
    _lock_guards(session, tried)
    open_ids = _open(session, [item.passed.attempt_id for item in tried])
    effects = Effects()
    for item in tried:
        if item.passed.attempt_id in open_ids:
            _weigh(item, effects, now)
    write(session, effects, now)
    return len(open_ids)


def _lock_guards(session: Session, tried: Sequence[Tried]) -> None:
    """Before the attempts: an opt-out that only the provider knew is a stop like any other."""
    addresses = [
        item.passed.draft.claimed.row["address_id"]
        for item in tried
        if isinstance(item.outcome, Refused) and isinstance(item.outcome.error, AddressOptedOut)
    ]
    if addresses:
        stop_persons(session, [user.person_id for user in users_of(session, addresses)])


def _open(session: Session, attempt_ids: Sequence[int]) -> frozenset[int]:
    """A receipt or the reconciliation may have settled an attempt already."""
    found: set[int] = set()
    for part in chunks(sorted(attempt_ids)):
        query = (
            select(_ATTEMPT.c.id)
            .where(_ATTEMPT.c.id.in_(part), _ATTEMPT.c.state.in_(("sending", "unclear")))
            .order_by(_ATTEMPT.c.id)
            .with_for_update(key_share=True)
        )
        found.update(session.connection().execute(query).scalars())
    return frozenset(found)


def _weigh(item: Tried, effects: Effects, now: datetime) -> None:
    match item.outcome:
        case Accepted(provider_id, at):
            _accepted(item, provider_id, at, effects, now)
        case Refused(error):
            _refused(item, error, effects, now)
        case Later(error, retry_after):
            _later(item, error, retry_after, effects, now)
        case Unclear(error):
            _unclear(item, error, effects, now)
        case Voided():
            _attempt(effects, item, "void", now)
            _message(effects, item, "waiting", now, reason="gate_void", due_at=now)


def _accepted(item: Tried, provider_id: str, at: datetime, effects: Effects, now: datetime) -> None:
    row = item.passed.draft.claimed.row
    _attempt(effects, item, "accepted", now, provider_id=provider_id)
    _message(effects, item, "accepted", now, accepted_at=at)
    effects.asked.append(row["contact_point_id"])
    effects.good[row["sender_id"]] += 1
    effects.tasks += tasks_of(row["customer_id"], item.passed.owed, at)
    _tell(effects, item, "message_accepted", now)


def _refused(item: Tried, error: SendError, effects: Effects, now: datetime) -> None:
    row = item.passed.draft.claimed.row
    _attempt(effects, item, "refused", now, error=error, failed=True)
    _message(
        effects, item, "refused", now, reason="provider_refused", params={"why": error.sentence}
    )
    _remedy(item, error, effects, now)
    _blame(row, error, effects)
    _tell(effects, item, "message_refused", now, {"error": error.kind})


def _later(
    item: Tried,
    error: SendError,
    retry_after: timedelta | None,
    effects: Effects,
    now: datetime,
) -> None:
    row = item.passed.draft.claimed.row
    _attempt(effects, item, "later", now, error=error, failed=True)
    due_at = now + (retry_after or BACK_OFF * 2 ** min(row["attempts"], 6))
    params = {"why": error.sentence}
    if due_at >= row["valid_until"]:
        _message(effects, item, "expired", now, reason="provider_later", params=params)
        effects.cases.add(row["case_id"])
    else:
        _message(
            effects, item, "waiting", now, reason="provider_later", params=params, due_at=due_at
        )
    _remedy(item, error, effects, now)
    _blame(row, error, effects)
    _tell(effects, item, "message_deferred", now, {"error": error.kind}, wakes=False)


def _unclear(item: Tried, error: SendError, effects: Effects, now: datetime) -> None:
    _attempt(effects, item, "unclear", now, error=error)
    _message(effects, item, "unclear", now, reason="outcome_unclear")
    _blame(item.passed.draft.claimed.row, error, effects)
    _tell(effects, item, "message_unclear", now, {"error": error.kind}, wakes=False)


def _attempt(
    effects: Effects,
    item: Tried,
    state: str,
    now: datetime,
    *,
    provider_id: str | None = None,
    error: SendError | None = None,
    failed: bool = False,
) -> None:
    effects.attempts.append(
        {
            "id": item.passed.attempt_id,
            "state": state,
            "provider_id": provider_id,
            "error": error.as_record() if error else {},
            "failed": failed,
            "finished_at": None if state == "unclear" else now,
        }
    )


def _message(
    effects: Effects,
    item: Tried,
    state: str,
    now: datetime,
    *,
    reason: str | None = None,
    params: Mapping[str, str] | None = None,
    due_at: datetime | None = None,
    accepted_at: datetime | None = None,
) -> None:
    row = item.passed.draft.claimed.row
    effects.messages.append(
        {
            "id": row["id"],
            "state": state,
            "reason": reason,
            "reason_params": dict(params or {}),
            "due_at": due_at or row["due_at"],
            "accepted_at": accepted_at,
            "delivery": "accepted" if accepted_at else None,
            "lease_until": None,
            "updated_at": now,
        }
    )


def _tell(
    effects: Effects,
    item: Tried,
    kind: str,
    now: datetime,
    more: Mapping[str, str] | None = None,
    *,
    wakes: bool = True,
) -> None:
    row = item.passed.draft.claimed.row
    payload = {"attempt": item.passed.attempt_id, "medium": row["medium"], **(more or {})}
    effects.facts.append(
        Happened(
            kind,
            now,
            customer_id=row["customer_id"],
            case_id=row["case_id"],
            message_id=row["id"],
            payload=payload,
        )
    )
    if wakes:
        effects.cases.add(row["case_id"])


def _remedy(item: Tried, error: SendError, effects: Effects, now: datetime) -> None:
    row = item.passed.draft.claimed.row
    if leaves_mark(error):
        effects.marks.append(Mark(row["sender_id"], row["template"], error))
    if error.remedy is Remedy.SUPPRESS_ADDRESS and isinstance(error, AddressOptedOut):
        told = OptedOut(row["address_id"], Medium(row["medium"]), item.passed.attempt_id)
        effects.opted_out.append(told)
    elif error.remedy is Remedy.SUPPRESS_ADDRESS and row["medium"] == Medium.EMAIL:
        effects.invalid.append(
            {"id": row["address_id"], "valid": False, "invalid_reason": error.kind}
        )
    elif error.remedy is Remedy.SUPPRESS_ADDRESS:
        shut = Closed(row["address_id"], Medium(row["medium"]), item.passed.attempt_id)
        effects.closed.append(shut)
    elif error.alert and not leaves_mark(error):
        effects.tasks.append(alert(error, now))


def _blame(row: Mapping[str, Any], error: SendError, effects: Effects) -> None:
    if error.counts_for_breaker:
        effects.faults.append(row["sender_id"])
