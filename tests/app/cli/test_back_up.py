"""`docs/production.md`: its commands copy a database in use, and what comes back is whole."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from tests.app.cli.conftest import Duly
from tests.databases import on_both_stores
from tests.house.tree import ROOT
from tests.postgres import PACKAGE, Postgres

PAGE = (ROOT / "docs" / "production.md").read_text("utf-8")


def commands(store: str) -> list[str]:
    """What stands in the table about back-ups, one line for each thing that is typed."""
    (row,) = re.findall(rf"^\| {store} \| (`.*) \|$", PAGE, re.M)
    return [code for code in re.findall("`([^`]+)`", row) if " " in code]


@pytest.fixture
def restored_url(
    database_kind: str, sqlite_place: Path, migrated_url: str, request: pytest.FixtureRequest
) -> Iterator[str]:
    """Where the copy comes back."""
    if database_kind == "sqlite":
        yield f"sqlite:///{sqlite_place.parent}/copy.sqlite3"
        return
    server: Postgres = request.getfixturevalue("postgres_server")
    server.add_user("duly")
    back = make_url(migrated_url).set(username="duly", database="duly")
    yield back.render_as_string(hide_password=False)
    server.drop("duly")


def copy_and_restore(kind: str, url: str, restored_url: str, folder: Path) -> None:
    if kind == "sqlite":
        (copy,) = commands("SQLite")
        shell(copy, folder, {})
        return
    copy, made, back = commands("PostgreSQL")
    shell(copy, folder, {"URL": url.replace("+psycopg", "")})
    shell(made, folder, {"PGHOST": make_url(url).query["host"], "PGUSER": "postgres"})
    shell(back, folder, {"URL": restored_url.replace("+psycopg", "")})


def shell(line: str, folder: Path, given: dict[str, object]) -> None:
    found = importlib.util.find_spec(PACKAGE)
    assert found is not None
    assert found.origin is not None
    newest = sorted(Path(found.origin).parent.glob("pginstall*/bin"))[-1]  # as the server is
    programs = [Path(sys.executable).parent, newest]
    path = os.pathsep.join([*map(str, programs), os.environ["PATH"]])
    environ = {**os.environ, "PATH": path, **{name: str(value) for name, value in given.items()}}
    subprocess.run(["sh", "-c", line], cwd=folder, env=environ, check=True)


@on_both_stores
def test_what_was_copied_while_it_was_in_use_is_whole_and_can_be_stopped(
    with_book: Duly,
    database_kind: str,
    migrated_url: str,
    restored_url: str,
    sqlite_place: Path,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with_book("walk")
    before = with_book("check", "--json")
    folder = sqlite_place.parent if database_kind == "sqlite" else home

    copy_and_restore(database_kind, migrated_url, restored_url, folder)
    monkeypatch.setenv("DULY_DATABASE_URL", restored_url)
    stopped = with_book("stop", "--all", "--note", "restored to 03:00")
    after = with_book("check", "--json")

    assert (stopped.code, after.code) == (0, 0)
    assert after.json == before.json
    assert any(one["examined"] for one in after.json["promises"])
