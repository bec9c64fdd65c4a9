"""A provider on this machine, in a thread and an event loop of its own; a context manager."""

from __future__ import annotations

import asyncio
import threading
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import Self

Close = Callable[[], Awaitable[None]]


class LocalServer(ABC):
    """`port` is the one it listens on, on 127.0.0.1, while it is entered."""

    def __init__(self) -> None:
        self.port = 0
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name=type(self).__name__, daemon=True)

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()

    @abstractmethod
    async def _listen(self) -> tuple[int, Close]:
        """Starts to listen; answers the port and what ends it."""

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        self._stopping = asyncio.Event()
        self.port, close = await self._listen()
        self._ready.set()
        await self._stopping.wait()
        await close()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
