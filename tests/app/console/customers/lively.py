"""A console over a book in which things have happened: messages, a refusal, a reply, a payment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from app.book.finding.kept_words import keep_words
from app.store.rows import Customer
from tests.app.console.team import Team, sitting
from tests.app.web.people import NOW
from tests.factories import add_campaign, add_customer, add_invoice
from tests.world import World

DUE = date(2026, 11, 20)


@dataclass(frozen=True)
class Lively:
    """`dana` is written to in Hebrew; `jonas` owes too, and nobody has an address for him."""

    team: Team
    world: World
    dana: int
    jonas: int

    def passes(self, **delta: float) -> None:
        """Time goes on, for the loops and for the console."""
        self.world.move(**delta)
        self.team.clock.move_to(self.world.now)


@contextmanager
def lively(url: str) -> Iterator[Lively]:
    with sitting(url) as team:
        database = team.database
        world = World(url, start=NOW)
        add_campaign(database, team.creditor_id)
        dana = add_customer(
            database, team.creditor_id, "K-1042", locale="he",
            email="dana@home.example", phone="+972523456789",
        )  # fmt: skip
        jonas = add_customer(
            database, team.creditor_id, "K-7", locale="lt", country="LT", zone="Europe/Vilnius",
        )  # fmt: skip
        for customer, number in ((dana, "2026/117"), (jonas, "2026/118")):
            add_invoice(database, customer, number, due_on=DUE, amount=124_050)
        with database.write() as session:
            for customer, name in ((dana, "דָּנָה כהן"), (jonas, "Jonas Žemaitis")):
                session.get_one(Customer, customer).name = name
            session.flush()
            keep_words(session, [], new=[dana, jonas])
        built = Lively(team, world, dana, jonas)
        for _ in range(3):
            built.passes(hours=1)
        yield built
        world.close()
