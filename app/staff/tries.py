"""How often signing in was tried and failed, by name and by address; each failure waits longer.

Kept in the database, so that more processes give nobody more tries, and a restart none. A try
counts before it is known to be wrong: many at once do not get past it. Neither name nor address is
kept, only their keyed hashes. Whoever tries another's name over and over makes them wait as well;
that is why a name waits for minutes at most, and is never locked.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, delete, select, update
from sqlmodel import Session

from app.store.bulk import insert_new
from app.store.given import table_of
from app.store.rows import SignInTry

FORGOTTEN: Final = timedelta(days=1)
_CLEARED: Final = 100  # rows at once
_TRY = table_of(SignInTry)


@dataclass(frozen=True, slots=True)
class Limit:
    """`free` failures wait for nothing; then 2, 4, 8 … seconds, up to `longest`."""

    free: int
    longest: timedelta

    def wait(self, failures: int) -> timedelta:
        over = failures - self.free
        if over <= 0:
            return timedelta()
        return min(self.longest, timedelta(seconds=2 ** min(over, 20)))


OF_A_NAME: Final = Limit(free=4, longest=timedelta(minutes=5))
"""Then 288 tries a day, of a password that is not among the common ones."""
OF_AN_ADDRESS: Final = Limit(free=20, longest=timedelta(minutes=15))
"""An office may share one."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What tries are counted by."""

    key: str
    limit: Limit


def counted_by(secret: bytes, kind: str, value: str, limit: Limit) -> Counted:
    named = f"duly/tries/{kind}/{value}".encode()
    return Counted(hmac.digest(secret, named, "sha256").hex(), limit)


def take_try(session: Session, counted: Iterable[Counted], now: datetime) -> datetime | None:
    """Counts a try by each, as if it failed. Answers until when there is none, and then counts
    nothing."""
    ordered = sorted(counted, key=lambda each: each.key)
    rows = [_locked(session, each, now) for each in ordered]
    blocked: datetime = max(row.until for row in rows)
    if blocked > now:
        return blocked
    for each, row in zip(ordered, rows, strict=True):
        failures = 1 if row.at < now - FORGOTTEN else row.failures + 1
        until = now + each.limit.wait(failures)
        counting = update(_TRY).where(_TRY.c.id == row.id)
        session.connection().execute(counting.values(failures=failures, until=until, at=now))
    return None


def forgive(session: Session, counted: Counted, now: datetime) -> None:
    """A try by this was right: nothing is held against it any more."""
    forgiven = update(_TRY).where(_TRY.c.key == counted.key).values(failures=0, until=now)
    session.connection().execute(forgiven)


def take_back(session: Session, counted: Counted, now: datetime) -> None:
    """The last try by this was right; those before it still count."""
    was_one = update(_TRY).where(_TRY.c.key == counted.key, _TRY.c.failures > 0)
    session.connection().execute(was_one.values(failures=_TRY.c.failures - 1, until=now))


def clear_old(session: Session, now: datetime) -> None:
    """Deletes some of what is forgotten anyway, and waits for nobody who is at it."""
    old = (
        select(_TRY.c.id)
        .where(_TRY.c.at < now - FORGOTTEN)
        .limit(_CLEARED)
        .with_for_update(key_share=True, skip_locked=True)
    )
    ids = session.connection().execute(old).scalars().all()
    session.connection().execute(delete(_TRY).where(_TRY.c.id.in_(ids)))


def _locked(session: Session, counted: Counted, now: datetime) -> Row[Any]:
    insert_new(session, SignInTry, [{"key": counted.key, "until": now, "at": now}])
    asked = select(_TRY).where(_TRY.c.key == counted.key).with_for_update(key_share=True)
    found = session.connection().execute(asked).first()
    return found or _locked(session, counted, now)  # cleared away in between
