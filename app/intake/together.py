"""Takes calls in as `inbox.receive` does; those that come at the same time share one commit.

A call is answered only when the transaction that holds it is committed. While one is written the
next gather, so a busy hour costs a commit for many and a quiet one a commit each. Nothing is waited
for to gather more. One event loop at a time.

Where there is one writer (SQLite), money and stops are interpreted in the commit that stores them,
as many as a slice of its lock bears; the others are the first of the next. Elsewhere each has a
transaction of its own, beside the others.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from time import perf_counter
from typing import Any, Final, TypeAlias

from sqlalchemy.exc import OperationalError
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool

from app.delivery.withdrawal import withdraw
from app.intake.errors import Busy
from app.intake.inbound import Taken, row_of, store_all
from app.intake.inbox import Verified, handle, handle_within, receive, verify
from app.intake.sources import Source
from app.store.engines import SETTLE_EVERY, Database

MOST: Final = 100
"""Calls in one transaction: how long the first of them may wait for the last."""
LARGEST: Final = 256 * 1024
"""Bytes of a body that shares a transaction; a larger one has its own, and holds up nobody."""
SLICE: Final = 0.008
"""Seconds from the lock on, after which a transaction interprets no further call: others want it,
too."""
MOST_AT_ONCE: Final = 3000
MOST_LARGE_AT_ONCE: Final = 6
"""Calls that are read or wait, and those of them that are large; whoever comes then is told to come
again. So a flood costs no more memory than that."""

_MOST: Final = {"small": MOST_AT_ONCE, "large": MOST_LARGE_AT_ONCE}


@dataclass(slots=True, eq=False)
class _Call:
    """`verified` and `row` are there once it was found genuine, `taken` once it is on record."""

    source: Source
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    at: datetime
    answer: asyncio.Future[Taken] = field(repr=False)
    verified: Verified = field(default=Verified(()), repr=False)
    row: Mapping[str, Any] = field(default_factory=dict, repr=False)
    taken: Taken | None = None
    is_handled: bool = False


_Outcome: TypeAlias = Taken | BaseException


class Together:
    """The intake of one server over one database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._inside = {"small": 0, "large": 0}
        self._waiting: deque[_Call] = deque()
        self._at_work: list[_Call] = []
        self._is_writing = False
        self._task: asyncio.Task[None] | None = None
        self._settle_at = 0.0
        self._settling: asyncio.Task[None] | None = None

    @contextmanager
    def room(self, size: int | None) -> Iterator[None]:
        """A place for a call of so many bytes (None: nobody knows), from before it is read until it
        is answered. Raises `Busy` where there is none."""
        kind = "small" if size is not None and size <= LARGEST else "large"
        if self._inside[kind] >= _MOST[kind]:
            raise Busy(f"too many {kind} calls at once")
        self._inside[kind] += 1
        try:
            yield
        finally:
            self._inside[kind] -= 1

    async def receive(
        self, source: Source, body: bytes, headers: Mapping[str, str], *, now: datetime
    ) -> Taken:
        """Keeps the promises of `inbox.receive`, and raises what it raises."""
        if len(body) > LARGEST:
            return await run_in_threadpool(receive, self._database, source, body, headers, now=now)
        loop = asyncio.get_running_loop()
        call = _Call(source, body, headers, now, loop.create_future())
        self._waiting.append(call)
        if not self._is_writing:
            self._is_writing = True
            self._task = loop.create_task(self._write())
        taken = await call.answer
        if not call.is_handled:
            await run_in_threadpool(
                handle, self._database, source, taken.inbound_id, call.verified, now=now
            )
        return taken

    async def _write(self) -> None:
        """Writes until nobody waits. What ends it before is told to all who wait: nobody else
        would answer them."""
        try:
            while self._waiting or self._at_work:
                self._take_up(MOST - len(self._at_work))
                outcomes = await run_in_threadpool(_write, self._database, self._at_work)
                for call, outcome in outcomes.items():
                    _tell(call, outcome)
                self._at_work = [call for call in self._at_work if call not in outcomes]
                self._settle_now_and_then()
        except BaseException as problem:
            for call in (*self._at_work, *self._waiting):
                _tell(call, problem)
            self._waiting.clear()
            self._at_work.clear()
            raise
        finally:
            self._is_writing = False

    def _settle_now_and_then(self) -> None:
        """Beside the writing, so that no call waits for it."""
        now = perf_counter()
        if now < self._settle_at or (self._settling is not None and not self._settling.done()):
            return
        self._settle_at = now + SETTLE_EVERY
        loop = asyncio.get_running_loop()
        self._settling = loop.create_task(run_in_threadpool(self._database.settle_log))

    def _take_up(self, most: int) -> None:
        new = list(islice(self._waiting, max(0, most)))
        for _ in new:
            self._waiting.popleft()
        self._at_work += new


