"""Which creditors always want a light check before their customers' pages, and of what."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import update
from sqlmodel import Session

from app.store.given import table_of
from app.store.rows import Creditor

_CREDITOR = table_of(Creditor)


def set_page_check(session: Session, external_id: str, proofs: Sequence[str] | None) -> bool:
    """Always one of these `proofs`; None: only where a law wants it. Answers whether there is such
    a creditor."""
    changed = session.connection().execute(
        update(_CREDITOR)
        .where(_CREDITOR.c.external_id == external_id)
        .values(page_check=list(proofs) if proofs is not None else None)
    )
    return changed.rowcount > 0
