"""Callbacks of providers: the raw body is verified and stored before anything is made of it.

Payments and other stops are interpreted before the 2xx, so an acknowledged payment has stopped the
next reminder already.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from types import MappingProxyType
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

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


def routes(site: Site, sources: Iterable[Source]) -> list[Route]:
    """`/webhooks/{name}` for every source. Where people may write, the words of all languages are
    loaded now: it takes seconds, and the first reply would do it with SQLite's one lock in hand.
    """
    callers = list(sources)
    if any(not isinstance(caller, GatewaySource) for caller in callers):
        lexicon()
    together = Together(site.database)
    return [
        Route(f"/webhooks/{caller.name}", _taking(site, caller, together), methods=["POST"])
        for caller in callers
    ]


def _taking(
    site: Site, source: Source, together: Together
) -> Callable[[Request], Awaitable[Response]]:
    async def take(request: Request) -> Response:
        try:
            with together.room(_declared(request)):
                body = await request.body()
                headers = {**request.headers, TARGET: _target(request)}
                await together.receive(source, body, headers, now=site.clock.now())
        except Forged:
            return PlainTextResponse("The signature does not fit.\n", 403)
        except Busy:
            busy = {"retry-after": LATER}
            return PlainTextResponse("Too many calls at once. Come again.\n", 503, busy)
        # Empty: Twilio would send a plain text on to whoever wrote.
        return Response()

    return take


def _declared(request: Request) -> int | None:
    """How many bytes it says that it has; the shield has seen that it is a number."""
    length = request.headers.get("content-length")
    return int(length) if length is not None else None


def _target(request: Request) -> str:
    """The path and the query, byte for byte as they were called."""
    path = request.scope["raw_path"].decode("latin-1")
    query = request.scope["query_string"].decode("latin-1")
    return f"{path}?{query}" if query else path
