"""What looks at cases came to, as rows: messages, tasks, events, refusals, a next look for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from app.book.cases import changes_of, event_row
from app.book.snapshot import Broken, Snapshot
from app.intake.tasks import APPROVAL, Team, asking_key, team_named
from app.store.bulk import (
    insert_new,
    insert_rows,
    insert_unless_there,
    update_held_rows,
    update_rows,
)
from app.store.given import GIVEN, rows_given, table_of
from app.store.rows import Case, CaseSignal, Event, Message, Refused, Task
from app.store.tasks import DONE_WITHIN, standing_keys
from campaigns.advance import Advanced
from campaigns.calendar import local_date
from campaigns.case import Phase
from campaigns.decision import Give, Say
from campaigns.decision import Refused as RefusedMedium
from campaigns.value import value

_SET_ASIDE = timedelta(hours=1)
_CASE = table_of(Case)
_WHOSE = select(_CASE.c.id, _CASE.c.customer_id).where(_CASE.c.id.in_(GIVEN))


@value
class Look:
    """What a look at one case came to, as rows: made before the database is asked for a turn.

    `case` are the columns that are others afterwards; `handled` the signals that were answered.
    """

    case_id: int
    revision: int
    case: Mapping[str, Any]
    messages: Sequence[Mapping[str, Any]]
    events: Sequence[Mapping[str, Any]]
    tasks: Sequence[Mapping[str, Any]]
    refusals: Sequence[Mapping[str, Any]]
    handled: Sequence[int]

    @classmethod
    def of(cls, found: Snapshot, journey_hash: str, advanced: Advanced, now: datetime) -> Look:
        row, decisions = found.row, advanced.decisions
        case_id, customer_id = row["id"], row["customer_id"]
        actions = [decision.action for decision in decisions]
        said_now = [action for action in actions if isinstance(action, Say)]
        return cls(
            case_id=case_id,
            revision=row["revision"],
            case=_columns(found, journey_hash, advanced, now),
            messages=[_message(row, said, now) for said in said_now],
            events=[
                *(
                    event_row(event, case_id=case_id, customer_id=customer_id, at=now)
                    for event in advanced.events
                ),
                *(_asked(row, said, now) for said in said_now if said.approval is not None),
            ],
            tasks=[
                *(_task(row, given, now) for given in actions if isinstance(given, Give)),
                *(_approval(row, said, now) for said in said_now if said.approval is not None),
            ],
            refusals=[_refusal(row, one, now) for each in decisions for one in each.refusals],
            handled=[i for decision in decisions for i in decision.handled if i],
        )


def write(session: Session, looks: Sequence[Look | Broken], now: datetime) -> int:
    """Writes what these looks came to, at the revisions at which they were read: their cases are
    claimed. Answers how many messages are new."""
    good = [look for look in looks if isinstance(look, Look)]
    broken = [look for look in looks if isinstance(look, Broken)]
    said = insert_unless_there(session, Message, [row for look in good for row in look.messages])
    insert_unless_there(session, Task, [row for look in good for row in look.tasks])
    give_defects(session, broken, now)
    insert_rows(session, Event, [row for look in good for row in look.events])
    insert_rows(session, Refused, [row for look in good for row in look.refusals])
    handled = [{"id": i, "handled_at": now} for look in good for i in look.handled]
    update_rows(session, CaseSignal, handled)
    update_held_rows(session, Case, [look.case for look in good])
    update_held_rows(session, Case, [_aside(found, now) for found in broken])
    return said


def _columns(
    found: Snapshot, journey_hash: str, advanced: Advanced, now: datetime
) -> dict[str, Any]:
    last, row = advanced.last, found.row
    columns = {
        "id": row["id"],
        **changes_of(found.case, advanced.case),
        "look_at": last.look_at,
        "reason": last.reason,
        "reason_params": dict(last.params),
        "revision": row["revision"] + 1,
    }
    if journey_hash != row["journey_hash"]:
        columns["journey_hash"] = journey_hash
    if advanced.case.phase is Phase.CLOSED:
        columns |= {"closed_at": now, "closed_on": local_date(now, found.zone)}
    return columns


def _message(row: Mapping[str, Any], said: Say, now: datetime) -> dict[str, Any]:
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
        **(_unapproved(said) if said.approval is not None else {}),
    }


def _unapproved(said: Say) -> dict[str, Any]:
    """Nothing claims it before a person has approved it, or its time is over."""
    team = str(team_named(said.approval or ""))
    return {
        "approval": team,
        "due_at": said.valid_until,
        "reason": "approval_wanted",
        "reason_params": {"team": team},
    }


def _task(row: Mapping[str, Any], given: Give, now: datetime) -> dict[str, Any]:
    return {
        "key": given.key,
        "team": str(team_named(given.team)),
        "kind": given.kind,
        "title": given.title,
        "detail": {"ask": given.ask} if given.ask else {},
        "customer_id": row["customer_id"],
        "case_id": row["id"],
        "created_at": now,
        "due_at": now + DONE_WITHIN,
    }


def _approval(row: Mapping[str, Any], said: Say, now: datetime) -> dict[str, Any]:
    """Somebody of the team is asked, while the message may still be said."""
    return {
        "key": asking_key(said.key),
        "team": str(team_named(said.approval or "")),
        "kind": APPROVAL,
        "title": "Approve a message before it goes",
        "customer_id": row["customer_id"],
        "case_id": row["id"],
        "detail": {"message_key": said.key},
        "created_at": now,
        "due_at": said.valid_until,
    }


def _asked(row: Mapping[str, Any], said: Say, now: datetime) -> dict[str, Any]:
    return {
        "kind": "approval_wanted",
        "at": now,
        "case_id": row["id"],
        "customer_id": row["customer_id"],
        "payload": {"message_key": said.key, "team": str(team_named(said.approval or ""))},
    }


def _refusal(row: Mapping[str, Any], refused: RefusedMedium, now: datetime) -> dict[str, Any]:
    return {
        "case_id": row["id"],
        "at": now,
        "asked_by": "decide",
        "step": refused.step,
        "medium": str(refused.medium),
        "rule": refused.refusal.rule,
        "reason": refused.refusal.reason,
        "params": dict(refused.refusal.params),
        "look_again_at": refused.refusal.look_again_at,
    }


def give_defects(session: Session, broken: Sequence[Broken], now: datetime) -> None:
    """One open task a case, however often it fails; another one after that was closed."""
    keys = standing_keys(session, [_defect_of(found) for found in broken])
    whose = dict(map(tuple, rows_given(session, _WHOSE, [found.case_id for found in broken])))
    rows = [
        _defect(found, keys[_defect_of(found)], now) | {"customer_id": whose.get(found.case_id)}
        for found in broken
    ]
    insert_new(session, Task, rows)


def _defect_of(found: Broken) -> str:
    return f"defect:{found.case_id}"


def _defect(found: Broken, key: str, now: datetime) -> dict[str, Any]:
    return {
        "key": key,
        "team": Team.ENGINEERING,
        "kind": "defect",
        "title": "A case cannot be decided",
        "case_id": found.case_id,
        "detail": {"problem": type(found.problem).__name__},
        "created_at": now,
    }


def _aside(found: Broken, now: datetime) -> dict[str, Any]:
    return {
        "id": found.case_id,
        "look_at": now + _SET_ASIDE,
        "reason": "defect",
        "revision": found.revision + 1,
    }
