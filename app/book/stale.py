"""Which books are too old to send on: a stale book is a stop."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlmodel import Session

from app.store.given import table_of
from app.store.rows import Creditor

_CREDITOR = table_of(Creditor)
_DATED: Final = (
    select(_CREDITOR.c.external_id, _CREDITOR.c.ledger_as_of, _CREDITOR.c.ledger_max_age_s)
    .where(_CREDITOR.c.ledger_as_of.is_not(None), _CREDITOR.c.ledger_max_age_s.is_not(None))
    .order_by(_CREDITOR.c.external_id)
)


def stale_books(session: Session, now: datetime) -> list[str]:
    """The external ids of the creditors whose books are. A live feed is never stale."""
    return [
        row.external_id
        for row in session.connection().execute(_DATED)
        if row.ledger_as_of + timedelta(seconds=row.ledger_max_age_s) < now
    ]
