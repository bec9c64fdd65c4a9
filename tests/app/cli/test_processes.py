"""The commands as processes of their own: streams, signals, and how long they take to speak."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.databases import on_both_stores

BARE = {"PATH": os.environ["PATH"], "LANG": "C", "LC_ALL": "C", "PYTHONWARNINGS": "error"}
DULY = (sys.executable, "-c", "from app.cli import main; main()")
SQLITE = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


def _run(folder: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*DULY, *arguments], cwd=folder, env={**BARE, **env}, capture_output=True, check=False
    )


@contextmanager
def _running(folder: Path, *arguments: str, **env: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [*DULY, *arguments],
        cwd=folder,
        env={**BARE, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def _line(process: subprocess.Popen[str], pattern: str) -> re.Match[str]:
    """The first line of standard error that fits."""
    assert process.stderr is not None
    seen = []
    for line in process.stderr:
        seen.append(line)
        found = re.search(pattern, line)
        if found:
            return found
    raise AssertionError(f"no line fits {pattern}: {seen}")


def _ended(process: subprocess.Popen[str], number: int) -> tuple[int, str, str]:
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    return process.returncode, out, err


def test_hebrew_survives_a_terminal_in_the_c_locale(tmp_path: Path) -> None:
    ended = _run(
        tmp_path, "template", "render", "due_soon", "--medium", "sms", "--locale", "he", "--json"
    )

    assert (ended.returncode, ended.stderr) == (0, b"")
    assert "אלון ושקד" in json.loads(ended.stdout.decode("utf-8"))["text"]


def test_help_comes_at_once(tmp_path: Path) -> None:
    """What a command needs is imported when it runs: else all would wait for all."""
    code = (
        "import sys, app.cli; "
        "print(sorted({'sqlalchemy', 'fastapi', 'babel', 'uvicorn'} & set(sys.modules)))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=BARE, capture_output=True, check=True
    )

    assert ended.stdout.strip() == b"[]"


def test_a_reader_that_goes_away_is_no_traceback(tmp_path: Path) -> None:
    pipe = " ".join(f"'{part}'" for part in (*DULY, "template", "render", "due_soon"))
    ended = subprocess.run(
        ["sh", "-c", f"{pipe} --medium email --json | head -c 1"],
        cwd=tmp_path, env=BARE, capture_output=True, check=False,
    )  # fmt: skip

    assert b"Traceback" not in ended.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
@SQLITE
def test_serve_answers_and_stops_cleanly(tmp_path: Path, migrated_url: str, number: int) -> None:
    env = {"DULY_DATABASE_URL": migrated_url, "DULY_PORT": "0"}
    with _running(tmp_path, "serve", **env) as process:
        address = _line(process, r"The pages are on (http://127\.0\.0\.1:\d+)\.")[1]
        _line(process, "startup complete")
        with urllib.request.urlopen(f"{address}/outbox") as answer:
            assert answer.status == 200
        code, out, err = _ended(process, number)

    assert (code, out) == (0, "")
    assert "Finished server process" in err
    assert "Traceback" not in err


LAST_WORDS = re.compile(r"\S+ \S+ INFO app\.loops\.schedule: the loops have ended\n")
"""All that a worker says once it is told to stop."""


@on_both_stores
def test_a_worker_stops_cleanly(tmp_path: Path, migrated_url: str) -> None:
    with _running(tmp_path, "worker", DULY_DATABASE_URL=migrated_url) as process:
        _line(process, "The loops are running")
        code, out, err = _ended(process, signal.SIGTERM)

    assert (code, out) == (0, "")
    assert LAST_WORDS.fullmatch(err)


def _signal_thread(process: int, thread: int, number: int) -> None:
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    if libc.tgkill(process, thread, number):
        raise OSError(ctypes.get_errno(), "tgkill")


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="tgkill is Linux's alone")
@SQLITE
def test_a_worker_stops_when_another_of_its_threads_is_given_the_signal(
    tmp_path: Path, migrated_url: str
) -> None:
    """As happens under load: any thread may get it, and Python acts on it in the main one."""
    with _running(tmp_path, "worker", DULY_DATABASE_URL=migrated_url) as process:
        _line(process, "The loops are running")
        threads = [int(task.name) for task in Path(f"/proc/{process.pid}/task").iterdir()]
        _signal_thread(process.pid, max(threads), signal.SIGTERM)
        out, err = process.communicate(timeout=30)

    assert (process.returncode, out) == (0, "")
    assert LAST_WORDS.fullmatch(err)


@pytest.mark.slow
@SQLITE
def test_a_worker_speaks_and_takes_in_what_the_sandbox_reports(
    tmp_path: Path, migrated_url: str
) -> None:
    """The whole way in one process: enrolled, decided, sent, and the receipt taken in."""
    from app.store.engines import Database
    from tests.app.loops.books import fill

    database = Database(migrated_url)
    fill(database, tmp_path)
    with _running(tmp_path, "worker", DULY_DATABASE_URL=migrated_url) as process:
        _line(process, "The loops are running")
        until = time.monotonic() + 30
        decided = "SELECT count(*) FROM event"
        while time.monotonic() < until:
            with database.read() as session:
                if session.connection().exec_driver_sql(decided).scalar_one():
                    break
            time.sleep(0.1)
        else:
            pytest.fail("no case was opened within thirty seconds")
        code, _, err = _ended(process, signal.SIGTERM)
    database.dispose()

    assert code == 0
    assert LAST_WORDS.fullmatch(err)


@pytest.mark.slow
@SQLITE
def test_a_port_that_is_taken_is_told(tmp_path: Path, migrated_url: str) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = _run(tmp_path, "serve", DULY_DATABASE_URL=migrated_url, DULY_PORT=str(port))

    assert ended.returncode == 1
    assert ended.stderr.decode().startswith(f"Port {port} of 127.0.0.1 cannot be had: ")
    assert ended.stdout == b""


@pytest.mark.slow
@SQLITE
def test_a_ledger_that_cannot_be_opened_is_told(tmp_path: Path, migrated_url: str) -> None:
    ended = _run(
        tmp_path, "worker", DULY_DATABASE_URL=migrated_url, DULY_SANDBOX_LEDGER="no/such/folder"
    )

    assert ended.returncode == 1
    assert b"DULY_SANDBOX_LEDGER" in ended.stderr


@pytest.mark.slow
@SQLITE
def test_a_watcher_takes_a_feed_in_and_stops_when_it_is_told(
    migrated_url: str, tmp_path: Path
) -> None:
    from tests.app.loops.books import write_book

    feed, mapping = write_book(tmp_path)
    folder = tmp_path / "in"
    folder.mkdir()
    arguments = ("import", "--watch", str(folder), "--map", str(mapping))
    with _running(tmp_path, *arguments, DULY_DATABASE_URL=migrated_url) as process:
        _line(process, "Watching .* Ctrl")
        feed.rename(folder / feed.name)
        _line(process, "the shipped campaigns are on")
        code, out, err = _ended(process, signal.SIGINT)

    assert code == 0
    assert out.startswith("book.csv: 5 of 5 rows in, 0 rejected")
    assert err.endswith("Stopped.\n")
    assert (folder / "done" / "book.csv").is_file()
