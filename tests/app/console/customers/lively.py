"""A console over a small book: as it was brought in, or after some hours of life."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from app.book.finding.kept_words import keep_words
from app.store.rows import Customer
from tests.app.console.team import Team, rooms_named, sitting
from tests.app.web.people import NOW
from tests.factories import add_campaign, add_customer, add_invoice
from tests.world import World

T = TypeVar("T")
DUE = date(2026, 11, 20)


@dataclass(frozen=True)
class Book:
    """`dana` is written to in Hebrew; `jonas` owes too, and nobody has an address for him."""

    team: Team
    dana: int
    jonas: int


@dataclass(frozen=True)
class Lively(Book):
    """A book in which cases are open, and Dana was written to."""

    world: World

    def passes(self, **delta: float) -> None:
        """Time goes on, for the loops and for the console."""
        self.world.move(**delta)
        self.team.clock.move_to(self.world.now)


def plain(page: str) -> str:
    """A page without the marks that set its facts apart."""
    return page.replace("\u2068", "").replace("\u2069", "")


CUSTOMERS = rooms_named("customers", "queues")


@contextmanager
def quiet(url: str) -> Iterator[Book]:
    with sitting(url, rooms=CUSTOMERS) as team:
        yield _book(team)


@contextmanager
def lively(url: str, **changed: Any) -> Iterator[Lively]:
    with sitting(url, **changed) as team:
        world = World(url, start=NOW)
        world.carry({}, run=_run_beside)
        book = _book(team)
        built = Lively(team, book.dana, book.jonas, world)
        for _ in range(3):
            built.passes(hours=1)
        yield built
        world.close()


def _run_beside(sending: Coroutine[Any, Any, T]) -> T:
    """In a thread of its own: where a browser is driven, a loop of events runs already."""
    with ThreadPoolExecutor(1) as beside:
        return beside.submit(asyncio.run, sending).result()


def _book(team: Team) -> Book:
    database, creditor = team.database, team.creditor_id
    add_campaign(database, creditor)
    reached = {"email": "dana@home.example", "phone": "+972523456789"}
    dana = add_customer(database, creditor, "K-1042", locale="he", **reached)
    in_vilnius = {"locale": "lt", "country": "LT", "zone": "Europe/Vilnius"}
    jonas = add_customer(database, creditor, "K-7", **in_vilnius)
    for customer, number in ((dana, "2026/117"), (jonas, "2026/118")):
        add_invoice(database, customer, number, due_on=DUE, amount=124_050)
    with database.write() as session:
        for customer, name in ((dana, "דָּנָה כהן"), (jonas, "Jonas Žemaitis")):
            session.get_one(Customer, customer).name = name
        session.flush()
        keep_words(session, [], new=[dana, jonas])
    return Book(team, dana, jonas)
