"""Who stands before a route of the console, what they may do there, and that an act leaves a trace.

Every route names what it asks for by `looks` or `acts`; a test walks all of them as each role.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import AsyncIterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Annotated, Any, Final

from fastapi import Depends, HTTPException, Request
from markupsafe import Markup
from starlette.datastructures import FormData
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.clock import Clock
from app.console.notices import PATH
from app.staff.roles import Right
from app.staff.sessions import digest_of, lately_open, note_seen, signed_in
from app.staff.visitor import Visitor
from app.store.engines import Database

KEY_FIELD: Final = "key"
KEY_HEADER: Final = "x-duly-key"
FIELDS: Final = 5000  # a bulk act may name hundreds of rows
_LONGEST_PART: Final = 512 * 1024
_UNWRITABLE: Final = re.compile("[\x00\ud800-\udfff]")
"""What no page would send and PostgreSQL can keep in no text."""

_ACTS: ContextVar[list[str] | None] = ContextVar("console_acts", default=None)
"""The acts that this call has put on record."""


class _Stranger(Exception):
    """Nobody's call; `typed` is what its form says."""

    typed: Mapping[str, str] = MappingProxyType({})


class SignedOut(_Stranger):
    """Nobody is signed in, or no longer."""


class NotAllowed(Exception):
    """Somebody is, who may not do this."""

    def __init__(self, right: Right) -> None:
        super().__init__(right)
        self.right = right


class NoSession(_Stranger):
    """A form without the key of this session: of another site, or of a session that ended."""


@dataclass(frozen=True, slots=True)
class Visit(Visitor):
    """A visitor before one route. `key` is what the forms of their session carry, `path` where
    they stand, `typed` what their form says."""

    key: str = field(repr=False)
    path: str
    asked: Mapping[str, str]
    typed: Mapping[str, str]
    request: Request = field(repr=False)

    @property
    def key_field(self) -> Markup:
        return Markup('<input type="hidden" name="{}" value="{}">').format(KEY_FIELD, self.key)

    @property
    def is_partial(self) -> bool:
        """Whether htmx asks for a part of a page."""
        return self.request.headers.get("hx-request") == "true"


@dataclass(frozen=True, slots=True)
class Asks:
    """What a route asks of its visitor. `writes` says that what it does leaves a trace."""

    right: Right
    writes: bool


def looks(right: Right = Right.LOOK) -> Any:
    """A parameter that is a `Visit` of somebody with this right, for what changes nothing."""
    return Depends(_Gate(Asks(right, writes=False)))


def acts(right: Right) -> Any:
    """A parameter that is a `Visit` of somebody with this right, for what does something: whoever
    gets a good answer has left a line in the audit trail."""
    return Depends(_Gate(Asks(right, writes=True)))


def note(act: str) -> None:
    """An act is on record: what this call answers may leave."""
    acts = _ACTS.get()
    if acts is not None:
        acts.append(act)


def form_key(secret: bytes, token: str) -> str:
    """What the forms of a session carry. Whoever knows it has read a page of that session."""
    return _key_of(secret, digest_of(token))


def _key_of(secret: bytes, digest: str) -> str:
    return hmac.digest(secret, b"duly/console/form/" + digest.encode(), "sha256")[:16].hex()


def ensure_key(given: str, secret: bytes, token: str) -> None:
    """Raises `NoSession` unless it is the key of that session's forms."""
    if not hmac.compare_digest(given.encode(), form_key(secret, token).encode()):
        raise NoSession


def given_key(request: Request, typed: Mapping[str, str]) -> str:
    """The key that a form came with."""
    return request.headers.get(KEY_HEADER) or typed.get(KEY_FIELD, "")


async def typed_in(request: Request) -> AsyncIterator[Mapping[str, str]]:
    """The texts of a form; of several with one name the last. `HTTPException` for what cannot be
    kept. Its files are closed when the answer is out."""
    if request.method not in {"POST", "PUT", "PATCH", "DELETE"}:
        yield {}
        return
    form = await request.form(max_fields=FIELDS, max_files=20, max_part_size=_LONGEST_PART)
    try:
        yield _texts(form)
    finally:
        await form.close()


def asked_for(request: Request) -> Mapping[str, str]:
    """The texts of the URL's query; those that cannot be kept are left out."""
    query = request.query_params.multi_items()
    return {name: value for name, value in query if not _UNWRITABLE.search(value)}


def _texts(form: FormData) -> Mapping[str, str]:
    typed = {name: value for name, value in form.multi_items() if isinstance(value, str)}
    if any(_UNWRITABLE.search(value) for value in typed.values()):
        raise HTTPException(400)
    return typed


class _Gate:
    """One kind of dependency: FastAPI asks it before the route, with what the form says."""

    def __init__(self, asks: Asks) -> None:
        self.asks = asks

    def __call__(
        self, request: Request, typed: Annotated[Mapping[str, str], Depends(typed_in)]
    ) -> Visit:
        entry: Entry = request.app.state.entry
        try:
            return entry.visit(request, typed, self.asks)
        except _Stranger as stranger:
            stranger.typed = typed
            raise


class Entry:
    """What a gate asks: the sessions of the store."""

    def __init__(self, database: Database, clock: Clock, secret: bytes, cookie: str) -> None:
        self._database = database
        self._clock = clock
        self._secret = secret
        self.cookie = cookie

    def visit(self, request: Request, typed: Mapping[str, str], asks: Asks) -> Visit:
        """Raises `SignedOut`, `NotAllowed` or `NoSession`."""
        token = request.cookies.get(self.cookie, "")
        found = self.visitor(token)
        if found is None:
            raise SignedOut
        if request.method not in {"GET", "HEAD"}:
            ensure_key(given_key(request, typed), self._secret, token)
        if not found.may(asks.right):
            raise NotAllowed(asks.right)
        request.scope.setdefault("state", {})["writes"] = asks.writes
        known = {name: getattr(found, name) for name in Visitor.__dataclass_fields__}
        return Visit(
            **known,
            key=form_key(self._secret, token),
            path=PATH + request.scope["path"].removeprefix(request.scope.get("root_path", "")),
            asked=asked_for(request),
            typed={name: value for name, value in typed.items() if name != KEY_FIELD},
            request=request,
        )

    def visitor(self, token: str) -> Visitor | None:
        """Whose token this is. That the session is in use is noted once a while."""
        if not token:
            return None
        now = self._clock.now()
        with self._database.read() as session:
            found = signed_in(session, token, now)
        if found is None:
            return None
        if found.is_unnoted(now):
            with self._database.write() as session:
                note_seen(session, found.id, now)
        return found.visitor

    def writer_of(self, key: str) -> int | None:
        """Whose session's forms carry this key, also of one that is over; None for nobody's that is
        on record."""
        with self._database.read() as session:
            rows = lately_open(session, self._clock.now())
        given = key.encode()
        return next(
            (
                row.user_id
                for row in rows
                if hmac.compare_digest(given, _key_of(self._secret, row.digest).encode())
            ),
            None,
        )


class Traced:
    """Wraps the console. An answer that says "done" leaves only if the act is on record."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD"}:
            await self._app(scope, receive, send)
            return
        acts: list[str] = []
        _ACTS.set(acts)

        async def checked(message: Message) -> None:
            is_good = message["type"] == "http.response.start" and message["status"] < 400
            if is_good and scope.get("state", {}).get("writes") and not acts:
                raise RuntimeError(
                    f"{scope['method']} {getattr(scope.get('route'), 'path', '-')} acted without"
                    " `office.act`: put it on record there, or refuse with 422"
                )
            await send(message)

        await self._app(scope, receive, checked)
