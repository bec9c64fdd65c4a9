"""Where a creditor's customers live is told place by place, from an index."""

from __future__ import annotations

import pytest

from app.book.living import Living, living_of
from app.lab.bench.plans import explained, taken_down, whole_tables
from app.store.engines import Database
from tests.app.book.make import a_creditor, a_customer
from tests.databases import on_both_stores, opened

PLACES = (
    Living(None, "consumer", None),
    Living("IL", "consumer", None),
    Living("IL", "consumer", "haifa"),
    Living("IL", "business", "haifa"),
    Living("US", "consumer", "TX"),
)


@pytest.fixture
def database(migrated_url: str) -> Database:
    return opened(migrated_url)


@on_both_stores
def test_each_place_is_told_once_and_only_of_that_creditor(database: Database) -> None:
    with database.write() as session:
        creditor_id, other = a_creditor(session), a_creditor(session, name="Other")
        for place in PLACES * 3:
            a_customer(
                session, creditor_id, country=place.country, kind=place.kind, region=place.region
            )
        a_customer(session, other, country="LT")
    with taken_down(database) as statements, database.read() as session:
        found = living_of(session, creditor_id)

    assert len(found) == len(PLACES)
    assert set(found) == set(PLACES)
    assert whole_tables(database, statements, {"customer"}) == set()
    if database.dialect == "sqlite":  # PostgreSQL takes whichever index it likes with so few rows
        plans = [" ".join(explained(database, each)) for each in statements]
        assert all("ix_customer_place" in plan for plan in plans)
        assert not any("TEMP B-TREE" in plan for plan in plans)


@on_both_stores
def test_nobody_lives_anywhere_in_an_empty_book(database: Database) -> None:
    with database.write() as session:
        creditor_id = a_creditor(session)
    with database.read() as session:
        assert living_of(session, creditor_id) == []
