"""The one HTTP client of gateways: bounded in time and in size, blocking to whoever calls it.

Payments are called one at a time from threads, with nothing to gain from an event loop of their
own; but only aiohttp bounds a whole exchange, so that an answer which drips a byte a second ends in
time as well. It follows no redirect, reads no proxy from the environment, and never tries again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from threading import Lock, Thread
from typing import Any, Final, TypeVar

import aiohttp

LARGEST: Final = 1_000_000
"""Bytes of one answer; what is longer is no answer of an API."""

_T = TypeVar("_T")


class LineBroken(Exception):
    """No answer, or half of one. Whether the other side did what it was asked is not known."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


class Line:
    """Makes exchanges over pooled connections, on a thread of its own that starts when needed."""

    def __init__(self, *, connect_seconds: float = 4, total_seconds: float = 15) -> None:
        self._timeout = aiohttp.ClientTimeout(total=total_seconds, connect=connect_seconds)
        self._patience = total_seconds + 5
        self._lock = Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._session: aiohttp.ClientSession | None = None

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        """One exchange. Raises `LineBroken`."""
        try:
            return self._run(self._exchange(method, url, headers, body))
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as broken:
            raise LineBroken(f"no answer: {type(broken).__name__}") from broken

    def close(self) -> None:
        """Gives the connections and the thread back; twice is fine."""
        with self._lock:
            loop, self._loop = self._loop, None
        if loop is None:
            return
        asyncio.run_coroutine_threadsafe(self._end(), loop).result(self._patience)
        loop.call_soon_threadsafe(loop.stop)

    def _run(self, work: Coroutine[Any, Any, _T]) -> _T:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                Thread(target=_turn, args=(self._loop,), name="gateway line", daemon=True).start()
            loop = self._loop
        return asyncio.run_coroutine_threadsafe(work, loop).result(self._patience)

    async def _exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> Answer:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        asked = self._session.request(
            method, url, headers=dict(headers), data=body, allow_redirects=False
        )
        async with asked as answer:
            content = await _limited(answer)
            return Answer(answer.status, dict(answer.headers), content)

    async def _end(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None


async def _limited(answer: aiohttp.ClientResponse) -> bytes:
    content = bytearray()
    async for chunk in answer.content.iter_any():
        content += chunk
        if len(content) > LARGEST:
            raise ValueError(f"the answer has more than {LARGEST} bytes")
    return bytes(content)


def _turn(loop: asyncio.AbstractEventLoop) -> None:
    try:
        loop.run_forever()
    finally:
        loop.close()
