"""A process that is told to stop: each loop ends between two pieces of its work, and what is left
stays due for another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.book.on_call import put_on_call
from app.intake.alarms import raise_alarm
from app.intake.inbox import intake_tick, receive
from app.intake.sources import Heard
from app.intake.tasks import Team, give_task
from app.loops.alarms import Alarms
from app.loops.assembly import assemble
from app.loops.tidy import Tidy
from app.store.engines import Database, Ending
from channels.sandbox import SandboxSms
from channels.seam import Envelope, Outcome
from tests.app.delivery.cast import creditor, owing
from tests.world import SECRET, World


@pytest.fixture
def world(migrated_url: str) -> Iterator[World]:
    world = World(migrated_url)
    owing(world, creditor(world))
    yield world
    world.close()


@pytest.fixture
def ours(world: World) -> Iterator[Database]:
    """What the process goes by that is told to stop."""
    database = Database(world.url)
    yield database
    database.dispose()


class Caller:
    """Its calls say nothing; the second one that is read finds the process told to stop."""

    name = "carrier"

    def __init__(self, ours: Database) -> None:
        self._ours = ours
        self.read = 0

    def hear(self, body: bytes, headers: Mapping[str, str], at: datetime) -> list[Heard]:
        self.read += 1
        if self.read > 3:  # each was read when it came, too
            self._ours.end()
        return []


def test_intake_ends_after_a_page(world: World, ours: Database) -> None:
    caller = Caller(ours)
    for body in (b"1", b"2", b"3"):
        receive(ours, caller, body, {}, now=world.now)

    with pytest.raises(Ending):
        intake_tick(ours, {"carrier": caller}, now=world.now, batch=1)

    assert len(world.rows("inbound", "handled_at IS NULL")) == 2


class Bell(SandboxSms):
    """Whoever is called finds the process told to stop."""

    def __init__(self, world: World, ours: Database) -> None:
        super().__init__(world.ledger)
        self._ours = ours

    async def send(self, envelope: Envelope) -> Outcome:
        self._ours.end()
        return await super().send(envelope)


def test_alarms_end_after_a_call(world: World, ours: Database) -> None:
    with world.database.write() as session:
        put_on_call(session, None, "+972500000001", name="Noa", by="tests", now=world.now)
        for key in ("a", "b"):
            told: dict[str, Any] = {"team": Team.CARE, "kind": "danger", "title": "now"}
            give_task(session, key=key, **told, now=world.now, due_in=timedelta(minutes=15))
            raise_alarm(session, key, creditor_id=1, note_id=None, now=world.now)
    channels = {**world.channels, ("sms", "sandbox"): Bell(world, ours)}

    with pytest.raises(Ending):
        Alarms(ours, channels, "https://desk.example").tick(world.now)

    assert [row["outcome"] for row in world.rows("alarm_call")] == ["accepted"]
    assert len(world.rows("alarm", "taken_at IS NULL")) == 2


def test_the_others_begin_nothing(world: World, ours: Database) -> None:
    loops = assemble(ours, world.channels, world.addresses, world.clock.now)
    ours.end()

    for tick in (
        loops.enrolment.tick,
        Tidy(ours, loops.reconciliation, {}, secret=SECRET).tick,
    ):
        with pytest.raises(Ending):
            tick(world.now)

    assert world.rows("dunning_case") == []
    assert world.loops.enrolment.tick(world.now) == 1  # another process does it
