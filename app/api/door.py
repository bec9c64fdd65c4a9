"""Lets callers in: a key that is good, and not too often. Pure ASGI, around every route.

What is described to anybody (the description of the API itself) needs no key.
"""

from __future__ import annotations

import logging
from time import monotonic
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.desk import Desk
from app.api.keys import Caller, caller_of, is_use_unnoted, note_use
from app.api.limits import Limits
from app.api.problems import Problem

log = logging.getLogger(__name__)

OPEN: Final = frozenset({"/openapi.json"})
_STRANGERS: Final = "strangers"
_LONGEST_KEY: Final = 200


class Door:
    """Wraps the API. All who have no good key share one bucket."""

    def __init__(self, app: ASGIApp, *, desk: Desk) -> None:
        self._app = app
        self._desk = desk
        self._limits = Limits(desk.calls_per_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _path(scope) in OPEN:
            await self._app(scope, receive, send)
            return
        secret = _secret(Headers(scope=scope))
        caller = await run_in_threadpool(self._caller, secret) if secret else None
        verdict = self._limits.take(str(caller.key_id) if caller else _STRANGERS, monotonic())

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(verdict.headers)
            await send(message)

        if not verdict.granted:
            await _TOO_MANY.answer()(scope, receive, told)
        elif caller is None:
            await _NO_KEY.answer()(scope, receive, told)
        else:
            scope.setdefault("state", {})["caller"] = caller
            await self._app(scope, receive, told)

    def _caller(self, secret: str) -> Caller | None:
        now = self._desk.clock.now()
        with self._desk.database.read() as session:
            caller = caller_of(session, secret, now)
            unnoted = caller is not None and is_use_unnoted(session, caller, now)
        if caller is not None and unnoted:
            with self._desk.database.write() as session:
                note_use(session, caller, now)
        return caller


def _path(scope: Scope) -> str:
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def _secret(headers: Headers) -> str | None:
    kind, _, secret = headers.get("authorization", "").partition(" ")
    fits = kind.lower() == "bearer" and 0 < len(secret) <= _LONGEST_KEY
    return secret.strip() if fits else None


_NO_KEY: Final = Problem(
    401,
    "unauthenticated",
    "No key, or one that is not good any more",
    "Send `Authorization: Bearer duly_…`; `duly key create` makes a key.",
    headers={"www-authenticate": 'Bearer realm="duly"'},
)
_TOO_MANY: Final = Problem(
    429,
    "too_many_calls",
    "Too many calls",
    "Come again when `Retry-After` says, and send many rows in one call.",
)
