"""The stop button: what a halt holds, how soon, and how it goes on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.delivery.dispatch import Voided
from app.delivery.halts import (
    Scope,
    halts_in_force,
    lift_all,
    lift_halt,
    params_of,
    place_halt,
    words_in,
    words_of,
)
from campaigns.vocabulary import Medium
from tests.app.delivery.cast import creditor, gate, intend, owing, send, together
from tests.databases import on_both_stores
from tests.world import World


def stop(world: World, creditor_id: int | None = None, medium: Medium | None = None) -> bool:
    scope = Scope(creditor_id, medium)
    with world.database.write() as session:
        return place_halt(session, scope, by="Dana", note="", now=world.now)


def go(world: World, creditor_id: int | None = None, medium: Medium | None = None) -> bool:
    with world.database.write() as session:
        return lift_halt(session, Scope(creditor_id, medium), by="Dana", now=world.now)


@on_both_stores
def test_nothing_is_claimed_while_everything_is_stopped_and_all_goes_on_after(world: World) -> None:
    owing(world, creditor(world))
    intend(world)

    assert stop(world)
    assert world.loops.delivery.claim(world.now) == []
    assert not stop(world), "it was stopped already"

    assert go(world)
    assert len(gate(world)) == 1
    assert not go(world), "nothing is stopped any more"


def test_a_stop_holds_its_creditor_and_its_medium_and_no_other(world: World) -> None:
    carmel, galil = creditor(world), creditor(world, "galil")
    owing(world, carmel, "A")
    owing(world, galil, "B")
    intend(world)

    stop(world, carmel)
    stop(world, galil, Medium.SMS)

    passed = gate(world)
    assert [item.draft.claimed.row["creditor_id"] for item in passed] == [galil]


def test_a_stop_between_the_claim_and_the_gate_is_heard_at_the_gate(world: World) -> None:
    carmel = creditor(world)
    owing(world, carmel)
    intend(world)
    delivery = world.loops.delivery
    drafts = delivery.prepare(delivery.claim(world.now), world.now)

    stop(world, carmel, Medium.EMAIL)

    assert delivery.gate(drafts) == []
    (message,) = world.rows("message")
    assert (message["state"], message["reason"]) == ("waiting", "halted")
    assert "email of creditor carmel" in str(message["reason_params"])
    assert delivery.claim(world.now) == []
    go(world, carmel, Medium.EMAIL)
    assert len(gate(world)) == 1, "it lost nothing but time"


def test_two_seconds_after_a_stop_nothing_leaves_that_had_passed_before(world: World) -> None:
    owing(world, creditor(world))
    intend(world)
    passed = gate(world)

    stop(world)
    world.clock.move_to(world.now + timedelta(seconds=2, microseconds=1))
    tried = world.loops.delivery.dispatch(passed)

    assert [item.outcome for item in tried] == [Voided()]
    world.loops.delivery.settle(tried)
    assert send(world) == []


@on_both_stores
def test_a_gate_and_a_stop_at_once_agree_on_who_was_first(world: World) -> None:
    owing(world, creditor(world))
    intend(world)
    delivery = world.loops.delivery
    drafts = delivery.prepare(delivery.claim(world.now), world.now)

    together(lambda: stop(world), lambda: bool(delivery.gate(drafts)))

    (message,) = world.rows("message")
    assert message["state"] in ("sending", "waiting")
    assert gate(world) == [], "whoever was first, the next one hears it"


def test_what_is_too_late_to_say_expires_behind_a_stop_and_the_case_goes_on(world: World) -> None:
    owing(world, creditor(world))
    intend(world)
    stop(world)

    world.clock.move_to(world.now + timedelta(days=8))
    world.loops.delivery.tick(world.now)

    (message,) = world.rows("message")
    assert (message["state"], message["reason"]) == ("expired", "expired")
    intend(world)
    assert len(world.rows("message")) == 2, "the next step speaks, and waits in its turn"
    assert gate(world) == []


@on_both_stores
def test_lifted_stops_stay_on_record_with_who_lifted_them(world: World) -> None:
    carmel = creditor(world)
    stop(world, carmel)
    stop(world, medium=Medium.WHATSAPP)
    with world.database.read() as session:
        assert [words_of(halt) for halt in halts_in_force(session)] == [
            "creditor carmel",
            "whatsapp",
        ]

    with world.database.write() as session:
        assert lift_all(session, by="Noa", now=world.now) == 2

    assert {row["lifted_by"] for row in world.rows("halt")} == {"Noa"}


@pytest.mark.parametrize(
    ("medium", "owned", "text"),
    [
        (None, False, "everything"),
        (Medium.SMS, False, "sms"),
        (None, True, "creditor carmel"),
        (Medium.SMS, True, "sms of creditor carmel"),
    ],
)
def test_a_message_keeps_what_the_stop_that_holds_it_stops(
    world: World, medium: Medium | None, owned: bool, text: str
) -> None:
    stop(world, creditor(world) if owned else None, medium=medium)

    with world.database.read() as session:
        (halt,) = halts_in_force(session)

    kept = params_of(halt)
    assert words_in(kept) == kept["what"] == text
    assert "carmel" not in words_in(kept).template
