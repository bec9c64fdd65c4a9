"""Whatever takes locks takes them in one order: persons, attempts, cases, messages. Two that keep
to it may wait for each other, and never in a ring."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event

from app.delivery.withdrawal import withdraw
from app.intake.receipts import take_receipts
from app.store.engines import Database
from channels.delivery import DeliveryStatus
from channels.sandbox_faults import Faults
from tests.app.delivery.cast import creditor, owing, send
from tests.app.delivery.stops import STOPS, commit
from tests.app.intake.make import receipt
from tests.databases import on_both_stores
from tests.world import World

ORDER = ("person", "attempt", "dunning_case", "message")
_LOCKS = re.compile(r"^UPDATE (\w+)|^SELECT .*? FROM (\w+).* FOR (?:NO KEY )?UPDATE")


@contextmanager
def taken_down(database: Database) -> Iterator[list[list[str]]]:
    """The tables whose rows each transaction locked, in the order of their first lock."""
    transactions: list[list[str]] = [[]]

    def on_end(_connection: object) -> None:
        transactions.append([])

    def on_execute(_c: object, _k: object, sql: str, *_: object) -> None:
        match = _LOCKS.search(" ".join(sql.split()))
        table = (match[1] or match[2]) if match else None
        if table in ORDER and table not in transactions[-1]:
            transactions[-1].append(table)

    event.listen(database.engine, "commit", on_end)
    event.listen(database.engine, "before_cursor_execute", on_execute)
    yield transactions
    event.remove(database.engine, "commit", on_end)
    event.remove(database.engine, "before_cursor_execute", on_execute)


@pytest.fixture
def waiting(migrated_url: str, database_kind: str) -> Iterator[World]:
    """Two customers whose messages wait to be gated. SQLite's one writer needs no order."""
    if database_kind == "sqlite":
        pytest.skip("one writer holds everything")
    world = World(migrated_url, faults=Faults(timeout_after=0.5))
    owed = creditor(world)
    for number in range(6):
        owing(world, owed, f"C{number}", phone=f"+97252123400{number:02d}")
    world.loops.enrolment.tick(world.now)
    world.loops.walk.tick(world.now)
    yield world
    world.close()


def the_gate(world: World) -> None:
    delivery = world.loops.delivery
    drafts = delivery.prepare(delivery.claim(world.now), world.now)
    commit(world.database, STOPS["hold"], 1, world.now)
    delivery.gate(drafts)


def a_withdrawal(world: World) -> None:
    with world.database.write() as session:
        STOPS["payment"](session, 1, world.now)
        withdraw(session, now=world.now)


def an_outcome(world: World) -> None:
    world.loops.delivery.settle(send(world))


def a_receipt(world: World) -> None:
    send(world)
    told = [receipt(row["key"], DeliveryStatus.DELIVERED) for row in world.rows("attempt")]
    with world.database.write() as session:
        take_receipts(session, told, now=world.now)


def what_is_unclear(world: World) -> None:
    send(world)
    world.clock.move_to(world.now + timedelta(days=2))
    world.loops.reconciliation.tick(world.now)


@on_both_stores
@pytest.mark.parametrize("act", [the_gate, a_withdrawal, an_outcome, a_receipt, what_is_unclear])
def test_locks_are_taken_in_one_order(waiting: World, act: Callable[[World], None]) -> None:
    with taken_down(waiting.database) as transactions:
        act(waiting)

    assert [t for t in transactions if t != sorted(t, key=ORDER.index)] == []
    assert max(map(len, transactions)) >= 3
