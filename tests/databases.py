"""The databases that tests open, and the tests that are quick on both stores."""

from functools import cache

import pytest

from app.store.engines import Database

__all__ = ["on_both_stores", "opened"]

# For what can differ: races and locks, SQL of one dialect, migrations, and one test at least for
# every statement that the code sends. tests/README.md tells more.
on_both_stores = pytest.mark.parametrize("database_kind", ["sqlite", "postgresql"], indirect=True)


@cache
def opened(url: str) -> Database:
    """The database at this address, the same object for every test of this process.

    What SQLAlchemy compiled for one test is there for the next. Whoever takes it disposes of it:
    its connections end with the test.
    """
    return Database(url)
