"""Walks the cases whose time has come: claim, load facts, decide (pure), write in one transaction.

On PostgreSQL the claim is row locks held to the commit, which other workers skip. SQLite has one
writer, so it is read and decided outside the write lock, and only what is still at its revision is
written.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from app.book.cases import columns_of, event_row
from app.book.snapshot import Broken, Snapshot, due_ids, ids_behind, load
from app.engine.catalogue import Catalogue
from app.engine.resting import Resting
from app.store.bulk import (
    GIVEN,
    insert_new,
    insert_rows,
    rows_given,
    table_of,
    update_rows,
)
from app.store.engines import Database
from app.store.rows import Case, CaseSignal, Event, Message, Refused, Task
from app.store.savepoints import surviving_writes
from app.store.tasks import standing_keys
from campaigns.advance import Advanced, advance
from campaigns.calendar import local_date
from campaigns.case import Phase
from campaigns.decision import Decision, Give, Say

_CASE = table_of(Case)
_SET_ASIDE = timedelta(hours=1)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Look:
    """One case as it was loaded, and what a look at it came to."""

    snapshot: Snapshot
    journey_hash: str
    advanced: Advanced


@dataclass(frozen=True, slots=True)
class Walked:
    """What one tick did. `looked` counts cases, `said` the messages that were intended."""

    looked: int = 0
    said: int = 0
    lost: int = 0  # changed by somebody else meanwhile; they stay due


class Walk:
    """The loop that decides."""

    def __init__(self, database: Database, catalogue: Catalogue, *, batch: int = 200) -> None:
        self._database = database
        self._catalogue = catalogue
        self._batch = batch
        self._resting = Resting()
        self._versions: frozenset[str] = frozenset()
        self._passed: int | None = None

    def tick(self, now: datetime) -> Walked:
        """Decides for at most one batch of due cases. Call again while `looked` is not zero."""
        if self._database.skips_locked:
            with self._database.write() as session:
                looks = self._look(session, now, lock=True)
                return _save(session, looks, now, self._resting) if looks else Walked()
        with self._database.read() as session:
            looks = self._look(session, now, lock=False)
        if not looks:
            return Walked()
        with self._database.write() as session:
            still = _unchanged(session, looks)
            return _save(session, still, now, self._resting, of=len(looks))

    def _look(self, session: Session, now: datetime, *, lock: bool) -> list[Look | Broken]:
        self._catalogue.refresh(session)
        resting = self._resting.at(now)
        due = due_ids(session, now, self._batch + len(resting), lock=lock)
        ids = [case_id for case_id in due if case_id not in resting][: self._batch]
        if len(ids) < self._batch:
            ids += self._behind(session, now, self._batch - len(ids), lock=lock)
        if not ids:
            return []
        return [
            found if isinstance(found, Broken) else self._decide(found, now)
            for found in load(session, ids, now)
        ]

    def _behind(self, session: Session, now: datetime, limit: int, *, lock: bool) -> list[int]:
        """The next sleeping cases that were decided by a version that is not current any more: a
        step may have moved ahead of their sleep. Asked for whenever there is less to do than fits
        into a batch, once through the cases after each publication."""
        versions = self._catalogue.versions
        if versions != self._versions:
            self._versions, self._passed = versions, 0
        if self._passed is None:
            return []
        found = ids_behind(session, versions, now, after=self._passed, limit=limit, lock=lock)
        self._passed = found[-1] if found else None
        return found

    def _decide(self, found: Snapshot, now: datetime) -> Look | Broken:
        """A case that cannot be decided is set aside with a task; it never stops its batch."""
        try:
            digest, journey = self._catalogue.journey(found.journey)
            policy = self._catalogue.policy(found.facts.creditor_id)
            return Look(found, digest, advance(found.case, found.facts, journey, policy, now))
        except Exception as problem:  # noqa: BLE001  # see above
            log.error("case %s cannot be decided: %s", found.row["id"], type(problem).__name__)
            return Broken(found.row["id"], found.row["revision"], problem)


def _unchanged(session: Session, looks: Sequence[Look | Broken]) -> list[Look | Broken]:
    """Those whose case is still at the revision that was read."""
    ids = [_revision_of(look)[0] for look in looks]
    revisions = {row.id: row.revision for row in rows_given(session, _REVISIONS, ids)}
    return [look for look in looks if revisions.get(_revision_of(look)[0]) == _revision_of(look)[1]]


_REVISIONS = select(_CASE.c.id, _CASE.c.revision).where(_CASE.c.id.in_(GIVEN))


def _revision_of(look: Look | Broken) -> tuple[int, int]:
    if isinstance(look, Broken):
        return look.case_id, look.revision
    return look.snapshot.row["id"], look.snapshot.row["revision"]


def _save(
    session: Session,
    looks: Sequence[Look | Broken],
    now: datetime,
    resting: Resting,
    *,
    of: int | None = None,
) -> Walked:
    """One that the database does not take is set aside, and costs no other. One that it does not
    even let set aside is left to rest, with a task."""

    def together(batch: Sequence[Look | Broken]) -> list[str]:
        return _write(session, batch, now)

    def aside(look: Look | Broken, problem: Exception) -> None:
        case_id, revision = _revision_of(look)
        log.error("case %s cannot be saved: %s", case_id, type(problem).__name__)
        _write(session, [Broken(case_id, revision, problem)], now)

    def rest(look: Look | Broken, problem: Exception) -> None:
        case_id, revision = _revision_of(look)
        resting.rest(case_id, now)
        _give_defects(session, [Broken(case_id, revision, problem)], now)

    said = surviving_writes(session, looks, together, aside, rest)
    total = len(looks) if of is None else of
    return Walked(total, len(said), total - len(looks))


def _write(session: Session, looks: Sequence[Look | Broken], now: datetime) -> list[str]:
    """Answers the keys of the messages that are new."""
    good = [look for look in looks if isinstance(look, Look)]
    broken = [look for look in looks if isinstance(look, Broken)]
    said = insert_new(session, Message, _messages(good, now))
    insert_new(session, Task, _tasks(good, now))
    _give_defects(session, broken, now)
    insert_rows(session, Event, _events(good, now))
    insert_rows(session, Refused, _refusals(good, now))
    handled = [{"id": i, "handled_at": now} for look in good for i in _handled(look)]
    update_rows(session, CaseSignal, handled)
    update_rows(session, Case, [_case_columns(look, now) for look in good])
    update_rows(session, Case, [_aside(found, now) for found in broken])
    return list(said)


def _decisions(looks: Sequence[Look]) -> list[tuple[Look, Decision]]:
    return [(look, decision) for look in looks for decision in look.advanced.decisions]


def _messages(looks: Sequence[Look], now: datetime) -> list[dict[str, Any]]:
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


def _give_defects(session: Session, broken: Sequence[Broken], now: datetime) -> None:
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


def _events(looks: Sequence[Look], now: datetime) -> list[dict[str, Any]]:
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


def _case_columns(look: Look, now: datetime) -> dict[str, Any]:
    last, row = look.advanced.last, look.snapshot.row
    closed = look.advanced.case.phase is Phase.CLOSED
    return {
        "id": row["id"],
        **columns_of(look.advanced.case),
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
