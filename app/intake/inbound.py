"""The stored calls: kept as they came, locked while they are read, handled or left to a person."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, select, update
from sqlmodel import Session

from app.intake.tasks import Team, give_task
from app.store.bulk import GIVEN, insert_new, rows_given, table_of
from app.store.rows import Inbound
from campaigns.keys import derive

PATIENCE: Final = timedelta(hours=24)
"""How long a call may wait for what it refers to, before a person has to look."""

LOOK_WITHIN: Final = timedelta(days=1)

_INBOUND = table_of(Inbound)
_ENCODING: Final = ":body"  # no header can have this name
_BY_KEY: Final = select(_INBOUND.c.key, _INBOUND.c.id).where(_INBOUND.c.key.in_(GIVEN))
_UNSTORED: Final = frozenset({"cookie", "authorization"})


@dataclass(frozen=True, slots=True)
class Taken:
    """A genuine call that is on record. `is_new` is false for a repeat."""

    inbound_id: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class RawCall:
    """A verified call as it came."""

    source: str
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    at: datetime


def store_raw(
    session: Session, source: str, body: bytes, headers: Mapping[str, str], *, now: datetime
) -> Taken:
    """Keeps a verified call as it came, once: it is known by its body. Cookies and credentials are
    not kept."""
    return store_all(session, [RawCall(source, body, headers, now)])[0]


def store_all(session: Session, calls: Sequence[RawCall]) -> list[Taken]:
    """The same for several, in their order; of two alike the first is new."""
    rows = [_row(call) for call in calls]
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


def lock_open(session: Session, inbound_ids: Sequence[int]) -> list[Row[Any]]:
    """Those calls that nobody has handled yet, locked in the order of their ids."""
    query = (
        select(_INBOUND)
        .where(_INBOUND.c.id.in_(list(inbound_ids)), _INBOUND.c.handled_at.is_(None))
        .order_by(_INBOUND.c.id)
        .with_for_update(key_share=True)
    )
    return list(session.connection().execute(query))


def mark_handled(session: Session, inbound_ids: Sequence[int], now: datetime) -> None:
    session.connection().execute(
        update(_INBOUND)
        .where(_INBOUND.c.id.in_(list(inbound_ids)))
        .values(handled_at=now, problem=None)
    )


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


def body_of(inbound: Row[Any]) -> bytes:
    """The body, byte for byte: signatures are checked on it again."""
    text: str = inbound.body
    encoding: str = inbound.headers[_ENCODING]
    return base64.b64decode(text) if encoding == "base64" else text.encode(encoding)


def headers_of(inbound: Row[Any]) -> Mapping[str, str]:
    return {name: value for name, value in inbound.headers.items() if name != _ENCODING}


def _row(call: RawCall) -> dict[str, Any]:
    text, encoding = _as_text(call.body)
    kept = {name.lower(): value for name, value in call.headers.items()}
    return {
        "key": derive("inbound", call.source, text),
        "source": call.source,
        "received_at": call.at,
        "body": text,
        "headers": {n: v for n, v in kept.items() if n not in _UNSTORED} | {_ENCODING: encoding},
    }


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
