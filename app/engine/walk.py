"""Walks the cases whose time has come: claim, load facts, decide (pure), write in one transaction.

On PostgreSQL the claim is row locks held to the commit, which other workers skip. SQLite has one
writer, so it is read and decided outside the write lock, and only what is still at its revision is
written, in slices.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlmodel import Session

from app.book.due import due_ids, ids_behind, stirring
from app.book.snapshot import Broken, Snapshot, load
from app.engine.catalogue import Catalogue
from app.engine.looks import Look, give_defects, write
from app.engine.resting import Resting
from app.store.engines import Database
from app.store.given import GIVEN, rows_given, table_of
from app.store.publishing import Probe
from app.store.rows import Case
from app.store.savepoints import surviving_writes
from campaigns.advance import Advanced, advance
from campaigns.case import CaseState
from campaigns.decision import Policy
from campaigns.facts import Facts
from campaigns.journey import Journey

BATCH = 200  # cases in one transaction

SLICE: Final = 25
"""Cases that one writer saves before it looks whether somebody waits: some ten milliseconds."""

_CASE = table_of(Case)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Walked:
    """What one tick did. `looked` counts cases, `said` the messages that were intended."""

    looked: int = 0
    said: int = 0
    lost: int = 0  # changed by somebody else meanwhile; they stay due


class Walk:
    """The loop that decides. `decide` is `advance`, or what a bench puts in its place."""

    def __init__(
        self,
        database: Database,
        catalogue: Catalogue,
        *,
        batch: int = BATCH,
        decide: Callable[[CaseState, Facts, Journey, Policy, datetime], Advanced] = advance,
    ) -> None:
        self._database = database
        self._catalogue = catalogue
        self._batch = batch
        self._advance = decide
        self._resting = Resting()
        self._versions: frozenset[str] = frozenset()
        self._passed: int | None = None
        self._probed: Probe | None = None
        self._idle_since: Probe | None = None

    def tick(self, now: datetime) -> Walked:
        """Decides for at most one batch of due cases. Call again while `looked` is not zero."""
        if self._idle_since is not None and not self._stirs(now):
            return Walked()
        walked = self._walk(now)
        is_idle = not walked.looked and self._passed is None
        self._idle_since = self._probed if is_idle else None
        return walked

    def _stirs(self, now: datetime) -> bool:
        """Whether there is anything to do since there was nothing."""
        with self._database.glance() as session:
            is_due, published = stirring(session, now)
        return is_due or published != self._idle_since

    def _walk(self, now: datetime) -> Walked:
        if self._database.skips_locked:
            with self._database.write() as session:
                looks = self._look(session, now, lock=True)
                return _save(session, looks, now, self._resting) if looks else Walked()
        with self._database.read() as session:
            looks = self._look(session, now, lock=False)
        if not looks:
            return Walked()
        return self._save_in_slices(looks, now)

    def _save_in_slices(self, looks: Sequence[Look | Broken], now: datetime) -> Walked:
        """For the one writer: lets in whoever waits to write, after each slice."""
        left, said, lost = looks, 0, 0
        while left:
            with self._database.write() as session:
                unchanged = _unchanged(session, left)  # to the end: nobody else writes
                while left:
                    part, left = left[:SLICE], left[SLICE:]
                    valid = [look for look in part if (look.case_id, look.revision) in unchanged]
                    said += _save(session, valid, now, self._resting).said
                    lost += len(part) - len(valid)
                    if self._database.is_awaited:
                        break
        return Walked(len(looks), said, lost)

    def _look(self, session: Session, now: datetime, *, lock: bool) -> list[Look | Broken]:
        self._catalogue.refresh(session)
        self._probed = self._catalogue.probed
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
        into a batch, once through the cases after each publication, a part of them at a time."""
        versions = self._catalogue.versions
        if versions != self._versions:
            self._versions, self._passed = versions, 0
        if self._passed is None:
            return []
        found, self._passed = ids_behind(
            session, versions, now, after=self._passed, limit=limit, lock=lock
        )
        return found

    def _decide(self, found: Snapshot, now: datetime) -> Look | Broken:
        """A case that cannot be decided is set aside with a task; it never stops its batch."""
        try:
            digest, journey = self._catalogue.journey(found.journey)
            policy = self._catalogue.policy(found.facts.creditor_id)
            advanced = self._advance(found.case, found.facts, journey, policy, now)
            return Look.of(found, digest, advanced, now)
        except Exception as problem:  # noqa: BLE001  # see above
            log.error("case %s cannot be decided: %s", found.row["id"], type(problem).__name__)
            return Broken(found.row["id"], found.row["revision"], problem)


def _unchanged(session: Session, looks: Sequence[Look | Broken]) -> set[tuple[int, int]]:
    """The cases that are still at the revision that was read, with it."""
    now = set(map(tuple, rows_given(session, _REVISIONS, [look.case_id for look in looks])))
    return now.intersection((look.case_id, look.revision) for look in looks)


_REVISIONS = select(_CASE.c.id, _CASE.c.revision).where(_CASE.c.id.in_(GIVEN))


def _save(
    session: Session,
    looks: Sequence[Look | Broken],
    now: datetime,
    resting: Resting,
) -> Walked:
    """One that the database does not take is set aside, and costs no other. One that it does not
    even let set aside is left to rest, with a task."""

    def together(batch: Sequence[Look | Broken]) -> list[int]:
        return [write(session, batch, now)]

    def aside(look: Look | Broken, problem: Exception) -> None:
        log.error("case %s cannot be saved: %s", look.case_id, type(problem).__name__)
        write(session, [Broken(look.case_id, look.revision, problem)], now)

    def rest(look: Look | Broken, problem: Exception) -> None:
        resting.rest(look.case_id, now)
        give_defects(session, [Broken(look.case_id, look.revision, problem)], now)

    said = surviving_writes(session, looks, together, aside, rest)
    return Walked(len(looks), sum(said))
