"""Every foreseeable fault is one clear sentence on standard error, and an exit code."""

import logging
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from app.cli.faults import explain
from app.cli.logs import Discreet
from app.store.engines import Database
from tests.app.cli.conftest import Duly

SECRET = "dana@example.com"
NEEDS_DATABASE = [
    ("check",),
    ("serve",),
    ("worker",),
    ("walk",),
    ("walk", "--from", "2026-01-01", "--until", "2026-01-02", "--dry-run"),
    ("template", "render", "due_soon", "--medium", "sms", "--customer", "C1"),
]


@pytest.mark.parametrize("arguments", NEEDS_DATABASE, ids=" ".join)
def test_without_a_database_each_command_names_the_remedy_and_makes_no_file(
    duly: Duly, home: Path, arguments: tuple[str, ...]
) -> None:
    ended = duly(*arguments)

    assert (ended.code, ended.out) == (1, "")
    assert ended.err == "There is no database at duly.sqlite3. Run: duly db upgrade\n"
    assert list(home.iterdir()) == []


@pytest.mark.parametrize("arguments", NEEDS_DATABASE, ids=" ".join)
@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_on_a_database_without_tables_each_command_names_the_remedy(
    duly: Duly,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
) -> None:
    monkeypatch.setenv("DULY_DATABASE_URL", database_url)
    Path(database_url.removeprefix("sqlite:///")).touch()

    ended = duly(*arguments)

    assert (ended.code, ended.out) == (1, "")
    assert ended.err == "The database is not at the newest version. Run: duly db upgrade\n"


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_an_empty_postgres_names_the_remedy(
    duly: Duly, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DULY_DATABASE_URL", database_url)

    assert duly("check").err == "The database is not at the newest version. Run: duly db upgrade\n"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("gibberish", "is not an address that Duly can use"),
        ("mysql://u:hunter2@h/d", "mysql is not a store that Duly knows"),
        ("postgresql+nodriver://u:hunter2@h/d", "is not an address that Duly can use"),
        ("sqlite://", "name a file"),
        ("sqlite:///:memory:", "name a file"),
    ],
)
def test_an_address_that_names_no_database_is_wrong_use(
    duly: Duly, monkeypatch: pytest.MonkeyPatch, url: str, told: str
) -> None:
    monkeypatch.setenv("DULY_DATABASE_URL", url)

    ended = duly("check")

    assert ended.code == 2
    assert told in ended.err
    assert "hunter2" not in ended.err


