"""The teams' open work as lists: in order, each row once, from an index, counted to 99."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.intake.queues import Place, Queue, Wanted, counted, listed, owners_of
from app.intake.tasks import Team
from app.lab.bench.plans import explained, taken_down, whole_tables
from app.store.bulk import insert_rows
from app.store.engines import Database
from app.store.rows import Task
from tests.app.intake.make import Scene
from tests.databases import on_both_stores
from tests.factories import NOON, add_creditor, add_customer

MANY = 240
KINDS = ("dispute", "credit_note", "plan_wished", "complaint", "wrong_person", "bank_match")


@pytest.fixture
def scene(database: Database) -> Scene:
    """Open tasks of all kinds, a tenth without a deadline; and as many that are done."""
    made = Scene.of(database)
    other = add_customer(database, add_creditor(database, external_id="other"), "C9")
    rows: list[dict[str, Any]] = [
        {
            "key": f"k:{n}",
            "team": str(list(Team)[n % len(Team)]),
            "owner": "noa" if n % 4 == 0 else None,
            "kind": KINDS[n % len(KINDS)],
            "title": "Work",
            "customer_id": other if n % 5 == 0 else made.customer_id,
            "created_at": NOON,
            "due_at": None if n % 10 == 0 else NOON + timedelta(hours=n % 7 - 3),
            "state": state,
        }
        for state, start in (("open", 0), ("done", MANY))
        for n in range(start, start + MANY)
    ]
    with database.write() as session:
        insert_rows(session, Task, rows)
        if database.dialect == "postgresql":
            session.connection().exec_driver_sql("ANALYZE")
    return made


def pages(scene: Scene, wanted: Wanted, most: int = 50) -> list[Any]:
    found: list[Any] = []
    after: Place | None = None
    while True:
        with scene.database.read() as session:
            page = listed(session, wanted, now=NOON, after=after, most=most)
        found += page.rows
        if page.next is None:
            return found
        after = page.next


WANTED: dict[Wanted, Any] = {
    Wanted(): lambda n: True,
    Wanted(Queue.DISPUTES): lambda n: n % 6 in (0, 1),
    Wanted(Queue.DISPUTES, kind="credit_note"): lambda n: n % 6 == 1,
    Wanted(Queue.OTHER): lambda n: n % 6 == 4,
    Wanted(team=Team.SALES): lambda n: list(Team)[n % 7] is Team.SALES,
    Wanted(owner="noa"): lambda n: n % 4 == 0,
    Wanted(Queue.PLANS, owner=""): lambda n: n % 6 == 2 and n % 4,
    Wanted(Queue.DISPUTES, team=Team.CARE, owner="noa"): lambda n: n % 28 == 0 and n % 6 < 2,
    Wanted(overdue=True): lambda n: n % 10 and n % 7 < 3,
}


@on_both_stores
def test_a_list_shows_each_of_its_rows_once_in_order(scene: Scene) -> None:
    last = NOON + timedelta(days=9)
    for wanted, expected in WANTED.items():
        rows = pages(scene, wanted)

        assert {row.key for row in rows} == {f"k:{n}" for n in range(MANY) if expected(n)}, wanted
        order = [(row.due_at or last, row.id) for row in rows]
        assert order == sorted(set(order)), wanted
        assert len(pages(scene, wanted, most=7)) == len(rows), wanted


def test_a_list_is_narrowed_to_a_creditor(scene: Scene) -> None:
    rows = pages(scene, Wanted(creditor_id=scene.creditor_id))

    assert {row.key for row in rows} == {f"k:{n}" for n in range(MANY) if n % 5}
    assert {row.creditor for row in rows} == {"carmel"}


@on_both_stores
@pytest.mark.parametrize("few", [0, 9])
def test_the_tasks_of_one_creditor_are_all_found_however_many_customers_it_has(
    scene: Scene, few: int
) -> None:
    wanted = Wanted(Queue.DISPUTES, creditor_id=scene.creditor_id)

    found, after, sizes = [], None, []
    while True:
        with scene.database.read() as session:
            size = {"most": 9, "looked_at": 5, "few": few}
            page = listed(session, wanted, now=NOON, after=after, **size)
        found += [row.key for row in page.rows]
        sizes.append(len(page.rows))
        after = page.next
        if after is None:
            break

    expected = {f"k:{n}" for n in range(MANY) if n % 5 and n % 6 in (0, 1)}
    assert len(found) == len(expected)
    assert set(found) == expected
    assert all(size == 9 for size in sizes[:-1]) == (few > 0)


@on_both_stores
def test_other_work_is_found_by_its_kinds_and_there_may_be_none(scene: Scene) -> None:
    with scene.database.write() as session:
        session.connection().exec_driver_sql(
            "UPDATE task SET kind = 'dispute' WHERE kind = 'wrong_person'"
        )
    with scene.database.read() as session:
        assert counted(session, Wanted(Queue.OTHER), now=NOON) == 0
        assert listed(session, Wanted(Queue.OTHER), now=NOON).rows == []


@on_both_stores
def test_a_count_ends_at_a_hundred_and_says_so(scene: Scene) -> None:
    with scene.database.read() as session:
        assert counted(session, Wanted(), now=NOON) == 100
        assert counted(session, Wanted(Queue.DISPUTES), now=NOON) == 80
        assert counted(session, Wanted(Queue.DISPUTES, overdue=True), now=NOON) < 80
        assert owners_of(session) == ["noa"]


FOUND_BY: dict[Wanted, str] = {
    Wanted(): "ix_task_open_due",
    Wanted(Queue.DISPUTES): "ix_task_open_kind",
    Wanted(Queue.OTHER): "ix_task_open_kind",
    Wanted(team=Team.FINANCE): "ix_task_open ",
    Wanted(owner="noa"): "ix_task_open_owner",
    Wanted(Queue.MONEY, team=Team.FINANCE): "ix_task_open_kind",
}


@on_both_stores
def test_lists_and_counts_are_answered_from_the_open_tasks_alone(scene: Scene) -> None:
    for wanted, index in FOUND_BY.items():
        with taken_down(scene.database) as statements, scene.database.read() as session:
            listed(session, wanted, now=NOON, after=Place(NOON, 5))
            counted(session, wanted, now=NOON)

        assert whole_tables(scene.database, statements, {"task", "customer"}) == set()
        plans = [" ".join(explained(scene.database, each)) for each in statements]
        searched = [plan for plan, (sql, _) in zip(plans, statements, strict=True) if "open" in sql]
        assert len(searched) >= 2
        # With so few rows PostgreSQL takes whichever of these indexes it likes.
        expected = index if scene.database.dialect == "sqlite" else "ix_task_open"
        assert expected in searched[0], wanted
        assert all("ix_task_open" in plan for plan in searched), (wanted, searched)
