"""The bench of the console: how soon each of its pages is there, over a large book.

The whole app answers, one page after another, in this process: sign-in, queries, page and all. What
a server and a network add is left out.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx2
from fastapi import FastAPI

from app.clock import VirtualClock
from app.console.app import cookie_name, create_console
from app.console.notices import PATH
from app.garbage import rare_collection
from app.lab.bench.console_book import DAYS, NOW, WALKED, an_admin, count_figures, fill
from app.lab.bench.console_pages import pages
from app.lab.bench.report import Aim, Figure, Report, one
from app.lab.bench.rounds import Progress
from app.lab.bench.stores import Store, opened
from app.lab.drill_field import BASE_URL
from app.lab.drill_lines import gateway
from app.lab.drill_web import settings_for
from app.payments.choice import Gateways
from app.staff.sessions import open_session
from app.store.engines import Database
from app.web.app import create_app

CUSTOMERS: Final = 20_000
LARGE: Final = 1_000_000
TRIES: Final = 20
AIM: Final = Aim(at_most=200)
ORDERS: Final = {"ledger": "", "stripe": "http://127.0.0.1:9"}  # nobody is called


@dataclass(slots=True)
class Opened:
    """One page: milliseconds of the clock and of our processor each time, and its answer if that is
    not a page."""

    wall: list[float] = field(default_factory=list)
    own: list[float] = field(default_factory=list)
    wrong: str = ""

    @property
    def middle(self) -> float:
        return sorted(self.wall)[len(self.wall) // 2]

    @property
    def slow(self) -> float:
        """95 of 100 are sooner."""
        return sorted(self.wall)[max(int(len(self.wall) * 0.95) - 1, 0)]

    @property
    def own_middle(self) -> float:
        return sorted(self.own)[len(self.own) // 2]


def run(
    store: Store,
    *,
    folder: Path,  # noqa: ARG001 - as every bench is called
    large: bool,
    progress: Progress,
    customers: int | None = None,
    walked: int = WALKED,
    days: int = DAYS,
    tries: int = TRIES,
) -> Report:
    """Opens each page so many times over so many customers."""
    count = customers or (LARGE if large else CUSTOMERS)
    began = time.perf_counter()

    def make(database: Database) -> None:
        fill(database, count, walked=min(walked, count), days=days, tell=progress)

    with store.seeded(make) as seeded, opened(seeded.url) as database:
        filled = time.perf_counter() - began
        count_figures(database, NOW)
        counted = time.perf_counter() - began - filled
        found = open_all(seeded.url, tries=tries, progress=progress)
    return Report(
        "console",
        store.name,
        [
            one(f"pages over {count:,} customers that are late", _late(found), "", Aim(at_most=0)),
            *_figures(found),
            one("to fill the book", filled, "s"),
            one("to count all figures anew", counted, "s"),
        ],
        [f"{name}: {each.wrong}" for name, each in found.items() if each.wrong],
    )


def open_all(url: str, *, tries: int, progress: Progress) -> Mapping[str, Opened]:
    """Opens every page of the console over the book there."""
    with _browser(url) as (database, get):
        with database.read() as session:
            asked = pages(session)
        found = {}
        for number, (name, path) in enumerate(asked.items()):
            found[name] = _opened(get, path, tries)
            progress(number + 1, len(asked))
    return found


def _opened(get: Callable[[str], httpx2.Response], path: str, tries: int) -> Opened:
    """The first time is not counted: templates are read, and rows come into memory."""
    seen = Opened()
    answer = get(path)
    if answer.status_code != 200:
        seen.wrong = f"{path} answered {answer.status_code}"
    with rare_collection():
        for _ in range(tries):
            began, used = time.perf_counter(), time.process_time()
            get(path)
            seen.own.append((time.process_time() - used) * 1000)
            seen.wall.append((time.perf_counter() - began) * 1000)
    return seen


@contextmanager
def _browser(url: str) -> Iterator[tuple[Database, Callable[[str], httpx2.Response]]]:
    """The database, and what opens a page of the console over it as somebody who may see all."""
    settings, clock = settings_for(url), VirtualClock(NOW)
    with opened(url) as database, asyncio.Runner() as runner:
        app = _app(url, database, clock)
        user_id = an_admin(database, NOW)
        with database.write() as session:
            token = open_session(session, user_id, device="bench", now=NOW)
        client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app),
            base_url=BASE_URL,
            headers={"cookie": f"{cookie_name(settings)}={token}"},
            timeout=None,
        )
        try:
            yield database, lambda path: runner.run(client.get(path))
        finally:
            runner.run(client.aclose())


def _app(url: str, database: Database, clock: VirtualClock) -> FastAPI:
    settings, gateways = settings_for(url), Gateways.of(gateway(ORDERS))
    console = create_console(settings, database, clock, gateways)
    return create_app(settings, database, clock, gateways, beside={PATH: console})


def _late(found: Mapping[str, Opened]) -> int:
    return sum(not AIM.is_met(each.slow) for each in found.values())


def _figures(found: Mapping[str, Opened]) -> Iterator[Figure]:
    """The slowest first."""
    for name, each in sorted(found.items(), key=lambda entry: -entry[1].slow):
        yield one(f"{name}: 95 of 100 within", each.slow, "ms", AIM)
        yield one(f"{name}: half within", each.middle, "ms")
        yield one(f"{name}: half within, our processor", each.own_middle, "ms")
