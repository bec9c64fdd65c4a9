"""Carries one HTTP request to a provider, once, and says what is certain about it.

    Answer        a response: its status holds, even where the rest of it did not come
    Redirected    somebody else than the provider answers there; followed nowhere
    Unsent        it certainly did not leave: no name, no connection, no trust
    Unanswered    it left, or may have, and nobody told its fate

It never tries again: a second try could be a second message. TLS is verified, and a body is read
up to a limit. What an answer means is the adapter's to say.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final, TypeAlias

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from channels.errors import ChannelClosed, ChannelMisuse, NoAnswer, ProviderUnavailable, SendError

LONGEST_BODY: Final = 1 << 20
_LONGEST_WAIT: Final = 3600  # seconds
_CHUNK: Final = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long each part may take, and how much goes on at once.

    `idle` is short because a provider may close what is idle just as we write on it: such a
    message is unclear although nobody took it.
    """

    connect: timedelta = timedelta(seconds=5)
    read: timedelta = timedelta(seconds=15)
    total: timedelta = timedelta(seconds=20)
    idle: timedelta = timedelta(seconds=10)
    connections: int = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request, complete. `form` is sent urlencoded (its type stands in `headers`), `json` and
    `content` as they stand; never two of them."""

    method: str
    url: str
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)
    json: object = field(default=None, repr=False)
    content: bytes | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """A response. `headers` are found by names in lower case; `body` is cut where `is_whole` is
    false."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class Redirected:
    """The address is not the provider's: check the base URL."""

    status: int


@dataclass(frozen=True, slots=True)
class Unsent:
    """`why`: dns, tls, connect or connect-timeout."""

    why: str


@dataclass(frozen=True, slots=True)
class Unanswered:
    """`why`: timeout, reset or malformed."""

    why: str


Failure: TypeAlias = Redirected | Unsent | Unanswered
Reply: TypeAlias = Answer | Failure


class Transport:
    """A pool of connections for one adapter. It lives on the event loop that it is first used on.

    `trusting` replaces the certificates that the system trusts, `resolver` what finds the address
    of a name.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        trusting: ssl.SSLContext | None = None,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._limits = limits or Limits()
        self._resolver = resolver
        self._trusting = trusting
        self._session: aiohttp.ClientSession | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_closed = False

    async def carry(self, request: Request) -> Reply:
        """Sends it once and answers what is certain. Raises only `ChannelMisuse`."""
        session = self._opened()
        try:
            async with session.request(
                request.method,
                request.url,
                params=request.query or None,
                data=request.content if request.form is None else urlencoded(request.form),
                json=request.json,
                headers=request.headers,
                allow_redirects=False,
            ) as response:
                if 300 <= response.status < 400:
                    return Redirected(response.status)
                body, is_whole = await _read(response)
                return Answer(response.status, response.headers, body, is_whole)
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError) as problem:
            raise ChannelMisuse(f"no address to call: {type(problem).__name__}") from None
        except (aiohttp.ClientError, TimeoutError, OSError) as problem:
            return _failure(problem)

    async def close(self) -> None:
        """Closes the connections. Closing twice is fine; carrying after it raises."""
        self._is_closed = True
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _opened(self) -> aiohttp.ClientSession:
        if self._is_closed:
            raise ChannelClosed("the transport was closed: open a new channel")
        loop = asyncio.get_running_loop()
        if self._session is None:
            self._session, self._loop = self._make(), loop
        if self._loop is not loop:
            raise ChannelMisuse(
                "a channel with connections lives on one event loop: make all calls on it"
            )
        return self._session

    def _make(self) -> aiohttp.ClientSession:
        limits = self._limits
        connector = aiohttp.TCPConnector(
            limit=limits.connections,
            keepalive_timeout=limits.idle.total_seconds(),
            ssl=self._trusting or ssl.create_default_context(),
            resolver=self._resolver,
        )
        timeout = aiohttp.ClientTimeout(
            total=limits.total.total_seconds(),
            connect=limits.connect.total_seconds(),
            sock_connect=limits.connect.total_seconds(),
            sock_read=limits.read.total_seconds(),
        )
        return aiohttp.ClientSession(
            connector=connector,
            timeout=timeout,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
        )


def urlencoded(form: Mapping[str, str]) -> bytes:
    """A form as application/x-www-form-urlencoded, by the quoting of addresses: it is in C, and
    Python's own takes a tenth of all the time that a message takes."""
    return URL.build(query=form).raw_query_string.encode("ascii")


def error_of(failure: Failure, provider: str) -> SendError:
    """What a failure means for a message, whoever the provider is."""
    match failure:
        case Redirected():
            return ProviderUnavailable(provider, f"redirect-{failure.status}")
        case Unsent():
            return ProviderUnavailable(provider, failure.why)
        case Unanswered():
            return NoAnswer(provider, failure.why)


def retry_after(answer: Answer, now: datetime) -> timedelta | None:
    """The wait that a provider asks for (RFC 9110, 10.2.3), at most an hour; None for none."""
    wish = answer.headers.get("retry-after", "").strip()
    if not wish:
        return None
    try:
        seconds = int(wish) if wish.isdecimal() else _until(wish, now)
    except (ValueError, TypeError):
        return None
    return timedelta(seconds=min(seconds, _LONGEST_WAIT)) if seconds > 0 else None


def _until(date: str, now: datetime) -> float:
    return (parsedate_to_datetime(date) - now).total_seconds()


async def _read(response: aiohttp.ClientResponse) -> tuple[bytes, bool]:
    """As much of the body as comes, and whether that is all."""
    length = response.content_length
    try:
        if length is not None and length <= LONGEST_BODY and not _is_packed(response):
            return await response.read(), True
        return await _read_some(response)
    except (aiohttp.ClientError, TimeoutError, OSError):
        return b"", False


def _is_packed(response: aiohttp.ClientResponse) -> bool:
    """Whether a little on the wire may be much when it is unpacked."""
    return "content-encoding" in response.headers


async def _read_some(response: aiohttp.ClientResponse) -> tuple[bytes, bool]:
    whole = bytearray()
    while chunk := await response.content.read(_CHUNK):
        whole += chunk
        if len(whole) > LONGEST_BODY:
            response.close()
            return bytes(whole[:LONGEST_BODY]), False
    return bytes(whole), True


def _failure(problem: Exception) -> Failure:
    match problem:
        case aiohttp.ClientConnectorDNSError():
            return Unsent("dns")
        case aiohttp.ClientSSLError():
            return Unsent("tls")
        case aiohttp.ClientConnectorError():
            return Unsent("connect")
        case aiohttp.ConnectionTimeoutError():
            return Unsent("connect-timeout")
        case TimeoutError():
            return Unanswered("timeout")
        case aiohttp.ClientResponseError():
            return Unanswered("malformed")
        case _:
            return Unanswered("reset")
