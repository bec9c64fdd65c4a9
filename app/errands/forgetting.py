"""What errands leave behind goes after some days: the files, not the record that it was done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, select
from sqlmodel import Session

from app.store.bulk import lock_rows, update_rows
from app.store.given import GIVEN, rows_given, table_of
from app.store.rows import Errand

BATCH: Final = 200
_ERRAND = table_of(Errand)


def forget_files(session: Session, before: datetime, now: datetime) -> tuple[int, list[str]]:
    """Marks the files of errands that ended before as gone, at most `BATCH` errands, and answers
    how many. With them come the references that no other errand needs: drop these when this is
    committed."""
    ids = list(session.connection().execute(_old(before)).scalars())
    lock_rows(session, Errand, ids)
    rows = session.connection().execute(select(_ERRAND).where(_ERRAND.c.id.in_(ids))).all()
    update_rows(session, Errand, [{"id": row.id, "files_gone_at": now} for row in rows])
    named = {name for row in rows for name in (row.file, row.result_file) if name is not None}
    return len(ids), sorted(named - needed(session, sorted(named)))


def _old(before: datetime) -> Select[Any]:
    return (
        select(_ERRAND.c.id)
        .where(
            _ERRAND.c.ended_at.is_not(None),
            _ERRAND.c.files_gone_at.is_(None),
            _ERRAND.c.ended_at < before,
        )
        .order_by(_ERRAND.c.ended_at)
        .limit(BATCH)
    )


def needed(session: Session, names: Sequence[str]) -> set[str]:
    """Those of these references that an errand still has whose files are not gone."""
    found: set[str] = set()
    for column in (_ERRAND.c.file, _ERRAND.c.result_file):
        query = select(column).where(column.in_(GIVEN), _ERRAND.c.files_gone_at.is_(None))
        found.update(row[0] for row in rows_given(session, query, names))
    return found
