"""The line that an answer leaves in the log."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest
from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from app.web.shield import Shield

LASTS_S = 0.4


@pytest.mark.parametrize(("kind", "is_counted"), [("text/event-stream", False), ("text/csv", True)])
def test_how_long_a_live_stream_is_read_is_not_how_long_its_answer_took(
    kind: str, is_counted: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async def lines() -> AsyncIterator[bytes]:
        yield b"first\n"
        await asyncio.sleep(LASTS_S)
        yield b"last\n"

    async def answering(scope: Scope, receive: Receive, send: Send) -> None:
        await StreamingResponse(lines(), media_type=kind)(scope, receive, send)

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        """Nobody reads it."""

    shield = Shield(answering, policy="", encrypted=False)
    scope = {"type": "http", "method": "GET", "path": "/stream", "headers": []}
    with caplog.at_level(logging.DEBUG, "app.web.shield"):
        asyncio.run(shield(scope, receive, send))

    (line,) = caplog.messages
    took_ms = float(line.split()[-2])
    assert (took_ms >= LASTS_S * 1000) is is_counted
