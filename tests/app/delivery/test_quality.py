"""A sender whose provider rates it red says nothing until somebody has looked at it."""

from __future__ import annotations

import pytest

from app.book.senders import SenderRefused, change_sender, read_facts
from tests.app.delivery.cast import creditor, gate, intend, owing
from tests.databases import on_both_stores
from tests.world import World


def rate(world: World, quality: str) -> None:
    with world.database.write() as session:
        for sender in world.rows("sender"):
            change_sender(session, sender["id"], read_facts({"quality": quality}), world.now)


def test_a_red_sender_is_not_claimed_for_and_speaks_again_once_it_is_better(world: World) -> None:
    owing(world, creditor(world))
    intend(world)

    rate(world, "red")
    assert world.loops.delivery.claim(world.now) == []
    rate(world, "yellow")
    assert len(gate(world)) == 1


@on_both_stores
def test_a_rating_between_the_claim_and_the_gate_is_heard_at_the_gate(world: World) -> None:
    owing(world, creditor(world))
    intend(world)
    delivery = world.loops.delivery
    drafts = delivery.prepare(delivery.claim(world.now), world.now)

    rate(world, "red")

    assert delivery.gate(drafts) == []
    (message,) = world.rows("message")
    assert (message["state"], message["reason"]) == ("waiting", "sender_unhealthy")
    assert "its quality rating is red" in str(message["reason_params"])


def test_only_the_providers_words_are_ratings() -> None:
    assert read_facts({"quality": ""}) == {"quality": None}
    with pytest.raises(SenderRefused, match="green, yellow or red"):
        read_facts({"quality": "orange"})
