"""Twilio's REST interface: its own library builds each request, our transport carries it.

The library would open a connection a call, wait without end and read answers by its own lights, so
it never gets to send: it writes the request down, and that is all. It is loaded with the first
`TwilioApi`, because that takes a while.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final
from urllib.parse import urlsplit

from channels.errors import NoAnswer, SendError
from channels.transport import Answer, Limits, Reply, Request, Transport, error_of
from channels.twilio_codes import PROVIDER, error_of_answer

_ACCOUNT: Final = re.compile(r"AC[0-9a-f]{32}")
SETTINGS: Final = frozenset({"account", "token", "base_url", "callback"})


class TwilioApi:
    """One account. `base_url` stands in for every host of Twilio's, "" for the real ones.

    `callback` is the public address that statuses are told to, "" for none. Raises ValueError for
    an account that is none, and where the token is missing.
    """

    def __init__(
        self,
        account: str,
        token: str,
        *,
        base_url: str = "",
        callback: str = "",
        limits: Limits | None = None,
    ) -> None:
        if not _ACCOUNT.fullmatch(account):
            raise ValueError("account: it is not a Twilio account SID (AC and 32 digits)")
        if not token:
            raise ValueError("token: Twilio wants its auth token")
        self.account = account
        self._login = "Basic " + b64encode(f"{account}:{token}".encode()).decode()
        self._base_url = base_url.rstrip("/")
        self._callback = callback
        self._transport = Transport(limits)
        self._library = import_module("twilio.rest").Client(account, token, http_client=_Drafting())
        self._messages: dict[tuple[str, ...], _Blank] = {}

    @classmethod
    def from_settings(cls, settings: Mapping[str, str]) -> TwilioApi:
        """From `account`, `token`, `base_url` and `callback`. Raises ValueError for any other."""
        unknown = sorted(settings.keys() - SETTINGS)
        if unknown:
            raise ValueError(
                f"unknown settings {', '.join(unknown)}: known are {', '.join(sorted(SETTINGS))}"
            )
        return cls(
            settings.get("account", ""),
            settings.get("token", ""),
            base_url=settings.get("base_url", ""),
            callback=settings.get("callback", ""),
        )

    def draft(self, ask: Callable[[Any], object]) -> Request:
        """The request that the library would send for `ask(client)`."""
        try:
            ask(self._library)
        except _Drafted as drafted:
            return self._addressed(drafted)
        raise ValueError("nothing was asked of Twilio")

    async def call(self, ask: Callable[[Any], object]) -> Reply:
        """Sends what `ask(client)` asks for, once."""
        return await self.carry(self.draft(ask))

    async def carry(self, request: Request) -> Reply:
        """Sends one of our requests, once."""
        return await self._transport.carry(request)

    def message(self, fields: Mapping[str, str]) -> Request:
        """The request that the library would send for `messages.create(**fields)`. It builds one
        for each set of fields; the others are that one filled in."""
        names = tuple(fields)
        blank = self._messages.get(names)
        if blank is None:
            blank = self._messages[names] = self._blank_message(names)
        return blank.filled(fields)

    def _blank_message(self, names: tuple[str, ...]) -> _Blank:
        """Each field's value is its own name, so the form shows where the library puts it."""
        named = {name: name for name in names}
        drafted = self.draft(lambda client: client.messages.create(**named))
        return _Blank(drafted, tuple((drafted.form or {}).items()))

    def callback_for(self, attempt_key: str) -> str | None:
        """Where the statuses of this attempt are told to: its key stands in the address, which the
        signature covers."""
        return f"{self._callback}?attempt={attempt_key}" if self._callback else None

    async def close(self) -> None:
        await self._transport.close()

    def _addressed(self, drafted: _Drafted) -> Request:
        url = drafted.url
        if self._base_url:
            url = self._base_url + urlsplit(url).path
        is_json = drafted.headers.get("Content-Type") == "application/json"
        return Request(
            method=drafted.method,
            url=url,
            query=_texts(drafted.query),
            form=None if is_json or drafted.method == "GET" else _texts(drafted.data),
            json=drafted.data if is_json else None,
            headers={**drafted.headers, "Authorization": self._login},
        )


def content_of(answer: Answer) -> Mapping[str, Any] | None:
    """The JSON object of a body; None for anything else, be it HTML or half of one."""
    try:
        found = json.loads(answer.body)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def object_of(reply: Reply) -> Mapping[str, Any] | SendError:
    """The object that was asked for, or why there is none."""
    if not isinstance(reply, Answer):
        return error_of(reply, PROVIDER)
    content = content_of(reply)
    if not 200 <= reply.status < 300:
        return error_of_answer(reply.status, (content or {}).get("code"))
    return NoAnswer(PROVIDER, "malformed") if content is None else content


@dataclass(frozen=True, slots=True)
class _Blank:
    """A request to be filled in: the fields of its form, and what the library calls each."""

    request: Request
    fields: tuple[tuple[str, str], ...]

    def filled(self, values: Mapping[str, str]) -> Request:
        form = {name: values[ours] for name, ours in self.fields}
        sent = self.request
        return Request(method=sent.method, url=sent.url, form=form, headers=sent.headers)


class _Drafted(Exception):
    """What the library wanted to send."""

    def __init__(self, method: str, url: str, query: Any, data: Any, headers: Any) -> None:
        super().__init__("drafted")
        self.method = method.upper()
        self.url = url
        self.query: Mapping[str, Any] = query or {}
        self.data: Any = data or {}
        self.headers: Mapping[str, str] = headers or {}


class _Drafting:
    """Stands where the library's own HTTP client would."""

    is_async = False
    timeout = None
    logger = None

    def request(
        self,
        method: str,
        uri: str,
        *,
        params: object = None,
        data: object = None,
        headers: object = None,
        **_others: object,
    ) -> None:
        raise _Drafted(method, uri, params, data, headers)


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items() if value is not None}
