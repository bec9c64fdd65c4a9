"""Promise 2: no case is lost. A database that fails in the middle leaves nothing half done."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from time import monotonic, sleep

import pytest
from sqlalchemy.exc import DBAPIError

from app.store.engines import Database
from app.store.rows import Attempt, Case, Event, Message
from tests.databases import on_both_stores
from tests.promises.stage import Stage

FAILS = {
    "sqlite": ("ALTER TABLE event RENAME TO elsewhere",),  # a trigger's refusal is of one row
    "postgresql": (
        "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql"
        " AS $$ BEGIN RAISE EXCEPTION 'full'; END $$",
        "CREATE TRIGGER the_disk_is_full BEFORE INSERT ON event"
        " FOR EACH ROW EXECUTE FUNCTION fail()",
    ),
}
REPAIRED = {
    "sqlite": "ALTER TABLE elsewhere RENAME TO event",
    "postgresql": "DROP TRIGGER the_disk_is_full ON event",
}


def break_down(stage: Stage) -> None:
    """From now on, no event can be written."""
    for statement in FAILS[stage.database.dialect]:
        stage.run(statement)


def repair(stage: Stage) -> None:
    stage.run(REPAIRED[stage.database.dialect])


@on_both_stores
def test_an_enrolment_that_fails_opens_nothing_and_the_next_tick_works(stage: Stage) -> None:
    customer = stage.owe("Ada")
    break_down(stage)

    with pytest.raises(DBAPIError):
        stage.loops.enrolment.tick(stage.now)

    assert stage.get(Case) == []
    repair(stage)
    stage.tick()
    assert stage.said(customer) == ["due_today"]


@on_both_stores
def test_a_walk_that_fails_says_nothing_and_the_next_tick_works(stage: Stage) -> None:
    customer = stage.owe("Ada")
    stage.loops.enrolment.tick(stage.now)
    before = stage.one(Case)
    break_down(stage)

    with pytest.raises(DBAPIError):
        stage.loops.walk.tick(stage.now)

    assert stage.get(Message) == []
    assert stage.one(Case) == before
    repair(stage)
    stage.tick()
    assert stage.said(customer) == ["due_today"]


@on_both_stores
def test_outcomes_that_cannot_be_written_are_found_out_and_sent_by_nobody(stage: Stage) -> None:
    customer = stage.owe("Ada")
    stage.decide()

    with pytest.raises(DBAPIError):
        stage.deliver(after="gate", act=lambda: break_down(stage))

    assert {row.state for row in stage.get(Attempt)} == {"sending"}
    repair(stage)
    stage.pass_by(seconds=61)
    stage.tick()
    assert stage.said(customer) == ["due_today"]
    assert stage.one(Message).state == "accepted"


on_postgresql = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)


class Elsewhere:
    """Another connection, which holds a table until the worker that waits for it is cut off."""

    def __init__(self, stage: Stage) -> None:
        self._database = Database(stage.url)

    def cut_off(self, table: str, work: Callable[[], object]) -> Future[object]:
        """Runs `work`, ends its connection while it waits for `table`, and answers its end."""
        with ThreadPoolExecutor(1) as pool, self._database.write() as session:
            session.connection().exec_driver_sql(f"LOCK TABLE {table}")
            done = pool.submit(work)
            deadline = monotonic() + 20
            while not self._terminate() and monotonic() < deadline and not done.done():
                sleep(0.01)
        return done

    def _terminate(self) -> int:
        with self._database.read() as session:
            query = (
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            return len(session.connection().exec_driver_sql(query).all())

    def close(self) -> None:
        self._database.dispose()


@on_postgresql
@pytest.mark.parametrize(
    ("loop", "table"),
    [("enrolment", "event"), ("walk", "event"), ("gate", "attempt")],
)
def test_a_connection_that_is_cut_in_the_middle_leaves_nothing_half_done(
    stage: Stage, loop: str, table: str
) -> None:
    customer = stage.owe("Ada")
    delivery, elsewhere = stage.loops.delivery, Elsewhere(stage)
    if loop != "enrolment":
        stage.loops.enrolment.tick(stage.now)
    if loop == "gate":
        stage.decide()
        drafts = delivery.prepare(delivery.claim(stage.now), stage.now)
    before = [stage.get(model) for model in (Case, Message, Attempt, Event)]

    done = elsewhere.cut_off(
        table,
        {
            "enrolment": lambda: stage.loops.enrolment.tick(stage.now),
            "walk": lambda: stage.loops.walk.tick(stage.now),
            "gate": lambda: delivery.gate(drafts),
        }[loop],
    )

    assert isinstance(done.exception(), DBAPIError)
    assert [stage.get(model) for model in (Case, Message, Attempt, Event)] == before
    stage.pass_by(seconds=61)
    stage.tick()
    assert stage.said(customer) == ["due_today"]
    assert stage.one(Message).state == "accepted"
    elsewhere.close()


@on_postgresql
def test_a_connection_that_is_cut_while_outcomes_are_written_loses_none(stage: Stage) -> None:
    """What the providers said is known nowhere else: it is written once more."""
    stage.owe("Ada")
    stage.decide()
    delivery, elsewhere = stage.loops.delivery, Elsewhere(stage)
    drafts = delivery.prepare(delivery.claim(stage.now), stage.now)
    tried = delivery.dispatch(delivery.gate(drafts))

    done = elsewhere.cut_off("event", lambda: delivery.settle(tried))

    assert done.result() == 1
    assert stage.one(Message).state == "accepted"
    assert len(stage.get(Event, kind="message_accepted")) == 1
    elsewhere.close()
