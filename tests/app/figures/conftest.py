"""A migrated database as Duly uses it, of both kinds."""

from collections.abc import Iterator

import pytest

from app.store.engines import Database
from tests.databases import opened


@pytest.fixture
def database(migrated_url: str) -> Iterator[Database]:
    made = opened(migrated_url)
    yield made
    made.dispose()
