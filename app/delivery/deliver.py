"""The loop that delivers: claim, prepare, gate, dispatch, outcome. Each is a phase of its own, so
that a crash or a stop may come between any two of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event

from sqlalchemy.exc import DBAPIError

from app.delivery.calls import Run
from app.delivery.claim import Claimed, claim, give_back, is_anything_due
from app.delivery.dispatch import CALL_WITHIN, Addresses, Channels, Tried, dispatch
from app.delivery.gate import gate
from app.delivery.gate_records import Passed
from app.delivery.hygiene import Hygiene
from app.delivery.outcome import save_outcomes
from app.delivery.prepare import Draft, Unwritten, prepare
from app.delivery.words import PublishedWords
from app.engine.catalogue import Catalogue
from app.store.engines import Database, Ending
from channels.lookup import LookUp


@dataclass(frozen=True, slots=True)
class Pace:
    """How much at once, and for how long a claim and a gate hold. Where there is one writer and
    others wait to write, a gate takes a `slice` of its batch at a time."""

    batch: int = 200
    slice: int = 40
    at_once: int = 200
    lease: timedelta = timedelta(seconds=60)
    fresh_for: timedelta = timedelta(seconds=2)
    call_within: timedelta = CALL_WITHIN


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one tick did."""

    claimed: int = 0
    passed: int = 0
    settled: int = 0


class Delivery:
    """The phases of delivering, and the tick that runs them in order."""

    def __init__(
        self,
        database: Database,
        catalogue: Catalogue,
        channels: Channels,
        addresses: Addresses,
        clock: Callable[[], datetime],
        *,
        pace: Pace | None = None,
        run: Run = asyncio.run,
        look_up: LookUp | None = None,
    ) -> None:
        self._run = run
        self._hygiene = None if look_up is None else Hygiene(database, look_up, run=run)
        self._database = database
        self._catalogue = catalogue
        self._channels = channels
        self._addresses = addresses
        self._clock = clock
        self._pace = pace or Pace()
        self._is_awaited = False
        self._stopping = Event()
        self._real = frozenset(
            line for line, channel in channels.items() if channel.capabilities.real
        )
        self._words = PublishedWords(len(addresses.base_url) + 25)

    def tick(self, now: datetime) -> Delivered:
        """Delivers one batch. Call again while `claimed` is not zero."""
        with self._database.read() as session:
            if not is_anything_due(session, now):
                return Delivered()
        claimed = self.claim(now)
        if not claimed:
            return Delivered()
        try:
            self._look_up(claimed, now)
        except Ending:
            return self._give_back(claimed)
        drafts = self.prepare(claimed, now)
        if self._stopping.is_set():
            return self._give_back(claimed)
        passed = self.gate(drafts)
        tried = self.dispatch(passed)
        return Delivered(len(claimed), len(passed), self.settle(tried))

    def stop(self) -> None:
        """Has a tick that runs in another thread end soon: what is not with a provider goes back,
        and what is may be answered for `LAST_WORDS`; then it is unclear, as after a crash."""
        self._stopping.set()

    def _look_up(self, claimed: Sequence[Claimed], now: datetime) -> None:
        if self._hygiene is not None:
            self._hygiene.look(claimed, now)

    def _give_back(self, claimed: Sequence[Claimed]) -> Delivered:
        with self._database.write() as session:
            give_back(session, claimed)
        return Delivered()

    def claim(self, now: datetime) -> list[Claimed]:
        with self._database.write() as session:
            return claim(
                session,
                now,
                limit=self._pace.batch,
                lease=self._pace.lease,
                secret=self._addresses.secret,
                link_life=self._addresses.link_life,
            )

    def prepare(self, claimed: Sequence[Claimed], now: datetime) -> list[Draft | Unwritten]:
        with self._database.read() as session:
            self._catalogue.refresh(session)
            wording = self._words.current(session)
            return prepare(session, claimed, self._catalogue, wording, now)

    def gate(self, drafts: Sequence[Draft | Unwritten]) -> list[Passed]:
        passed, left = list[Passed](), drafts
        while left:
            size = self._pace.slice if self._is_awaited else len(left)
            part, left = left[:size], left[size:]
            with self._database.write() as session:
                passed += gate(session, part, self._catalogue, self._clock, real=self._real)
                self._is_awaited = self._database.is_awaited
        return passed

    def dispatch(self, passed: Sequence[Passed]) -> list[Tried]:
        if not passed:
            return []
        return self._run(
            dispatch(
                passed,
                self._channels,
                self._addresses,
                self._clock,
                fresh_for=self._pace.fresh_for,
                at_once=self._pace.at_once,
                call_within=self._pace.call_within,
                stopping=self._stopping,
            )
        )

    def settle(self, tried: Sequence[Tried]) -> int:
        if not tried:
            return 0
        try:
            return self._save(tried)
        except DBAPIError:  # what the providers said is known nowhere else: once more
            return self._save(tried)

    def _save(self, tried: Sequence[Tried]) -> int:
        with self._database.write() as session:
            return save_outcomes(session, tried, self._clock())
