"""The engine's loops: what is cheap when nothing is due, and what one broken thing costs."""

from __future__ import annotations

from datetime import timedelta
from threading import Event, Thread
from time import process_time

import pytest
from sqlalchemy import event

from app.book.due import ids_behind
from app.book.snapshot import Snapshot, load
from app.engine.catalogue import Catalogue, NotPublished
from app.engine.walk import SLICE, Walk
from app.store.bulk import update_rows
from app.store.journal import wake
from app.store.publishing import publish
from app.store.rows import Consent, Creditor
from campaigns.journey import Journey
from tests.app.delivery.cast import creditor, owing
from tests.databases import on_both_stores
from tests.factories import add, add_invoice
from tests.world import World


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_an_idle_tick_of_all_loops_is_quick(world: World) -> None:
    """A demo ticks three thousand times in a minute. Processor time: the machine is shared."""
    owed = creditor(world)
    for number in range(20):
        owing(world, owed, f"C{number}")
    world.loops.settle(world.now)
    world.clock.move_to(world.now + timedelta(minutes=1))

    def tick() -> float:
        start = process_time()
        world.loops.settle(world.now)
        world.loops.reconciliation.tick(world.now)
        return process_time() - start

    assert min(tick() for _ in range(50)) < 0.002


@on_both_stores
def test_a_beat_at_which_nothing_is_due_asks_one_thing(world: World) -> None:
    owing(world, creditor(world))
    world.loops.settle(world.now)
    asked: list[str] = []

    def on_execute(_connection: object, _cursor: object, sql: str, *_: object) -> None:
        asked.append(sql)

    for engine in world.database.engines:
        event.listen(engine, "before_cursor_execute", on_execute)
    walked = world.loops.walk.tick(world.now)
    for engine in world.database.engines:
        event.remove(engine, "before_cursor_execute", on_execute)

    assert walked.looked == 0
    assert len([sql for sql in asked if sql.startswith("SELECT")]) == 1


@on_both_stores
def test_cases_behind_a_publication_are_searched_a_part_at_a_time(world: World) -> None:
    owed = creditor(world)
    for number in range(3):
        owing(world, owed, f"C{number}")
    world.loops.enrolment.tick(world.now)
    sleeps = world.now - timedelta(days=1)  # all are due later than that
    found: list[list[int]] = []
    after: int | None = 0

    with world.database.write() as session:
        while after is not None:
            page, after = ids_behind(
                session, ["new"], sleeps, after=after, limit=1, lock=True, at_a_time=2
            )
            found.append(page)

    assert found == [[1], [2], [3], []]


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_walk_lets_in_who_waits_to_write(world: World) -> None:
    owed, many = creditor(world), SLICE + 5
    for number in range(many):
        owing(world, owed, f"C{number}")
    world.loops.enrolment.tick(world.now)
    found: list[int] = []

    def look() -> None:
        with world.database.write():
            found.append(len(world.rows("message")))

    visitor = Thread(target=look)

    def come(_connection: object, _cursor: object, sql: str, *_: object) -> None:
        if visitor.ident is None and sql.startswith("INSERT INTO message"):
            visitor.start()
            while not world.database.is_awaited:
                Event().wait(0.002)

    event.listen(world.database.engine, "before_cursor_execute", come)
    walked = world.loops.walk.tick(world.now)
    event.remove(world.database.engine, "before_cursor_execute", come)
    visitor.join()

    assert found == [SLICE]
    assert (walked.looked, walked.said, walked.lost) == (many, many, 0)


class Interfering(Catalogue):
    """Something else commits to the case while the walk is deciding."""

    world: World

    def journey(self, name: str) -> tuple[str, Journey]:
        with self.world.database.write() as session:
            wake(session, [1], now=self.world.now)
        return super().journey(name)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_case_that_changed_while_it_was_decided_is_decided_again(world: World) -> None:
    """SQLite decides outside of the write lock. (PostgreSQL locks the case.)"""
    owing(world, creditor(world))
    world.loops.enrolment.tick(world.now)
    catalogue = Interfering()
    catalogue.world = world

    walked = Walk(world.database, catalogue).tick(world.now)

    assert (walked.looked, walked.said, walked.lost) == (1, 0, 1)
    assert world.rows("message") == []
    assert Walk(world.database, Catalogue()).tick(world.now).said == 1


def test_cases_are_loaded_in_the_order_that_was_asked_for(world: World) -> None:
    owed = creditor(world)
    for number in range(5):
        owing(world, owed, f"C{number}")
    world.loops.enrolment.tick(world.now)

    with world.database.read() as session:
        found = load(session, [4, 2, 99, 5], world.now)

    assert [s.row["id"] for s in found if isinstance(s, Snapshot)] == [4, 2, 5]


