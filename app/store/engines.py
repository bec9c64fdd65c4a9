"""The two ways into a database: `write()` and `read()`.

SQLite loses updates silently when a transaction reads before it writes (measured: 200 of 800
kept), so writing begins with BEGIN IMMEDIATE. A plain SELECT would then wait for the writer, so
reading has an engine of its own: deferred and `query_only`. PostgreSQL needs one engine and row
locks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from threading import Event
from typing import Any

from sqlalchemy import Connection, Engine, event, func, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import QueuePool
from sqlmodel import Session, create_engine

from app.clock import SystemClock
from app.store.hours import teach_hours
from app.store.json_text import text_of, value_of
from app.store.turns import Line

SQLITE_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",  # a message that is on record as sent must survive a power cut
    "busy_timeout=20000",
    "foreign_keys=ON",
    "wal_autocheckpoint=16000",
    "temp_store=MEMORY",
    "secure_delete=ON",  # what was erased is overwritten in the file, not only let go of
)
SQLITE_WRITER = ("cache_size=-16384",)  # KiB; what one transaction changes fits in
SQLITE_READER = ("cache_size=-4096", "query_only=ON")
"""A process that serves pages has many readers, and each keeps its own pages: those that all read
are in the system's cache anyway."""

POSTGRES_SETTINGS = (
    "timezone=UTC",
    "random_page_cost=1.1",  # by default it reckons with rotating disks, and reads whole tables
)

SQLITE_STATEMENTS = 1000  # kept ready a connection; the driver's 128 are fewer than a walk asks


SETTLE_EVERY = 2.0
"""Seconds: how often who writes much has the log brought into the file."""
SETTLED_FROM = 1000  # pages: a shorter log need not begin anew
_SETTLE = "PRAGMA wal_checkpoint(PASSIVE)"


class DatabaseUrlError(ValueError):
    """The address names no database that Duly can use."""


class Ending(Exception):
    """This process was told to stop. What is left stays due, and another process does it."""


class Database:
    """One database and how it is read and written. Thread-safe; made once a process."""

    def __init__(self, url: str) -> None:
        self._ending = Event()
        self.url = make_url(url)
        self.dialect = self.url.get_backend_name()
        if self.dialect == "sqlite":
            self._writer = _sqlite_engine(url, "BEGIN IMMEDIATE", SQLITE_WRITER)
            self._reader = _sqlite_engine(url, "BEGIN", SQLITE_READER)
            self._line = _line_of(self.url)
        elif self.dialect == "postgresql":
            self._writer = self._reader = _postgres_engine(url)
            self._line = None
        else:
            raise DatabaseUrlError(
                f"{self.dialect} is not a store that Duly knows; use sqlite:///… or"
                " postgresql+psycopg://…"
            )

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction that may write. Commits at the end of the block, or rolls all back."""
        turn = self._line.turn() if self._line else nullcontext()
        with turn, Session(self._writer, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One transaction that only reads: a stable snapshot on SQLite, never behind a writer."""
        with Session(self._reader, expire_on_commit=False) as session:
            if self.dialect == "postgresql":
                session.connection(execution_options={"postgresql_readonly": True})
            yield session

    def end(self) -> None:
        """Has every loop over it end between two pieces of its work: see `ensure_going`."""
        self._ending.set()

    def ensure_going(self) -> None:
        """Raises `Ending` once this process is to stop. Whoever does much at once asks before each
        piece; within a transaction, that undoes it."""
        if self._ending.is_set():
            raise Ending

    @contextmanager
    def glance(self) -> Iterator[Session]:
        """For statements that each read for themselves: PostgreSQL is not told of a beginning and
        an end, which take as long as what is asked."""
        options = {"isolation_level": "AUTOCOMMIT"} if self.dialect == "postgresql" else {}
        with Session(self._reader, expire_on_commit=False) as session:
            session.connection(execution_options=options)
            yield session

    @property
    def is_awaited(self) -> bool:
        """Whether somebody waits to write what only one may (SQLite): a long transaction makes
        room."""
        return self._line is not None and self._line.is_wanted()

    @property
    def is_at_hand(self) -> bool:
        """Whether reading waits for nobody: a file (SQLite), and no server."""
        return self.dialect == "sqlite"

    @property
    def skips_locked(self) -> bool:
        """Whether rows can be claimed by row locks that others skip."""
        return self.dialect == "postgresql"

    def now(self) -> datetime:
        """The database's own clock. On SQLite that is this machine's."""
        if self.dialect == "sqlite":
            return SystemClock().now()
        with self._reader.connect() as connection:
            found: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
        return found.astimezone(UTC)

    def settle_file(self) -> None:
        """On SQLite, brings the log into the file and empties it: it holds older pages until then.
        While others read it may stay; the next call takes it along."""
        if self.dialect == "sqlite":
            with self._writer.connect() as connection:
                raw = connection.connection.driver_connection
                assert raw is not None
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def settle_log(self) -> None:
        """On SQLite, brings the log into the file while others write, and has it begin anew. Called
        now and then, it spares whoever's commit would find the log too long the whole of it."""
        if self._line is None:
            return
        with self._writer.connect() as connection:
            raw = connection.connection.driver_connection
            assert raw is not None
            _, pages, _ = raw.execute(_SETTLE).fetchone()
            if pages > SETTLED_FROM:
                with self._line.turn():  # what came meanwhile: little
                    raw.execute(_SETTLE).fetchone()

    @property
    def engines(self) -> frozenset[Engine]:
        """All that statements go through."""
        return frozenset({self._writer, self._reader})

    def dispose(self) -> None:
        for engine in self.engines:
            engine.dispose()

    @property
    def engine(self) -> Engine:
        """The writing engine, for migrations."""
        return self._writer


def _sqlite_engine(url: str, begin: str, pragmas: Sequence[str]) -> Engine:
    engine = create_engine(
        url,
        hide_parameters=True,
        json_serializer=text_of,
        json_deserializer=value_of,
        poolclass=QueuePool,
        pool_use_lifo=True,  # what is in use keeps its pages, the others hold few
        connect_args={"check_same_thread": False, "cached_statements": SQLITE_STATEMENTS},
    )

    @event.listens_for(engine, "connect")
    def on_connect(connection: SqliteConnection, _record: Any) -> None:
        connection.isolation_level = None  # transactions are begun by us, below
        for pragma in (*SQLITE_PRAGMAS, *pragmas):
            connection.execute(f"PRAGMA {pragma}")
        teach_hours(connection)

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _line_of(url: URL) -> Line | None:
    """None where there is no file that others could write, too."""
    name = url.database
    if not name or name == ":memory:" or name.startswith("file:"):
        return None
    return Line(Path(name))


def _postgres_engine(url: str) -> Engine:
    # hide_parameters: an error would otherwise print a customer's data into the log.
    return create_engine(
        url,
        hide_parameters=True,
        json_serializer=text_of,
        json_deserializer=value_of,
        pool_pre_ping=True,
        pool_size=10,
        max_overflow=20,
        connect_args={"options": " ".join(f"-c {each}" for each in POSTGRES_SETTINGS)},
    )
