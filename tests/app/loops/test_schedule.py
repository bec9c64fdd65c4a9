"""The beat: what a loop does when the database goes, the clock is off, or a tick takes long."""

import logging
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event, Lock

import psycopg
import pytest
from apscheduler.jobstores.memory import MemoryJobStore
from psycopg import sql
from sqlalchemy import text

from app.clock import Clock, SystemClock, VirtualClock
from app.loops.schedule import LONG, Beat, Job, Schedule
from app.store.engines import Database, Ending
from tests.databases import on_both_stores
from tests.factories import add_creditor

SKEW = timedelta(seconds=2)
SOON = timedelta(milliseconds=20)


def _beat(database: Database, tick: Callable[[datetime], bool], clock: Clock | None = None) -> Beat:
    job = Job("example", timedelta(seconds=1), tick)
    return Beat(job, database, clock or SystemClock(), skew=SKEW)


def _rename(database: Database) -> Callable[[datetime], bool]:
    """A tick that writes: it renames the creditor."""

    def tick(_now: datetime) -> bool:
        with database.write() as session:
            session.connection().execute(text("UPDATE creditor SET name = 'renamed'"))
        return False

    return tick


def _name(database: Database) -> str:
    with database.read() as session:
        return str(session.connection().scalar(text("SELECT name FROM creditor")))