def test_rules_see_the_city_and_since_when_and_how_consent_was_given(world: World) -> None:
    owed = creditor(world)
    postal = {"city": "Brooklyn", "postcode": "11211", "region": "NY", "country": "US"}
    owing(world, owed, "C1", postal=postal, country=None, phone="+17185550100")
    spoken = owing(world, owed, "C2")
    said = {"medium": "email", "given": True, "source": "phone", "method": "spoken"}
    add(world.database, Consent, customer_id=spoken, at=world.now, **said)
    world.loops.enrolment.tick(world.now)

    with world.database.read() as session:
        found = [s.facts for s in load(session, [1, 2], world.now) if isinstance(s, Snapshot)]

    assert [(facts.city, facts.postcode) for facts in found] == [
        ("Brooklyn", "11211"),
        (None, None),
    ]
    assert [(facts.country, facts.region) for facts in found] == [("US", "NY"), ("IL", None)]
    assert {c.area.code for facts in found for c in facts.channels if c.area} == {"718"}
    ticked, last = (facts.channels[0] for facts in found)
    assert ticked.consent_written
    assert not last.consent_written
    assert last.consent_at == world.now
    assert ticked.consent_at is not None


def test_a_rule_pack_that_cannot_be_read_leaves_the_rules_as_they_were(world: World) -> None:
    owed = creditor(world)
    owing(world, owed)
    catalogue = Catalogue()
    with world.database.write() as session:
        catalogue.refresh(session)
        before = catalogue.policy(owed).rules.hash
        publish(session, "pack", "house", "schema: nonsense", now=world.now)
        catalogue.refresh(session)

    assert catalogue.policy(owed).rules.hash == before


@on_both_stores
def test_a_process_that_can_read_no_rules_sends_nothing(world: World) -> None:
    """Fails closed: with a pack missing, what it forbids would be allowed."""
    owing(world, creditor(world))
    with world.database.write() as session:
        publish(session, "pack", "house", "schema: nonsense", now=world.now)

    world.worker().settle(world.now)

    assert world.rows("message") == []
    assert world.accepted() == []


def test_a_creditor_whose_rules_cannot_be_made_costs_no_other(world: World) -> None:
    bad, good = creditor(world, "bad"), creditor(world, "good")
    owing(world, bad, "B")
    owing(world, good, "G")
    with world.database.write() as session:
        update_rows(session, Creditor, [{"id": bad, "zone": "Mars/Olympus"}])

    world.loops.settle(world.now)

    catalogue = Catalogue()
    with world.database.read() as session:
        catalogue.refresh(session)
    with pytest.raises(NotPublished, match="no rules"):
        catalogue.policy(bad)
    assert {row["creditor_id"] for row in world.rows("message")} == {good}


@on_both_stores
def test_a_creditor_who_moves_gets_the_rules_of_the_new_place(world: World) -> None:
    owed = creditor(world)
    catalogue = Catalogue()
    with world.database.read() as session:
        catalogue.refresh(session)
    with world.database.write() as session:
        update_rows(session, Creditor, [{"id": owed, "zone": "Europe/Vilnius"}])
    with world.database.read() as session:
        catalogue.refresh(session)

    assert catalogue.policy(owed).zone.key == "Europe/Vilnius"


def test_nobody_is_enrolled_twice_a_day_unless_a_ledger_changed(world: World) -> None:
    owed = creditor(world)
    owing(world, owed, "A")
    assert world.loops.enrolment.tick(world.now) == 1
    late = owing(world, owed, "B")
    world.clock.move_to(world.now + timedelta(minutes=1))
    assert world.loops.enrolment.tick(world.now) == 0

    with world.database.write() as session:
        session.connection().exec_driver_sql(
            f"UPDATE customer SET ledger_changed_at = (SELECT max(enrolled_at) FROM campaign)"
            f" WHERE id = {late}"
        )
    assert world.loops.enrolment.tick(world.now) == 1


def test_who_was_handed_over_is_not_enrolled_again_for_the_same_debt(world: World) -> None:
    customer = owing(world, creditor(world))
    world.live(until=world.now + timedelta(days=75), step=timedelta(days=1))
    (case,) = world.rows("dunning_case")
    assert case["outcome"] == "handed_over"

    add_invoice(world.database, customer, "NEW", due_on=world.now.date())
    world.live(until=world.now + timedelta(days=2), step=timedelta(days=1))

    cases = world.rows("dunning_case")
    assert [row["episode"] for row in cases] == [1, 2]
    assert str(cases[1]["anchor_on"]) > str(cases[0]["closed_on"])


def test_a_control_case_is_walked_and_says_nothing(world: World) -> None:
    owed = creditor(world)
    with world.database.write() as session:
        session.connection().exec_driver_sql("UPDATE campaign SET control_share = 1.0")
    owing(world, owed)

    world.live(until=world.now + timedelta(days=12), step=timedelta(days=1))

    (case,) = world.rows("dunning_case")
    assert (case["arm"], case["arm_probability"]) == ("control", 1.0)
    assert world.rows("message") == []
    assert len(world.rows("event", "kind = 'StepPassed'")) == 2
