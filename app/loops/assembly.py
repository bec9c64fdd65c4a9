"""All loops of one process, put together: what `serve`, `worker`, the demo and the tests run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files

from sqlalchemy import select
from sqlmodel import Session

from app.book.signoffs import fall_back
from app.delivery.calls import Run
from app.delivery.deliver import Delivery, Pace
from app.delivery.dispatch import Addresses, Channels
from app.delivery.reconcile import Reconciliation
from app.engine.catalogue import Catalogue
from app.engine.enrol import Enrolment
from app.engine.walk import Walk
from app.store.engines import Database
from app.store.given import table_of
from app.store.publishing import content_hash, publish_all
from app.store.rows import Publication
from app.wording.samples import shipped
from channels.lookup import LookUp

KINDS = ("journey", "pack", "template")

_PUBLICATION = table_of(Publication)


@dataclass(frozen=True, slots=True)
class Loops:
    """Each loop is a plain `tick(now)`; none knows another."""

    enrolment: Enrolment
    walk: Walk
    delivery: Delivery
    reconciliation: Reconciliation

    def settle(self, now: datetime) -> None:
        """Ticks walk and delivery until nothing is left to do at `now`."""
        self.enrolment.tick(now)
        while self.walk.tick(now).looked or self.delivery.tick(now).claimed:
            continue


def assemble(
    database: Database,
    channels: Channels,
    addresses: Addresses,
    clock: Callable[[], datetime],
    *,
    pace: Pace | None = None,
    run: Run = asyncio.run,
    look_up: LookUp | None = None,
) -> Loops:
    """The loops over one database. They share a catalogue, so a revision is compiled once.

    `run` is how providers are called: `Calls.run` where a channel has connections. `look_up` asks
    about a number before the first text goes there; None asks nobody.
    """
    catalogue = Catalogue()
    batch = (pace or Pace()).batch
    return Loops(
        Enrolment(database, catalogue),
        Walk(database, catalogue, batch=batch),
        Delivery(
            database, catalogue, channels, addresses, clock, pace=pace, run=run, look_up=look_up
        ),
        Reconciliation(database, channels, secret=addresses.secret, run=run),
    )


def publish_shipped(
    database: Database, now: datetime, *, kinds: Container[str] = KINDS
) -> list[str]:
    """Publishes the journeys, packs and words that Duly ships (or only these kinds of them), and
    answers what is new by that.

    A version that was published once is not published again, so a journey or a template that was
    edited and published since stays the current one until Duly ships a newer version of it.
    """
    with database.write() as session:
        known = _ever_published(session)
        new = [
            (kind, name, text)
            for kind, name, text in shipped_texts()
            if kind in kinds and (kind, name, content_hash(text)) not in known
        ]
        publish_all(session, new, now=now)
        if any(kind == "pack" for kind, _, _ in new):
            fall_back(session, now)
    return [f"{kind} {name}" for kind, name, _ in new]


@cache
def shipped_texts() -> tuple[tuple[str, str, str], ...]:
    """Kind, name and text of all that ships. Read once a process: it takes a while."""
    return tuple(_read_shipped())


def _read_shipped() -> Iterator[tuple[str, str, str]]:
    for kind, folder in (("journey", "library"), ("pack", "jurisdictions")):
        for file in sorted(files("campaigns").joinpath(folder).iterdir(), key=lambda f: f.name):
            if file.name.endswith(".yaml"):
                yield kind, file.name.removesuffix(".yaml"), file.read_text("utf-8")
    wording = shipped()
    texts = wording.revisions()
    for name in wording.templates():
        yield "template", name, texts[wording.hash_of(name)]


def _ever_published(session: Session) -> frozenset[tuple[str, str, str]]:
    """Kind, name and hash of all that was ever current."""
    query = select(_PUBLICATION.c.kind, _PUBLICATION.c.name, _PUBLICATION.c.hash)
    return frozenset((row.kind, row.name, row.hash) for row in session.connection().execute(query))
