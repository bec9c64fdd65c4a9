"""What is told of illness, a death, means or danger: written once, read by name, kept briefly.

It stands in no timeline, no title of a task, no page of evidence. Whoever reads it is on record.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, or_, select, update
from sqlmodel import Session

from app.intake.alarms import note_was_opened
from app.store.bulk import insert_returning_ids
from app.store.given import dicts, table_of
from app.store.journal import Happened, record
from app.store.rows import Inbound, SpecialNote

SPECIAL_DATA: Final = "special"
"""Stands for an intent that is nobody's business but of those who may read the note."""

RAW_FOR: Final = timedelta(days=1)
"""How long the call that brought it is kept, once its words stand on a note: whoever reads calls
need not read these."""

SPECIAL_FOR: Final = timedelta(days=90)
"""How long it is kept where the settings say nothing else."""

_INBOUND, _NOTE = table_of(Inbound), table_of(SpecialNote)


class NoSuchNote(LookupError):
    """Nothing special is on record under this number, or it is past its time."""


@dataclass(frozen=True, slots=True)
class Special:
    """One note. The repr shows nothing of it."""

    customer_id: int
    noted_at: datetime
    kind: str = field(repr=False)
    words: str | None = field(repr=False)


def note_special(
    session: Session, *, customer_id: int, kind: str, words: str | None, now: datetime
) -> int:
    """Keeps it, and answers the note's number, which says nothing."""
    row = {"customer_id": customer_id, "kind": kind, "words": words, "noted_at": now}
    return insert_returning_ids(session, SpecialNote, [row])[0]


def read_special(session: Session, note_id: int, *, read_by: str, now: datetime) -> Special:
    """What the note says, to somebody who gives their name: the reading is a fact of its own. An
    alarm that calls for it calls nobody any more.

    Raises `NoSuchNote`, and `ValueError` for no name.
    """
    reader = reader_named(read_by)
    query = select(_NOTE).where(_NOTE.c.id == note_id, _NOTE.c.kind.is_not(None))
    row = session.connection().execute(query).one_or_none()
    if row is None:
        raise NoSuchNote(f"there is no note {note_id}, or it is past its time")
    _was_read(session, row.customer_id, [note_id], reader, now)
    note_was_opened(session, note_id, by=reader, now=now)
    return Special(row.customer_id, row.noted_at, row.kind, row.words)


def reader_named(read_by: str) -> str:
    """Who reads what was told in confidence. Raises `ValueError` for no name."""
    reader = read_by.strip()
    if not reader:
        raise ValueError("say who reads this: it is kept beside it")
    return reader


def notes_of(
    session: Session, customer_id: int, *, read_by: str, now: datetime
) -> list[dict[str, Any]]:
    """All notes of a customer, as rows; that they were read is a fact."""
    query = select(_NOTE).where(_NOTE.c.customer_id == customer_id, _NOTE.c.kind.is_not(None))
    rows = dicts(session.connection().execute(query.order_by(_NOTE.c.id)))
    if rows:
        _was_read(session, customer_id, [row["id"] for row in rows], read_by, now)
    return rows


def forget_special(session: Session, before: datetime, *, limit: int = 500) -> int:
    """Empties the notes from before then, at most `limit` of them. Answers how many."""
    old = (
        select(_NOTE.c.id)
        .where(_NOTE.c.noted_at < before, _NOTE.c.kind.is_not(None))
        .order_by(_NOTE.c.id)
        .limit(limit)
    )
    emptied = update(_NOTE).where(_NOTE.c.id.in_(old)).values(kind=None, words=None)
    return session.connection().execute(emptied).rowcount


def forget_special_calls(
    session: Session, now: datetime, *, unnoted_before: datetime, limit: int = 500
) -> int:
    """Empties the calls that brought special data, at most `limit` of them: those of customers
    soon, those of strangers, of which nothing else has the words, with the notes. Their rows stay,
    so that the same call lands once. Answers how many."""
    noted_before = now - RAW_FOR
    is_over = or_(
        and_(_INBOUND.c.special == "noted", _INBOUND.c.received_at < noted_before),
        _INBOUND.c.received_at < unnoted_before,
    )
    old = (
        select(_INBOUND.c.id)
        .where(
            _INBOUND.c.special.is_not(None),
            _INBOUND.c.received_at < max(noted_before, unnoted_before),  # the range of the index
            _INBOUND.c.handled_at.is_not(None),
            is_over,
        )
        .order_by(_INBOUND.c.received_at)
        .limit(limit)
    )
    emptied = update(_INBOUND).where(_INBOUND.c.id.in_(old))
    emptied = emptied.values(body="", headers={}, special=None)
    return session.connection().execute(emptied).rowcount


def _was_read(
    session: Session, customer_id: int, note_ids: Sequence[int], read_by: str, now: datetime
) -> None:
    seen = Happened(
        "special_note_read",
        at=now,
        customer_id=customer_id,
        payload={"note_ids": list(note_ids), "read_by": read_by},
    )
    record(session, [seen], now=now)
