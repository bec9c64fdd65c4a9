"""All loops of one process, put together: what `serve`, `worker`, the demo and the tests run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from app.delivery.deliver import Delivery, Pace
from app.delivery.dispatch import Addresses, Channels
from app.delivery.reconcile import Reconciliation
from app.delivery.words import publish_templates
from app.engine.catalogue import Catalogue, publish_library
from app.engine.enrol import Enrolment
from app.engine.walk import Walk
from app.store.engines import Database
from app.wording.render import Wording


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
) -> Loops:
    """The loops over one database. They share a catalogue, so a revision is compiled once."""
    catalogue = Catalogue()
    batch = (pace or Pace()).batch
    return Loops(
        Enrolment(database, catalogue),
        Walk(database, catalogue, batch=batch),
        Delivery(database, catalogue, channels, addresses, clock, pace=pace),
        Reconciliation(database, channels, secret=addresses.secret),
    )


def publish_shipped(database: Database, now: datetime) -> None:
    """Publishes the journeys, packs and words that Duly ships."""
    with database.write() as session:
        publish_library(session, now=now)
        publish_templates(session, Wording.from_files(), now=now)
