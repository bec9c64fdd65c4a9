"""Who dies, and how the database is taken away from those who live."""

from __future__ import annotations

import time
from collections import Counter
from threading import Event, Thread

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.lab.drill_deaths import WRITES_WITHIN, Death, await_write, cut_connections, death
from app.store.engines import Database


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_everybody_dies_in_turn_and_the_database_in_its_own_way(dialect: str) -> None:
    deaths = Counter(death(7, nth, dialect) for nth in range(200))

    its_own = Death.IN_A_WRITE if dialect == "sqlite" else Death.CONNECTIONS
    assert set(deaths) == {Death.WORKER, Death.WEB, Death.ALL, its_own}
    assert min(deaths.values()) > 8
    assert deaths.most_common(1)[0][0] is Death.WORKER


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_connections_are_cut_and_whoever_asks_again_is_answered(migrated_url: str) -> None:
    working, killing = Database(migrated_url), Database(migrated_url)
    with working.read() as session:
        connection = session.connection()
        connection.execute(text("SELECT 1"))
        cut_connections(killing)
        with pytest.raises(DBAPIError):
            connection.execute(text("SELECT 1"))

    with working.read() as session:
        assert session.connection().execute(text("SELECT 1")).scalar_one() == 1
    working.dispose()
    killing.dispose()


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_write_is_waited_for(migrated_url: str) -> None:
    database, began, over = Database(migrated_url), Event(), Event()

    def write() -> None:
        time.sleep(0.1)
        with database.write() as session:
            session.connection()
            began.set()
            over.wait()

    writer = Thread(target=write)
    writer.start()
    asked = time.monotonic()
    await_write(database)

    assert began.is_set()
    assert time.monotonic() - asked < WRITES_WITHIN
    over.set()
    writer.join()
    database.dispose()
