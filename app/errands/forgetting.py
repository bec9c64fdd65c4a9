"""What errands leave behind goes after some days: the files, not the record that it was done."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, select
from sqlmodel import Session

from app.store.bulk import lock_rows, update_rows
from app.store.given import table_of
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
    return len(ids), sorted(named - _needed(session, sorted(named)))


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


def _needed(session: Session, names: list[str]) -> set[str]:
    """Those that an errand still has whose files are not gone."""
    query = select(_ERRAND.c.file).where(
        _ERRAND.c.file.in_(names), _ERRAND.c.files_gone_at.is_(None)
    )
    return set(session.connection().execute(query).scalars())
