"""A visit counts once, for its message, its medium and its case."""

from collections.abc import Iterator
from datetime import date

import pytest

from app.intake.clicks import note_click
from app.store.engines import Database
from tests.databases import on_both_stores
from tests.factories import add_campaign, add_creditor, add_customer, add_invoice
from tests.world import World


@pytest.fixture
def world(migrated_url: str) -> Iterator[World]:
    """One customer who was sent one text."""
    built = World(migrated_url)
    creditor_id = add_creditor(built.database)
    add_campaign(built.database, creditor_id)
    customer_id = add_customer(built.database, creditor_id, phone="+972520000001")
    add_invoice(built.database, customer_id, due_on=date(2026, 5, 29))
    built.move(minutes=1)
    yield built
    built.close()


def _click(database: Database, link_id: int, world: World) -> bool:
    with database.write() as session:
        return note_click(session, link_id, world.now)


@on_both_stores
def test_the_first_visit_counts_and_the_second_does_not(world: World) -> None:
    (link,) = world.rows("link", "purpose = 'pay'")

    assert _click(world.database, link["id"], world)
    assert not _click(world.database, link["id"], world)
    (message,) = world.rows("message")
    assert message["clicked_at"] is not None
    points = {row["id"]: row["answered"] for row in world.rows("contact_point")}
    assert points[message["contact_point_id"]] == 1
    assert sum(points.values()) == 1
    assert len(world.rows("event", "kind = 'link_clicked'")) == 1


def test_nobody_is_told_that_we_watched(world: World) -> None:
    (link,) = world.rows("link", "purpose = 'pay'")
    _click(world.database, link["id"], world)
    world.move(minutes=1)

    (signal,) = world.rows("case_signal", "signal = 'link_clicked'")
    assert not signal["own_act"]
    assert signal["handled_at"] is not None
    assert len(world.rows("message")) == 1


def test_a_link_that_does_not_exist_is_nobodys_visit(world: World) -> None:
    assert not _click(world.database, 999_999, world)
