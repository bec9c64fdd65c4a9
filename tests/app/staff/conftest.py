"""A house with an empty database, on both stores where a test names it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.store.engines import Database
from tests.databases import opened


@pytest.fixture
def database(migrated_url: str) -> Iterator[Database]:
    found = opened(migrated_url)
    yield found
    found.dispose()
