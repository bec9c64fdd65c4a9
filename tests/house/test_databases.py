"""The databases that the tests are handed: real, empty, and not shared."""

import os
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from tests.databases import on_both_stores
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
