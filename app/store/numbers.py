"""How many of the row numbers are used. On PostgreSQL they are 32 bits wide, and end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import text
from sqlmodel import Session

HALF: Final = 0.5
_SEQUENCES: Final = text(
    "SELECT c.relname AS name, coalesce(s.last_value, 0) / s.max_value::float AS share"
    " FROM pg_sequences s"
    " JOIN pg_class q ON q.relname = s.sequencename AND q.relnamespace = s.schemaname::regnamespace"
    " JOIN pg_depend d ON d.objid = q.oid AND d.deptype IN ('a', 'i')"
    " JOIN pg_class c ON c.oid = d.refobjid"
    " WHERE s.schemaname = current_schema()"
)


def numbers_used(session: Session) -> Mapping[str, float]:
    """Of each table the share of its row numbers that are used, from 0 to 1. On SQLite none: its
    numbers are 64 bits wide."""
    if session.get_bind().dialect.name == "sqlite":
        return {}
    return {row.name: row.share for row in session.connection().execute(_SEQUENCES)}
