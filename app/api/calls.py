"""Calls that change something: each in one transaction, and once, if the caller names it.

A call that carries an `Idempotency-Key` is noted with its answer in the transaction that does its
work. The same call again gets the same answer; another call under that name is refused. A call that
was refused is not noted: nothing came of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Annotated, Any, Final

from fastapi import Depends, Header, Request
from pydantic import BaseModel
from sqlalchemy import Row, Select, delete, select
from sqlmodel import Session
from starlette.responses import Response

from app.api.desk import Desk
from app.api.keys import Caller
from app.api.problems import Problem
from app.delivery.withdrawal import withdraw
from app.store.bulk import insert_new, update_rows
from app.store.given import table_of
from app.store.rows import ApiCall

KEPT_FOR: Final = timedelta(days=7)
"""How long a named call is known. Whoever repeats one later does it again."""

_CALL = table_of(ApiCall)

Work = Callable[[Session, datetime], BaseModel]
"""What a call does, in a transaction, as of an instant. It answers what the caller is told."""


@dataclass(frozen=True, slots=True)
class Named:
    """How a call is known: the name that its caller gave it, and a hash of what it asks."""

    name: str | None
    request: str


async def named(
    request: Request,
    key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            min_length=1,
            max_length=200,
            description="Any word of yours. The same call under it is done once; known for a week.",
        ),
    ] = None,
) -> Named:
    asked = sha256(f"{request.method} {request.url.path}?{request.url.query}\n".encode())
    asked.update(await request.body())
    return Named(key, asked.hexdigest())


NamedCall = Annotated[Named, Depends(named)]


def do(desk: Desk, caller: Caller, call: Named, work: Work, *, status: int = 200) -> Response:
    """Does the work once and answers what came of it. Raises `Problem`."""
    now = desk.clock.now()
    with desk.database.write() as session:
        if call.name is None:
            return _answer(_done(session, work, now), status)
        key = {"api_key_id": caller.key_id, "name": call.name, "request": call.request}
        blank = {**key, "status": status, "body": "", "at": now}
        new = insert_new(session, ApiCall, [blank], unique="name", within=("api_key_id",))
        if call.name not in new:
            return _again(session, caller, call)
        body = _done(session, work, now)
        update_rows(session, ApiCall, [{"id": new[call.name], "body": body}])
        return _answer(body, status)


def _done(session: Session, work: Work, now: datetime) -> str:
    body = work(session, now).model_dump_json()
    withdraw(session, now=now)
    return body


def forgettable(now: datetime) -> Select[Any]:
    """Calls that are known for longer than `KEPT_FOR`."""
    return select(_CALL.c.id).where(_CALL.c.at < now - KEPT_FOR)


def forget_calls(session: Session, now: datetime) -> int:
    """Forgets those. Answers how many."""
    old = delete(_CALL).where(_CALL.c.id.in_(forgettable(now)))
    return session.connection().execute(old).rowcount


def _again(session: Session, caller: Caller, call: Named) -> Response:
    query = select(_CALL).where(_CALL.c.api_key_id == caller.key_id, _CALL.c.name == call.name)
    known: Row[Any] = session.connection().execute(query).one()
    if known.request != call.request:
        raise Problem(
            409,
            "another_call",
            "This Idempotency-Key was used for another call",
            "Give each call a key of its own; repeat a call exactly as it was.",
        )
    return _answer(known.body, known.status, {"idempotent-replayed": "true"})


def _answer(body: str, status: int, headers: dict[str, str] | None = None) -> Response:
    return Response(body, status, headers, "application/json")
