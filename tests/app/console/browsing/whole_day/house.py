"""The house in which the whole day is walked: a book that was written to, and who writes back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from app.book.finding.kept_words import keep_words
from app.delivery.calls import Calls
from app.delivery.dispatch import Addresses
from app.intake.replies import Written, receive_reply
from app.store.rows import Customer
from campaigns.vocabulary import Medium
from tests.app.console.team import Team, sitting
from tests.app.intake.make import OUR_NUMBER
from tests.app.web.served import a_port, answering
from tests.factories import NOON, add_campaign, add_customer, add_invoice
from tests.world import World

DAY_OF_REMINDER = NOON.date() - timedelta(days=3)


@dataclass(frozen=True)
class House:
    """One creditor, its campaign, and all loops over the database that the console reads."""

    team: Team
    world: World

    def owes(self, name: str, due_on: date = DAY_OF_REMINDER, **columns: Any) -> str:
        """A customer with two invoices, ILS 1,240.50 together; answers their number."""
        database = self.team.database
        number = f"K-{len(self.world.rows('customer')) + 1}"
        phone = f"+97252300000{number[2:]}"
        customer_id = add_customer(
            database, self.team.creditor_id, number, phone=phone, **{"locale": "he", **columns}
        )
        add_invoice(database, customer_id, f"{number}/1", amount=24_050, due_on=due_on)
        add_invoice(database, customer_id, f"{number}/2", amount=100_000, due_on=due_on)
        with database.write() as session:
            session.get_one(Customer, customer_id).name = name
            session.flush()
            keep_words(session, [], new=[customer_id])
        return phone

    def passes(self, **delta: float) -> None:
        """Time goes on, for the loops and for the console."""
        self.world.move(**delta)
        self.team.clock.move_to(self.world.now)

    def hears(self, phone: str, words: str) -> None:
        """What came from this telephone, read as the product reads it."""
        key = f"sandbox:{next(_numbers)}"
        said = Written(key, Medium.SMS, phone, OUR_NUMBER, words, self.world.now)
        with self.team.database.write() as session:
            receive_reply(session, said, now=self.world.now)

    def texts(self, phone: str) -> list[str]:
        """What its owner has read there, the latest last."""
        return [row.text for row in self.world.ledger.acceptances() if row.recipient == phone]

    def link(self, phone: str) -> str:
        """Where the latest text leads that has a link."""
        found = [re.search(r"http://[^\s]+/p/[^\s]+", text) for text in self.texts(phone)]
        return [each[0] for each in found if each][-1]


_numbers = count(1)


@contextmanager
def opened_house(url: str, folder: Path) -> Iterator[House]:
    """The console behind a real server, on a Monday at noon; the book is still empty."""
    with (
        a_port() as (listening, base_url),
        sitting(
            url, at=NOON, base_url=base_url, log_level="warning", documents=folder / "documents"
        ) as team,
        answering(team.app, team.settings, listening),
        Calls() as calls,
    ):
        world = World(url)
        world.addresses = Addresses(base_url, team.settings.secret)
        world.carry({}, run=calls.run)  # a browser's own loop runs in the test's thread
        add_campaign(team.database, team.creditor_id)
        yield House(team, world)
        world.close()
