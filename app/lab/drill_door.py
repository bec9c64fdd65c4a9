"""Where the drill's providers call back: our own intake, as the web hands a call to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

from app.intake.inbox import receive
from app.intake.sources import TARGET, Source
from app.lab.twilio_calls import Call
from app.store.engines import Database


class Door:
    """`sources` are who may call, by the last part of the address that they call."""

    def __init__(self, database: Database, sources: Mapping[str, Source]) -> None:
        self.database = database
        self.sources = sources

    def take(self, call: Call, now: datetime) -> None:
        """Once this returns the call is on record, and what stops in it has stopped."""
        parts = urlsplit(call.url)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        source = self.sources[parts.path.rpartition("/")[2]]
        receive(self.database, source, call.body, {**call.headers, TARGET: target}, now=now)
