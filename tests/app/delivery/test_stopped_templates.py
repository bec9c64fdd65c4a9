"""A template that a provider forbids: not said by that sender any more, until staff release it."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from app.book.senders import change_sender, read_facts
from channels.errors import ContentForbidden
from channels.sandbox import SandboxEmail
from channels.seam import Envelope, Outcome, outcome_of
from tests.app.delivery.cast import creditor, gate, intend, owing
from tests.world import World


class Prude(SandboxEmail):
    """Forbids what it is given, whatever it says."""

    asked: ClassVar[int] = 0

    async def send(self, envelope: Envelope) -> Outcome:
        Prude.asked += 1
        return outcome_of(ContentForbidden("sandbox", "spam"))


def prudish(world: World) -> None:
    Prude.asked = 0
    world.worker(channels={**world.channels, ("email", "sandbox"): Prude(world.ledger)}).settle(
        world.now
    )


def test_the_next_medium_speaks_and_nobody_is_mailed_these_words_again(world: World) -> None:
    owed = creditor(world)
    owing(world, owed, "A", phone="+972521234567", preferred_medium="email")
    prudish(world)
    assert [row["state"] for row in world.rows("message", "medium = 'email'")] == ["refused"]
    tomorrow = world.now + timedelta(days=1)
    owing(world, owed, "B", due_on=tomorrow.date(), phone="+972521234568", preferred_medium="email")

    world.clock.move_to(tomorrow)
    prudish(world)

    assert Prude.asked == 0
    assert len(world.rows("message", "medium = 'email'")) == 1
    assert len(world.rows("message", "medium <> 'email' AND state = 'accepted'")) == 2


def test_what_waited_already_is_refused_at_the_gate_and_says_why(world: World) -> None:
    owing(world, creditor(world))
    intend(world)
    (sender,) = world.rows("sender", "medium = 'email'")
    (message,) = world.rows("message")
    _stop(world, sender["id"], message["template"])

    assert gate(world) == []

    (message,) = world.rows("message")
    assert (message["state"], message["reason"]) == ("refused", "template_stopped")


def test_whoever_can_be_told_on_no_other_medium_waits_until_staff_release_it(
    world: World,
) -> None:
    owing(world, creditor(world))
    intend(world)
    (sender,) = world.rows("sender", "medium = 'email'")
    _stop(world, sender["id"], world.rows("message")[0]["template"])
    world.live(until=world.now + timedelta(days=1), step=timedelta(hours=6))
    assert world.accepted() == []

    _stop(world, sender["id"], "")
    world.live(until=world.now + timedelta(days=2), step=timedelta(hours=6))

    assert len(world.accepted()) == 1


def _stop(world: World, sender: int, templates: str) -> None:
    with world.database.write() as session:
        facts = read_facts({"stopped_templates": templates})
        change_sender(session, sender, facts, world.now)
