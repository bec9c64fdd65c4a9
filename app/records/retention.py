"""What is past its time goes by itself, once a day: how long each kind is kept stands in the packs.

Nothing goes that a claim or a proceeding may need: whoever owes, has an open journey or plan, or is
under a legal hold is left alone, however old.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, TypeVar

from sqlalchemy import Select, select, update
from sqlmodel import Session

from app.book.returning import owing_again, take_back
from app.engine.catalogue import Catalogue
from app.intake.means import forget_means
from app.records.claims import let_go_of_claims, over
from app.records.erasure import ErasureReason, erase_customers
from app.records.files import forget_files, old_files
from app.records.keeping import at_rest, callbacks_before, keepings, rest_before, told_before
from app.store.documents import Documents
from app.store.engines import Database
from app.store.given import rows_by_id, table_of
from app.store.guard import lock_persons
from app.store.rows import Creditor, Customer, Inbound
from campaigns.duties import Records

BATCH: Final = 200
_T = TypeVar("_T")

_CUSTOMER, _INBOUND = table_of(Customer), table_of(Inbound)


class Kept(StrEnum):
    """A class of records, as the log names it."""

    CALLBACKS = "callbacks"  # raw callbacks: addresses and words as providers sent them
    OUTREACH = "outreach"  # who they are, how to reach them, what was written either way
    SPECIAL = "special"  # what was told in confidence
    MEANS = "means"  # what somebody lives on
    PROOFS = "proofs"  # files that show payments
    CLAIMS = "claims"  # of the erased, what proved a claim that is over


def apply_retention(
    database: Database,
    catalogue: Catalogue,
    *,
    documents: Documents | None,
    secret: bytes,
    now: datetime,
    batch: int = BATCH,
) -> Mapping[Kept, int]:
    """Batch after batch, a transaction each. Answers how many of each kind went.

    Who was erased by time alone and owes again comes back first. Without `documents` the files that
    nobody names any more stay where they are.
    """
    with database.read() as session:
        catalogue.refresh(session)
    _take_back_those_who_owe(database, now, batch)
    return {
        Kept.CALLBACKS: _empty_callbacks(database, callbacks_before(catalogue, now), batch),
        Kept.MEANS: _forget_means(database, catalogue, now),
        Kept.PROOFS: _drop_proofs(database, catalogue, documents, now, batch),
        Kept.OUTREACH: _erase_outreach(database, catalogue, documents, secret, now, batch),
        Kept.CLAIMS: let_go_of_past_claims(database, documents, batch=batch),
    }


def let_go_of_past_claims(
    database: Database, documents: Documents | None, *, batch: int = BATCH
) -> int:
    """Of the erased, what only a claim needed that is over by now."""

    def let_go(session: Session, ids: Sequence[int]) -> tuple[str, ...]:
        return let_go_of_claims(session, ids)

    total = 0
    for ids, files in _batches(database, over(), let_go, batch):
        total += len(ids)
        _drop(documents, files)
    return total


def _forget_means(database: Database, catalogue: Catalogue, now: datetime) -> int:
    total = 0
    for creditor_id, before in _told_before(database, catalogue, Records.MEANS, now):
        with database.write() as session:
            total += forget_means(session, creditor_id, before)
    return total


def _drop_proofs(
    database: Database,
    catalogue: Catalogue,
    documents: Documents | None,
    now: datetime,
    batch: int,
) -> int:
    """Without the folder of the documents none is marked as gone."""
    if documents is None:
        return 0

    def let_go(session: Session, ids: Sequence[int]) -> tuple[str, ...]:
        return forget_files(session, ids, now)

    total = 0
    for creditor_id, before in _told_before(database, catalogue, Records.PROOFS, now):
        for ids, files in _batches(database, old_files(creditor_id, before), let_go, batch):
            total += len(ids)
            documents.drop(files)
    return total


def _told_before(
    database: Database, catalogue: Catalogue, records: Records, now: datetime
) -> Iterator[tuple[int, datetime]]:
    """For each creditor with a rule, before when such records go."""
    with database.read() as session:
        creditors = rows_by_id(session, Creditor, catalogue.creditors)
    for creditor_id, creditor in sorted(creditors.items()):
        before = told_before(catalogue.policy(creditor_id).rules, creditor, records, now)
        if before is not None:
            yield creditor_id, before


def _take_back_those_who_owe(database: Database, now: datetime, batch: int) -> None:
    for _ in _batches(
        database, owing_again(), lambda session, ids: take_back(session, ids, now=now), batch
    ):
        continue


def _empty_callbacks(database: Database, before: datetime | None, batch: int) -> int:
    """The rows stay, so that the same callback still lands once."""
    if before is None:
        return 0
    old = select(_INBOUND.c.id).where(_INBOUND.c.handled_at < before, _INBOUND.c.body != "")

    def empty(session: Session, ids: Sequence[int]) -> None:
        emptied = update(_INBOUND).where(_INBOUND.c.id.in_(ids))
        session.connection().execute(emptied.values(body="", headers={}))

    return sum(len(ids) for ids, _ in _batches(database, old, empty, batch))


def _erase_outreach(
    database: Database,
    catalogue: Catalogue,
    documents: Documents | None,
    secret: bytes,
    now: datetime,
    batch: int,
) -> int:
    """Asked again under the guards: somebody may have bought, or been written to, meanwhile."""

    def erase(session: Session, ids: Sequence[int]) -> list[Any]:
        whose = select(_CUSTOMER.c.person_id).where(_CUSTOMER.c.id.in_(ids))
        lock_persons(session, session.connection().execute(whose).scalars().all())
        resting = session.connection().execute(query.where(_CUSTOMER.c.id.in_(ids))).scalars()
        kept = keepings(session, catalogue, list(resting), now)
        gone = [id_ for id_, each in kept.items() if each.goes_at and each.goes_at <= now]
        reason = ErasureReason.RETENTION
        return erase_customers(session, gone, reason=reason, secret=secret, now=now)

    total = 0
    for query in _resting(database, catalogue, now):
        for _, done in _batches(database, query, erase, batch):
            total += len(done)
            _drop(documents, [file for each in done for file in each.files])
    return total


def _resting(database: Database, catalogue: Catalogue, now: datetime) -> Iterator[Select[Any]]:
    """For each creditor, the customers that a rule might let go."""
    with database.read() as session:
        creditors = rows_by_id(session, Creditor, catalogue.creditors)
    for creditor_id, creditor in sorted(creditors.items()):
        before = rest_before(catalogue.policy(creditor_id).rules, creditor, now)
        if before is not None:
            yield at_rest(before).where(_CUSTOMER.c.creditor_id == creditor_id)


def _batches(
    database: Database,
    query: Select[Any],
    act: Callable[[Session, Sequence[int]], _T],
    batch: int,
) -> Iterator[tuple[Sequence[int], _T]]:
    """Looks without a lock, from id to id, and does what it found a batch at a time."""
    id_ = query.selected_columns.id
    last = 0
    while True:
        with database.read() as session:
            page = query.where(id_ > last).order_by(id_).limit(batch)
            ids = session.connection().execute(page).scalars().all()
        if not ids:
            return
        database.ensure_going()
        with database.write() as session:
            done = act(session, ids)
        yield ids, done
        last = ids[-1]


def _drop(documents: Documents | None, files: Sequence[str]) -> None:
    if documents is not None:
        documents.drop(files)
