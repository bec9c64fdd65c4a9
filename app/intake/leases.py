"""Who is at a piece of work: taken when it is opened to be done, for a while, and checked again in
the transaction that does it.

A lease that ran out is anybody's. Whoever takes it after another raises its `fence`: what was begun
under an older one is refused, even where nobody holds the lease any more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, select, update
from sqlmodel import Session

from app.store.bulk import insert_new
from app.store.given import GIVEN, rows_given, table_of
from app.store.rows import WorkLease

READING_FOR: Final = timedelta(minutes=15)
CALLING_FOR: Final = timedelta(minutes=45)

_LEASE = table_of(WorkLease)


class TakenByAnother(Exception):
    """Somebody else is at it, or was at it since this was begun: then `until` is None."""

    def __init__(self, by: str | None, until: datetime | None) -> None:
        super().__init__("somebody else is at it" if until else "somebody else was at it since")
        self.by = by
        self.until = until


@dataclass(frozen=True, slots=True)
class Lease:
    """Somebody is at it until then. `fence` goes with all that they do."""

    by: str
    until: datetime
    fence: int


def take(session: Session, key: str, *, by: str, lasts: timedelta, now: datetime) -> Lease:
    """Takes the work, or has it a while longer. Raises `TakenByAnother`."""
    row = _locked(session, key, now)
    if row.taken_by not in (None, by) and row.until > now:
        raise TakenByAnother(row.taken_by, row.until)
    lease = Lease(by, now + lasts, row.fence if row.taken_by == by else row.fence + 1)
    _write(session, row.id, taken_by=by, until=lease.until, fence=lease.fence)
    return lease


def ensure(session: Session, key: str, fence: int, *, by: str, now: datetime) -> None:
    """Whether what is done now may be, in the transaction that does it: nobody else is at it or was
    since it was taken. Raises `TakenByAnother`."""
    row = _locked(session, key, now)
    if row.taken_by not in (None, by) and row.until > now:
        raise TakenByAnother(row.taken_by, row.until)
    if row.fence != fence:
        raise TakenByAnother(row.taken_by, None)


def give_back(session: Session, key: str, *, by: str, now: datetime) -> bool:
    """Lets go of it. Answers whether it was theirs."""
    ours = (_LEASE.c.key == key, _LEASE.c.taken_by == by, _LEASE.c.until > now)
    done = session.connection().execute(update(_LEASE).where(*ours).values(until=now))
    return done.rowcount == 1


def leases(session: Session, keys: Sequence[str], now: datetime) -> Mapping[str, Lease]:
    """Who is at which of these now."""
    found = rows_given(session, _THESE, keys)
    return {
        r.key: Lease(r.taken_by, r.until, r.fence) for r in found if r.taken_by and r.until > now
    }


def _locked(session: Session, key: str, now: datetime) -> Row[Any]:
    """The row, made where there is none, and locked: of two at once one waits for the other."""
    insert_new(session, WorkLease, [{"key": key, "until": now}])
    query = select(_LEASE).where(_LEASE.c.key == key).with_for_update(key_share=True)
    return session.connection().execute(query).one()


def _write(session: Session, lease_id: int, **values: Any) -> None:
    statement = update(_LEASE).where(_LEASE.c.id == lease_id).values(**values)
    session.connection().execute(statement)


_THESE: Final = select(_LEASE).where(_LEASE.c.key.in_(GIVEN))
