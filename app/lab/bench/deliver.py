"""The bench of delivery: what waits is claimed, written, gated, handed over and settled.

The provider answers at once and is in this process. F2 is the leanest loop that we could write by
hand for the same rows, words and commits; the engine is what `duly worker` runs.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Column, Select, func, select

from app.delivery.calls import Calls
from app.delivery.deliver import Delivery, Pace
from app.delivery.dispatch import Addresses, Channels
from app.engine.catalogue import Catalogue
from app.garbage import rare_collection
from app.lab.bench.by_hand import ByHand
from app.lab.bench.crowd import NOW
from app.lab.bench.report import Aim, Figure, Report, rates
from app.lab.bench.rounds import ROUNDS, Progress, Series, Variant, run_rounds
from app.lab.bench.stores import Store, opened
from app.lab.bench.waiting import fill_waiting
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import Attempt, Link, Message
from campaigns.vocabulary import Medium
from channels import seam
from channels.seam import Accepted, Capabilities, Envelope, Found, NotFound

ADDRESSES: Final = Addresses("https://bench.invalid", b"the bench's links lead nowhere at all")
MESSAGES: Final = 3_000
LARGE: Final = 50_000
AIMS: Final = {Medium.SMS: Aim(at_least=0.6), Medium.EMAIL: Aim(at_least=0.7)}
TWO_AIM: Final = Aim(at_least=1.7)
F2: Final = "F2"
_LINK: Final = re.compile(r"\{\{link:[0-9]+\}\}")
_ATTEMPT, _MESSAGE, _LINKS = table_of(Attempt), table_of(Message), table_of(Link)


@dataclass(frozen=True, slots=True)
class Checked:
    """What was done to a copy: messages that were accepted, keys that are there twice, and a digest
    of all that was said to whom."""

    accepted: int
    twice: int
    said: str


def run(
    store: Store,
    *,
    folder: Path,
    large: bool,
    progress: Progress,
    messages: int | None = None,
    rounds: int = ROUNDS,
) -> Report:
    """SMS, then email. On PostgreSQL two workers too, against one."""
    del folder
    count = messages or (LARGE if large else MESSAGES)
    figures, wrong = list[Figure](), list[str]()
    for number, (medium, aim) in enumerate(AIMS.items()):
        variants = _variants(medium, two=store.name == "postgresql" and medium is Medium.SMS)

        def advance(done: int, total: int, before: int = number) -> None:
            progress(before * total + done, len(AIMS) * total)

        with store.seeded(partial(fill_waiting, people=count, medium=medium)) as seeded:
            series = run_rounds(seeded, variants, rounds=rounds, progress=advance)
        figures += _figures(series, medium, aim)
        wrong += wrong_in(series, count)
    return Report("deliver", store.name, figures, wrong)


def _variants(medium: Medium, *, two: bool) -> list[Variant]:
    engine, by_hand = _names(medium)
    variants = [Variant(engine, _engine, _checked), Variant(by_hand, _by_hand, _checked)]
    return (
        [*variants, Variant(f"{engine}, two workers", _two_workers, _checked)] if two else variants
    )


def _names(medium: Medium) -> tuple[str, str]:
    return f"{medium}", f"{F2}, {medium}"


def _figures(series: Series, medium: Medium, aim: Aim) -> list[Figure]:
    engine, by_hand = _names(medium)
    two = f"{engine}, two workers"
    found = [Figure(f"{medium} to {F2}", series.ratio(engine, by_hand), "times", aim)]
    if two not in series.runs:
        return found + rates(series)
    shown = Series({name: series.runs[name] for name in (engine, by_hand)})
    return [
        *found,
        Figure(f"{medium}, two workers to one", series.ratio(two, engine), "times", TWO_AIM),
        *rates(shown),
        Figure(two, series.per_second(two), "a second"),  # their processors are not ours
    ]


def wrong_in(series: Series, count: int) -> list[str]:
    """Every variant has to have said the same to the same people, once."""
    found, said = list[str](), set[str]()
    for name in series.runs:
        for checked in series.checked(name):
            assert isinstance(checked, Checked)
            said.add(checked.said)
            if checked.accepted != count:
                found.append(f"{name}: {checked.accepted} of {count} messages were accepted")
            if checked.twice:
                found.append(f"{name}: {checked.twice} keys are there twice")
    return [*found, "not all variants said the same"] if len(said) > 1 else found


def _checked(url: str) -> Checked:
    with opened(url) as database, database.read() as session:
        connection = session.connection()
        said = hashlib.sha256()
        for row in connection.execute(_SAID):
            said.update("\0".join(_LINK.sub("link", part or "") for part in row).encode())
        return Checked(
            accepted=connection.execute(_ACCEPTED).scalar_one(),
            twice=sum(connection.execute(query).scalar_one() for query in _TWICE),
            said=said.hexdigest(),
        )


def _twice(column: Column[Any]) -> Select[Any]:
    return select(func.count() - func.count(column.distinct())).select_from(column.table)


_ACCEPTED: Final = (
    select(func.count())
    .select_from(_MESSAGE.join(_ATTEMPT, _ATTEMPT.c.message_id == _MESSAGE.c.id))
    .where(_MESSAGE.c.state == "accepted", _ATTEMPT.c.state == "accepted")
)
_TWICE: Final = [
    _twice(column)
    for column in (_MESSAGE.c.key, _ATTEMPT.c.key, _ATTEMPT.c.message_id, _LINKS.c.token_hash)
]
_SAID: Final = select(
    *(_ATTEMPT.c[name] for name in ("recipient", "locale", "subject", "text", "html"))
).order_by(_ATTEMPT.c.recipient)


@contextmanager
def _engine(url: str) -> Iterator[Callable[[], int]]:
    with opened(url) as database:
        yield lambda: _deliver(database)


@contextmanager
def _by_hand(url: str) -> Iterator[Callable[[], int]]:
    with opened(url) as database:
        loop = ByHand(database, ADDRESSES, batch=Pace().batch)

        def work() -> int:
            done = loop.run()
            database.settle_file()
            return done

        yield work


@contextmanager
def _two_workers(url: str) -> Iterator[Callable[[], int]]:
    """In processes of their own, which are ready before the work begins."""
    with ExitStack() as stack:
        lines = [stack.enter_context(_worker(url)) for _ in range(2)]

        def work() -> int:
            for line in lines:
                line.send("go")
            return sum(line.recv() for line in lines)

        yield work


@contextmanager
def _worker(url: str) -> Iterator[Connection]:
    context = get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(url, there), daemon=True)
    process.start()
    there.close()
    try:
        here.recv()
        yield here
    finally:
        here.close()
        process.join()


def _serve(url: str, line: Connection) -> None:
    """Says that it is ready, and delivers when it is told to."""
    with opened(url) as database:
        line.send("ready")
        line.recv()
        with rare_collection():
            line.send(_deliver(database))


def _deliver(database: Database) -> int:
    """Everything that waits; the log of SQLite is in the file in the end."""
    channels: Channels = {(str(medium), "sandbox"): AtOnce(medium) for medium in AIMS}
    with Calls() as calls:
        delivery = Delivery(database, Catalogue(), channels, ADDRESSES, lambda: NOW, run=calls.run)
        settled = 0
        while (done := delivery.tick(NOW)).claimed:
            settled += done.settled
    database.settle_file()
    return settled


class AtOnce:
    """A provider that takes everything and answers at once."""

    provider = "sandbox"
    stands_for = "sandbox"
    capabilities = Capabilities(
        two_way=True,
        delivery_receipts=False,
        read_receipts=False,
        lookup=False,
        html=True,
        subject=True,
        max_length=None,
    )

    def __init__(self, medium: Medium) -> None:
        self.medium = seam.Medium(medium)

    async def send(self, envelope: Envelope) -> Accepted:
        return Accepted(f"taken-{envelope.attempt_key}", NOW)

    async def find(self, _: Envelope) -> Found | NotFound:
        return NotFound()

    async def close(self) -> None:
        return None
