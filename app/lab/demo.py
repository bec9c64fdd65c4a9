"""The demo: sixty days of a thousand people, on a clock of its own. Nothing leaves this machine.

The clock jumps from one instant at which anything is due to the next. At each instant people act,
providers report, the books come in, and then Duly's own loops run until nothing is left to do: the
same loops as in production, only the clock and the people are simulated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from sqlite3 import Connection as SqliteConnection
from time import perf_counter
from typing import Final

from sqlalchemy import event, func, select

from app.clock import VirtualClock
from app.delivery.deliver import Pace
from app.delivery.dispatch import Addresses
from app.garbage import rare_collection
from app.intake.receipts import take_receipts
from app.lab.acts import Letter
from app.lab.book import Account
from app.lab.feed import Feed
from app.lab.hands import Hands
from app.lab.people import Crowd
from app.lab.result import DemoResult, read_result
from app.lab.scenarios import scenario_of
from app.lab.scenarios.publishing import publish_own
from app.lab.stock import stock
from app.loops.assembly import assemble, publish_shipped
from app.loops.tidy import Tidy
from app.payments.sandbox_gateway import SandboxGateway
from app.settings import Settings
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import Case, Message
from app.wording.samples import shipped
from channels.delivery import DeliveryStatus
from channels.sandbox import SandboxEmail, SandboxSms, SandboxWhatsapp
from channels.sandbox_faults import Faults
from channels.sandbox_ledger import Ledger

GRID: Final = timedelta(hours=2)
TIDY_EVERY: Final = timedelta(hours=6)
BATCH: Final = 500
LEDGER_PAGE: Final = 10_000
_TOKEN = re.compile(r"/p/([A-Za-z0-9_-]{22})")
_CASE, _MESSAGE = table_of(Case), table_of(Message)

# WhatsApp has not approved these two yet, as happens: another medium has to do.
REJECTED: Final = frozenset({("due_today", "he"), ("reminder_second", "ar")})

Progress = Callable[[int, int], None]


def run_demo(
    database: Database,
    *,
    customers: int,
    days: int,
    seed: int,
    today: date,
    progress: Progress,
    scenario: str = "",
) -> DemoResult:
    """Fills the migrated, empty database with a sample book and walks it from `days` before
    `today` to the first minute of `today`. The same seed and dates give the same result on every
    store, but for `seconds`. `progress` is told (days done, days)."""
    began = perf_counter()
    stage = Stage(
        database, customers=customers, days=days, seed=seed, today=today, scenario=scenario
    )
    try:
        with rare_collection(), _no_wait_for_the_disk(database):
            stage.walk(progress)
        seconds = perf_counter() - began
        return read_result(database, stage.end, customers, days, seconds)
    finally:
        stage.close()


@contextmanager
def _no_wait_for_the_disk(database: Database) -> Iterator[None]:
    """A demo's SQLite file is made anew each time, so nothing is lost with it in a power cut."""
    if database.dialect != "sqlite":
        yield
        return

    def relax(connection: SqliteConnection, _record: object) -> None:
        connection.execute("PRAGMA synchronous=OFF")

    event.listen(database.engine, "connect", relax)
    database.engine.dispose()  # those that are connected already
    try:
        yield
    finally:
        event.remove(database.engine, "connect", relax)
        database.engine.dispose()


