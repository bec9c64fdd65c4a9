"""What is past its time goes by itself, in batches; what a claim or a proceeding needs stays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from app.records.retention import DEFAULTS, Kept, Retention, Since, apply_retention
from app.records.verify import verify_all
from app.store.rows import Hold, Inbound
from tests.factories import NOON, add, add_creditor, add_customer, add_invoice
from tests.world import SECRET, World

LONG_AGO = timedelta(days=1200)


@pytest.fixture
def old(migrated_url: str) -> Iterator[World]:
    """Five customers of long ago: Ada and Ben owe nothing, Cleo owes, Dan is held, Eve is new."""
    world = World(migrated_url)
    creditor = add_creditor(world.database)
    for name in ("Ada", "Ben", "Cleo", "Dan"):
        add_customer(
            world.database,
            creditor,
            name,
            email=f"{name.lower()}@example.com",
            created_at=NOON - LONG_AGO,
        )
    add_customer(world.database, creditor, "Eve", email="eve@example.com")
    cleo, dan = (row for row in world.rows("customer") if row["external_id"] in ("Cleo", "Dan"))
    add_invoice(world.database, cleo["id"])
    add(
        world.database,
        Hold,
        person_id=dan["person_id"],
        kind="legal",
        placed_at=NOON,
        renewed_at=NOON,
    )
    yield world
    world.close()


def apply(world: World, *rules: Retention, batch: int = 200) -> dict[Kept, int]:
    rules = rules or DEFAULTS
    return dict(apply_retention(world.database, rules, secret=SECRET, now=NOON, batch=batch))


def test_who_owes_nothing_for_long_is_erased_and_nobody_else(old: World) -> None:
    assert apply(old, batch=1)[Kept.OUTREACH] == 2

    erased = {row["external_id"]: row["erased_at"] is not None for row in old.rows("customer")}
    assert erased == {"Ada": True, "Ben": True, "Cleo": False, "Dan": False, "Eve": False}
    assert apply(old)[Kept.OUTREACH] == 0
    with old.database.read() as session:
        assert verify_all(session, NOON).broken == ()


def test_of_two_rules_the_longer_time_counts(old: World) -> None:
    longer = Retention(Kept.OUTREACH, 3653, Since.LAST_ACTIVITY, "a longer duty")

    assert apply(old, *DEFAULTS, longer)[Kept.OUTREACH] == 0


def test_a_callback_is_emptied_but_still_lands_once(old: World) -> None:
    for number, days in enumerate((89, 91, 200)):
        add(
            old.database,
            Inbound,
            key=f"callback-{number}",
            source="sandbox",
            received_at=NOON - timedelta(days=days),
            handled_at=NOON - timedelta(days=days),
            body="From=+972521234567",
        )
    add(old.database, Inbound, key="open", source="sandbox", received_at=NOON - LONG_AGO, body="x")

    assert apply(old, batch=1)[Kept.CALLBACKS] == 2
    assert [bool(row["body"]) for row in old.rows("inbound")] == [True, False, False, True]


def test_every_default_says_where_it_comes_from() -> None:
    assert {rule.what for rule in DEFAULTS} == set(Kept)
    assert all(rule.source and rule.days > 0 for rule in DEFAULTS)
