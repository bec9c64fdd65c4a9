"""The breaker of a sender, half open with a probe, and the sender that speaks meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

import pytest
from sqlalchemy import func, select

from app.delivery import breaker
from app.intake.senders import Mark, mark_senders
from app.store.bulk import insert_rows, update_rows
from app.store.given import table_of
from app.store.rows import Sender
from channels.errors import ProviderUnavailable, SenderRejected
from channels.sandbox import SandboxEmail
from channels.seam import Envelope, Outcome, outcome_of
from tests.app.delivery.cast import creditor, gate, intend, owing
from tests.databases import on_both_stores
from tests.world import World

MINUTE = timedelta(minutes=1)

_SENDER = table_of(Sender)


class Moody(SandboxEmail):
    """Down as long as `down` says so, per sender."""

    down: ClassVar[Sequence[str]] = ()
    asked: ClassVar[int] = 0

    async def send(self, envelope: Envelope) -> Outcome:
        Moody.asked += 1
        if envelope.sender in Moody.down:
            return outcome_of(ProviderUnavailable("sandbox", "down"))
        return await super().send(envelope)


@pytest.fixture
def moody(world: World) -> World:
    Moody.down, Moody.asked = (), 0
    world.channels = {**world.channels, ("email", "sandbox"): Moody(world.ledger)}
    return world


def mailbox(world: World) -> dict[str, Any]:
    return world.rows("sender", "medium = 'email'")[0]


def many(world: World, count: int = 8) -> int:
    owed = creditor(world)
    for number in range(count):
        owing(world, owed, f"C{number}")
    return owed


def deliver(world: World) -> int:
    """One tick, and how often the provider was asked in it."""
    before = Moody.asked
    world.worker(channels=world.channels).delivery.tick(world.now)
    return Moody.asked - before


def opened(world: World) -> None:
    """Eight customers, and a provider that is down."""
    many(world)
    Moody.down = (mailbox(world)["address"],)
    intend(world)
    assert deliver(world) == 8


def test_after_its_pause_one_message_probes_and_all_the_others_wait_for_it(moody: World) -> None:
    opened(moody)
    assert mailbox(moody)["errors_in_row"] == breaker.OPENS_AFTER
    assert deliver(moody) == 0, "open: nobody asks"

    moody.clock.move_to(moody.now + breaker.PAUSE)
    assert deliver(moody) == 1, "half open: one asks"
    assert mailbox(moody)["errors_in_row"] == breaker.OPENS_AFTER + 1
    moody.clock.move_to(moody.now + breaker.PAUSE)
    assert deliver(moody) == 0, "the second pause is twice as long"

    Moody.down = ()
    moody.clock.move_to(moody.now + breaker.PAUSE)
    assert deliver(moody) == 1
    assert (mailbox(moody)["errors_in_row"], mailbox(moody)["paused_until"]) == (0, None)
    moody.clock.move_to(moody.now + timedelta(hours=2))
    deliver(moody)
    assert len(moody.accepted()) == 8, "closed: the rest goes"


@on_both_stores
def test_while_a_probe_is_out_no_other_worker_sends(moody: World) -> None:
    opened(moody)
    moody.clock.move_to(moody.now + breaker.PAUSE)
    first, second = (moody.worker(channels=moody.channels).delivery for _ in range(2))

    assert len(first.claim(moody.now)) == 1
    assert second.claim(moody.now) == []

    moody.clock.move_to(moody.now + breaker.PROBE_WITHIN)
    assert len(second.claim(moody.now)) == 1, "its worker died: another one probes"


def test_errors_of_what_was_in_flight_when_it_opened_make_the_pause_no_longer(
    moody: World,
) -> None:
    opened(moody)
    sender, until = mailbox(moody)["id"], mailbox(moody)["paused_until"]

    _count(moody, faults=[sender] * 5)

    assert mailbox(moody)["paused_until"] == until
    assert mailbox(moody)["errors_in_row"] == breaker.OPENS_AFTER


@on_both_stores
def test_a_success_does_not_wake_a_sender_that_its_provider_rejects(moody: World) -> None:
    many(moody, 1)
    sender = mailbox(moody)["id"]
    rejected = SenderRejected("sandbox", "30034")
    with moody.database.write() as session:
        mark_senders(session, [Mark(sender, "reminder", rejected)], moody.now)

    _count(moody, good={sender: 1})

    assert mailbox(moody)["pause_reason"] == rejected.sentence
    assert mailbox(moody)["paused_until"] is not None


def test_the_longest_pause_is_eighty_minutes(moody: World) -> None:
    opened(moody)
    pauses = []
    for _ in range(6):
        moody.clock.move_to(moody.now + timedelta(minutes=80))
        _count(moody, faults=[mailbox(moody)["id"]])
        with moody.database.read() as session:
            until = (
                session.connection().execute(select(func.max(_SENDER.c.paused_until))).scalar_one()
            )
        pauses.append((until - moody.now) // MINUTE)

    assert pauses == [10, 20, 40, 80, 80, 80]


def _count(world: World, **answers: Any) -> None:
    given: dict[str, Any] = {"good": {}, "faults": (), **answers}
    with world.database.write() as session:
        breaker.count(session, **given, now=world.now)


# The sender that speaks meanwhile


def second_mailbox(world: World, owed: int) -> None:
    row = {
        "creditor_id": owed,
        "medium": "email",
        "provider": "sandbox",
        "address": "second@carmel.example",
        "display_name": "Carmel",
    }
    with world.database.write() as session:
        insert_rows(session, Sender, [row])


def test_a_second_sender_of_the_medium_takes_over_before_another_medium(moody: World) -> None:
    owed = creditor(moody)
    second_mailbox(moody, owed)
    for number in range(8):
        owing(moody, owed, f"C{number}", phone=f"+97252123456{number}", preferred_medium="email")
    Moody.down = (mailbox(moody)["address"],)
    intend(moody)
    deliver(moody)
    _all_at(moody, moody.now + MINUTE * 200)

    messages = moody.rows("message")
    assert {row["medium"] for row in messages} == {"email"}
    second = moody.rows("sender", "address = 'second@carmel.example'")[0]["id"]
    assert {row["sender_id"] for row in messages if row["state"] == "accepted"} == {second}
    assert len(moody.accepted()) == 8


@on_both_stores
def test_what_waits_for_a_sender_that_is_no_more_is_sent_by_the_other(moody: World) -> None:
    owed = creditor(moody)
    owing(moody, owed)
    intend(moody)
    second_mailbox(moody, owed)
    with moody.database.write() as session:
        first = [{"id": row["id"], "active": False} for row in moody.rows("sender")[:-1]]
        update_rows(session, Sender, first)

    assert gate(moody) == []
    (message,) = moody.rows("message")
    assert (message["state"], message["reason"]) == ("waiting", "sender_changed")
    assert len(gate(moody)) == 1


def _all_at(world: World, until: datetime) -> None:
    while world.now < until:
        world.clock.move_to(world.now + MINUTE * 10)
        while deliver(world):
            continue
