"""Writes what the providers answered, and wakes the cases. Only this moves a message on from
`sending`.

Every message ends in a state that says what is known: accepted, refused for good, to be tried
later, or unclear. Unclear is never sent again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, select, update
from sqlmodel import Session

from app.delivery.dispatch import Tried, Voided
from app.store.bulk import chunks, insert_new, insert_rows, lock_rows, table_of, update_rows
from app.store.journal import Happened, record, wake
from app.store.rows import Address, Attempt, ContactPoint, Message, Sender, Suppression, Task
from channels.errors import AddressOptedOut, Remedy, SendError
from channels.seam import Accepted, Later, Refused, Unclear

BREAKER_AFTER = 5  # provider errors in a row
BREAKER_PAUSE = timedelta(minutes=5)
BREAKER_REASON = "errors of its provider"
SENDER_PAUSE = timedelta(hours=6)  # a sender that the provider rejects; a task asks a person
BACK_OFF = timedelta(minutes=5)

_ATTEMPT, _MESSAGE, _POINT = table_of(Attempt), table_of(Message), table_of(ContactPoint)
_SENDER, _ADDRESS = table_of(Sender), table_of(Address)


@dataclass
class _Effects:
    """What a batch of answers comes to, gathered before anything is written."""

    attempts: list[dict[str, Any]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    facts: list[Happened] = field(default_factory=list)
    cases: set[int] = field(default_factory=set)
    asked: list[int] = field(default_factory=list)
    suppressions: list[dict[str, Any]] = field(default_factory=list)
    invalid: list[dict[str, Any]] = field(default_factory=list)
    tasks: list[dict[str, Any]] = field(default_factory=list)
    good: set[int] = field(default_factory=set)
    faults: list[int] = field(default_factory=list)
    paused: dict[int, str] = field(default_factory=dict)


def save_outcomes(session: Session, tried: Sequence[Tried], now: datetime) -> int:
    """Writes the outcomes of attempts that are still open and answers how many those were."""
    open_ids = _open(session, [item.passed.attempt_id for item in tried])
    effects = _Effects()
    for item in tried:
        if item.passed.attempt_id in open_ids:
            _weigh(item, effects, now)
    _write(session, effects, now)
    return len(open_ids)


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


def _weigh(item: Tried, effects: _Effects, now: datetime) -> None:
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


def _accepted(
    item: Tried, provider_id: str, at: datetime, effects: _Effects, now: datetime
) -> None:
    row = item.passed.draft.claimed.row
    _attempt(effects, item, "accepted", now, provider_id=provider_id)
    _message(effects, item, "accepted", now, accepted_at=at)
    effects.asked.append(row["contact_point_id"])
    effects.good.add(row["sender_id"])
    _tell(effects, item, "message_accepted", now)


def _refused(item: Tried, error: SendError, effects: _Effects, now: datetime) -> None:
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
    effects: _Effects,
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


def _unclear(item: Tried, error: SendError, effects: _Effects, now: datetime) -> None:
    _attempt(effects, item, "unclear", now, error=error)
    _message(effects, item, "unclear", now, reason="outcome_unclear")
    _blame(item.passed.draft.claimed.row, error, effects)
    _tell(effects, item, "message_unclear", now, {"error": error.kind}, wakes=False)


def _attempt(
    effects: _Effects,
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
    effects: _Effects,
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
    effects: _Effects,
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


def _remedy(item: Tried, error: SendError, effects: _Effects, now: datetime) -> None:
    row = item.passed.draft.claimed.row
    if error.remedy is Remedy.SUPPRESS_ADDRESS and isinstance(error, AddressOptedOut):
        effects.suppressions.append(
            {
                "address_id": row["address_id"],
                "medium": row["medium"],
                "creditor_id": row["creditor_id"],
                "reason": "opted_out",
                "at": now,
            }
        )
    elif error.remedy is Remedy.SUPPRESS_ADDRESS:
        effects.invalid.append(
            {"id": row["address_id"], "valid": False, "invalid_reason": error.kind}
        )
    elif error.remedy in (Remedy.STOP_SENDER, Remedy.STOP_TEMPLATE):
        if error.remedy is Remedy.STOP_SENDER:
            effects.paused[row["sender_id"]] = error.sentence
        effects.tasks.append(
            {
                "key": f"{error.remedy}:{row['sender_id']}:{row['template']}:{now:%Y-%m-%d}",
                "team": "engineering",
                "kind": str(error.remedy),
                "title": error.sentence,
                "detail": {"sender": row["sender_id"], "template": row["template"]},
                "created_at": now,
            }
        )


def _blame(row: Mapping[str, Any], error: SendError, effects: _Effects) -> None:
    if error.counts_for_breaker:
        effects.faults.append(row["sender_id"])


def _write(session: Session, effects: _Effects, now: datetime) -> None:
    wake(session, sorted(effects.cases), now=now)
    update_rows(session, Message, effects.messages)
    update_rows(session, Attempt, effects.attempts)
    record(session, effects.facts, now=now)
    count_asked(session, effects.asked)
    update_rows(session, Address, sorted(effects.invalid, key=_by_id))
    insert_rows(session, Suppression, effects.suppressions)
    insert_new(session, Task, effects.tasks)
    _trip(session, effects, now)


def _by_id(row: Mapping[str, Any]) -> int:
    return int(row["id"])


def count_asked(session: Session, points: Sequence[int]) -> None:
    """One more message on each of these contact points."""
    lock_rows(session, ContactPoint, points)
    for part in chunks(sorted(set(points))):
        session.connection().execute(
            update(_POINT).where(_POINT.c.id.in_(part)).values(asked=_POINT.c.asked + 1)
        )


def _trip(session: Session, effects: _Effects, now: datetime) -> None:
    """The breaker per sender: a success closes it, errors of the provider in a row open it."""
    connection = session.connection()
    faults = Counter(effects.faults)
    for sender_id in sorted({*effects.good, *faults, *effects.paused}):
        ours = update(_SENDER).where(_SENDER.c.id == sender_id)
        if sender_id in effects.good:
            connection.execute(ours.where(_SENDER.c.errors_in_row > 0).values(errors_in_row=0))
        if sender_id in faults:
            connection.execute(ours.values(_counted(faults[sender_id], now)))
        if sender_id in effects.paused:
            until, why = now + SENDER_PAUSE, effects.paused[sender_id]
            connection.execute(ours.values(paused_until=until, pause_reason=why))


def _counted(faults: int, now: datetime) -> dict[str, Any]:
    count = _SENDER.c.errors_in_row + faults
    tripped = count >= BREAKER_AFTER
    return {
        "errors_in_row": count,
        "paused_until": case((tripped, now + BREAKER_PAUSE), else_=_SENDER.c.paused_until),
        "pause_reason": case((tripped, BREAKER_REASON), else_=_SENDER.c.pause_reason),
    }
