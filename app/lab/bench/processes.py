"""How much memory a web process and a worker take while they work on a book: as `duly serve` and
`duly worker` run, each a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.request import urlopen

from sqlalchemy import select

from app.clock import SystemClock
from app.lab.bench.memory import pss_mb
from app.settings import Settings
from app.store.bulk import insert_returning_ids, update_rows
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import Link, Message
from app.web.visits import token_hash
from app.wording.links import token

_CLOCK: Final = SystemClock()

READERS: Final = 32
_PAGES: Final = 1_000  # of as many customers
_WORKS_FOR: Final = timedelta(seconds=8)
_DULY: Final = (sys.executable, "-c", "from app.cli import main; main()")
_MESSAGE = table_of(Message)


def web_and_worker(database: Database, folder: Path) -> tuple[float, float]:
    """The most that each took, in MB; 0 where the system does not tell. Messages that wait in this
    book get a page each, and the worker looks at all that is due by the real clock."""
    url = database.url.render_as_string(hide_password=False)
    tokens = _pages(database)
    with _process(url, folder, "serve", "--no-loops") as web:
        address = re.search(r"http://[\d.:]+\d", _first_line(web))
        assert address is not None
        paths = [f"{address[0]}/p/{each}" for each in tokens]
        with ThreadPoolExecutor(READERS) as readers:
            most_of_web = max(readers.map(lambda path: _read(path, web.pid), paths))
    with _process(url, folder, "worker") as worker:
        _first_line(worker)
        until, most_of_worker = time.monotonic() + _WORKS_FOR.total_seconds(), 0.0
        while time.monotonic() < until:
            most_of_worker = max(most_of_worker, pss_mb(worker.pid))
            time.sleep(0.2)
    return most_of_web, most_of_worker


def _pages(database: Database) -> Sequence[str]:
    """The tokens of new links, each to another customer's page."""
    now = _CLOCK.now()
    secret = Settings.model_validate({}).secret
    with database.write() as session:
        asked = select(_MESSAGE.c.id, _MESSAGE.c.customer_id).limit(_PAGES)
        links = [
            {
                "customer_id": row.customer_id,
                "message_id": row.id,
                "purpose": "pay",
                "created_at": now,
                "expires_at": now + timedelta(days=1),
            }
            for row in session.connection().execute(asked)
        ]
        ids = insert_returning_ids(session, Link, links)
        tokens = {id_: token(secret, id_) for id_ in ids}
        hashes = [{"id": id_, "token_hash": token_hash(tokens[id_])} for id_ in ids]
        update_rows(session, Link, hashes)
    return list(tokens.values())


def _read(path: str, process: int) -> float:
    with urlopen(path, timeout=60) as answer:
        answer.read()
    return pss_mb(process)


@contextmanager
def _process(url: str, folder: Path, *command: str) -> Iterator[subprocess.Popen[str]]:
    """A process of ours over this database, that ends with the block."""
    files = ("sandbox_ledger", "gateway_ledger", "documents")
    process = subprocess.Popen(
        [*_DULY, *command],
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("DULY_")},
            **{f"DULY_{name.upper()}": str(folder / f"{name}.of_bench") for name in files},
            "DULY_DATABASE_URL": url,
            "DULY_PORT": "0",
            "DULY_LOG_LEVEL": "error",
        },
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert process.stderr is not None
    try:
        yield process
    finally:
        process.terminate()
        process.wait()
        process.stderr.close()


def _first_line(process: subprocess.Popen[str]) -> str:
    """What it says when it is ready."""
    assert process.stderr is not None
    line = process.stderr.readline()
    if process.poll() is not None or not line:
        raise RuntimeError(f"a process ended before it began: {line}{process.stderr.read()}")
    return line
