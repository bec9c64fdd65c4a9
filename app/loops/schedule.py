"""Runs the loops for real: one APScheduler job a loop, in memory, each at most once at a time.

APScheduler 3 drops late jobs by default, so a late tick is run once, however late. It holds no
state: what is due stands in the database, as an indexed instant.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event

from apscheduler.events import EVENT_JOB_MAX_INSTANCES, JobSubmissionEvent
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.exc import DBAPIError

from app.clock import Clock
from app.store.engines import Database, Ending

log = logging.getLogger(__name__)

LONG = timedelta(seconds=30)
"""A loop that is so far behind its pace is news; one that is less, and soon over, is not."""


@dataclass(frozen=True, slots=True)
class Job:
    """A loop: its name, how often it ticks, and one tick. A tick answers whether more is due."""

    name: str
    every: timedelta
    tick: Callable[[datetime], bool]


class Beat:
    """What one job does on each beat: ask the time, check the clock, tick until nothing is due.

    Never raises: a database that goes away costs this beat, and the next one tries again. Trouble
    is told when it begins and when it is over, by its kind: its own words may quote a customer. So
    are the beats that a long tick leaves out, once it is over.
    """

    def __init__(
        self,
        job: Job,
        database: Database,
        clock: Clock,
        *,
        skew: timedelta,
        stopping: Event | None = None,
    ) -> None:
        self._job = job
        self._database = database
        self._clock = clock
        self._skew = skew
        self._stopping = stopping or Event()
        self._trouble = ""
        self._left_out = 0

    def leave_out(self) -> None:
        """A beat came while the one before it was at work."""
        self._left_out += 1

    def __call__(self) -> None:
        try:
            trouble = self._tick_while_due()
        except Ending:
            return
        except DBAPIError as problem:
            trouble = f"the database did not answer ({type(problem).__name__}); it is tried again"
        except Exception as problem:  # noqa: BLE001  # a loop must live; see above
            trouble = f"failed ({type(problem).__name__}); it is tried again"
        if trouble != self._trouble:
            self._tell(trouble)
        self._trouble = trouble
        left_out, self._left_out = self._left_out, 0
        if left_out:
            behind = left_out * self._job.every
            level = logging.INFO if behind >= LONG else logging.DEBUG
            told = "%s: %.0f s behind its pace, %d beats in one"
            log.log(level, told, self._job.name, behind.total_seconds(), left_out + 1)

    def _tell(self, trouble: str) -> None:
        if trouble:
            log.error("%s: %s", self._job.name, trouble)
        else:
            log.info("%s: goes on", self._job.name)

    def _tick_while_due(self) -> str:
        while not self._stopping.is_set():
            now, off = self._now()
            if off > self._skew:
                return "this machine's clock is off; no work until it is right"
            if not self._job.tick(now):
                break
        return ""

    def _now(self) -> tuple[datetime, timedelta]:
        """The database's time, and how far this machine's is off at least: asking takes a while."""
        before = self._clock.now()
        now = self._database.now()
        after = self._clock.now()
        return now, max(before - now, now - after, timedelta(0))


class Schedule:
    """The jobs under APScheduler."""

    def __init__(
        self,
        jobs: Sequence[Job],
        database: Database,
        clock: Clock,
        *,
        skew: timedelta,
        on_stop: Callable[[], None] | None = None,
    ) -> None:
        self._stopping = Event()
        self._on_stop = on_stop
        self.scheduler = BackgroundScheduler(
            timezone="UTC",
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        self._beats = {
            job.name: Beat(job, database, clock, skew=skew, stopping=self._stopping) for job in jobs
        }
        self.scheduler.add_listener(self._leave_out, EVENT_JOB_MAX_INSTANCES)
        for job in jobs:
            self.scheduler.add_job(
                self._beats[job.name],
                "interval",
                seconds=job.every.total_seconds(),
                id=job.name,
                next_run_time=clock.now(),
            )

    def start(self) -> None:
        log.info("%d loops begin", len(self._beats))
        self.scheduler.start()

    def end(self) -> None:
        """Tells the ticks that are running, and waits for none. `on_stop` has those hurry that
        could take long."""
        self._stopping.set()
        if self._on_stop is not None:
            self._on_stop()

    def stop(self) -> None:
        """Waits for the ticks that are running, and for nothing that is due after them."""
        self.end()
        self.scheduler.shutdown(wait=True)
        log.info("the loops have ended")

    def _leave_out(self, event: JobSubmissionEvent) -> None:
        self._beats[event.job_id].leave_out()
