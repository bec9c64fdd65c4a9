"""The one event loop that all calls to providers are made on, in a thread of its own.

Connections live on the loop that they were opened on, and the loops of Duly tick in threads that
come and go. Whoever calls waits for the answer.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from concurrent.futures import CancelledError, Future
from datetime import timedelta
from threading import Thread
from types import TracebackType
from typing import Any, Final, Protocol, Self, TypeVar

from app.store.engines import Ending

T = TypeVar("T")

LAST_CALLS: Final = timedelta(seconds=6)
"""So long calls may go on once this process is told to stop; `dispatch` ends its own before."""


class Run(Protocol):
    """Runs a coroutine to its end and answers its result: `asyncio.run` for channels without
    connections, `Calls.run` for all others."""

    def __call__(self, work: Coroutine[Any, Any, T], /) -> T: ...


class Calls:
    """Runs coroutines of any thread on one loop. Close it last: channels are closed on it."""

    def __init__(self) -> None:
        self._loop = new_loop()
        self._out: set[Future[Any]] = set()
        self._thread = Thread(target=self._loop.run_forever, name="calls", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T], /) -> T:
        """Raises `Ending` for one that was ended."""
        out = asyncio.run_coroutine_threadsafe(work, self._loop)
        self._out.add(out)
        try:
            return out.result()
        except CancelledError:
            raise Ending from None
        finally:
            self._out.discard(out)

    def end(self, within: timedelta = LAST_CALLS) -> None:
        """Cuts off what is still out then: whoever waits for it is not kept any longer."""
        self._loop.call_soon_threadsafe(
            self._loop.call_later, within.total_seconds(), self._cut_off
        )

    def _cut_off(self) -> None:
        for out in tuple(self._out):
            out.cancel()

    def close(self) -> None:
        if self._loop.is_closed():
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def new_loop() -> asyncio.AbstractEventLoop:
    """The fastest loop that there is on this platform."""
    if sys.platform == "win32" or sys.implementation.name != "cpython":
        return asyncio.new_event_loop()
    from uvloop import new_event_loop  # noqa: PLC0415  # it is not there on other platforms

    return new_event_loop()
