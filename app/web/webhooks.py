"""Callbacks of providers: the raw body is verified and stored before anything is made of it.

Payments and other stops are interpreted before the 2xx, so an acknowledged payment has stopped the
next reminder already.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType
from typing import Final

from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from app.clock import Clock
from app.hearing.lexicon import lexicon
from app.intake.errors import Busy, Forged
from app.intake.sources import TARGET, GatewaySource, Source
from app.intake.together import Together
from app.web.site import Site

LARGEST: Final = MappingProxyType(
    {
        "/webhooks/": 2 * 1024 * 1024,  # a batch of events (SendGrid: 768 KB)
        "/webhooks/sendgrid-inbound": 40 * 1024 * 1024,  # a mail of 30 MB, as SendGrid allows it
    }
)
"""What a call may hold, in bytes; whatever is larger is answered 413 and not read to its end."""

LATER: Final = "5"
"""Seconds after which a caller whom we cannot take now may come again. Providers repeat."""

_TAKEN: Final = Response()
"""Empty: Twilio would send a plain text on to whoever wrote. Sent again and again."""
_FORGED: Final = PlainTextResponse("The signature does not fit.\n", 403)
_BUSY: Final = PlainTextResponse(
    "Too many calls at once. Come again.\n", 503, {"retry-after": LATER}
)


def routes(site: Site, sources: Iterable[Source]) -> list[Route]:
    """`/webhooks/{name}` for every source. Where people may write, the words of all languages are
    loaded now: it takes seconds, and the first reply would do it with SQLite's one lock in hand.
    """
    callers = list(sources)
    if any(not isinstance(caller, GatewaySource) for caller in callers):
        lexicon()
    together = Together(site.database)
    return [
        Route(f"/webhooks/{caller.name}", _Taking(caller, together, site.clock), methods=["POST"])
        for caller in callers
    ]


class Doorway:
    """Leads calls to their routes past all layers between: nothing is called as often. What is no
    POST goes the usual way, and is refused there."""

    def __init__(self, app: ASGIApp, *, routes: Iterable[Route]) -> None:
        self._app = app
        self._routes = {route.path: route for route in routes}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = self._routes.get(scope.get("path", ""))
        if route is None or scope.get("method") != "POST":
            await self._app(scope, receive, send)
            return
        scope["route"] = route  # the log names it
        await route.app(scope, receive, send)


class _Taking:
    """One source's route, as plain as ASGI has it."""

    def __init__(self, source: Source, together: Together, clock: Clock) -> None:
        self._source = source
        self._together = together
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (await self._answer(scope, receive))(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Response:
        # Of a header that comes twice the first counts, as it does for the shield.
        said = reversed(scope["headers"])
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in said}
        # How many bytes it says that it has; the shield has seen that it is a number.
        length = headers.get("content-length")
        headers[TARGET] = _target(scope)
        try:
            with self._together.room(int(length) if length is not None else None):
                body = await _body(receive)
                await self._together.receive(self._source, body, headers, now=self._clock.now())
        except Forged:
            return _FORGED
        except Busy:
            return _BUSY
        return _TAKEN


async def _body(receive: Receive) -> bytes:
    parts, is_more = [], True
    while is_more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(message.get("body", b""))
        is_more = message.get("more_body", False)
    return b"".join(parts)


def _target(scope: Scope) -> str:
    """The path and the query, byte for byte as they were called."""
    path: str = scope["raw_path"].decode("latin-1")
    query = scope["query_string"].decode("latin-1")
    return f"{path}?{query}" if query else path
