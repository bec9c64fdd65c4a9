"""Takes calls in as `inbox.receive` does; those that come at the same time share one commit.

A call is answered only when the transaction that holds it is committed. While one is written the
next gather, so a busy hour costs a commit for many and a quiet one a commit each. Nothing is waited
for to gather more. One event loop at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from starlette.concurrency import run_in_threadpool

from app.intake.errors import Forged
from app.intake.inbound import RawCall, Taken, store_all
from app.intake.inbox import handle, is_calm_call, receive
from app.intake.sources import Source
from app.store.engines import Database

MOST: Final = 200
"""Calls in one transaction: how long the first of them may wait for the last."""
LARGEST: Final = 256 * 1024
"""Bytes of a body that shares a transaction; a larger one has its own, and holds up nobody."""

_Stored = tuple[Taken, bool]


@dataclass(slots=True)
class _Call:
    source: Source
    raw: RawCall
    stored: asyncio.Future[_Stored] = field(repr=False)


class Together:
    """The intake of one server over one database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[_Call] = []
        self._is_writing = False
        self._task: asyncio.Task[None] | None = None

    async def receive(
        self, source: Source, body: bytes, headers: Mapping[str, str], *, now: datetime
    ) -> Taken:
        """Keeps the promises of `inbox.receive`, and raises what it raises."""
        if len(body) > LARGEST:
            return await run_in_threadpool(receive, self._database, source, body, headers, now=now)
        loop = asyncio.get_running_loop()
        call = _Call(source, RawCall(source.name, body, headers, now), loop.create_future())
        self._waiting.append(call)
        if not self._is_writing:
            self._is_writing = True
            self._task = loop.create_task(self._write())
        taken, is_calm = await call.stored
        if not is_calm:
            await run_in_threadpool(handle, self._database, source, taken.inbound_id, now=now)
        return taken

    async def _write(self) -> None:
        """Writes until nobody waits. What ends it before is told to all who wait: nobody else
        would answer them."""
        batch: list[_Call] = []
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                outcomes = await run_in_threadpool(_store, self._database, batch)
                for call, outcome in zip(batch, outcomes, strict=True):
                    _tell(call, outcome)
        except BaseException as problem:
            for call in (*batch, *self._waiting):
                _tell(call, problem)
            self._waiting = []
            raise
        finally:
            self._is_writing = False


def _tell(call: _Call, outcome: _Stored | BaseException) -> None:
    if call.stored.done():  # its caller has gone away
        return
    if isinstance(outcome, BaseException):
        call.stored.set_exception(outcome)
    else:
        call.stored.set_result(outcome)


def _store(database: Database, batch: Sequence[_Call]) -> list[_Stored | Exception]:
    """Verifies each and stores the genuine ones together; if that fails, each alone."""
    calm = [_verified(database, call) for call in batch]
    genuine = [n for n, found in enumerate(calm) if not isinstance(found, Exception)]
    raws = [batch[n].raw for n in genuine]
    try:
        stored: Sequence[Taken | Exception] = _all(database, raws)
    except Exception:  # noqa: BLE001 - one that cannot be stored must not take the others along
        stored = [_alone(database, raw) for raw in raws]
    kept = dict(zip(genuine, stored, strict=True))
    return [_outcome(found, kept.get(n)) for n, found in enumerate(calm)]


def _outcome(found: bool | Exception, kept: Taken | Exception | None) -> _Stored | Exception:
    if isinstance(found, Exception):
        return found
    assert kept is not None
    return kept if isinstance(kept, Exception) else (kept, found)


def _verified(database: Database, call: _Call) -> bool | Exception:
    raw = call.raw
    try:
        return is_calm_call(database, call.source, raw.body, raw.headers, now=raw.at)
    except Forged as forged:
        return forged
    except Exception as problem:  # noqa: BLE001 - told to its own caller, and to no other
        return problem


def _all(database: Database, raws: Sequence[RawCall]) -> list[Taken]:
    with database.write() as session:
        return store_all(session, raws)


def _alone(database: Database, raw: RawCall) -> Taken | Exception:
    try:
        return _all(database, [raw])[0]
    except Exception as problem:  # noqa: BLE001 - told to its own caller, and to no other
        return problem
