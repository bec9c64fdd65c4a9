"""The databases that tests open."""

from functools import cache

from app.store.engines import Database

__all__ = ["opened"]


@cache
def opened(url: str) -> Database:
    """The database at this address, the same object for every test of this process.

    What SQLAlchemy compiled for one test is there for the next. Whoever takes it disposes of it:
    its connections end with the test.
    """
    return Database(url)
