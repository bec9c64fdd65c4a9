"""The stored calls: kept as they came, locked while they are read, handled or left to a person."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, select, update
from sqlmodel import Session

from app.intake.tasks import Team, give_task
from app.store.bulk import insert_new, table_of
from app.store.rows import Inbound
from campaigns.keys import derive

PATIENCE: Final = timedelta(hours=24)
"""How long a call may wait for what it refers to, before a person has to look."""

LOOK_WITHIN: Final = timedelta(days=1)

_INBOUND = table_of(Inbound)
_ENCODING: Final = ":body"  # no header can have this name
_UNSTORED: Final = frozenset({"cookie", "authorization"})


@dataclass(frozen=True, slots=True)
class Taken:
    """A genuine call that is on record. `is_new` is false for a repeat."""

    inbound_id: int
    is_new: bool


def store_raw(
    session: Session, source: str, body: bytes, headers: Mapping[str, str], *, now: datetime
) -> Taken:
    """Keeps a verified call as it came, once: it is known by its body. Cookies and credentials are
    not kept."""
    text, encoding = _as_text(body)
    kept = {name.lower(): value for name, value in headers.items()}
    key = derive("inbound", source, text)
    row = {
        "key": key,
        "source": source,
        "received_at": now,
        "body": text,
        "headers": {n: v for n, v in kept.items() if n not in _UNSTORED} | {_ENCODING: encoding},
    }
    new = insert_new(session, Inbound, [row])
    if key in new:
        return Taken(new[key], is_new=True)
    query = select(_INBOUND.c.id).where(_INBOUND.c.key == key)
    return Taken(session.connection().execute(query).scalar_one(), is_new=False)


def lock_open(session: Session, inbound_ids: Sequence[int]) -> list[Row[Any]]:
    """Those calls that nobody has handled yet, locked in the order of their ids."""
    query = (
        select(_INBOUND)
        .where(_INBOUND.c.id.in_(list(inbound_ids)), _INBOUND.c.handled_at.is_(None))
        .order_by(_INBOUND.c.id)
        .with_for_update()
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


def _as_text(body: bytes) -> tuple[str, str]:
    """A form that any database keeps exactly, in which an address can be found if that can be: who
    is erased must go from here, too. PostgreSQL's text cannot hold a NUL."""
    if b"\0" in body:
        return base64.b64encode(body).decode(), "base64"
    try:
        return body.decode(), "utf-8"
    except UnicodeDecodeError:
        return body.decode("latin-1"), "latin-1"
