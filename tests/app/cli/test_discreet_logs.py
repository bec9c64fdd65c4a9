"""Every line that any process logs, at the most talkative level, over the life of a whole book: it
holds no name, no address, no amount, no invoice's number, no text and no link of anybody in it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from app.api.keys import make_key
from app.api.scopes import Scope
from app.clock import SystemClock
from app.settings import Settings
from app.store.engines import Database
from app.wording.links import token
from tests.app.cli.customers import FILE, NUMBER, WORDS, act_on_pages
from tests.house.tree import ROOT

# As `duly serve` and `duly worker` begin; the demo says nothing of its loops unless it is asked.
TALKING = (
    "from app.cli.logs import log_to_stderr; log_to_stderr('debug', 'json');"
    " from app.cli import main; main()"
)
LEAST_AMOUNT = 1000  # in minor units: anything smaller stands in a duration, too


def environment(folder: Path) -> Mapping[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "error",
        "DULY_DATABASE_URL": f"sqlite:///{folder / 'duly.sqlite3'}",
        "DULY_LOG_LEVEL": "debug",
        "DULY_LOG_FORMAT": "json",
        "DULY_PORT": "0",
    }


@contextmanager
def running(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", TALKING, *arguments],
        cwd=folder, env=environment(folder), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, encoding="utf-8",
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


def ended(process: subprocess.Popen[str]) -> list[str]:
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=30)
    return err.splitlines()


def demonstrated(folder: Path) -> list[str]:
    url = environment(folder)["DULY_DATABASE_URL"]
    arguments = ("--customers", "24", "--days", "12", "--database-url", url, "--json")
    with running(folder, "demo", *arguments) as process:
        _, err = process.communicate(timeout=200)
    assert process.returncode == 0, err
    return err.splitlines()


def served(folder: Path, database: Database) -> list[str]:
    """All that customers, providers and programs can ask for, rightly and wrongly."""
    with running(folder, "serve") as process:
        assert process.stderr is not None
        lines = list(until_it_serves(process.stderr))
        origin = re.search(r"The pages are on (http://127\.0\.0\.1:\d+)\.", "".join(lines))
        assert origin is not None, lines
        ask_everything(origin[1], database)
        return [*lines, *ended(process)]


def until_it_serves(told: Iterable[str]) -> Iterator[str]:
    for line in told:
        yield line
        if "startup complete" in line:
            return


def worked(folder: Path) -> list[str]:
    with running(folder, "worker") as process:
        time.sleep(4)  # a few ticks of each loop
        return ended(process)


def ask_everything(origin: str, database: Database) -> None:
    with database.write() as session:
        key = make_key(
            session, name="erp", scopes=tuple(Scope), creditor=None, by="tests",
            expires_at=None, now=SystemClock().now(),
        )  # fmt: skip
    bearer = {"authorization": f"Bearer {key.secret}", "content-type": "application/json"}
    name, address = "Noa Mizrahi", "noa.mizrahi@mail.example"
    act_on_pages([f"{origin}/p/{made}" for made in links(database, OWING)])
    for made in links(database)[:12]:
        ask(f"{origin}/p/{made}")
        ask(f"{origin}/p/{made}/statement")
        ask(f"{origin}/p/{made}/help", b"words=" + address.encode())
        ask(f"{origin}/p/{made}/pay", b"amount=1240.50&nonce=none")
        ask(f"{origin}/u/{made}")
    ask(f"{origin}/{address}")
    for source in ("sandbox", "twilio", name.replace(" ", "")):
        ask(f"{origin}/webhooks/{source}", address.encode())
    for noun in ("customers", "invoices", "messages", "tasks"):
        ask(f"{origin}/api/v1/{noun}", headers=bearer)
        ask(f"{origin}/api/v1/{noun}?external_id={address}", headers=bearer)
        rows = {"rows": [{"external_id": address, "name": name, "amount": "1240.50"}]}
        ask(f"{origin}/api/v1/{noun}", json.dumps(rows).encode(), bearer)
    ask(f"{origin}/api/v1/customers", headers={"authorization": f"Bearer {address}"})


def ask(url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> None:
    asked = urllib.request.Request(url, body, dict(headers or {}))
    try:
        urllib.request.urlopen(asked).read()
    except urllib.error.HTTPError as refused:
        refused.close()


OWING = """SELECT min(link.id) AS id FROM link
    JOIN invoice ON invoice.customer_id = link.customer_id AND invoice.open_minor > 0
    WHERE link.purpose = 'pay' GROUP BY link.customer_id ORDER BY 1 DESC"""


def links(database: Database, asked: str = "SELECT id FROM link") -> list[str]:
    secret = Settings().secret
    return [token(secret, row["id"]) for row in rows_of(database, asked)]


def rows_of(database: Database, statement: str) -> list[Mapping[str, Any]]:
    with database.read() as session:
        found = session.connection().exec_driver_sql(statement)
        return [dict(row._mapping) for row in found]


COLUMNS = (
    "SELECT name, given_name, family_name, vocative, external_id FROM customer",
    "SELECT key FROM person",
    "SELECT name FROM contact",
    "SELECT value FROM address",
    "SELECT recipient, subject, text FROM attempt",
    "SELECT text FROM reply",
    "SELECT number FROM invoice",
    "SELECT document FROM proof",
    "SELECT number FROM call_wish",
    "SELECT words FROM dispute",
    "SELECT words FROM feedback",
    "SELECT words FROM special_note",
    "SELECT code_hash, token_hash FROM link",
)
TYPED = (
    "SELECT document FROM proof",
    "SELECT number FROM call_wish WHERE number IS NOT NULL",
    "SELECT words FROM dispute WHERE words LIKE '%Shoshana%'",
    "SELECT words FROM feedback WHERE words LIKE '%Shoshana%'",
    "SELECT text FROM reply WHERE medium = 'page'",
)
"""What customers typed at the pages: it has to be there to be looked for."""
AMOUNTS = (
    "SELECT amount_minor, open_minor FROM invoice",
    "SELECT amount_minor FROM payment",
    "SELECT amount_minor FROM promise",
)


def personal(database: Database) -> set[str]:
    """Every personal value of the book, as it could stand in a line."""
    found = {"Noa Mizrahi", "noa.mizrahi@mail.example", "1240.50", *links(database)}
    found |= {NUMBER, NUMBER.removeprefix("+972"), FILE, "Shoshana", "Herzl", *WORDS.values()}
    for statement in COLUMNS:
        found |= {str(v) for row in rows_of(database, statement) for v in row.values() if v}
    for statement in AMOUNTS:
        for row in rows_of(database, statement):
            for minor in row.values():
                if minor and minor >= LEAST_AMOUNT:
                    whole, part = divmod(minor, 100)
                    found |= {str(minor), f"{whole}.{part:02}", f"{whole:,}.{part:02}"}
    return {value for value in found if len(value) > 2}


def told_of(values: set[str], lines: list[str]) -> Iterator[tuple[str, str]]:
    """Each value that stands in a line as a word of its own, and the line."""
    text = [line for line in map(without_its_time, lines) if line]
    for value in sorted(values):
        alone = re.compile(rf"(?<![\w.]){re.escape(value)}(?![\w])")
        yield from ((value, line) for line in text if value in line and alone.search(line))


def without_its_time(line: str) -> str:
    if not line.startswith("{"):
        return line
    told = json.loads(line)
    del told["at"]
    return json.dumps(told, ensure_ascii=False)


@pytest.mark.timeout(300)
@pytest.mark.slow  # three processes over a book of its own
def test_no_line_of_any_process_tells_of_anybody(tmp_path: Path) -> None:
    from app.store.migrate import upgrade

    url = environment(tmp_path)["DULY_DATABASE_URL"]
    upgrade(url)
    lines = demonstrated(tmp_path)
    database = Database(url)
    try:
        lines += served(tmp_path, database)
        lines += worked(tmp_path)
        values = personal(database)
        typed = {statement: len(rows_of(database, statement)) for statement in TYPED}
    finally:
        database.dispose()

    assert all(typed.values()), typed
    objects = [json.loads(line) for line in lines if line.startswith("{")]
    routes = {one["message"].split()[1] for one in objects if one["logger"] == "app.web.shield"}
    assert {"/p/{token}", "/p/{token}/help", "/u/{token}"} <= routes
    assert len(values) > 200
    planted = json.dumps({"at": "now", "message": f"{sorted(values)[-1]} is late"})
    assert list(told_of(values, [planted]))  # it would be found
    assert list(told_of(values, lines)) == []
