"""Lets callers in: a key that is good, not too often, a body that fits.

Pure ASGI, around every route. The description of the API itself needs no key. What breaks inside is
told as a problem that says nothing of it.
"""

from __future__ import annotations

import logging
from time import monotonic
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.bodies import ensure_fit, limited
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
        self.limits = Limits(desk.calls_per_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _path(scope) in OPEN:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        secret = _secret(headers)
        caller = await run_in_threadpool(self._caller, secret) if secret else None
        verdict = self.limits.take(str(caller.key_id) if caller else _STRANGERS, monotonic())

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(verdict.headers)
            await send(message)

        try:
            if not verdict.granted:
                raise _TOO_MANY
            if caller is None:
                raise _NO_KEY
            ensure_fit(headers)
        except Problem as problem:
            await problem.answer()(scope, receive, told)
            return
        scope.setdefault("state", {})["caller"] = caller
        await self._admit(scope, limited(receive), told)

    async def _admit(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The call itself, and a neutral problem for what breaks in it."""
        started = False

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception:
            if started:
                raise  # half an answer is out: only breaking the connection is honest
            log.exception("%s of the API failed", scope["method"])
            await _BROKEN.answer()(scope, receive, send)

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
_BROKEN: Final = Problem(
    500,
    "broken",
    "Something broke here",
    "Try again; with the same `Idempotency-Key` nothing is done twice.",
)
_TOO_MANY: Final = Problem(
    429,
    "too_many_calls",
    "Too many calls",
    "Come again when `Retry-After` says, and send many rows in one call.",
)
