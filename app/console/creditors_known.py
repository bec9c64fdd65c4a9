"""The creditors that a form lets one choose from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select
from sqlmodel import Session

from app.store.given import table_of
from app.store.rows import Creditor

_CREDITOR = table_of(Creditor)


def creditors(session: Session) -> Sequence[tuple[int, str]]:
    query = select(_CREDITOR.c.id, _CREDITOR.c.name, _CREDITOR.c.external_id)
    rows = session.connection().execute(query.order_by(_CREDITOR.c.external_id))
    return [(row.id, f"{row.name} ({row.external_id})") for row in rows]


def creditor_row(session: Session, creditor_id: int | None) -> Row[Any] | None:
    query = select(_CREDITOR).where(_CREDITOR.c.id == creditor_id)
    return session.connection().execute(query).one_or_none()


def number_in(text: str) -> int | None:
    """The id that was typed or chosen; None for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
