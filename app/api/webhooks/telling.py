"""The loop that tells endpoints: one signed call an event, at least once, again with back-off.

Signed by Standard Webhooks; `webhook-id` is the event's, the same for every try. An endpoint that
answers 410 wants no more. One that fails for `GIVE_UP_AFTER` is paused with a task; nothing is
lost: what waited goes out when it is set active again.

Each endpoint is told by a thread of its own, so one that is slow delays nobody else, and one that
fails is tried with a single call until that goes well: it backs off alone, and as a whole.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, Select, select
from sqlmodel import Session

from app.api.nouns.outreach import EventShape
from app.api.webhooks.calling import LIMITS, Heard, call_endpoint
from app.api.webhooks.endpoints import (
    fresh_events,
    highest_event,
    hold_back,
    log_new_events,
    replay_some,
    rests_until,
)
from app.api.webhooks.targets import PublicResolver
from app.delivery.calls import Run
from app.intake.tasks import Team, give_task
from app.store.bulk import lock_rows, update_rows
from app.store.columns import word
from app.store.engines import Database, Ending
from app.store.given import rows_by_id, table_of
from app.store.rows import Endpoint, EndpointCall, Event
from channels.transport import Transport

BACK_OFF: Final = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800, 43200)
)
GIVE_UP_AFTER: Final = timedelta(days=3)
SETTLED: Final = timedelta(minutes=10)
"""No transaction of ours takes so long: what is above a mark of this age was committed or never."""

BATCH: Final = 50  # calls of one endpoint at once
AT_ONCE: Final = 16  # endpoints
PATIENCE: Final = timedelta(seconds=1)
"""So long a tick waits for endpoints; who takes longer is heard at a later one."""

_LEASE: Final = timedelta(seconds=60)
_GONE: Final = 410
_LOOK_WITHIN: Final = timedelta(days=1)

_ENDPOINT, _CALL = table_of(Endpoint), table_of(EndpointCall)


@dataclass(frozen=True, slots=True)
class _Due:
    """One call that is to be made."""

    call_id: int
    tries: int
    event: Row[Any]


@dataclass(frozen=True, slots=True)
class _Told:
    """What came of a call."""

    due: _Due
    heard: Heard


class Telling:
    """Tells all endpoints. `local` lets addresses of this machine pass: for development."""

    def __init__(
        self,
        database: Database,
        *,
        secret: bytes,
        run: Run,
        local: bool = False,
        patience: timedelta = PATIENCE,
    ) -> None:
        self._database = database
        self._secret = secret
        self._run = run
        self._local = local
        self._patience = patience.total_seconds()
        self._transport = Transport(LIMITS, resolver=PublicResolver(local=local))
        self._threads = ThreadPoolExecutor(AT_ONCE, "tell")
        self._telling: dict[int, Future[bool]] = {}  # by endpoint

    def close(self) -> None:
        """Calls that are out end at once, and are made again later."""
        self._run(self._transport.close())
        self._threads.shutdown(cancel_futures=True)

    def tick(self, now: datetime) -> bool:
        """Tells what is due. Answers whether more may be."""
        for endpoint in self._busy(now):
            self._telling[endpoint.id] = self._threads.submit(self._tell, endpoint, now)
        wait(self._telling.values(), self._patience)
        over = [self._telling.pop(id_) for id_, each in [*self._telling.items()] if each.done()]
        more = [each.result() for each in over]
        return any(more)

    def _busy(self, now: datetime) -> list[Row[Any]]:
        """The endpoints that have work and are not told at the moment."""
        query = select(_ENDPOINT).where(_ENDPOINT.c.state == "active").order_by(_ENDPOINT.c.id)
        with self._database.read() as session:
            endpoints = session.connection().execute(query).all()
            free = [each for each in endpoints if each.id not in self._telling]
            return [each for each in free if _has_work(session, each, now)]

    def _tell(self, endpoint: Row[Any], now: datetime) -> bool:
        with self._database.write() as session:
            lock_rows(session, Endpoint, [endpoint.id])
            replayed = replay_some(session, endpoint, now)
            due_at = rests_until(session, endpoint, now)
            if not log_new_events(session, endpoint, BATCH, due_at):
                _move_mark(session, endpoint, now)
            due = _claim(session, endpoint, now)
        if not due:
            return replayed
        try:
            told = self._run(self._call_all(endpoint, due, now))
        except Ending:
            self._give_back(due, now)
            raise
        with self._database.write() as session:
            _note(session, endpoint, told, now)
        is_full = len(due) == BATCH or endpoint.failing_since is not None
        return replayed or (is_full and all(each.heard.is_well for each in told))

    def _give_back(self, due: Sequence[_Due], now: datetime) -> None:
        with self._database.write() as session:
            update_rows(session, EndpointCall, [{"id": d.call_id, "due_at": now} for d in due])

    async def _call_all(
        self, endpoint: Row[Any], due: Sequence[_Due], now: datetime
    ) -> list[_Told]:
        return list(await asyncio.gather(*(self._call(endpoint, each, now) for each in due)))

    async def _call(self, endpoint: Row[Any], due: _Due, now: datetime) -> _Told:
        heard = await call_endpoint(
            self._transport,
            endpoint,
            body_of(due.event),
            message_id=f"evt_{due.event.id}",
            secret=self._secret,
            now=now,
            local=self._local,
        )
        return _Told(due, heard)


def body_of(event: Row[Any]) -> bytes:
    """What an endpoint gets: the event as the API tells it, under its type and time."""
    shape = EventShape.model_validate(event._mapping).model_dump(mode="json")
    told = {"type": shape["kind"], "timestamp": shape["at"], "data": shape}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def _has_work(session: Session, endpoint: Row[Any], now: datetime) -> bool:
    """A cheap look that locks nothing."""
    if endpoint.replay_after_id is not None:
        return True
    if endpoint.marked_at <= now - SETTLED and endpoint.low_id < highest_event(session):
        return True
    due = _waiting(endpoint, now).limit(1)
    looked = (due, fresh_events(endpoint).limit(1))
    return any(session.connection().execute(query).first() for query in looked)


def _waiting(endpoint: Row[Any], now: datetime) -> Select[Any]:
    return select(_CALL.c.id, _CALL.c.tries, _CALL.c.event_id).where(
        _CALL.c.endpoint_id == endpoint.id, _CALL.c.state == word("waiting"), _CALL.c.due_at <= now
    )


def _claim(session: Session, endpoint: Row[Any], now: datetime) -> list[_Due]:
    """The calls that are due, taken for a while. The endpoint is locked: each has one taker."""
    most = BATCH if endpoint.failing_since is None else 1
    query = _waiting(endpoint, now).order_by(_CALL.c.due_at, _CALL.c.event_id).limit(most)
    rows = session.connection().execute(query).all()
    update_rows(session, EndpointCall, [{"id": row.id, "due_at": now + _LEASE} for row in rows])
    events = rows_by_id(session, Event, [row.event_id for row in rows])
    return [_Due(row.id, row.tries, events[row.event_id]) for row in rows]


def _note(session: Session, endpoint: Row[Any], told: Sequence[_Told], now: datetime) -> None:
    update_rows(session, EndpointCall, [_outcome(each, now) for each in told])
    if any(each.heard.status == _GONE for each in told):
        update_rows(session, Endpoint, [{"id": endpoint.id, "state": "ended"}])
        _ask(session, endpoint, "It answers 410: it wants no more events", now)
    elif any(each.heard.is_well for each in told):
        update_rows(session, Endpoint, [{"id": endpoint.id, "failing_since": None}])
    elif endpoint.failing_since is None:
        update_rows(session, Endpoint, [{"id": endpoint.id, "failing_since": now}])
    else:
        _back_off(session, endpoint, told, now)


def _back_off(session: Session, endpoint: Row[Any], told: Sequence[_Told], now: datetime) -> None:
    """All that waits, waits with the one that was tried; after days nothing is tried any more."""
    hold_back(session, endpoint.id, max(_outcome(each, now)["due_at"] for each in told))
    if endpoint.failing_since + GIVE_UP_AFTER <= now:
        update_rows(session, Endpoint, [{"id": endpoint.id, "state": "paused"}])
        _ask(session, endpoint, "It has failed for three days and is paused", now)


def _outcome(told: _Told, now: datetime) -> dict[str, Any]:
    tries = told.due.tries + 1
    row = {
        "id": told.due.call_id,
        "tries": tries,
        "status": told.heard.status,
        "problem": told.heard.problem,
        "took_ms": told.heard.took_ms,
    }
    if told.heard.is_well:
        return {**row, "state": "told", "told_at": now, "due_at": now}
    wait = BACK_OFF[min(tries, len(BACK_OFF)) - 1]
    return {**row, "state": "waiting", "told_at": None, "due_at": now + wait}


def _move_mark(session: Session, endpoint: Row[Any], now: datetime) -> None:
    """The old high mark is safe once every transaction that it could have met is over."""
    if endpoint.marked_at <= now - SETTLED:
        mark = {"low_id": endpoint.high_id, "high_id": highest_event(session), "marked_at": now}
        update_rows(session, Endpoint, [{"id": endpoint.id, **mark}])


def _ask(session: Session, endpoint: Row[Any], why: str, now: datetime) -> None:
    give_task(
        session,
        key=f"endpoint:{endpoint.id}:{now.date()}",
        team=Team.OPERATIONS,
        kind="endpoint_problem",
        title=f"An endpoint of events does not answer well. {why}",
        now=now,
        due_in=_LOOK_WITHIN,
        detail={"endpoint_id": endpoint.id},
    )
