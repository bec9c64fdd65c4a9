"""A migrated database of both kinds, and a world that runs on one."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from app.store.engines import Database
from tests.databases import opened
from tests.world import World


@pytest.fixture
def database(migrated_url: str) -> Iterator[Database]:
    made = opened(migrated_url)
    yield made
    made.dispose()


@pytest.fixture
def world(migrated_url: str) -> Iterator[World]:
    with closing(World(migrated_url)) as made:
        yield made
