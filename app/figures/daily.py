"""Keeps the figures of each creditor's days: each day is counted anew while it can still change.

A day is counted from a snapshot, outside the write lock, and written only if nobody has counted it
since. Today is counted each minute (less often where very much is sent), the days before it a few
times a day, and once more when nothing can change them: `OUTCOME_WITHIN` after their end. After
that they stay, also when the rows that they were counted from are let go.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, bindparam, func, select
from sqlmodel import Session

from app.book.days import day_of, end_of, start_of
from app.figures.happenings import count_happenings
from app.figures.keeping import Told, keep
from app.figures.messages import count_messages
from app.figures.names import OUTCOME_WITHIN, Daily
from app.store.bulk import insert_new, update_rows
from app.store.engines import Database
from app.store.given import GIVEN, rows_given, table_of
from app.store.rows import Creditor, DailyFigure, FigureDay

EVERY: Final = timedelta(minutes=1)
ONE_MORE_MINUTE_FOR: Final = 20_000  # messages of the day: counting takes as long as what it counts
LATER_EVERY: Final = timedelta(hours=4)
SETTLED: Final = timedelta(minutes=10)
"""No transaction lasts as long: what was to be written by then is there to be counted."""
MOST: Final = 40  # days a tick: other loops have their turn

_DAY, _CREDITOR, _FIGURE = table_of(FigureDay), table_of(Creditor), table_of(DailyFigure)
_NAMES: Final = ("figure", "currency", "medium", "language", "hour", "about")
Found = Mapping[tuple[Any, ...], Told]


@dataclass(frozen=True, slots=True)
class DayFound:
    """A day that is due, as it was when it was counted, and what it holds."""

    row: Row[Any]
    found: Found


def count_days(database: Database, now: datetime, *, most: int = MOST) -> bool:
    """Counts up to `most` days that are due. Answers whether more are due."""
    with database.read() as session:
        missing = _missing(session, now)
    if missing:
        with database.write() as session:
            insert_new(session, FigureDay, missing, unique="day", within=("creditor_id",))
    with database.read() as session:
        due = session.connection().execute(_DUE, {"now": now, "most": most}).all()
        found = [day for days in _alike(due).values() for day in _count(session, days)]
    for day in found:
        database.ensure_going()
        save_day(database, day, now)
    return len(due) == most


def _missing(session: Session, now: datetime) -> list[dict[str, Any]]:
    """The days of each creditor up to today that are not yet kept."""
    rows = session.connection().execute(_LAST).all()
    return [
        {"creditor_id": row.id, "day": day, "due_at": start_of(day, row.zone)}
        for row in rows
        for day in _days(row.last, day_of(row.created_at, row.zone), day_of(now, row.zone))
    ]


def _days(last: date | None, first: date, today: date) -> list[date]:
    begin = first if last is None else last + timedelta(days=1)
    return [begin + timedelta(days=n) for n in range((today - begin).days + 1)]


def _alike(due: Sequence[Row[Any]]) -> Mapping[tuple[str, date], list[Row[Any]]]:
    """Creditors whose day begins at the same instant are counted together."""
    found = defaultdict(list)
    for row in due:
        found[row.zone, row.day].append(row)
    return found


def _count(session: Session, days: Sequence[Row[Any]]) -> list[DayFound]:
    day, zone = days[0].day, days[0].zone
    counted = recount(session, day, zone)
    return [DayFound(row, counted.get(row.creditor_id, {})) for row in days]


def recount(session: Session, day: date, zone: str) -> Mapping[int, Found]:
    """What the rows tell of a day in a zone, by creditor."""
    start, end = start_of(day, zone), end_of(day, zone)
    numbers, amounts = count_happenings(session, start, end)
    numbers += count_messages(session, start, end, end + OUTCOME_WITHIN)
    found: dict[int, dict[tuple[Any, ...], Told]] = defaultdict(dict)
    for key in sorted(numbers):
        found[key[0]][key[1:]] = (numbers[key], amounts[key])
    return found


def save_day(database: Database, day: DayFound, now: datetime) -> bool:
    """Writes what was found, unless somebody else has counted the day meanwhile: that is answered
    by False."""
    with database.write() as session:
        locked = rows_given(session, _LOCKED, [day.row.id])[0]
        if locked.counted_at != day.row.counted_at:
            return False
        of_day = {"creditor_id": day.row.creditor_id, "day": day.row.day}
        kept = select(_FIGURE).filter_by(**of_day)
        keep(session, DailyFigure, kept, _NAMES, day.found, **of_day)
        moved = {"id": day.row.id, "counted_at": now, "due_at": _next(day, now)}
        update_rows(session, FigureDay, [moved])
    return True


def _next(day: DayFound, now: datetime) -> datetime | None:
    """When the day is counted again; None: never, for nothing of it can change."""
    end = end_of(day.row.day, day.row.zone)
    last = end + OUTCOME_WITHIN + SETTLED
    if now >= last:
        return None
    if now >= end + SETTLED:
        return min(now + LATER_EVERY, last)
    sent = sum(told[0] for key, told in day.found.items() if key[0] == Daily.SENT)
    return now + EVERY * (1 + sent // ONE_MORE_MINUTE_FOR)


_LAST = (
    select(
        _CREDITOR.c.id,
        _CREDITOR.c.zone,
        _CREDITOR.c.created_at,
        func.max(_DAY.c.day).label("last"),
    )
    .join(_DAY, _DAY.c.creditor_id == _CREDITOR.c.id, isouter=True)
    .group_by(_CREDITOR.c.id, _CREDITOR.c.zone, _CREDITOR.c.created_at)
    .order_by(_CREDITOR.c.id)
)
_DUE = (
    select(_DAY, _CREDITOR.c.zone)
    .join(_CREDITOR, _CREDITOR.c.id == _DAY.c.creditor_id)
    .where(_DAY.c.due_at.is_not(None), _DAY.c.due_at <= bindparam("now"))
    .order_by(_DAY.c.day.desc(), _DAY.c.creditor_id)
    .limit(bindparam("most"))
)
_LOCKED = select(_DAY).where(_DAY.c.id.in_(GIVEN)).with_for_update(key_share=True)
