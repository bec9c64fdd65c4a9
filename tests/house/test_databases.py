"""The databases that the tests are handed: real, empty, and not shared."""

import os
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from tests.databases import on_both_stores
from tests.lending import Lender
from tests.postgres import Postgres, is_private


def _tables(url: str) -> list[str]:
    engine = create_engine(url, hide_parameters=True)
    try:
        return inspect(engine).get_table_names()
    finally:
        engine.dispose()


@on_both_stores
@pytest.mark.parametrize("turn", [1, 2])
def test_a_database_is_empty_whatever_the_test_before_wrote(database_url: str, turn: int) -> None:
    assert _tables(database_url) == []
    engine = create_engine(database_url, hide_parameters=True)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE left_behind (id integer)"))
    engine.dispose()

    assert _tables(database_url) == ["left_behind"]


@on_both_stores
def test_a_migrated_database_has_the_newest_schema(migrated_url: str) -> None:
    assert "alembic_version" in _tables(migrated_url)


_ROW = "INSERT INTO person (key, revision) VALUES ('left behind', 0)"
LEFT_BEHIND = {
    "a row": _ROW,
    "a number that is used up": f"BEGIN; {_ROW}; ROLLBACK",
    "a row that breaks its foreign key": (
        f"SET session_replication_role = replica; {_ROW};"
        "INSERT INTO special_note (customer_id, kind, words, noted_at) VALUES (1, 'x', 'x', now())"
    ),
    "a transaction that goes on": f"BEGIN; {_ROW}",
    "more rows than are soon deleted": (
        "INSERT INTO person (key, revision)"
        " SELECT repeat(md5(n::text), 50), 0 FROM generate_series(1, 12000) n"
    ),
    "a table": "CREATE TABLE left_behind (id integer)",
    "a column": "ALTER TABLE person ADD COLUMN left_behind integer",
    "a constraint": "ALTER TABLE person ADD CONSTRAINT left_behind CHECK (id > 0)",
    "an index that is gone": "DROP INDEX ix_customer_person_id",
    "a function": "CREATE FUNCTION left_behind() RETURNS integer LANGUAGE sql RETURN 1",
    "a trigger": (
        "CREATE TRIGGER left_behind BEFORE INSERT ON person"
        " EXECUTE FUNCTION suppress_redundant_updates_trigger()"
    ),
    "another revision": "UPDATE alembic_version SET version_num = 'left behind'",
    "statistics": f"{_ROW}; ANALYZE person",
    "a setting": "ALTER DATABASE migrated SET timezone = 'Asia/Tokyo'",
    "no database": "ALTER DATABASE migrated ALLOW_CONNECTIONS false",
}


def _found(server: Postgres) -> list[object]:
    """What the lent database holds beside its columns: all that the list above could change."""
    asked = (
        "SELECT datallowconn FROM pg_database WHERE datname = current_database()",
        "SELECT count(*) FROM pg_db_role_setting",
        "SELECT relname, relkind FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " ORDER BY 1",
        "SELECT attname FROM pg_attribute WHERE attrelid = 'person'::regclass ORDER BY attnum",
        "SELECT conname FROM pg_constraint WHERE conrelid = 'person'::regclass ORDER BY 1",
        "SELECT tgname FROM pg_trigger WHERE tgrelid = 'person'::regclass AND NOT tgisinternal",
        "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
        "SELECT version_num FROM alembic_version",
        "SELECT count(*) FROM pg_stats WHERE schemaname = 'public'",
        "SELECT count(*) FROM person",
        "SELECT count(*) FROM special_note",
        "SELECT count(*) FROM pg_sequences WHERE last_value IS NOT NULL",
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'",
    )
    with server.connect("migrated") as connection:
        return [connection.execute(query).fetchall() for query in asked]


@pytest.mark.parametrize("left", LEFT_BEHIND.values(), ids=LEFT_BEHIND)
def test_whatever_a_test_leaves_in_the_database_the_next_one_finds_nothing(
    postgres_server: Postgres, postgres_lender: Lender, left: str
) -> None:
    lent = contextmanager(postgres_lender.lend)
    with lent():
        before = _found(postgres_server)
        base = "postgres" if left.startswith("ALTER DATABASE") else "migrated"
        connection = postgres_server.connect(base)
        connection.execute(left)

    with lent():
        assert _found(postgres_server) == before
    connection.close()


def test_postgres_listens_on_a_unix_socket_alone(postgres_server: Postgres) -> None:
    engine = create_engine(postgres_server.url("postgres"), hide_parameters=True)
    with engine.connect() as connection:
        assert connection.scalar(text("SHOW listen_addresses")) == ""
    engine.dispose()


def test_a_folder_beneath_a_closed_oneis_private(tmp_path: Path) -> None:
    inner = tmp_path / "closed" / "inner"
    inner.mkdir(parents=True)
    inner.chmod(0o755)
    inner.parent.chmod(0o700)

    assert is_private(inner)
    assert not is_private(Path(os.sep))
