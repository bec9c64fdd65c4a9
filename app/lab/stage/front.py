"""One server for all of it: the stage, her customer pages, and the pages of the thousand.

The thousand's pages listen on a port of their own, because a page's addresses begin at its root.
Her pages may stand in a frame of the stage, which no page in production may; and when a form of
hers was taken, the loops take it up at once, as they would within a second in production.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.web.elsewhere import is_from_elsewhere

_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


class Front:
    """Sends each request to whose it is. `heard` is called after a form of her pages."""

    def __init__(
        self, stage: ASGIApp, hers: ASGIApp, heard: Callable[[], None], others: dict[int, ASGIApp]
    ) -> None:
        self._stage, self._hers, self._heard = stage, hers, heard
        self.others = others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._stage(scope, receive, send)
            return
        if (problem := _foreign(scope)) is not None:
            await PlainTextResponse(problem, 403)(scope, receive, send)
            return
        other = self.others.get((scope.get("server") or ("", 0))[1])
        if other is not None:
            await other(scope, receive, send)
        elif scope["path"] == "/" or scope["path"].startswith(("/stage", "/thousand")):
            await self._stage(scope, receive, send)
        else:
            heard = self._heard if scope["method"] == "POST" else None
            await self._hers(scope, receive, _framed(send, heard))


def _foreign(scope: Scope) -> str | None:
    """Why a request is not for us: another host's name, or a form that another site sent."""
    headers = Headers(scope=scope)
    host = headers.get("host", "")
    if urlsplit(f"//{host}").hostname not in _LOOPBACK:
        return "The stage is shown under 127.0.0.1 and localhost alone."
    if scope["method"] in ("GET", "HEAD") or not is_from_elsewhere(headers, f"http://{host}"):
        return None
    return "This form came from another site."


def _framed(send: Send, heard: Callable[[], None] | None) -> Send:
    """Lets a page of hers stand in our frame. `heard` is called before the answer leaves, so that
    whoever looks at the timeline next sees what came of the form."""

    async def dressed(message: Message) -> None:
        if message["type"] == "http.response.start":
            if heard is not None:
                await run_in_threadpool(heard)
            headers = MutableHeaders(scope=message)
            headers["x-frame-options"] = "SAMEORIGIN"
            policy = headers.get("content-security-policy", "")
            headers["content-security-policy"] = policy.replace(
                "frame-ancestors 'none'", "frame-ancestors 'self'"
            )
        await send(message)

    return dressed
