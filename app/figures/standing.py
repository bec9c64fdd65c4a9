"""Keeps the figures of how things stand: each family counted anew when it is due, at one instant.

As in `daily`, what is counted is read from a snapshot and written only if nobody has counted it
since. What takes longer to count is counted less often.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Row, select
from sqlmodel import Session

from app.figures.keeping import keep
from app.figures.names import Family, Standing
from app.figures.open_cases import count_cases
from app.figures.open_items import Found, count_open_items
from app.figures.whole_book import count_book
from app.store.bulk import insert_new, update_rows
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import FigureMark, StandingFigure

EVERY: Final = timedelta(minutes=1)
CASES_A_MINUTE: Final = 100_000
INVOICES_A_MINUTE: Final = 5_000

_MARK, _FIGURE = table_of(FigureMark), table_of(StandingFigure)
_NAMES: Final = ("creditor_id", "figure", "currency", "medium", "about", "cohort", "age")

_COUNTS: Final[Mapping[Family, Callable[[Session, datetime], Found]]] = MappingProxyType(
    {
        Family.OPEN_ITEMS: count_open_items,
        Family.CASES: count_cases,
        Family.BOOK: count_book,
    }
)


def count_standing(database: Database, now: datetime) -> int:
    """Counts the families that are due and answers how many were written."""
    written = 0
    for family, count in _COUNTS.items():
        with database.read() as session:
            mark = _mark(session, family)
            if mark is not None and mark.due_at > now:
                continue
            found = count(session, now)
        database.ensure_going()
        written += save_family(database, family, mark, found, now)
    return written


def save_family(
    database: Database, family: Family, mark: Row[Any] | None, found: Found, now: datetime
) -> bool:
    """Writes what was found, unless the family was counted since `mark`: then answers False."""
    with database.write() as session:
        first = {"family": family, "due_at": now}
        insert_new(session, FigureMark, [first], unique="family")
        query = select(_MARK).where(_MARK.c.family == family).with_for_update(key_share=True)
        locked = session.connection().execute(query).one()
        if locked.counted_at != (mark.counted_at if mark else None):
            return False
        kept = select(_FIGURE).where(_FIGURE.c.family == family)
        keep(session, StandingFigure, kept, _NAMES, found, family=family)
        due_at = now + _pace(family, found)
        update_rows(session, FigureMark, [{"id": locked.id, "counted_at": now, "due_at": due_at}])
    return True


def _mark(session: Session, family: Family) -> Row[Any] | None:
    return session.connection().execute(select(_MARK).where(_MARK.c.family == family)).first()


def _pace(family: Family, found: Found) -> timedelta:
    match family:
        case Family.OPEN_ITEMS:
            return EVERY
        case Family.CASES:
            return EVERY * (2 + _total(found, Standing.CASES) // CASES_A_MINUTE)
        case Family.BOOK:
            return EVERY * (10 + _total(found, Standing.BILLED) // INVOICES_A_MINUTE)


def _total(found: Found, figure: Standing) -> int:
    return sum(number for key, (number, _) in found.items() if key[1] == figure)
