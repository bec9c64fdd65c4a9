"""What looks at cases came to, as rows: messages, tasks, events, refusals, a next look for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from app.book.cases import changes_of, event_row
from app.book.snapshot import Broken, Snapshot
from app.store.bulk import insert_new, insert_rows, update_rows
from app.store.rows import Case, CaseSignal, Event, Message, Refused, Task
from app.store.tasks import standing_keys
from campaigns.advance import Advanced
from campaigns.calendar import local_date
from campaigns.case import Phase
from campaigns.decision import Decision, Give, Say

_SET_ASIDE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Look:
    """One case as it was loaded, and what a look at it came to."""

    snapshot: Snapshot
    journey_hash: str
    advanced: Advanced


def revision_of(look: Look | Broken) -> tuple[int, int]:
    """The case, and the revision at which it was read."""
    if isinstance(look, Broken):
        return look.case_id, look.revision
    return look.snapshot.row["id"], look.snapshot.row["revision"]


def write(session: Session, looks: Sequence[Look | Broken], now: datetime) -> list[str]:
    """Writes what these looks came to. Answers the keys of the messages that are new."""
    good = [look for look in looks if isinstance(look, Look)]
    broken = [look for look in looks if isinstance(look, Broken)]
    said = insert_new(session, Message, message_rows(good, now))
    insert_new(session, Task, _tasks(good, now))
    give_defects(session, broken, now)
    insert_rows(session, Event, event_rows(good, now))
    insert_rows(session, Refused, _refusals(good, now))
    handled = [{"id": i, "handled_at": now} for look in good for i in _handled(look)]
    update_rows(session, CaseSignal, handled)
    update_rows(session, Case, [case_columns(look, now) for look in good])
    update_rows(session, Case, [_aside(found, now) for found in broken])
    return list(said)


def _decisions(looks: Sequence[Look]) -> list[tuple[Look, Decision]]:
    return [(look, decision) for look in looks for decision in look.advanced.decisions]


def message_rows(looks: Sequence[Look], now: datetime) -> list[dict[str, Any]]:
    return [
        _message(look, decision.action, now)
        for look, decision in _decisions(looks)
        if isinstance(decision.action, Say)
    ]


def _message(look: Look, said: Say, now: datetime) -> dict[str, Any]:
    row = look.snapshot.row
    return {
        "key": said.key,
        "case_id": row["id"],
        "creditor_id": row["creditor_id"],
        "customer_id": row["customer_id"],
        "person_id": row["person_id"],
        "template": said.template,
        "category": str(said.category),
        "origin": said.origin,
        "slot": said.slot,
        "ordinal": said.ordinal,
        "medium": str(said.channel.medium),
        "contact_point_id": said.channel.contact_point_id,
        "address_id": said.channel.address_id,
        "sender_id": said.channel.sender_id,
        "answers_event_at": said.answers_own_act_at,
        "choice_probability": said.probability,
        "due_at": now,
        "valid_until": said.valid_until,
        "created_at": now,
        "updated_at": now,
    }


def _tasks(looks: Sequence[Look], now: datetime) -> list[dict[str, Any]]:
    return [
        {
            "key": decision.action.key,
            "team": decision.action.team,
            "kind": decision.action.kind,
            "title": decision.action.title,
            "customer_id": look.snapshot.row["customer_id"],
            "case_id": look.snapshot.row["id"],
            "created_at": now,
        }
        for look, decision in _decisions(looks)
        if isinstance(decision.action, Give)
    ]


def give_defects(session: Session, broken: Sequence[Broken], now: datetime) -> None:
    """One open task a case, however often it fails; another one after that was closed."""
    keys = standing_keys(session, [_defect_of(found) for found in broken])
    rows = [_defect(found, keys[_defect_of(found)], now) for found in broken]
    insert_new(session, Task, rows)


def _defect_of(found: Broken) -> str:
    return f"defect:{found.case_id}"


def _defect(found: Broken, key: str, now: datetime) -> dict[str, Any]:
    return {
        "key": key,
        "team": "engineering",
        "kind": "defect",
        "title": "A case cannot be decided",
        "case_id": found.case_id,
        "detail": {"problem": type(found.problem).__name__},
        "created_at": now,
    }


def event_rows(looks: Sequence[Look], now: datetime) -> list[dict[str, Any]]:
    return [
        event_row(
            event,
            case_id=look.snapshot.row["id"],
            customer_id=look.snapshot.row["customer_id"],
            at=now,
        )
        for look in looks
        for event in look.advanced.events
    ]


def _refusals(looks: Sequence[Look], now: datetime) -> list[dict[str, Any]]:
    return [
        {
            "case_id": look.snapshot.row["id"],
            "at": now,
            "asked_by": "decide",
            "step": refused.step,
            "medium": str(refused.medium),
            "rule": refused.refusal.rule,
            "reason": refused.refusal.reason,
            "params": dict(refused.refusal.params),
            "look_again_at": refused.refusal.look_again_at,
        }
        for look, decision in _decisions(looks)
        for refused in decision.refusals
    ]


def _handled(look: Look) -> list[int]:
    return [i for decision in look.advanced.decisions for i in decision.handled if i]


def case_columns(look: Look, now: datetime) -> dict[str, Any]:
    last, row = look.advanced.last, look.snapshot.row
    closed = look.advanced.case.phase is Phase.CLOSED
    return {
        "id": row["id"],
        **changes_of(look.advanced.case),
        "journey_hash": look.journey_hash,
        "look_at": last.look_at,
        "reason": last.reason,
        "reason_params": dict(last.params),
        "revision": row["revision"] + 1,
        "closed_at": now if closed else None,
        "closed_on": local_date(now, look.snapshot.zone) if closed else None,
    }


def _aside(found: Broken, now: datetime) -> dict[str, Any]:
    return {
        "id": found.case_id,
        "look_at": now + _SET_ASIDE,
        "reason": "defect",
        "revision": found.revision + 1,
    }
