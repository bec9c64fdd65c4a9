"""Runs `duly` in this process, in a folder of its own, and hands back what it printed where."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.cli import main


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, which must be one JSON document and nothing else."""
        return json.loads(self.out)


Duly = Callable[..., Ended]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the command is run in."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def duly(home: Path, capsys: pytest.CaptureFixture[str]) -> Duly:
    """`duly("check", "--json")`, without any setting."""

    def run(*arguments: object) -> Ended:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        code = ended.value.code
        assert code is None or isinstance(code, int)
        return Ended(code or 0, printed.out, printed.err)

    return run


@pytest.fixture
def with_database(duly: Duly, migrated_url: str, monkeypatch: pytest.MonkeyPatch) -> Duly:
    """The same, with DULY_DATABASE_URL naming a database with the newest tables and no rows."""
    monkeypatch.setenv("DULY_DATABASE_URL", migrated_url)
    return duly


@pytest.fixture
def with_book(
    with_database: Duly,
    book_files: tuple[Path, Path],
    database_kind: str,
    sqlite_place: Path,
    kept_book: Path,
) -> Duly:
    """The same, with what ships published and a small book imported. On SQLite that is done once a
    process and copied."""
    if database_kind == "sqlite" and kept_book.exists():
        shutil.copyfile(kept_book, sqlite_place)
        return with_database
    feed, mapping = book_files
    assert with_database("db", "upgrade").code == 0
    assert with_database("import", feed, "--map", mapping).code == 0
    if database_kind == "sqlite":
        shutil.copyfile(sqlite_place, kept_book)
    return with_database


@pytest.fixture(scope="session")
def kept_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the SQLite file with the small book is kept, once it was made."""
    return tmp_path_factory.mktemp("book") / "duly.sqlite3"


@pytest.fixture
def book_files(home: Path) -> tuple[Path, Path]:
    from tests.app.loops.books import write_book

    return write_book(home)