def _wait_for(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < until, "it did not happen within ten seconds"
        time.sleep(0.01)


@contextmanager
def _administrator(database: Database) -> Iterator[psycopg.Connection]:
    """Somebody who can take a PostgreSQL database away."""
    address = database.url.set(drivername="postgresql", database="postgres")
    with psycopg.connect(address.render_as_string(False), autocommit=True) as connection:
        yield connection


@contextmanager
def _gone(database: Database) -> Iterator[None]:
    """The PostgreSQL database takes no connections any more, and ends those that are open."""
    name = database.url.database or ""
    allow = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
    end = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s"
    with _administrator(database) as connection:
        connection.execute(allow.format(sql.Identifier(name), sql.SQL("false")))
        connection.execute(end, [name])
        try:
            yield
        finally:
            connection.execute(allow.format(sql.Identifier(name), sql.SQL("true")))


@on_both_stores
def test_a_beat_ticks_until_nothing_is_due(database: Database) -> None:
    left = [True, True, False]
    ticks: list[datetime] = []

    def tick(now: datetime) -> bool:
        ticks.append(now)
        return left[len(ticks) - 1]

    _beat(database, tick)()

    assert len(ticks) == 3
    assert ticks == sorted(ticks)


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_a_database_that_goes_away_costs_beats_and_the_loop_comes_back_by_itself(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    add_creditor(database)
    beat = _beat(database, _rename(database))
    with _gone(database):
        beat()
        beat()
    assert "example: the database did not answer (OperationalError)" in caplog.text
    assert len(caplog.records) == 1, "trouble that goes on is told once"

    caplog.set_level(logging.INFO)
    beat()

    assert _name(database) == "renamed"
    assert caplog.records[-1].message == "example: goes on"


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_a_connection_that_dies_within_a_tick_leaves_nothing_half_written(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    add_creditor(database)
    kill = text("SELECT pg_terminate_backend(pg_backend_pid())")

    def tick(_now: datetime) -> bool:
        with database.write() as session:
            session.connection().execute(text("UPDATE creditor SET name = 'half'"))
            session.connection().execute(kill)
        return False

    _beat(database, tick)()

    assert "the database did not answer" in caplog.text
    assert _name(database) == "Carmel Water"
    _beat(database, _rename(database))()
    assert _name(database) == "renamed"


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_locked_file_costs_a_beat_and_the_next_one_writes(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    add_creditor(database)
    beat = _beat(database, _rename(database))
    with database.engine.connect() as connection:  # the pooled one: it waits no twenty seconds
        connection.exec_driver_sql("PRAGMA busy_timeout=50")
    with closing(sqlite3.connect(database.url.database or "", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        beat()
        other.execute("ROLLBACK")
    assert "the database did not answer (OperationalError)" in caplog.text

    beat()

    assert _name(database) == "renamed"


def test_an_error_is_told_by_its_kind_and_never_by_its_words(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    def tick(_now: datetime) -> bool:
        raise ValueError("dana@example.com owes 1,240.50")

    _beat(database, tick)()

    assert [record.getMessage() for record in caplog.records] == [
        "example: failed (ValueError); it is tried again"
    ]
    assert "dana" not in caplog.text


def test_a_tick_that_ends_because_it_was_told_to_is_no_trouble(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    def tick(_now: datetime) -> bool:
        raise Ending

    _beat(database, tick)()

    assert caplog.records == []


@pytest.mark.parametrize("off", [timedelta(seconds=-3), timedelta(seconds=3)])
def test_a_clock_that_is_off_does_no_work_until_it_is_right(
    database: Database, caplog: pytest.LogCaptureFixture, off: timedelta
) -> None:
    ticks: list[datetime] = []

    class Wrong(SystemClock):
        def now(self) -> datetime:
            return super().now() + off

    _beat(database, _noting(ticks), Wrong())()

    assert ticks == []
    assert "this machine's clock is off" in caplog.text


def test_a_slow_answer_is_no_wrong_clock(database: Database) -> None:
    """Asking a database that is far away takes time, which is nobody's fault."""
    ticks: list[datetime] = []
    start = SystemClock().now() - timedelta(seconds=3)

    class Slow:
        def __init__(self) -> None:
            self._told = iter((start, start + timedelta(seconds=6)))

        def now(self) -> datetime:
            return next(self._told)

    _beat(database, _noting(ticks), Slow())()

    assert len(ticks) == 1


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
class TestTheSchedule:
    def test_late_jobs_run_once_and_nothing_overlaps_by_its_options(
        self, database: Database
    ) -> None:
        jobs = [Job(name, timedelta(seconds=3), lambda _now: False) for name in ("walk", "tidy")]
        made = Schedule(jobs, database, SystemClock(), skew=SKEW).scheduler
        made.start(paused=True)
        options = [(j.misfire_grace_time, j.coalesce, j.max_instances) for j in made.get_jobs()]
        store = made.get_jobs()[0]._jobstore_alias
        stores = made._jobstores
        made.shutdown()

        assert options == [(None, True, 1)] * 2
        assert isinstance(stores[store], MemoryJobStore)

    def test_a_job_that_is_late_by_many_beats_runs_once(self, database: Database) -> None:
        ticks: list[datetime] = []
        long_ago = VirtualClock(datetime(2026, 1, 1, tzinfo=UTC))
        job = Job("late", timedelta(hours=1), _noting(ticks))
        schedule = Schedule([job], database, long_ago, skew=timedelta(days=3650))
        schedule.start()
        _wait_for(lambda: bool(ticks))
        time.sleep(0.1)
        schedule.stop()

        assert len(ticks) == 1

    def test_a_tick_that_takes_long_is_never_joined_by_a_second(self, database: Database) -> None:
        guard, together, ticks = Lock(), [0, 0], [0]

        def tick(_now: datetime) -> bool:
            with guard:
                together[0] += 1
                together[1] = max(together)
            time.sleep(0.08)
            with guard:
                together[0] -= 1
                ticks[0] += 1
            return False

        schedule = Schedule([Job("long", SOON, tick)], database, SystemClock(), skew=SKEW)
        schedule.start()
        _wait_for(lambda: ticks[0] >= 3)
        schedule.stop()

        assert together == [0, 1]

    def test_stopping_waits_for_the_tick_that_runs_and_for_no_other(
        self, database: Database
    ) -> None:
        began, ended = Event(), []

        def tick(_now: datetime) -> bool:
            began.set()
            time.sleep(0.1)
            ended.append(True)
            return True  # more is due; there would be no end of it

        schedule = Schedule([Job("busy", SOON, tick)], database, SystemClock(), skew=SKEW)
        schedule.start()
        assert began.wait(10)
        schedule.stop()

        assert ended == [True]

    def test_beats_that_a_long_tick_leaves_out_are_told_once_with_their_number(
        self, database: Database, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG, "app")
        ticks: list[datetime] = []

        def tick(now: datetime) -> bool:
            ticks.append(now)
            time.sleep(0.2)
            return False

        schedule = Schedule([Job("long", SOON, tick)], database, SystemClock(), skew=SKEW)
        schedule.start()
        _wait_for(lambda: len(ticks) == 2)
        schedule.stop()

        first, *more = [r for r in caplog.records if "behind its pace" in r.getMessage()]
        assert first.args is not None
        assert int(str(tuple(first.args)[2])) >= 3
        assert first.levelno == logging.DEBUG  # it is the usual thing in a large house
        assert len(more) <= 1
        ours = [r.getMessage() for r in caplog.records if r.name == "app.loops.schedule"]
        assert (ours[0], ours[-1]) == ("1 loops begin", "the loops have ended")

    def test_a_loop_that_is_half_a_minute_behind_is_news(
        self, database: Database, caplog: pytest.LogCaptureFixture
    ) -> None:
        beat = Beat(Job("walk", LONG / 3, lambda _: False), database, SystemClock(), skew=SKEW)
        with caplog.at_level(logging.INFO, "app"):
            for left_out in (2, 3):
                for _ in range(left_out):
                    beat.leave_out()
                beat()

        assert caplog.messages == ["walk: 30 s behind its pace, 4 beats in one"]

    def test_one_loop_that_fails_costs_no_other(self, database: Database) -> None:
        ticks: list[datetime] = []

        def fail(_now: datetime) -> bool:
            raise RuntimeError

        jobs = [
            Job("broken", SOON, fail),
            Job("sound", SOON, _noting(ticks)),
        ]
        schedule = Schedule(jobs, database, SystemClock(), skew=SKEW)
        schedule.start()
        _wait_for(lambda: len(ticks) >= 3)
        schedule.stop()

        assert len(ticks) >= 3


def _noting(ticks: list[datetime]) -> Callable[[datetime], bool]:
    """A tick that notes when it was called, and has done all that is due."""

    def tick(now: datetime) -> bool:
        ticks.append(now)
        return False

    return tick
