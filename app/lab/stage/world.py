"""A world of its own: one database with a clock, providers, a gateway and the loops that run on it.

The clock stands still until it is told to go on, and then goes from one instant at which anything
is due to the next. A copy of a world is used to see what tomorrow would bring.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from app.book.mandates import is_any_kept
from app.clock import VirtualClock
from app.delivery.dispatch import Addresses
from app.loops.assembly import Loops, assemble
from app.loops.debit_gate import EARLIEST
from app.loops.debits import Debits
from app.loops.instants import next_instant
from app.loops.sandbox import hand_callbacks, hand_receipts
from app.loops.tidy import Tidy
from app.payments.choice import Gateways
from app.payments.sandbox_gateway import SandboxGateway
from app.settings import Settings
from app.store.scratch import copy_file, scratch_database
from campaigns.calendar import at_local
from channels.sandbox import SandboxEmail, SandboxSms, SandboxWhatsapp
from channels.sandbox_faults import Faults
from channels.sandbox_ledger import Ledger
from channels.seam import Channel

MOMENT: Final = timedelta(minutes=1)  # in which providers report what has arrived
MEDIA: Final = ("whatsapp", "sms", "email")
WELL: Final = Faults(seed="stage", read=0.7)
DOWN: Final = Faults(
    seed="stage",
    later=1.0,
    later_kinds=("provider_unavailable",),
    retry_after=timedelta(hours=3),
)
_FILES: Final = ("duly.sqlite3", "ledger.sqlite3", "gateway.sqlite3")


class TurnedClock(VirtualClock):
    """A virtual clock that may also be set, to whatever a world is made the same as."""

    def set_to(self, instant: datetime) -> None:
        self._now = instant


@dataclass(frozen=True, slots=True)
class Standing:
    """How a world stands: its files, its hour, and which providers are down."""

    folder: Path
    now: datetime
    down: frozenset[str] = frozenset()


class World:
    """Everything that runs on one database. `settings` say how links look."""

    def __init__(self, folder: Path, begins: datetime, zone: ZoneInfo, settings: Settings) -> None:
        self.folder, self.zone, self.settings = folder, zone, settings
        self.clock = TurnedClock(begins)
        database, ledger, gateway = (folder / name for name in _FILES)
        self.database = scratch_database(database)
        self.ledger = Ledger(ledger)
        self.gateway = SandboxGateway(
            gateway,
            secret=settings.gateway_secret.get_secret_value(),
            base_url=f"{settings.base_url}/sandbox",
        )
        self.channels: dict[tuple[str, str], Channel] = {}
        self.set_weather(frozenset())
        self.start_loops()

    def start_loops(self) -> None:
        """Loops that have seen nothing yet: needed where publications were taken back."""
        addresses = Addresses(self.settings.base_url, self.settings.secret)
        self.loops: Loops = assemble(self.database, self.channels, addresses, self.clock.now)
        gateways = {self.gateway.name: self.gateway}
        self._tidy = Tidy(
            self.database, self.loops.reconciliation, gateways, secret=self.settings.secret
        )
        self._debits = Debits(self.database, Gateways.of(self.gateway))

    def close(self) -> None:
        self.ledger.close()
        self.gateway.close()
        self.database.dispose()

    @property
    def now(self) -> datetime:
        return self.clock.now()

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def at(self, day: date, hour: Any) -> datetime:
        return at_local(day, hour, self.zone)

    def set_weather(self, down: frozenset[str]) -> None:
        """Which media have a provider that does not answer."""
        self.down = down
        made = {"sms": SandboxSms, "email": SandboxEmail, "whatsapp": SandboxWhatsapp}
        for medium, channel in made.items():
            faults = DOWN if medium in down else WELL
            self.channels[medium, "sandbox"] = channel(self.ledger, faults=faults)

    @property
    def standing(self) -> Standing:
        return Standing(self.folder, self.now, self.down)

    def keep(self, folder: Path) -> Standing:
        """Puts how it stands now into that empty folder."""
        _copy(self.folder, folder)
        return Standing(folder, self.now, self.down)

    def become(self, other: Standing) -> None:
        """Makes this world stand as that one."""
        _copy(other.folder, self.folder)
        self.clock.set_to(other.now)
        self.set_weather(other.down)

    def settle(self) -> None:
        """Does everything that is due now."""
        self.hear()
        self.loops.settle(self.now)

    def hear(self) -> None:
        """What the world has to say comes in, and what time alone changes is changed."""
        while hand_receipts(self.database, self.ledger, self.now):
            continue
        hand_callbacks(self.database, self.gateway, self.now)
        self._tidy.tick(self.now)
        if self._debits.tick(self.now):
            hand_callbacks(self.database, self.gateway, self.now)

    def live(self, until: datetime) -> None:
        """Goes on from instant to instant, up to and with `until`."""
        self.settle()
        for _ in self.instants(until):
            self.settle()

    def instants(self, until: datetime) -> Iterator[datetime]:
        """Moves the clock to each instant at which anything is due, and last to `until`."""
        while self.now < until:
            self.clock.move_to(min(until, self._next_at() or until))
            yield self.now

    def _next_at(self) -> datetime | None:
        """The earliest instant, later than now, at which anything is due."""
        midnight = self.at(self.today + timedelta(days=1), datetime.min.time())
        debits = [self.at(day, EARLIEST) for day in (self.today, self.today + timedelta(days=1))]
        found = [midnight, self.ledger.next_due_at()]
        with self.database.read() as session:
            if is_any_kept(session):
                found += debits
            found.append(next_instant(session, self.now))
        later = [at for at in found if at is not None and at > self.now]
        return min(later, default=None)


def _copy(source: Path, target: Path) -> None:
    for name in _FILES:
        copy_file(source / name, target / name)
