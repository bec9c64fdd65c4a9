"""The whole way out by SMS over the wire, with a Twilio on its bad days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from app.delivery.calls import Calls
from app.lab.faults import Fate
from app.lab.served import served
from app.lab.twilio import ACCOUNT, TOKEN, LocalTwilio
from channels.sms_twilio import TwilioSms
from channels.transport import Limits
from channels.twilio_api import TwilioApi
from tests.app.delivery.cast import creditor, owing, sign_all
from tests.databases import on_both_stores
from tests.world import World

NUMBER = "+972521234567"
QUICK = Limits(read=timedelta(seconds=0.3), total=timedelta(seconds=0.6))


@dataclass
class Stage:
    """A world in which SMS is carried by a local Twilio and nobody has another medium."""

    world: World
    local: LocalTwilio
    creditor_id: int

    def owe(self, number: str = NUMBER, name: str = "C1") -> None:
        owing(self.world, self.creditor_id, name, phone=number, email=None)

    def states(self) -> list[str]:
        return [row["state"] for row in self.world.rows("message")]


@pytest.fixture
def stage(migrated_url: str) -> Iterator[Stage]:
    world = World(migrated_url)
    local = LocalTwilio(world.clock.now)
    with served(local.app()) as url, Calls() as calls:
        callback = f"{url}/webhooks/twilio"
        api = TwilioApi(ACCOUNT, TOKEN, base_url=url, callback=callback, limits=QUICK)
        channel = TwilioSms(api)
        world.carry({("sms", "twilio"): channel}, run=calls.run)
        owed = creditor(world)
        world.run(
            "UPDATE sender SET provider = 'twilio', cleared = '{\"il\": \"Registered\"}'"
            " WHERE medium = 'sms'"
        )
        world.run("UPDATE sender SET active = false WHERE medium <> 'sms'")
        sign_all(world, owed)
        yield Stage(world, local, owed)
        calls.run(channel.close())
    world.close()


@on_both_stores
def test_a_message_leaves_with_its_link_and_the_attempt_that_twilio_reports_on(
    stage: Stage,
) -> None:
    stage.owe()

    stage.world.loops.settle(stage.world.now)

    (taken,), (attempt,) = stage.local.taken, stage.world.rows("attempt")
    assert (attempt["state"], attempt["provider_id"]) == ("accepted", taken.sid)
    assert taken.attempt_key == attempt["key"]
    assert "https://pay.example.com/p/" in taken.body
    assert taken.form["To"] == NUMBER


@pytest.mark.parametrize(
    "fate", [Fate.RESET_AFTER, Fate.SILENT_AFTER, Fate.ERROR_AFTER, Fate.MALFORMED, Fate.DRIP]
)
def test_what_was_taken_in_silence_is_found_again_and_never_sent_twice(
    stage: Stage, fate: Fate
) -> None:
    stage.local.on_a_day_with(shares={fate: 1.0}, silence=timedelta(seconds=2))
    stage.owe()
    stage.world.loops.settle(stage.world.now)
    before = stage.states()

    stage.world.live(until=stage.world.now + timedelta(minutes=10), step=timedelta(minutes=5))

    assert (before, stage.states()) == (["unclear"], ["accepted"])
    assert len(stage.local.taken) == 1
    assert stage.world.rows("attempt")[0]["provider_id"] == stage.local.taken[0].sid


def test_twilio_is_asked_no_faster_than_the_sender_sends(stage: Stage) -> None:
    """One in ten seconds, and a tick takes no longer: so one a tick, each in its turn."""
    stage.local.on_a_day_with(shares={Fate.RESET_AFTER: 1.0})
    for number in range(3):
        stage.owe(f"+97252123456{number}", f"C{number}")
    stage.world.loops.settle(stage.world.now)
    stage.world.run("UPDATE sender SET per_second = 0.1 WHERE medium = 'sms'")
    stage.world.clock.move_to(stage.world.now + timedelta(minutes=1))
    before = stage.states()

    found = [stage.world.loops.reconciliation.tick(stage.world.now) for _ in range(4)]

    assert before == ["unclear"] * 3
    assert found == [1, 1, 1, 0]
    assert stage.states() == ["accepted"] * 3


def test_what_was_never_taken_is_not_sent_again_because_nobody_can_know(stage: Stage) -> None:
    stage.local.on_a_day_with(shares={Fate.RESET_BEFORE: 1.0})
    stage.owe()
    stage.world.loops.settle(stage.world.now)
    stage.local.on_a_day_with(shares={})

    stage.world.live(until=stage.world.now + timedelta(hours=26), step=timedelta(hours=2))

    assert stage.states()[0] == "assumed_sent"
    assert {row["kind"] for row in stage.world.rows("task")} >= {"unclear"}
    assert stage.local.taken == []


def test_wrong_keys_hold_everything_and_say_so(stage: Stage) -> None:
    stage.owe()
    stranger = LocalTwilio(stage.world.clock.now)
    with served(stranger.app()) as url, Calls() as calls:
        channel = TwilioSms(TwilioApi(ACCOUNT, "another token", base_url=url))
        stage.world.carry({("sms", "twilio"): channel}, run=calls.run)
        stage.world.loops.settle(stage.world.now)
        calls.run(channel.close())

    (sender,) = stage.world.rows("sender", "medium = 'sms'")
    assert stage.states() == ["waiting"]
    assert sender["pause_reason"].startswith("The provider does not let us in: the key is wrong")
    assert [row["kind"] for row in stage.world.rows("task")] == ["stop_sender"]


def test_a_landline_is_closed_for_sms_alone_and_the_number_stays_valid(stage: Stage) -> None:
    stage.owe("+15005550009")

    stage.world.loops.settle(stage.world.now)

    assert stage.states() == ["refused"]
    assert [(row["medium"], row["reason"]) for row in stage.world.rows("suppression")] == [
        ("sms", "bounced")
    ]
    assert stage.world.rows("address", "kind = 'phone'")[0]["valid"]
