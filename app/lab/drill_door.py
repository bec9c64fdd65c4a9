"""Where the drill's providers call back, and relays hand over mail: at our web over the wire, at a
pipe of ours, or at our intake itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from http.client import HTTPConnection, HTTPException
from typing import Final, Protocol
from urllib.parse import urlsplit

from app.intake.errors import Forged
from app.intake.inbox import receive
from app.intake.sources import TARGET, Source
from app.lab.twilio_calls import Call
from app.store.engines import Database

PIPE: Final = "pipe:/mail"
"""What a relay calls instead of an address of our web."""
PATIENCE: Final = 2.0  # seconds; then a provider calls again later


class Door(Protocol):
    """Safe for threads."""

    def knock(self, call: Call, now: datetime) -> int | None:
        """The status of the answer; None where none came. After a 2xx the call is on record, and
        what stops in it has stopped."""
        ...


class Wire:
    """Our web on this machine, at `port`. It reads the clock itself."""

    def __init__(self, port: int) -> None:
        self._port = port

    def knock(self, call: Call, now: datetime) -> int | None:  # noqa: ARG002
        connection = HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
        with closing(connection):
            try:
                connection.request("POST", _target(call), call.body, dict(call.headers))
                return connection.getresponse().status
            except (OSError, HTTPException):
                return None


class Doors:
    """Our web for whoever calls it, and our pipe for mail."""

    def __init__(self, web: Door, pipe: Door) -> None:
        self._web = web
        self._pipe = pipe

    def knock(self, call: Call, now: datetime) -> int | None:
        door = self._pipe if call.url == PIPE else self._web
        return door.knock(call, now)


class Inside:
    """Our own intake, as the web hands a call to it. `sources` are who may call, by the last part
    of the address that they call."""

    def __init__(self, database: Database, sources: Mapping[str, Source]) -> None:
        self._database = database
        self._sources = sources

    def knock(self, call: Call, now: datetime) -> int | None:
        source = self._sources[urlsplit(call.url).path.rpartition("/")[2]]
        headers = {**call.headers, TARGET: _target(call)}
        try:
            receive(self._database, source, call.body, headers, now=now)
        except Forged:
            return 403
        return 200


def _target(call: Call) -> str:
    parts = urlsplit(call.url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
