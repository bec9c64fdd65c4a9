"""Open connections to one relay, kept between mails: a TLS handshake and a login cost more.

Connections belong to the event loop that opened them. When that loop ends, they are closed with
it; another loop opens its own.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from channels.smtp_line import Line, Relay, open_line


@dataclass(slots=True)
class _Here:
    """What one event loop has."""

    turns: asyncio.Semaphore
    idle: list[Line] = field(default_factory=list)
    keeper: asyncio.Task[None] | None = None


class Lines:
    """At most `most` connections an event loop, each for `mails_each` mails."""

    def __init__(self, relay: Relay, *, most: int, mails_each: int) -> None:
        self._relay = relay
        self._most = most
        self._mails_each = mails_each
        self._by_loop: dict[asyncio.AbstractEventLoop, _Here] = {}

    @asynccontextmanager
    async def line(self, *, fresh: bool = False) -> AsyncIterator[Line]:
        """A line of one's own for a while; kept afterwards if it is still good for another mail.

        Raises what `open_line` raises.
        """
        here = self._here()
        async with here.turns:
            line = (None if fresh else self._idle(here)) or await open_line(self._relay)
            try:
                yield line
            finally:
                if line.is_open and line.carried < self._mails_each:
                    here.idle.append(line)
                else:
                    line.abort()

    async def close(self) -> None:
        """Parts from the relay on this loop; on other loops it happens when they end."""
        here = self._by_loop.pop(asyncio.get_running_loop(), None)
        if here is None:
            return
        await asyncio.gather(*(line.part() for line in here.idle))
        here.idle.clear()
        if here.keeper is not None:
            here.keeper.cancel()

    def _idle(self, here: _Here) -> Line | None:
        while here.idle:
            line = here.idle.pop()
            if line.is_open:
                return line
            line.abort()
        return None

    def _here(self) -> _Here:
        loop = asyncio.get_running_loop()
        here = self._by_loop.get(loop)
        if here is None:
            here = self._by_loop[loop] = _Here(asyncio.Semaphore(self._most))
            here.keeper = loop.create_task(self._keep(loop, here))
        return here

    async def _keep(self, loop: asyncio.AbstractEventLoop, here: _Here) -> None:
        """Sleeps until the loop ends, which cancels it; then nothing may stay open."""
        try:
            await asyncio.Event().wait()
        finally:
            self._by_loop.pop(loop, None)
            for line in here.idle:
                line.abort()
