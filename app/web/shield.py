"""What stands around every route: security headers, a body limit, a quiet log, a neutral failure.

Pure ASGI, outermost, so that no answer leaves without the headers, not even a failure. The log
names the route's pattern and never its path, since a path holds a customer's token. Who wants a
line for every call asks the proxy, or sets the level to `debug`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping
from time import perf_counter
from types import MappingProxyType
from typing import TypeAlias

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger(__name__)

_Header: TypeAlias = tuple[bytes, bytes]

SLOW_MS = 1000
"""An answer that took longer is told at `info`, like one that failed; the rest at `debug`."""
LARGEST_BODY = 256 * 1024
"""Of a form; `larger` says more for some paths."""
_DECLARED = re.compile(r"[0-9]{1,12}")
_STREAM: _Header = (b"content-type", b"text/event-stream; charset=utf-8")
_SLOW_CHANGING = ("/static/", "/brand/")
_ALWAYS = {
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "x-robots-tag": "noindex, nofollow, noarchive",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
}


def page_policy(form_targets: Iterable[str] = ()) -> str:
    """The content policy of our pages: our own style sheet and forms, no script at all.

    `form_targets` are the origins that a form may lead to after a redirect: the gateway's.
    """
    targets = " ".join(("'self'", *form_targets))
    return (
        "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; base-uri 'none';"
        f" form-action {targets}; frame-ancestors 'none'"
    )


# A mail brings inline styles. It may show itself in our own frame, and do nothing else.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'self';"
    " sandbox allow-popups allow-popups-to-escape-sandbox"
)


class TooLarge(Exception):
    """The body goes on past the limit."""


class Shield:
    """Wraps the app. `encrypted` says that customers come by https alone. `larger` are paths, or
    the beginnings of some that end with a slash, whose bodies may have so many bytes; the longest
    that fits counts. A `*` in a path stands for one part of it."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        policy: str,
        encrypted: bool,
        larger: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self._app = app
        self._larger = sorted(larger.items(), key=lambda item: -len(item[0]))
        named = {**_ALWAYS, "content-security-policy": policy}
        if encrypted:
            named["strict-transport-security"] = "max-age=63072000; includeSubDomains"
        self._headers = [(n.encode("latin-1"), v.encode("latin-1")) for n, v in named.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = perf_counter()
        status = 0
        ended: float | None = None

        async def dressed(message: Message) -> None:
            nonlocal status, ended
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = self._dressed(scope["path"], message.get("headers", ()))
                if _STREAM in message["headers"]:
                    ended = perf_counter()  # what follows lasts as long as its reader likes
            await send(message)

        try:
            await self._answer(scope, receive, dressed)
        except TooLarge:
            await PlainTextResponse("Too large", 413)(scope, receive, dressed)
        except Exception:
            log.exception("%s %s failed", scope["method"], _pattern(scope))
            if status:
                raise  # half an answer is out: only breaking the connection is honest
            await PlainTextResponse("Sorry, something broke. Try again.", 500)(
                scope, receive, dressed
            )
        finally:
            _tell(scope, status, ((ended or perf_counter()) - started) * 1000)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        largest = self._largest(scope["path"])
        declared = Headers(scope=scope).get("content-length", "0")
        if not _DECLARED.fullmatch(declared) or int(declared) > largest:
            raise TooLarge
        taken = 0

        async def limited() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > largest:
                raise TooLarge
            return message

        await self._app(scope, limited, send)

    def _largest(self, path: str) -> int:
        for known, largest in self._larger:
            if _fits(path, known):
                return largest
        return LARGEST_BODY

    def _dressed(self, path: str, given: Iterable[_Header]) -> list[_Header]:
        """The headers of an answer with ours, of which its own win; but only files are cached."""
        is_file = path.startswith(_SLOW_CHANGING)
        headers = [(n, v) for n, v in given if is_file or n.lower() != b"cache-control"]
        has = {name.lower() for name, _ in headers}
        headers += [header for header in self._headers if header[0] not in has]
        if b"cache-control" not in has:
            headers.append((b"cache-control", b"public, max-age=3600" if is_file else b"no-store"))
        return headers


def _fits(path: str, known: str) -> bool:
    if known.endswith("/"):
        return path.startswith(known)
    parts, wanted = path.split("/"), known.split("/")
    return len(parts) == len(wanted) and all(
        part == want or (want == "*" and part) for part, want in zip(parts, wanted, strict=True)
    )


def _tell(scope: Scope, status: int, took_ms: float) -> None:
    level = logging.INFO if status >= 500 or took_ms >= SLOW_MS else logging.DEBUG
    if log.isEnabledFor(level):
        log.log(level, "%s %s %s %.0f ms", scope["method"], _pattern(scope), status, took_ms)


def _pattern(scope: Scope) -> str:
    """The route's pattern, such as `/p/{token}` or `/api/v1/customers`; never the path itself."""
    path = getattr(scope.get("route"), "path", None)
    return "-" if path is None else f"{scope.get('root_path', '')}{path}"
