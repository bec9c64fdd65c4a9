"""The books of the demo: they come in day by day, and rest when the walk is over."""

from datetime import UTC, datetime, timedelta

from app.book.stale import stale_books
from app.lab.feed import rest
from app.store.engines import Database
from tests.factories import add_creditor

NOW = datetime(2026, 6, 30, tzinfo=UTC)


def test_a_book_at_rest_is_never_too_old_to_send_on(migrated_url: str) -> None:
    database = Database(migrated_url)
    add_creditor(database, ledger_as_of=NOW, ledger_max_age_s=26 * 3600)
    with database.read() as session:
        assert stale_books(session, NOW + timedelta(days=2))

    rest(database)

    with database.read() as session:
        assert stale_books(session, NOW + timedelta(days=2)) == []
    database.dispose()
