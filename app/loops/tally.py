"""Counts what happened, by kind, for whoever watches: each event once, some seconds later.

Workers that counted as they go would wait for each other at the same few rows. So this goes over
the events by their ids, behind those that are being written. An event with a lower id may be
committed after one with a higher: what takes longer than `SETTLED` is missed. These are figures to
watch by and no bookkeeping.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, bindparam, func, literal, select, update
from sqlmodel import Session

from app.api.webhooks.endpoints import highest_event
from app.store.bulk import insert_new, update_rows
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import Event, EventTally, TallyMark

EVERY: Final = timedelta(seconds=10)
SETTLED: Final = timedelta(seconds=20)
MOST: Final = 20_000  # events a transaction
_NAME: Final = "events"

_EVENT, _TALLY, _MARK = table_of(Event), table_of(EventTally), table_of(TallyMark)
_ABOUT: Final = func.coalesce(
    _EVENT.c.payload["medium"].as_string(), _EVENT.c.payload["source"].as_string(), literal("")
)
_COUNTED: Final = (
    select(_EVENT.c.kind, _ABOUT.label("about"), func.count().label("times"))
    .where(_EVENT.c.id > bindparam("low"), _EVENT.c.id <= bindparam("high"))
    .group_by(_EVENT.c.kind, _ABOUT)
)
_ADDED: Final = (
    update(_TALLY)
    .where(_TALLY.c.kind == bindparam("of_kind"), _TALLY.c.about == bindparam("of_about"))
    .values(times=_TALLY.c.times + bindparam("more"))
)
_MARKED: Final = select(_MARK).where(_MARK.c.name == _NAME)
_LOCKED: Final = _MARKED.with_for_update(skip_locked=True, key_share=True)


def tally(database: Database, now: datetime) -> bool:
    """Counts the next events. Answers whether more can be counted now.

    The first time it only marks where to begin: what happened before is not counted.
    """
    with database.read() as session:
        known = session.connection().execute(_MARKED).first()
    if known is not None and known.marked_at + SETTLED > now:
        return False
    with database.write() as session:
        mark = session.connection().execute(_LOCKED).first()
        if mark is not None and mark.marked_at + SETTLED <= now:
            return _go_on(session, mark, now)
        if known is None:
            _begin(session, now)
    return False


def _begin(session: Session, now: datetime) -> None:
    newest = highest_event(session)
    mark = {"name": _NAME, "low_id": newest, "high_id": newest, "marked_at": now}
    insert_new(session, TallyMark, [mark], unique="name")


def _go_on(session: Session, mark: Row[Any], now: datetime) -> bool:
    high: int = mark.high_id
    until: int = min(high, mark.low_id + MOST)
    _count(session, mark.low_id, until)
    moved: dict[str, Any] = {"id": mark.id, "low_id": until}
    if until == high:
        moved |= {"high_id": highest_event(session), "marked_at": now}
    update_rows(session, TallyMark, [moved])
    return until < high


def _count(session: Session, low: int, high: int) -> None:
    found = session.connection().execute(_COUNTED, {"low": low, "high": high}).all()
    if not found:
        return
    for kind in {row.kind for row in found}:
        new = [{"kind": kind, "about": row.about} for row in found if row.kind == kind]
        insert_new(session, EventTally, new, unique="about", within=("kind",))
    more = [{"of_kind": row.kind, "of_about": row.about, "more": row.times} for row in found]
    session.connection().execute(_ADDED, more)
