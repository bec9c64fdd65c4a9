"""Asking for an errand, asking it to stop, and reading how it goes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlmodel import Session

from app.errands.kinds import LANES, ErrandFailed, Kind, State
from app.store.bulk import insert_returning_ids, lock_rows
from app.store.given import table_of
from app.store.rows import Errand
from campaigns.worded import worded

_ERRAND = table_of(Errand)


@dataclass(frozen=True, slots=True)
class Wanted:
    """An errand that is to be done. `parameters` hold no personal data. `file` is what was
    uploaded."""

    kind: Kind
    by: str
    by_id: int | None = None
    creditor_id: int | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    file: str | None = None
    of: int | None = None


def ask(session: Session, wanted: Wanted, now: datetime) -> int:
    """Puts it in its lane and answers its number."""
    row = {
        "kind": str(wanted.kind),
        "lane": str(LANES[wanted.kind]),
        "asked_by": wanted.by,
        "asked_by_id": wanted.by_id,
        "creditor_id": wanted.creditor_id,
        "parameters": dict(wanted.parameters),
        "file": wanted.file,
        "of": wanted.of,
        "created_at": now,
    }
    return insert_returning_ids(session, Errand, [row])[0]


def file_of(session: Session, errand_id: int) -> str:
    """The file of an errand, for another one; it stays while this transaction lasts. Raises
    `ErrandFailed` when it is gone."""
    lock_rows(session, Errand, [errand_id])
    row = find(session, errand_id)
    if row is None or row.file is None or row.files_gone_at is not None:
        raise ErrandFailed(worded("The file is no longer kept; upload it again."))
    return str(row.file)


def find(session: Session, errand_id: int) -> Row[Any] | None:
    query = select(_ERRAND).where(_ERRAND.c.id == errand_id)
    return session.connection().execute(query).one_or_none()


def newest(
    session: Session,
    kinds: Collection[Kind],
    *,
    before: int | None = None,
    limit: int = 50,
) -> Sequence[Row[Any]]:
    """Errands of these kinds, the newest first; `before` is the last number of the page before."""
    query = select(_ERRAND).where(_ERRAND.c.kind.in_(sorted(map(str, kinds))))
    if before is not None:
        query = query.where(_ERRAND.c.id < before)
    return session.connection().execute(query.order_by(_ERRAND.c.id.desc()).limit(limit)).all()


def cancel(session: Session, errand_id: int, by: str, now: datetime) -> bool:
    """Asks it to stop before its next batch; one that nobody has begun is over at once. What is
    done stays done. Answers whether it was still on its way."""
    asked = {"cancel_asked_at": now, "cancel_asked_by": by}
    over = {**asked, "state": str(State.CANCELLED), "ended_at": now}
    live = update(_ERRAND).where(_ERRAND.c.id == errand_id, _ERRAND.c.ended_at.is_(None))
    waiting = live.where(_ERRAND.c.state == str(State.WAITING)).values(**over)
    if session.connection().execute(waiting).rowcount:
        return True
    return session.connection().execute(live.values(**asked)).rowcount > 0
