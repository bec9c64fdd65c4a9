"""A small book at the console: quiet, or one in which things have happened."""

from collections.abc import Iterator

import pytest

from tests.app.console.customers.lively import CUSTOMERS, Book, Lively, lively, quiet


@pytest.fixture
def book(migrated_url: str) -> Iterator[Book]:
    with quiet(migrated_url) as built:
        yield built


@pytest.fixture
def lived(migrated_url: str) -> Iterator[Lively]:
    with lively(migrated_url, rooms=CUSTOMERS) as built:
        yield built
