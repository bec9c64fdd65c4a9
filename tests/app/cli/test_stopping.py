"""SIGTERM in the middle of work: within ten seconds every claim is given back, what is with a
provider is settled or unclear, and who asked the pages is answered."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import IO

import pytest
from aiohttp import web

from app.api.keys import make_key
from app.api.scopes import Scope
from app.api.webhooks.endpoints import add_endpoint
from app.book.on_call import put_on_call
from app.clock import SystemClock
from app.intake.alarms import raise_alarm
from app.intake.tasks import Team, give_task
from app.lab.drill_field import Route, call_up, lay_out
from app.lab.faults import Faults
from app.lab.served import served
from app.lab.twilio import ACCOUNT, TOKEN, LocalTwilio
from app.loops.assembly import publish_shipped
from app.store.engines import Database
from campaigns.vocabulary import Medium
from tests.house.tree import ROOT

PEOPLE = 30
DULY = (sys.executable, "-c", "from app.cli import main; main()")
SQLITE = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
SLOW = pytest.mark.slow  # processes of their own, that wait for a provider


@contextmanager
def running(folder: Path, *arguments: str, **env: str) -> Iterator[subprocess.Popen[str]]:
    bare = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [*DULY, *arguments], cwd=folder, env={**bare, **env}, text=True, encoding="utf-8",
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


def ended(process: subprocess.Popen[str]) -> tuple[float, str]:
    """How long it took from the signal on, and what it said meanwhile."""
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    return time.monotonic() - began, err


def counted(database: Database, table: str) -> Mapping[str, int]:
    with database.read() as session:
        rows = session.connection().exec_driver_sql(
            f"SELECT state, count(*) FROM {table} GROUP BY state"
        )
        return {row[0]: row[1] for row in rows}


def until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline, "it did not come about within a minute"
        time.sleep(0.05)


def lay_siege(database: Database) -> None:
    """People who are written to at once, whatever the hour: there are no packs of rules."""
    now = SystemClock().now()
    publish_shipped(database, now, kinds=("template",))
    with database.write() as session:
        (ground,) = lay_out(session, [Route(Medium.SMS, "twilio")], now)
        call_up(session, ground, range(PEOPLE), today=now.date(), now=now)
        put_on_call(session, None, "+972500000001", name="Noa Levi", by="tests", now=now)


def provided(database_url: str, provider_url: str) -> dict[str, str]:
    return {
        "DULY_DATABASE_URL": database_url,
        "DULY_PROVIDER": "real",
        "DULY_TWILIO_ACCOUNT": ACCOUNT,
        "DULY_TWILIO_TOKEN": TOKEN,
        "DULY_TWILIO_BASE_URL": provider_url,
    }


def leased(database: Database) -> int:
    """Messages that somebody has claimed and not handed to a provider."""
    return asked(database, "FROM message WHERE state = 'waiting' AND lease_until IS NOT NULL")


def asked(database: Database, what: str) -> int:
    with database.read() as session:
        return int(session.connection().exec_driver_sql(f"SELECT count(*) {what}").scalar_one())


@SQLITE
@SLOW
def test_a_worker_that_is_told_to_stop_hears_the_answers_that_come(
    tmp_path: Path, migrated_url: str
) -> None:
    database, clock = Database(migrated_url), SystemClock()
    lay_siege(database)
    local = LocalTwilio(clock.now, faults=Faults(latency=timedelta(seconds=3)))
    with (
        served(local.app()) as url,
        running(tmp_path, "worker", **provided(migrated_url, url)) as worker,
    ):
        until(lambda: bool(counted(database, "attempt").get("sending")))
        took, err = ended(worker)
    attempts, messages = counted(database, "attempt"), counted(database, "message")
    claims = leased(database)
    database.dispose()

    assert took < 10
    assert claims == 0
    assert "sending" not in {**attempts, **messages}
    assert attempts["accepted"] == len(local.taken) > 0
    assert "Traceback" not in err


async def nobody_answers(_: web.Request) -> web.Response:
    await asyncio.sleep(60)
    return web.Response()


@SQLITE
@SLOW
def test_no_loop_waits_for_who_does_not_answer_and_all_give_back_what_they_claimed(
    tmp_path: Path, migrated_url: str
) -> None:
    """Messages, alarms, attempts that are looked into, and endpoints, all at once."""
    database = Database(migrated_url)
    lay_siege(database)
    silent = web.Application()
    silent.router.add_route("*", "/{anything:.*}", nobody_answers)
    with served(silent) as url:
        call_for_help(database, url)
        with running(tmp_path, "worker", **provided(migrated_url, url)) as worker:
            until(lambda: bool(counted(database, "attempt").get("sending")))
            until(lambda: bool(asked(database, "FROM alarm_call WHERE outcome = 'calling'")))
            until(lambda: bool(asked(database, "FROM endpoint_call")))
            time.sleep(1)
            took, err = ended(worker)
    attempts, claims = counted(database, "attempt"), leased(database)
    soon = (SystemClock().now() + timedelta(seconds=31)).isoformat(" ")
    late = [
        asked(database, f"FROM {table} WHERE due_at > '{soon}'")
        for table in ("alarm", "endpoint_call")
    ]
    database.dispose()

    assert took < 10
    assert claims == 0
    assert "sending" not in attempts
    assert attempts["unclear"] > 0
    assert late == [0, 0]
    assert "leaves work undone" not in err
    assert "Traceback" not in err


def call_for_help(database: Database, url: str) -> None:
    """An alarm that is due, and an endpoint with an event to be told of."""
    now = SystemClock().now()
    with database.write() as session:
        add_endpoint(session, url=url, kinds=(), creditor_id=None, by="tests", now=now)
        give_task(
            session, key="a", team=Team.CARE, kind="danger", title="Now", now=now,
            due_in=timedelta(minutes=15),
        )  # fmt: skip
        raise_alarm(session, "a", creditor_id=None, note_id=None, now=now)


@SQLITE
@SLOW
def test_a_worker_that_cannot_end_what_it_does_leaves_all_the_same(
    tmp_path: Path, migrated_url: str
) -> None:
    """Somebody keeps the one writer's lock of SQLite: whoever waits for it, waits for long."""
    database = Database(migrated_url)
    lay_siege(database)
    with running(tmp_path, "worker", DULY_DATABASE_URL=migrated_url) as worker:
        until(lambda: bool(asked(database, "FROM loop_beat")))
        with database.write() as session:
            session.connection().exec_driver_sql("UPDATE message SET due_at = created_at")
            time.sleep(2)
            took, err = ended(worker)
    database.dispose()

    assert took < 10
    assert "leaves work undone" in err