def test_a_server_that_does_not_answer_is_told_without_its_password(
    duly: Duly, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DULY_DATABASE_URL", "postgresql+psycopg://u:hunter2@127.0.0.1:1/d")

    ended = duly("check")

    assert ended.code == 1
    assert "The database cannot be reached" in ended.err
    assert "Look at DULY_DATABASE_URL" in ended.err
    assert "hunter2" not in ended.err


@pytest.mark.parametrize("content", [None, "this is no database"])
def test_a_file_that_is_no_database_is_told(
    duly: Duly, home: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    monkeypatch.setenv("DULY_DATABASE_URL", "sqlite:///no/such/folder.sqlite3")
    if content is not None:
        (home / "text").write_text(content)
        monkeypatch.setenv("DULY_DATABASE_URL", "sqlite:///text")

    ended = duly("db", "upgrade")

    assert ended.code == 1
    assert "The database cannot be reached: " in ended.err


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_database_of_a_newer_duly_is_left_alone(with_database: Duly, migrated_url: str) -> None:
    database = Database(migrated_url)
    with database.write() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = 'future'")
    database.dispose()

    ended = with_database("db", "upgrade")

    assert ended.code == 1
    assert "a version that this Duly does not know (future). Was it made by a newer" in ended.err


def test_migrations_that_do_not_fit_together_are_not_blamed_on_the_database(tmp_path: Path) -> None:
    (tmp_path / "versions").mkdir()
    for name in ("one", "two"):
        lines = f"revision = '{name}'\ndown_revision = None\n"
        (tmp_path / "versions" / f"{name}.py").write_text(lines)
    with pytest.raises(CommandError) as raised:
        ScriptDirectory(str(tmp_path)).get_current_head()

    sentence, code = explain(raised.value)

    assert code == 1
    assert "multiple heads" in sentence
    assert "The migrations of this Duly do not fit together" in sentence
    assert "newer" not in sentence


def test_a_wrong_setting_is_wrong_use(duly: Duly, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DULY_BATCH_SIZ", "1")

    ended = duly("check")

    assert (ended.code, ended.out) == (2, "")
    assert "DULY_BATCH_SIZ: there is no such setting. The nearest is DULY_BATCH_SIZE" in ended.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("check", "--nonsense"),
        ("import", "missing.csv", "--map", "missing.yaml"),
        ("import", "missing.csv"),
        ("demo", "--days", "0"),
        ("demo", "--today", "yesterday"),
        ("drill", "--workers", "0"),
        ("walk", "--from", "2026-13-01", "--until", "2026-12-01", "--dry-run"),
        ("journey", "check", "missing.yaml"),
        ("template", "render", "due_soon", "--medium", "pigeon"),
        ("template", "render", "no_such_template", "--medium", "sms"),
        ("template", "check", "missing"),
    ],
    ids=" ".join,
)
def test_wrong_paths_names_and_values_are_wrong_use(duly: Duly, arguments: tuple[str, ...]) -> None:
    ended = duly(*arguments)

    assert (ended.code, ended.out) == (2, "")
    assert ended.err != ""
    assert "Traceback" not in ended.err


def test_an_unforeseen_fault_tells_its_place_and_never_its_words() -> None:
    try:
        _defect(SECRET)
    except ValueError as problem:
        words, code = explain(problem)

    assert code == 1
    assert "A defect of ours" in words
    assert "_defect" in words
    assert "ValueError" in words
    assert SECRET not in words


def test_the_log_tells_where_a_failure_came_from_and_not_what_it_quotes() -> None:
    try:
        _defect(SECRET)
    except ValueError:
        failure = sys.exc_info()
    record = logging.LogRecord("app", logging.ERROR, "f.py", 1, "it failed", None, failure)

    told = Discreet("%(message)s").format(record)

    assert told.startswith("it failed\n")
    assert "KeyError" in told
    assert "ValueError" in told
    assert SECRET not in told


def test_a_command_that_is_stopped_says_that_nothing_is_half_written(tmp_path: Path) -> None:
    """The file is a pipe: opening it waits until the command is in the middle of its work."""
    os.mkfifo(tmp_path / "journey.yaml")
    command = [sys.executable, "-c", "from app.cli import main; main()", "journey", "check"]
    with subprocess.Popen(
        [*command, str(tmp_path / "journey.yaml")],
        stderr=subprocess.PIPE,
        text=True,
        # Whoever runs the tests in the background may have us ignore it, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    ) as running:
        pipe = os.open(tmp_path / "journey.yaml", os.O_WRONLY)
        running.send_signal(signal.SIGINT)
        _, told = running.communicate(timeout=30)
        os.close(pipe)

    assert running.returncode == 130
    assert told == "Stopped. What was finished stays; nothing is half-written.\n"


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_database_that_is_not_as_it_should_be_tells_why(
    with_database: Duly, migrated_url: str
) -> None:
    database = Database(migrated_url)
    with database.write() as session:
        session.connection().exec_driver_sql("DROP TABLE allocation")
    database.dispose()

    ended = with_database("check")

    assert ended.code == 1
    assert "(no such table: allocation)" in ended.err


def _defect(secret: str) -> None:
    rows: dict[str, int] = {}
    quoted = f"no row for {secret}"
    try:
        rows[quoted]
    except KeyError as problem:
        raise ValueError(quoted) from problem