def _tell(call: _Call, outcome: _Outcome) -> None:
    if call.answer.done():  # its caller has gone away
        return
    if isinstance(outcome, BaseException):
        call.answer.set_exception(outcome)
    else:
        call.answer.set_result(outcome)


def _write(database: Database, calls: Sequence[_Call]) -> Mapping[_Call, _Outcome]:
    """Verifies each that is new and stores the genuine ones together; if that fails, each alone.
    What has no outcome yet is on record, and is to be handled the next time."""
    refused = {
        call: problem
        for call in calls
        if call.taken is None and (problem := _refusal(database, call)) is not None
    }
    genuine = [call for call in calls if call not in refused]
    return {**refused, **_write_genuine(database, genuine)}


def _write_genuine(database: Database, calls: Sequence[_Call]) -> Mapping[_Call, _Outcome]:
    try:
        return _write_together(database, calls)
    except OperationalError as trouble:  # it would befall each of them
        return dict.fromkeys(calls, trouble)
    except Exception:  # noqa: BLE001 - one that cannot be stored must not take the others along
        return {call: _alone(database, call) for call in calls}


def _refusal(database: Database, call: _Call) -> Exception | None:
    try:
        call.verified = verify(database, call.source, call.body, call.headers, now=call.at)
        call.row = row_of(call.source.name, call.body, call.headers, call.at)
    except Exception as problem:  # noqa: BLE001 - told to its own caller, and to no other
        return problem
    return None


def _write_together(database: Database, calls: Sequence[_Call]) -> dict[_Call, Taken]:
    new = [call for call in calls if call.taken is None]
    urgent = [call for call in calls if not call.verified.is_calm]
    with database.write() as session:
        until = perf_counter() + SLICE
        stored = dict(zip(new, store_all(session, [call.row for call in new]), strict=True))
        taken = {call: call.taken or stored[call] for call in calls}
        left = urgent if database.skips_locked else _handle_some(session, urgent, taken, until)
    _note(taken, handled=set(calls).difference(left))
    waiting = set() if database.skips_locked else set(left)
    return {call: each for call, each in taken.items() if call not in waiting}


def _handle_some(
    session: Session, urgent: Sequence[_Call], taken: Mapping[_Call, Taken], until: float
) -> Sequence[_Call]:
    """Interprets one call at least, and others until then. Answers what is left."""
    done = 0
    for call in urgent:
        handle_within(session, call.source, taken[call].inbound_id, call.verified, now=call.at)
        done += 1
        if perf_counter() > until:
            break
    if done:
        withdraw(session, now=max(call.at for call in urgent[:done]))
    return urgent[done:]


def _note(taken: Mapping[_Call, Taken], *, handled: Iterable[_Call]) -> None:
    """After the commit, and not before: what was rolled back is not on record."""
    for call, each in taken.items():
        call.taken = each
    for call in handled:
        call.is_handled = True


def _alone(database: Database, call: _Call) -> _Outcome:
    try:
        taken = receive(database, call.source, call.body, call.headers, now=call.at)
    except Exception as problem:  # noqa: BLE001 - told to its own caller, and to no other
        return problem
    call.is_handled = True
    return taken