@SQLITE
@SLOW
def test_pages_that_are_told_to_stop_answer_who_asked_and_end_streams(
    tmp_path: Path, migrated_url: str
) -> None:
    database = Database(migrated_url)
    with database.write() as session:
        key = make_key(
            session, name="erp", scopes=tuple(Scope), creditor=None, by="tests",
            expires_at=None, now=SystemClock().now(),
        )  # fmt: skip
    database.dispose()
    env = {"DULY_DATABASE_URL": migrated_url, "DULY_PORT": "0"}
    with running(tmp_path, "serve", "--no-loops", **env) as web:
        assert web.stderr is not None
        port = port_of(web.stderr)
        stream = spoken(port, f"GET /api/v1/events/stream HTTP/1.1\r\nHost: x\r\n"
                             f"Authorization: Bearer {key.secret}\r\n\r\n")  # fmt: skip
        assert b"200 OK" in stream.recv(1000)
        half = spoken(port, "POST /webhooks/sandbox HTTP/1.1\r\nHost: x\r\n"
                           "Content-Length: 10\r\n\r\nhalf")  # fmt: skip
        time.sleep(0.5)
        began = time.monotonic()
        web.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        half.sendall(b" more!")
        answer = half.recv(1000)
        err = "".join(up_to(web.stderr, "Finished server process"))
        took = time.monotonic() - began
        web.wait(60)
        stream.close()
        half.close()

    assert b"403 Forbidden" in answer
    assert took < 10
    assert web.returncode == 0
    assert "Traceback" not in err
    assert "exceeded" not in err  # nothing had to be cut off


def up_to(told: IO[str], words: str) -> Iterator[str]:
    for line in told:
        yield line
        if words in line:
            return


def port_of(told: IO[str]) -> int:
    port = 0
    for line in told:
        found = re.search(r"The pages are on http://127\.0\.0\.1:(\d+)\.", line)
        port = int(found[1]) if found else port
        if "startup complete" in line:
            return port
    raise AssertionError("it did not start")


def spoken(port: int, words: str) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    connection.sendall(words.encode())
    return connection
