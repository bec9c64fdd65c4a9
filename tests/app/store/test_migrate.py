"""Migrations lead from nothing to the rows, on both stores, and doing it again changes nothing."""

from __future__ import annotations

from sqlalchemy import text

from app.store import migrate
from app.store.engines import Database
from tests.databases import on_both_stores


@on_both_stores
def test_an_empty_database_is_brought_to_the_shape_of_the_rows(database_url: str) -> None:
    migrate.upgrade(database_url)

    migrate.check(database_url)  # raises when rows and tables differ


@on_both_stores
def test_upgrading_twice_changes_nothing(migrated_url: str) -> None:
    database = Database(migrated_url)
    assert migrate.is_current(database)

    migrate.upgrade(migrated_url)

    assert migrate.is_current(database)
    database.dispose()


@on_both_stores
def test_an_empty_database_is_not_current(database_url: str) -> None:
    database = Database(database_url)
    assert not migrate.is_current(database)
    database.dispose()


@on_both_stores
def test_a_database_that_newer_code_has_upgraded_is_current(migrated_url: str) -> None:
    database = Database(migrated_url)
    with database.write() as session:
        session.connection().execute(text("UPDATE alembic_version SET version_num = 'of_later'"))

    assert migrate.is_current(database)
    database.dispose()


@on_both_stores
def test_a_database_that_lacks_the_last_migration_is_not_current(database_url: str) -> None:
    migrate.upgrade(database_url, to=migrate.revisions()[-2])

    database = Database(database_url)
    assert not migrate.is_current(database)
    database.dispose()
