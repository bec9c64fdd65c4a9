"""The stored calls: kept as they came, locked while they are read, handled or left to a person."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, bindparam, select, update
from sqlmodel import Session

from app.intake.tasks import Team, give_task
from app.store.bulk import insert_new
from app.store.given import GIVEN, change_given, rows_given, table_of
from app.store.rows import Inbound
from campaigns.keys import derive

PATIENCE: Final = timedelta(hours=24)
"""How long a call may wait for what it refers to, before a person has to look."""

LOOK_WITHIN: Final = timedelta(days=1)

_INBOUND = table_of(Inbound)
_ENCODING: Final = ":body"  # no header can have this name
_BY_KEY: Final = select(_INBOUND.c.key, _INBOUND.c.id).where(_INBOUND.c.key.in_(GIVEN))
_OPEN: Final = (
    select(_INBOUND.c.id)
    .where(_INBOUND.c.id.in_(GIVEN), _INBOUND.c.handled_at.is_(None))
    .order_by(_INBOUND.c.id)
    .with_for_update(key_share=True)
)
_STORED: Final = select(_INBOUND).where(_INBOUND.c.id.in_(GIVEN))
_HANDLED: Final = (
    update(_INBOUND)
    .where(_INBOUND.c.id.in_(GIVEN))
    .values(handled_at=bindparam("now"), problem=None)
)
_UNSTORED: Final = frozenset({"cookie", "authorization"})


@dataclass(frozen=True, slots=True)
class Taken:
    """A genuine call that is on record. `is_new` is false for a repeat."""

    inbound_id: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class Stored:
    """A call as it came, the body byte for byte: signatures are checked on it again."""

    source: str
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    at: datetime


def store_raw(
    session: Session, source: str, body: bytes, headers: Mapping[str, str], *, now: datetime
) -> Taken:
    """Keeps a verified call as it came, once: it is known by its body. Cookies and credentials are
    not kept."""
    return store_all(session, [row_of(source, body, headers, now)])[0]


def store_all(session: Session, rows: Sequence[Mapping[str, Any]]) -> list[Taken]:
    """The same for several of `row_of`, in their order; of two alike the first is new."""
    # Ordered, so that two processes that are told the same do not wait for each other.
    new = insert_new(session, Inbound, sorted(rows, key=lambda row: str(row["key"])))
    known = {row["key"] for row in rows} - new.keys()
    ids = {row.key: row.id for row in rows_given(session, _BY_KEY, sorted(known))} | new
    unseen = set(new)
    taken = []
    for row in rows:
        taken.append(Taken(ids[row["key"]], is_new=row["key"] in unseen))
        unseen.discard(row["key"])
    return taken


def row_of(
    source: str, body: bytes, headers: Mapping[str, str], now: datetime
) -> Mapping[str, Any]:
    """A call as a row. It takes a while, so make it before the transaction begins."""
    text, encoding = _as_text(body)
    kept = {name.lower(): value for name, value in headers.items()}
    return {
        "key": derive("inbound", source, text),
        "source": source,
        "received_at": now,
        "body": text,
        "headers": {n: v for n, v in kept.items() if n not in _UNSTORED} | {_ENCODING: encoding},
    }


def lock_open(session: Session, inbound_ids: Sequence[int]) -> list[int]:
    """Those calls that nobody has handled yet, locked in the order of their ids."""
    return [row.id for row in rows_given(session, _OPEN, inbound_ids)]


def mark_handled(session: Session, inbound_ids: Sequence[int], now: datetime) -> None:
    change_given(session, _HANDLED, inbound_ids, now=now)


def wait_or_give_up(session: Session, inbound_id: int, problem: str, now: datetime) -> None:
    """Leaves the call to later ticks until `PATIENCE` is over; then it is a person's."""
    query = select(_INBOUND.c.received_at).where(_INBOUND.c.id == inbound_id)
    if session.connection().execute(query).scalar_one() + PATIENCE <= now:
        note_problem(session, inbound_id, problem, now)


def note_problem(session: Session, inbound_id: int, problem: str, now: datetime) -> None:
    """Takes the call out of the ticks and gives operations a task. It stays unhandled."""
    session.connection().execute(
        update(_INBOUND).where(_INBOUND.c.id == inbound_id).values(problem=problem)
    )
    give_task(
        session,
        key=f"inbound:{inbound_id}",
        team=Team.OPERATIONS,
        kind="callback_problem",
        title="A callback could not be taken in",
        now=now,
        due_in=LOOK_WITHIN,
        detail={"inbound_id": inbound_id, "problem": problem},
    )


def retry(session: Session, inbound_ids: Sequence[int]) -> int:
    """Has the tick try calls again whose cause was removed. Answers how many.

    Patience is counted from the receipt: what is still premature is a problem again at once.
    """
    done = session.connection().execute(
        update(_INBOUND)
        .where(_INBOUND.c.id.in_(list(inbound_ids)), _INBOUND.c.handled_at.is_(None))
        .values(problem=None)
    )
    return done.rowcount


def stored(session: Session, inbound_ids: Sequence[int]) -> dict[int, Stored]:
    """These calls as they came, by their ids."""
    return {row.id: _as_it_came(row) for row in rows_given(session, _STORED, inbound_ids)}


def _as_it_came(row: Row[Any]) -> Stored:
    headers = dict(row.headers)
    encoding: str = headers.pop(_ENCODING)
    is_bytes = encoding == "base64"
    body = base64.b64decode(row.body) if is_bytes else row.body.encode(encoding)
    return Stored(row.source, body, headers, row.received_at)


def _as_text(body: bytes) -> tuple[str, str]:
    """A form that any database keeps exactly, in which an address can be found if that can be: who
    is erased must go from here, too. PostgreSQL's text cannot hold a NUL."""
    if b"\0" in body:
        return base64.b64encode(body).decode(), "base64"
    try:
        return body.decode(), "utf-8"
    except UnicodeDecodeError:
        return body.decode("latin-1"), "latin-1"


def mark_special(session: Session, inbound_id: int, *, is_noted: bool) -> None:
    """The call holds special data; `is_noted` says that a note has its words."""
    special = "noted" if is_noted else "unnoted"
    session.connection().execute(
        update(_INBOUND).where(_INBOUND.c.id == inbound_id).values(special=special)
    )
