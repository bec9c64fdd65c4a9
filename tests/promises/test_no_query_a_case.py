"""Deciding and gating work on sets: a slice of cases takes as many statements as a few."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from app.engine.walk import SLICE
from app.store.engines import Database
from tests.databases import on_both_stores
from tests.promises.stage import Stage


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """All that is asked of the database meanwhile."""
    found: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        found.append(statement)

    engines = {database._writer, database._reader}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", hear)
    yield found
    for engine in engines:
        event.remove(engine, "before_cursor_execute", hear)


def counted(stage: Stage, count: int) -> tuple[int, int]:
    """How many statements the walk and the gate take for so many new cases."""
    first = len(stage.sent())
    stage.pass_by(days=1)  # cases are opened once a day
    for number in range(count):
        stage.owe(f"Ada-{count}-{number}", due_on=stage.now.date())
    stage.loops.enrolment.tick(stage.now)
    with statements(stage.database) as walked:
        assert stage.loops.walk.tick(stage.now).looked == count
    delivery = stage.loops.delivery
    drafts = delivery.prepare(delivery.claim(stage.now), stage.now)
    with statements(stage.database) as gated:
        passed = delivery.gate(drafts)
    delivery.settle(delivery.dispatch(passed))
    assert len(passed) == count
    assert len(stage.sent()) == first + count
    stage.decide()  # what is accepted is settled, so that the next count begins with nothing due
    return len(walked), len(gated)


@on_both_stores
def test_a_slice_of_cases_takes_no_more_statements_than_twelve(stage: Stage) -> None:
    """From ten rows on PostgreSQL takes them in one document, whose rows are locked before."""
    stage.loops = stage.worker(batch=100, at_once=100)
    stage.database = stage._opened[-1]
    counted(stage, 2)  # what is read once is read now

    twelve, all_of_it = counted(stage, 12), counted(stage, SLICE)

    assert twelve == all_of_it
