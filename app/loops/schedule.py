"""Runs the loops for real: one APScheduler job a loop, in memory, each at most once at a time.

APScheduler 3 drops late jobs by default, so a late tick is run once, however late. It holds no
state: what is due stands in the database, as an indexed instant.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.exc import DBAPIError

from app.clock import Clock
from app.store.engines import Database

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """A loop: its name, how often it ticks, and one tick. A tick answers whether more is due."""

    name: str
    every: timedelta
    tick: Callable[[datetime], bool]


class Beat:
    """What one job does on each beat: ask the time, check the clock, tick until nothing is due.

    Never raises: a database that goes away costs this beat, and the next one tries again.
    """

    def __init__(self, job: Job, database: Database, clock: Clock, *, skew: timedelta) -> None:
        self._job = job
        self._database = database
        self._clock = clock
        self._skew = skew

    def __call__(self) -> None:
        try:
            self._beat()
        except DBAPIError as problem:
            log.warning("%s: the database did not answer (%s)", self._job.name, _kind(problem))
        except Exception as problem:  # noqa: BLE001  # a loop must live; the text may hold data
            log.error("%s failed: %s", self._job.name, _kind(problem))

    def _beat(self) -> None:
        now = self._database.now()
        off = abs(self._clock.now() - now)
        if off > self._skew:
            log.error(
                "%s: this machine's clock is off by %.1f s; no work until it is right",
                self._job.name,
                off.total_seconds(),
            )
            return
        while self._job.tick(now):
            now = self._database.now()


def _kind(problem: Exception) -> str:
    return type(problem).__name__


def scheduler(
    jobs: list[Job], database: Database, clock: Clock, *, skew: timedelta
) -> BackgroundScheduler:
    """A scheduler of these jobs, not yet started. `shutdown()` waits for the running ticks."""
    made = BackgroundScheduler(
        timezone="UTC",
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )
    for job in jobs:
        made.add_job(
            Beat(job, database, clock, skew=skew),
            "interval",
            seconds=job.every.total_seconds(),
            id=job.name,
            next_run_time=clock.now(),
        )
    return made
