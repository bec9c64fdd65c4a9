"""One worker of the drill: the real loops, in a process of its own that is there to be killed.

Says "ready" once it runs and "sent" after its first batch, and works until it is ended.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy.exc import DBAPIError

from app.clock import SystemClock
from app.delivery.deliver import Pace
from app.delivery.dispatch import Addresses
from app.intake.inbox import intake_tick
from app.intake.sources import Source
from app.lab.drill_field import BASE_URL, SECRET
from app.lab.drill_lines import opened, sources
from app.lab.drill_places import Say
from app.loops.assembly import Loops, assemble
from app.store.engines import Database

BATCH = 8
LEASE = timedelta(seconds=3)
IDLE_SECONDS = 0.02


def _work(
    database: Database, loops: Loops, callers: Mapping[str, Source], clock: SystemClock, say: Say
) -> None:
    """Ticks all loops for ever. A database that does not answer costs one round."""
    read_clock, sent = clock.now, 0
    while True:
        try:
            busy = loops.enrolment.tick(read_clock())
            busy += loops.walk.tick(read_clock()).looked
            claimed = loops.delivery.tick(read_clock()).claimed
            if claimed and not sent:
                say("sent")
            sent, busy = sent + claimed, busy + claimed
            busy += loops.reconciliation.tick(read_clock())
            busy += intake_tick(database, callers, now=read_clock()) if callers else 0
        except DBAPIError as problem:
            sys.stderr.write(f"the database did not answer ({type(problem).__name__})\n")
            busy = 0
        if not busy:
            time.sleep(IDLE_SECONDS)


def work(orders: Mapping[str, str], say: Say) -> None:
    """Works over one `database` by the lines of the orders."""
    clock, database = SystemClock(), Database(orders["database"])
    with opened(orders) as (channels, run):
        loops = assemble(
            database,
            channels,
            Addresses(BASE_URL, SECRET),
            clock.now,
            pace=Pace(batch=BATCH, at_once=BATCH, lease=LEASE),
            run=run,
        )
        say("ready")
        _work(database, loops, sources(orders), clock, say)
