"""The bench of the customer's page: how many a second one web process gives, and how soon.

Readers in a process of their own open the pages of different customers, each the whole page: what
is owed, what comes next, and every form. The web is uvicorn as `duly serve` starts it.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from app.clock import SystemClock
from app.lab.bench.caller import Asked, calling, keep
from app.lab.bench.machine import cpu_seconds_of
from app.lab.bench.report import Aim, Figure, Report
from app.lab.bench.rounds import ROUNDS, Progress, Spread, Variant, Work, run_rounds
from app.lab.bench.stores import Store
from app.lab.bench.waiting import FIRST_AMOUNT, LOCALES, fill_due
from app.lab.drill_field import CURRENCY, SECRET
from app.lab.drill_web import serve
from app.store.bulk import insert_rows
from app.store.engines import Database
from app.store.rows import Link
from app.web.pages import writer_for
from app.wording.address import called
from app.wording.links import token
from campaigns.money import Money
from campaigns.vocabulary import Medium

_CLOCK: Final = SystemClock()

READERS: Final = 32
CUSTOMERS: Final = 2_000
PAGES: Final = 1_500
LARGE: Final = 20_000
WARM_UP: Final = 200
RATES: Final = {"sqlite": Aim(at_least=1_500), "postgresql": Aim(at_least=800)}
SLOWEST: Final = Aim(at_most=100)
ORDERS: Final = {"ledger": "", "stripe": "http://127.0.0.1:9"}  # nobody is called


@dataclass(slots=True)
class _Seen:
    """Of each round: milliseconds that pages took, the web's processor a page (us), and how many
    pages were wrong."""

    middle: list[float] = field(default_factory=list)
    slow: list[float] = field(default_factory=list)
    cpu_us: list[float] = field(default_factory=list)
    wrong: int = 0


def run(
    store: Store,
    *,
    folder: Path,
    large: bool,
    progress: Progress,
    customers: int = CUSTOMERS,
    pages: int | None = None,
    rounds: int = ROUNDS,
) -> Report:
    """Reads the pages of `customers` in turn, `READERS` at a time."""
    count = pages or (LARGE if large else PAGES)
    seen = _Seen()
    variant = Variant("page", lambda url: _web(url, seen, folder, customers, count))
    with store.seeded(lambda database: _fill(database, customers)) as seeded:
        series = run_rounds(seeded, [variant], rounds=rounds, progress=progress)
    name = f"pages to {READERS} readers"
    return Report(
        "page",
        store.name,
        [
            Figure(name, series.per_second("page"), "a second", RATES[store.name]),
            Figure("one of a hundred is slower than", Spread.of(seen.slow), "ms", SLOWEST),
            Figure("half are slower than", Spread.of(seen.middle), "ms"),
            Figure("the web's processor for one", Spread.of(seen.cpu_us), "us"),
        ],
        [f"{seen.wrong} pages were not those of their customers"] if seen.wrong else [],
    )


def _fill(database: Database, customers: int) -> None:
    """Everybody owes, has an open case, and a link."""
    fill_due(database, customers, medium=Medium.SMS)
    now = _CLOCK.now()
    links = [
        {
            "customer_id": number,
            "message_id": None,
            "purpose": "pay",
            "token_hash": sha256(token(SECRET, number).encode()).hexdigest(),
            "created_at": now,
            "expires_at": now + timedelta(days=1),
        }
        for number in range(1, customers + 1)
    ]
    with database.write() as session:
        insert_rows(session, Link, links)


def _pages(customers: int) -> list[Asked]:
    """The page of each customer, with the name and the amount that must stand there."""
    return [_page(number) for number in range(1, customers + 1)]


def _page(number: int) -> Asked:
    locale = LOCALES[number % len(LOCALES)]
    writer = writer_for(locale, locale)
    greeted = called(locale, name=f"Person {number}", vocative=None)
    names = [str(writer.name(greeted))] if greeted else []
    asked = f"GET /p/{token(SECRET, number)} HTTP/1.1\r\nhost: bench.invalid\r\n\r\n"
    amount = str(writer.money(Money(FIRST_AMOUNT + number, CURRENCY)))
    return Asked(asked.encode(), [each.encode() for each in (amount, *names)])


@contextmanager
def _web(url: str, seen: _Seen, folder: Path, customers: int, count: int) -> Iterator[Work]:
    asked = folder / "pages.bin"
    keep(_pages(customers), asked)
    with _served(url) as (port, cpu_seconds), calling(asked, port, connections=READERS) as readers:
        readers.ask(WARM_UP)

        def work() -> int:
            used = cpu_seconds()
            answered = readers.ask(count, first=WARM_UP)
            seen.cpu_us.append((cpu_seconds() - used) / count * 1e6)
            seen.middle.append(answered.p50)
            seen.slow.append(answered.p99)
            seen.wrong += count - answered.count
            return count

        yield work


@contextmanager
def _served(url: str) -> Iterator[tuple[int, Callable[[], float]]]:
    """The port of our web in a process of its own, and how much processor it has used."""
    context = get_context("spawn")
    with closing(socket.create_server(("127.0.0.1", 0), backlog=2048)) as listening:
        here, there = context.Pipe(duplex=False)
        orders = {**ORDERS, "database": url}
        web = context.Process(target=serve, args=(orders, there.send, listening), daemon=True)
        web.start()
        there.close()
        try:
            here.recv()
            pid = web.pid
            assert pid is not None
            yield listening.getsockname()[1], lambda: cpu_seconds_of(pid)
        finally:
            web.terminate()
            web.join()
            here.close()
