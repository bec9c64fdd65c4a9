"""A world on each store: SQLite and PostgreSQL."""

from collections.abc import Iterator

import pytest

from tests.world import World


@pytest.fixture
def world(migrated_url: str) -> Iterator[World]:
    made = World(migrated_url)
    yield made
    made.close()