class Stage:
    """Everything that plays a part: the database, the loops, the providers, the people."""

    def __init__(
        self,
        database: Database,
        *,
        customers: int,
        days: int,
        seed: int,
        today: date,
        scenario: str,
    ) -> None:
        settings = Settings()  # as `duly serve` finds them afterwards, so that links work
        start = datetime.combine(today - timedelta(days=days), time(0), UTC)
        self.end = datetime.combine(today, time(0), UTC)
        self.clock = VirtualClock(start)
        self.start = start
        self._database = database
        self._ledger, self._seen = Ledger(), 0
        self._gateway = SandboxGateway(
            secret=settings.gateway_secret.get_secret_value(),
            base_url=f"{settings.base_url}/sandbox",
        )
        faults = _faults(seed)
        channels = {
            ("sms", "sandbox"): SandboxSms(self._ledger, faults=faults),
            ("email", "sandbox"): SandboxEmail(self._ledger, faults=faults),
            ("whatsapp", "sandbox"): SandboxWhatsapp(
                self._ledger, faults=faults, approved=_approved()
            ),
        }
        addresses = Addresses(settings.base_url, settings.secret)
        self._loops = assemble(
            database, channels, addresses, self.clock.now, pace=Pace(batch=BATCH, at_once=BATCH)
        )
        gateways = {self._gateway.name: self._gateway}
        self._tidy = Tidy(database, self._loops.reconciliation, gateways, secret=settings.secret)
        self._scenario = scenario_of(scenario)
        accounts = self._scenario.book(customers, seed=seed, start=start.date(), end=today)
        self._fill(accounts, seed)

    def close(self) -> None:
        self._gateway.close()
        self._ledger.close()

    def _fill(self, accounts: tuple[Account, ...], seed: int) -> None:
        now = self.start
        publish_shipped(self._database, now)
        with self._database.write() as session:
            publish_own(session, self._scenario, now)
            creditors, ids = stock(session, accounts, now, houses=self._scenario.houses)
        by_who = {account.who: account for account in accounts}
        self._crowd = Crowd(accounts, seed)
        self._feed = Feed(
            self._database, accounts, creditors, ids, houses=self._scenario.houses, seed=seed
        )
        self._hands = Hands(self._database, self._gateway, self._feed, self._crowd, by_who)
        self._owners = _owners(accounts)
        self._letters: dict[str, Letter] = {}
        self._files = dict.fromkeys(self._scenario.houses, now)
        self._tidy_at = now + TIDY_EVERY

    def walk(self, progress: Progress) -> None:
        """From the start to the end, instant by instant."""
        instant, days = self.start, (self.end - self.start).days
        while instant <= self.end:
            self.clock.move_to(instant)
            self._happen(instant)
            progress((instant - self.start).days, days)
            instant = self._next(instant)
        self.clock.move_to(self.end)
        progress(days, days)
        self._tidy.tick(self.clock.now())  # whoever checks the book finds its trail whole

    def _happen(self, now: datetime) -> None:
        """One instant: people, providers, books, chores, then the loops until all is quiet."""
        for house, at in self._files.items():
            if at <= now:
                for who, bill in self._feed.tell(house, now):
                    self._crowd.bill(who, bill, now)
                self._files[house] = self._feed.next_at(house, now)
                self._tidy_at = now  # new bills open cases
        self._report(now)
        for act in self._crowd.due(now):
            self._hands.do(act, now)
        if self._tidy_at <= now:
            self._tidy.tick(now)
            self._loops.enrolment.tick(now)
            self._tidy_at = now + TIDY_EVERY
        self._settle(now)
        self._collect()

    def _settle(self, now: datetime) -> None:
        """Walks and delivers until there is nothing to deliver."""
        claimed = -1
        while claimed:
            while self._loops.walk.tick(now).looked >= BATCH:
                continue
            claimed = self._loops.delivery.tick(now).claimed

    def _collect(self) -> None:
        """Looks through what the providers accepted since: letters on their way to somebody."""
        for taken in self._ledger.acceptances(after=self._seen):
            self._seen = taken.sequence
            found = _TOKEN.search(taken.text)
            if found is None:
                continue
            self._letters[taken.provider_id] = Letter(
                who=self._owners[taken.sender, taken.recipient],
                medium=taken.medium,
                sender=taken.sender,
                recipient=taken.recipient,
                token=found[1],
                at=taken.accepted_at,
            )

    def _report(self, now: datetime) -> None:
        """The providers tell what became of messages: to Duly, and to those who get them."""
        due = self._ledger.receipts(until=now, limit=LEDGER_PAGE)
        if not due:
            return
        with self._database.write() as session:
            take_receipts(session, [each.receipt for each in due], now=now)
        self._ledger.mark_handed((each.sequence for each in due), at=now)
        for each in due:
            if each.receipt.status is DeliveryStatus.DELIVERED:
                letter = self._letters.pop(each.receipt.provider_id, None)  # told twice, read once
                if letter is not None:
                    self._crowd.receive(letter)

    def _next(self, now: datetime) -> datetime:
        """The next instant at which anything is due, on the grid, later than `now`."""
        moments = [self._tidy_at, *self._files.values(), self.end]
        moments += filter(None, [self._crowd.next_at(), self._ledger.next_due_at()])
        moments += self._due_rows()
        wanted = max(min(moments), now + timedelta(microseconds=1))
        steps = -((self.start - wanted) // GRID)
        at = self.start + steps * GRID
        return at if now < self.end else now + GRID

    def _due_rows(self) -> list[datetime]:
        with self._database.read() as session:
            found = [
                session.connection().execute(query).scalar_one()
                for query in (
                    select(func.min(_CASE.c.look_at)).where(_CASE.c.phase != "closed"),
                    select(func.min(_MESSAGE.c.due_at)).where(_MESSAGE.c.state == "waiting"),
                )
            ]
        return [at for at in found if at is not None]


def _owners(accounts: tuple[Account, ...]) -> dict[tuple[str, str], str]:
    """Whose account a message is about, by its sender (which creditor) and recipient (who)."""
    owners = {}
    for account in accounts:
        if account.phone is not None:
            owners[account.creditor.sender_phone, account.phone] = account.who
        if account.email is not None:
            owners[account.creditor.sender_mail, account.email] = account.who
    return owners


def _faults(seed: int) -> Faults:
    """A provider on an ordinary day: most of it works."""
    return Faults(
        seed=f"demo-{seed}",
        refuse=0.004,
        later=0.012,
        timeout_before=0.002,
        timeout_after=0.003,
        lost=0.004,
        fail=0.012,
        complain=0.0005,
        unsubscribe=0.003,
        read=0.6,
        doubled=0.02,
        late=0.02,
        hidden=0.2,
        dead_endings=("@gone.example",),
    )


def _approved() -> frozenset[tuple[str, str]]:
    """What WhatsApp has approved: everything that ships, but for a few, as happens."""
    words = shipped()
    every = {
        (template, locale)
        for template in words.templates()
        for locale in words.locales_of(template)
    }
    return frozenset(every - REJECTED)
