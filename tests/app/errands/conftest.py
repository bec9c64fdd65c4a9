"""A migrated database of both kinds, and errands that are done on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.store.engines import Database
from tests.app.errands.house import House
from tests.databases import opened


@pytest.fixture
def database(migrated_url: str) -> Iterator[Database]:
    made = opened(migrated_url)
    yield made
    made.dispose()


@pytest.fixture
def house(database: Database, tmp_path: Path) -> House:
    return House.at(database, tmp_path)
