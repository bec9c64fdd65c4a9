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
from app.lab.drill_lines import gateways, opened, sources
from app.lab.drill_places import Say
from app.loops.assembly import Loops, assemble
from app.loops.tidy import Tidy
from app.store.engines import Database

BATCH = 8
LEASE = timedelta(seconds=3)
IDLE_SECONDS = 0.02
TIDY_EVERY = timedelta(seconds=0.5)


def _work(
    database: Database,
    loops: Loops,
    tidy: Tidy,
    callers: Mapping[str, Source],
    clock: SystemClock,
    say: Say,
) -> None:
    """Ticks all loops for ever. A database that does not answer costs one round."""
    read_clock, sent = clock.now, 0
    tidy_at = read_clock()
    while True:
        try:
            busy = loops.enrolment.tick(read_clock())
            busy += loops.walk.tick(read_clock()).looked
            claimed = loops.delivery.tick(read_clock()).claimed
            if claimed and not sent:
                say("sent")
            sent, busy = sent + claimed, busy + claimed
            busy += loops.reconciliation.tick(read_clock())
            busy += intake_tick(database, callers, now=read_clock())
            if read_clock() >= tidy_at:
                tidy.tick(read_clock())
                tidy_at = read_clock() + TIDY_EVERY
        except DBAPIError as problem:
            sys.stderr.write(f"the database did not answer ({type(problem).__name__})\n")
            busy = 0
        if not busy:
            time.sleep(IDLE_SECONDS)


def work(orders: Mapping[str, str], say: Say) -> None:
    """Works over one `database` by the lines of the orders."""
    clock, database = SystemClock(), Database(orders["database"])
    with gateways(orders) as payers_go_to, opened(orders) as (channels, run):
        loops = assemble(
            database,
            channels,
            Addresses(BASE_URL, SECRET),
            clock.now,
            pace=Pace(batch=BATCH, at_once=BATCH, lease=LEASE),
            run=run,
        )
        tidy = Tidy(database, loops.reconciliation, payers_go_to, secret=SECRET)
        callers = sources(orders, payers_go_to.values())
        say("ready")
        _work(database, loops, tidy, callers, clock, say)
