"""A database in which the shipped journeys and templates are published."""

from collections.abc import Iterator

import pytest

from app.loops.assembly import publish_shipped
from app.store.engines import Database
from tests.databases import opened
from tests.factories import NOON


@pytest.fixture
def database(migrated_url: str) -> Iterator[Database]:
    found = opened(migrated_url)
    publish_shipped(found, NOON)
    yield found
    found.dispose()
