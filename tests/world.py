"""A small world for tests: a migrated database, a virtual clock, sandbox channels, all loops."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from app.clock import VirtualClock
from app.delivery.calls import Run
from app.delivery.deliver import Pace
from app.delivery.dispatch import Addresses, Channels
from app.loops.assembly import Loops, assemble, publish_shipped
from app.store.engines import Database
from channels.sandbox import SandboxEmail, SandboxSms, SandboxWhatsapp
from channels.sandbox_faults import Faults
from channels.sandbox_ledger import Ledger
from tests.databases import opened
from tests.factories import NOON

SECRET = b"a secret of the tests, 32 bytes long"


class World:
    """One database and everything that runs on it."""

    def __init__(
        self,
        url: str,
        *,
        faults: Faults | None = None,
        start: datetime = NOON,
        ledger: Ledger | None = None,
    ) -> None:
        self.url = url
        self.database = opened(url)
        self._opened = [self.database]
        self.clock = VirtualClock(start)
        self.ledger = ledger or Ledger()
        self.channels: Channels = {
            ("sms", "sandbox"): SandboxSms(self.ledger, faults=faults),
            ("email", "sandbox"): SandboxEmail(self.ledger, faults=faults),
            ("whatsapp", "sandbox"): SandboxWhatsapp(self.ledger, faults=faults),
        }
        self._run: Run = asyncio.run
        self.addresses = Addresses("https://pay.example.com", SECRET)
        publish_shipped(self.database, start)
        self.loops = self._loops(self.database, self.channels)

    def worker(self, *, channels: Channels | None = None, **pace: Any) -> Loops:
        """Another process's loops: connections of its own to the same database."""
        self._opened.append(Database(self.url))
        return self._loops(self._opened[-1], channels or self.channels, **pace)

    def carry(self, channels: Channels, *, run: Run) -> None:
        """These channels speak too, from now on; `run` is how they are called."""
        self.channels = {**self.channels, **channels}
        self._run = run
        self.loops = self._loops(self.database, self.channels)

    def run(self, statement: str) -> None:
        with self.database.write() as session:
            session.connection().execute(text(statement))

    def _loops(self, database: Database, channels: Channels, **pace: Any) -> Loops:
        return assemble(
            database,
            channels,
            self.addresses,
            self.clock.now,
            pace=Pace(**pace) if pace else None,
            run=self._run,
        )

    def close(self) -> None:
        for database in self._opened:
            database.dispose()

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def move(self, **delta: float) -> None:
        """Moves the clock and lets everything happen that is due."""
        self.clock.move_to(self.now + timedelta(**delta))
        self.loops.settle(self.now)

    def live(self, *, until: datetime, step: timedelta) -> None:
        """Moves on step by step, as production would: every loop on every step."""
        while self.now < until:
            self.clock.move_to(min(self.now + step, until))
            self.loops.settle(self.now)
            self.loops.reconciliation.tick(self.now)

    def rows(self, table: str, where: str = "1=1") -> list[dict[str, Any]]:
        with self.database.read() as session:
            found = session.connection().execute(
                text(f"SELECT * FROM {table} WHERE {where} ORDER BY id")
            )
            return [dict(row._mapping) for row in found]

    def accepted(self) -> list[str]:
        """The attempts that the provider accepted, in order."""
        return [row.attempt_key for row in self.ledger.acceptances()]
