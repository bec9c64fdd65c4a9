"""Which cases are to be looked at: those whose time has come, and those behind a publication."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, func, select
from sqlmodel import Session

from app.store.columns import word
from app.store.given import table_of
from app.store.publishing import PROBE, Probe
from app.store.rows import Case

_CASE = table_of(Case)

_DUE = (
    select(_CASE.c.id)
    .where(_CASE.c.phase != word("closed"), _CASE.c.look_at <= bindparam("now"))
    .order_by(_CASE.c.look_at, _CASE.c.id)
    .limit(bindparam("most"))
)
_DUE_LOCKED = _DUE.with_for_update(skip_locked=True, key_share=True)


def due_ids(session: Session, now: datetime, limit: int, *, lock: bool) -> list[int]:
    """The cases to look at now, longest overdue first. `lock` claims them, skipping the locked."""
    query = _DUE_LOCKED if lock else _DUE
    return list(session.connection().execute(query, {"now": now, "most": limit}).scalars())


def stirring(session: Session, now: datetime) -> tuple[bool, Probe]:
    """Whether the time of any case has come, and what tells of a publication: in one statement, for
    a beat at which there is mostly nothing to do."""
    is_due, *published = session.connection().execute(_STIRRING, {"now": now}).one()
    return bool(is_due), (published[0], published[1])


# The first in the index, and not whether one exists: PostgreSQL, which plans this for any instant,
# takes a third of the book for due then, and reads all of it where nobody is.
_FIRST = (
    select(_CASE.c.look_at)
    .where(_CASE.c.phase != word("closed"), _CASE.c.look_at.is_not(None))
    .order_by(_CASE.c.look_at, _CASE.c.id)
    .limit(1)
    .scalar_subquery()
)
_STIRRING = select(
    bindparam("now", type_=_CASE.c.look_at.type) >= _FIRST,
    *(select(column).scalar_subquery() for column in PROBE),
)

AT_A_TIME: Final = 10_000
"""Cases that are searched at once for those behind: some twenty milliseconds, in a book of any
size."""

_BEHIND = (
    select(_CASE.c.id)
    .where(
        _CASE.c.id > bindparam("after"),
        _CASE.c.id <= bindparam("until"),
        _CASE.c.phase == word("ready"),
        _CASE.c.look_at > bindparam("now"),
        _CASE.c.journey_hash.not_in(bindparam("versions", expanding=True)),
    )
    .order_by(_CASE.c.id)
    .limit(bindparam("most"))
)
_BEHIND_LOCKED = _BEHIND.with_for_update(skip_locked=True, key_share=True)


def ids_behind(
    session: Session,
    versions: Iterable[str],
    now: datetime,
    *,
    after: int,
    limit: int,
    lock: bool,
    at_a_time: int = AT_A_TIME,
) -> tuple[list[int], int | None]:
    """The cases behind `after` that sleep, and whose last look knew none of these versions of a
    journey; and behind which to go on, None at the end. By id, a part of the table at a time, so
    that all pages together read it once."""
    until = after + at_a_time
    given = {"now": now, "after": after, "until": until, "most": limit}
    query, connection = _BEHIND_LOCKED if lock else _BEHIND, session.connection()
    found = list(connection.execute(query, {**given, "versions": sorted(versions)}).scalars())
    if len(found) == limit:
        return found, found[-1]
    last = connection.execute(_LAST).scalar_one() or 0
    return found, until if until < last else None


_LAST = select(func.max(_CASE.c.id))
