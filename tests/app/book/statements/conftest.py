"""The book of these tests, on both stores."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.store.engines import Database
from tests.app.book.statements.book import Book


@pytest.fixture
def book(database: Database, tmp_path: Path) -> Book:
    return Book(database, tmp_path)
