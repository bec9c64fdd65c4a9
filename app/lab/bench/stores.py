"""Seeded databases for a bench, and copies of them that may be spoilt."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlmodel import create_engine

from app.store import migrate
from app.store.engines import Database
from app.store.scratch import copy_file
from app.store.turns import BESIDE

Fill = Callable[[Database], None]
"""Puts the rows in that all variants find."""

_NUMBERS: Final = count(1)


@dataclass(frozen=True, slots=True)
class Seeded:
    """A database with its rows. `copied` lends the address of a copy, and removes it afterwards;
    whoever needs none takes `url` and is alone with it."""

    url: str
    copied: Callable[[], AbstractContextManager[str]]


@dataclass(frozen=True, slots=True)
class Sqlite:
    """Files in a folder. It must lie on the disk that is measured, and not in memory."""

    folder: Path
    name: str = "sqlite"

    @contextmanager
    def seeded(self, fill: Fill) -> Iterator[Seeded]:
        """Makes a migrated database and fills it."""
        with self._file() as seed:
            _make(f"sqlite:///{seed}", fill)

            @contextmanager
            def copied() -> Iterator[str]:
                with self._file() as copy:
                    copy_file(seed, copy)
                    _onto_the_disk(copy)
                    yield f"sqlite:///{copy}"

            yield Seeded(f"sqlite:///{seed}", copied)

    @contextmanager
    def _file(self) -> Iterator[Path]:
        path = self.folder / f"bench{next(_NUMBERS)}.sqlite3"
        try:
            yield path
        finally:
            for suffix in ("", "-wal", "-shm", *BESIDE):
                path.with_name(path.name + suffix).unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Postgresql:
    """Databases on a server. `url` names one that its user may make others from."""

    url: str
    name: str = "postgresql"

    @contextmanager
    def seeded(self, fill: Fill) -> Iterator[Seeded]:
        """Makes a migrated database and fills it."""
        with self._database("template0") as seed:
            _make(self._url(seed), fill)

            @contextmanager
            def copied() -> Iterator[str]:
                with self._database(seed) as copy:
                    self._say("CHECKPOINT")  # the copy's pages are no work of whoever comes next
                    yield self._url(copy)

            yield Seeded(self._url(seed), copied)

    @contextmanager
    def _database(self, template: str) -> Iterator[str]:
        name = f"duly_bench_{os.getpid()}_{next(_NUMBERS)}"
        self._say(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        try:
            yield name
        finally:
            self._say(f"DROP DATABASE {name} WITH (FORCE)")

    def _url(self, name: str) -> str:
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def _say(self, statement: str) -> None:
        engine = create_engine(self.url, isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                connection.execute(text(statement))
        finally:
            engine.dispose()


Store = Sqlite | Postgresql


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """The database there, until the block ends."""
    database = Database(url)
    try:
        yield database
    finally:
        database.dispose()


def _make(url: str, fill: Fill) -> None:
    migrate.upgrade(url)
    with opened(url) as database:
        fill(database)
        if database.dialect == "postgresql":
            _count_rows(database)
        database.settle_file()


def _count_rows(database: Database) -> None:
    """What autovacuum does within a minute. SQLite has nothing of the kind in production: there
    plans are made without counts, and so they are here."""
    with database.engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()


def _onto_the_disk(path: Path) -> None:
    with path.open("rb") as copy:
        os.fsync(copy.fileno())
