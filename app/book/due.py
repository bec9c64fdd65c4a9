"""Which cases are to be looked at: those whose time has come, and those behind a publication."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlmodel import Session

from app.store.bulk import table_of
from app.store.columns import word
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


_BEHIND = (
    select(_CASE.c.id)
    .where(
        _CASE.c.id > bindparam("after"),
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
) -> list[int]:
    """The cases behind `after` that sleep, and whose last look knew none of these versions of a
    journey. By id, so that all pages together read the table once."""
    given = {"now": now, "after": after, "versions": sorted(versions), "most": limit}
    query = _BEHIND_LOCKED if lock else _BEHIND
    return list(session.connection().execute(query, given).scalars())
