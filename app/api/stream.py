"""Events as they happen, for live readers: server-sent events.

A reader that was cut off sends `Last-Event-ID` and misses nothing. An event with a lower id may be
committed after one with a higher, so what is a little older is looked at again, and told once.
Where nothing happens that concerns the reader, an `id` alone says how far it has heard all.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from time import monotonic
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header
from sqlalchemy import Row, func, select
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from app.api.desk import Desk, needs
from app.api.keys import Caller
from app.api.nouns.outreach import EVENTS
from app.api.problems import PROBLEMS, Problem
from app.api.scopes import Scope
from app.api.shape import LARGEST_ID
from app.store.given import table_of
from app.store.rows import Event

POLL_S: Final = 0.5
KEEP_ALIVE_S: Final = 15.0
SETTLED_S: Final = 60.0
LONGEST_S: Final = 3600.0
"""After an hour the reader has to come again: its key may have ended."""

MOST_OPEN: Final = 10
"""Streams of one key, in this process. Each asks the database twice a second."""

_AT_ONCE: Final = 200
_MOST_KNOWN: Final = 5000
"""Of the last minute. In a greater rush the older of them count as settled."""

_EVENT = table_of(Event)
_TOO_MANY: Final = Problem(
    429,
    "too_many_streams",
    f"This key has {MOST_OPEN} streams open",
    "Read one stream and hand its events on, or close one.",
    headers={"retry-after": "60"},
)


def router(desk: Desk) -> APIRouter:
    routes = APIRouter(tags=["events"])
    open_of: Counter[int] = Counter()

    async def counted(caller: Caller, lines: AsyncIterator[str]) -> AsyncIterator[str]:
        open_of[caller.key_id] += 1
        try:
            async for line in lines:
                yield line
        finally:
            open_of[caller.key_id] -= 1

    @routes.get(
        "/events/stream",
        summary="Events as they happen",
        description="Server-sent events: `id`, `event` (the kind) and `data` (the event). Each ends"
        " after an hour at the latest; come again with `Last-Event-ID`."
        f" A key may have {MOST_OPEN} open.",
        operation_id="stream_events",
        response_class=StreamingResponse,
        responses={**PROBLEMS, 200: {"content": {"text/event-stream": {}}}},
    )
    async def stream(
        caller: Annotated[Caller, needs(Scope.EVENTS_READ)],
        after: Annotated[int | None, Header(alias="Last-Event-ID", ge=0, le=LARGEST_ID)] = None,
    ) -> StreamingResponse:
        if open_of[caller.key_id] >= MOST_OPEN:
            raise _TOO_MANY
        lines = counted(caller, Reading(desk, caller, after).lines())
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamingResponse(lines, headers=headers, media_type="text/event-stream")

    return routes


class Reading:
    """What one reader was told. `low`: all up to there; `told`: those above. All up to `mark` was
    told too, but for what was being committed then."""

    def __init__(
        self,
        desk: Desk,
        caller: Caller,
        after: int | None,
        *,
        settled_s: float = SETTLED_S,
        keep_alive_s: float = KEEP_ALIVE_S,
    ) -> None:
        self._settled_s = settled_s
        self._keep_alive_s = keep_alive_s
        self._desk = desk
        self._caller = caller
        self._low = after
        self._mark: tuple[int, float] | None = None
        self._told: dict[int, float] = {}

    async def lines(self) -> AsyncIterator[str]:
        """The stream, until the reader leaves, its time is over, or this process is to stop."""
        began = spoke = monotonic()
        yield "retry: 2000\n\n"
        while monotonic() - began < LONGEST_S and not self._desk.stopping.is_set():
            rows = await run_in_threadpool(self._fresh)
            for row in rows:
                yield self._line(row)
            if rows or monotonic() - spoke > self._keep_alive_s:
                spoke = monotonic()
                yield ": still here\n\n" if self._told else f": still here\nid: {self._low}\n\n"
            if len(rows) < _AT_ONCE:
                await asyncio.sleep(POLL_S)

    def _fresh(self) -> list[Row[Any]]:
        with self._desk.database.read() as session:
            highest = _highest(session)
            if self._low is None:
                self._low = highest
            query = (
                EVENTS.seen_by(self._caller)
                .where(EVENTS.id > self._low, EVENTS.id.not_in(sorted(self._told)))
                .order_by(EVENTS.id)
                .limit(_AT_ONCE)
            )
            rows = list(session.connection().execute(query))
        self._settle()
        if len(rows) < _AT_ONCE:
            self._move_mark(highest)
        return rows

    def _line(self, row: Row[Any]) -> str:
        self._told[row.id] = monotonic()
        shape = EVENTS.shape.model_validate(row._mapping)
        return f"id: {row.id}\nevent: {row.kind}\ndata: {shape.model_dump_json()}\n\n"

    def _settle(self) -> None:
        """Moves the low mark up over what was told a while ago."""
        old = monotonic() - self._settled_s
        rushed = len(self._told) - _MOST_KNOWN
        settled = [id_ for i, (id_, at) in enumerate(self._told.items()) if at < old or i < rushed]
        if settled:
            self._rise(max(settled))

    def _move_mark(self, highest: int) -> None:
        """Nothing up to `highest` is left to be told, but for what is being committed: that is over
        a while later."""
        if self._mark is not None and self._mark[1] > monotonic() - self._settled_s:
            return
        if self._mark is not None:
            self._rise(self._mark[0])
        self._mark = highest, monotonic()

    def _rise(self, low: int) -> None:
        self._low = max(self._low or 0, low)
        self._told = {id_: at for id_, at in self._told.items() if id_ > self._low}


def _highest(session: Session) -> int:
    return session.connection().execute(select(func.max(_EVENT.c.id))).scalar_one() or 0
