"""What every test may ask for: databases of both kinds, recorded vectors, a fixed environment."""

import gc
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.databases import opened
from tests.lending import Lender
from tests.postgres import Postgres, running_postgres

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parent.parent
VECTORS = Path(os.environ.get("DULY_VECTORS", ROOT.parent / "shared" / "vectors"))

KEPT = ("DULY_VECTORS", "DULY_TEST_")  # tests read these, and workers after us
for setting in [name for name in os.environ if name.startswith("DULY_")]:
    if not setting.startswith(KEPT):
        del os.environ[setting]
os.environ.update(TZ="UTC", LANG="C.UTF-8", LC_ALL="C.UTF-8", PYTHONUTF8="1")
time.tzset()

gc.disable()  # until all is imported, which took a quarter longer for it


def pytest_collection_finish() -> None:
    """What was imported stays: garbage is sought beside it, and seldom in all that tests keep,
    which took seconds a time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    gc.enable()


settings.register_profile("duly", derandomize=True, deadline=None, database=None)
settings.load_profile("duly")


def prepare_template(url: str) -> None:
    """Brings an empty database to the newest schema."""
    from app.store.migrate import upgrade

    upgrade(url)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """A real PostgreSQL of this worker's own, started when it is first asked for."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres_server: Postgres) -> str:
    """The name of a migrated PostgreSQL database that others are copied from."""
    name = "migrated_template"
    postgres_server.create(name)
    prepare_template(postgres_server.url(name))
    postgres_server.freeze(name)
    return name


@pytest.fixture(scope="session")
def postgres_lender(postgres_server: Postgres, postgres_template: str) -> Iterator[Lender]:
    """Who lends tests the migrated database of this worker's server."""
    lender = Lender(postgres_server, postgres_template)
    yield lender
    lender.drop()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file that others are copied from."""
    path = tmp_path_factory.mktemp("template") / "duly.sqlite3"
    prepare_template(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def sqlite_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of this worker's one SQLite file."""
    return tmp_path_factory.mktemp("sqlite")


@pytest.fixture
def sqlite_place(sqlite_folder: Path) -> Path:
    """Where this test's SQLite file may be. Nothing is there yet."""
    place = sqlite_folder / "duly.sqlite3"
    # A connection that an earlier test has left open would go on with that test's file.
    opened(f"sqlite:///{place}").dispose()
    for leftover in sqlite_folder.iterdir():
        leftover.unlink()
    return place


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def database_kind(request: pytest.FixtureRequest) -> str:
    """The store that this run of the test is on. `tests.databases` tells which tests name theirs
    and are quick on both; of all others the run on PostgreSQL is a slow one."""
    return str(request.param)


@pytest.fixture
def database_url(
    database_kind: str, sqlite_place: Path, request: pytest.FixtureRequest
) -> Iterator[str]:
    """The address of an empty database, new for each test."""
    if database_kind == "sqlite":
        yield f"sqlite:///{sqlite_place}"
        return
    server: Postgres = request.getfixturevalue("postgres_server")
    server.create("empty")
    yield server.url("empty")
    server.drop("empty")


@pytest.fixture
def migrated_url(
    database_kind: str, sqlite_place: Path, request: pytest.FixtureRequest
) -> Iterator[str]:
    """The address of a database with the newest schema and no rows, as new for each test."""
    if database_kind == "sqlite":
        shutil.copyfile(request.getfixturevalue("sqlite_template"), sqlite_place)
        yield f"sqlite:///{sqlite_place}"
        return
    lender: Lender = request.getfixturevalue("postgres_lender")
    yield from lender.lend()


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """One Chromium for all tests of a module."""
    from tests.browsers import chromium

    with chromium() as opened:
        yield opened


@pytest.fixture(scope="session")
def vectors() -> Path:
    """The folder of recorded examples: provider requests, texts, numbers."""
    if not VECTORS.is_dir():
        pytest.skip(f"no recorded examples in {VECTORS}; DULY_VECTORS names their folder")
    return VECTORS
