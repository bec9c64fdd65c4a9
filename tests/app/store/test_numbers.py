"""Row numbers: how many are used is asked of the sequences, and told before they end."""

from app.store.numbers import HALF, numbers_used
from tests.databases import on_both_stores, opened


@on_both_stores
def test_it_is_told_how_many_row_numbers_are_used(migrated_url: str) -> None:
    database = opened(migrated_url)
    try:
        if database.dialect == "sqlite":
            with database.read() as session:
                assert numbers_used(session) == {}
            return
        with database.write() as session:
            session.connection().exec_driver_sql("SELECT setval('event_id_seq', 1200000000)")
        with database.read() as session:
            used = numbers_used(session)
    finally:
        database.dispose()

    assert used["event"] > HALF
    assert used["message"] < 0.01
    assert {"attempt", "case_signal", "endpoint_call", "link"} <= set(used)
