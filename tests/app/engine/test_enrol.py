"""A book is enrolled in parts: each is whole, none is opened twice, and others write in between."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from app.engine import enrol
from app.engine.openings import openings
from app.store.bulk import update_rows
from app.store.engines import Ending
from app.store.rows import Customer
from tests.databases import on_both_stores
from tests.factories import add_campaign, add_creditor, add_customer, add_invoice
from tests.world import World

PEOPLE = 7


@pytest.fixture
def world(migrated_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(enrol, "AT_ONCE", 2)
    made = World(migrated_url)
    creditor = add_creditor(made.database)
    add_campaign(made.database, creditor, name="gentle")
    for number in range(PEOPLE):
        customer = add_customer(made.database, creditor, f"C{number}", email=f"{number}@e.example")
        for invoice in ("I1", "I2"):
            add_invoice(made.database, customer, invoice, due_on=date(2026, 6, 1))
    yield made
    made.close()


def customers(world: World) -> list[int]:
    return sorted(row["customer_id"] for row in world.rows("dunning_case"))


def test_a_worker_that_stops_in_between_has_opened_whole_parts_and_the_next_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = iter([None, None, None])  # before the look, and before two parts

    def going() -> None:
        if next(left, Ending) is Ending:
            raise Ending

    with monkeypatch.context() as stopped:
        stopped.setattr(world.database, "ensure_going", going)
        with pytest.raises(Ending):
            world.loops.enrolment.tick(world.now)
    assert len(customers(world)) == 4
    assert len(world.rows("event", "case_id IS NOT NULL")) == 4

    assert world.loops.enrolment.tick(world.now) == PEOPLE - 4
    assert customers(world) == list(range(1, PEOPLE + 1))
    assert world.loops.enrolment.tick(world.now) == 0


@on_both_stores
def test_workers_at_the_same_book_open_each_case_once(world: World) -> None:
    workers = [world.loops, *(world.worker() for _ in range(2))]
    with ThreadPoolExecutor(len(workers)) as pool:
        counts = list(pool.map(lambda loops: loops.enrolment.tick(world.now), workers))

    assert sum(counts) == PEOPLE
    assert customers(world) == list(range(1, PEOPLE + 1))


def test_within_a_day_only_whose_ledger_has_changed_is_looked_at(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.loops.enrolment.tick(world.now)
    world.clock.move_to(world.now + timedelta(minutes=1))
    newcomer = add_customer(world.database, 1, "NEW", email="new@e.example")
    looked: list[int] = []

    def noting(*asked: object) -> object:
        looked.extend(asked[-1])  # type: ignore[arg-type]  # the customers
        return openings(*asked)  # type: ignore[arg-type]

    monkeypatch.setattr("app.engine.enrol.openings", noting)
    assert world.loops.enrolment.tick(world.now) == 0
    assert looked == []

    add_invoice(world.database, newcomer, due_on=date(2026, 6, 1))
    with world.database.write() as session:
        update_rows(session, Customer, [{"id": newcomer, "ledger_changed_at": world.now}])
    assert world.loops.enrolment.tick(world.now) == 1
    assert looked == [newcomer]
