"""A migrated database as Duly uses it, of both kinds."""

from collections.abc import Iterator

import pytest

from app.store.engines import Database


@pytest.fixture
def database(migrated_url: str) -> Iterator[Database]:
    opened = Database(migrated_url)
    yield opened
    opened.dispose()
