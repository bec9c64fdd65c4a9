"""WhatsApp's ratings of our numbers, read over the wire from a Twilio on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import pytest

from app.delivery.calls import Calls
from app.delivery.ratings import RatingReading
from app.lab.served import served
from app.lab.twilio import ACCOUNT, TOKEN, LocalTwilio
from channels.twilio_api import TwilioApi
from channels.twilio_senders import Rated, ratings
from tests.app.delivery.cast import creditor
from tests.world import World


@dataclass
class Stage:
    world: World
    local: LocalTwilio
    reading: RatingReading

    @property
    def number(self) -> str:
        return str(self.world.rows("sender", "medium = 'whatsapp'")[0]["address"])

    def read(self, told: str) -> int:
        self.local.ratings = {self.number: told}
        return self.reading.tick(self.world.now)

    def quality(self, medium: str = "whatsapp") -> str | None:
        (row,) = self.world.rows("sender", f"medium = '{medium}'")
        found: str | None = row["quality"]
        return found


@pytest.fixture
def stage(world: World) -> Iterator[Stage]:
    local = LocalTwilio(world.clock.now)
    creditor(world)
    world.run("UPDATE sender SET provider = 'twilio'")
    with served(local.app()) as url, Calls() as calls:
        api = TwilioApi(ACCOUNT, TOKEN, base_url=url)
        yield Stage(
            world, local, RatingReading(world.database, partial(ratings, api), run=calls.run)
        )
        calls.run(api.close())


def test_a_number_is_rated_as_whatsapp_rates_it_and_its_fall_is_told(stage: Stage) -> None:
    seen = []
    for told in ("HIGH", "MEDIUM", "LOW", "LOW", "MEDIUM"):
        changed = stage.read(told)
        seen.append((changed, stage.quality()))

    assert seen == [(1, "green"), (1, "yellow"), (1, "red"), (0, "red"), (1, "yellow")]
    titles = [row["title"] for row in stage.world.rows("task", "kind = 'rating'")]
    assert titles == [
        "WhatsApp rates a number yellow: it is in danger",
        "WhatsApp rates a number red: it is stopped",
    ]
    assert stage.quality("sms") is None


def test_where_nothing_is_said_of_a_number_what_staff_have_said_stands(stage: Stage) -> None:
    stage.world.run("UPDATE sender SET quality = 'red' WHERE medium = 'whatsapp'")

    assert stage.read("UNKNOWN") == 0
    stage.local.ratings = {}
    assert stage.reading.tick(stage.world.now) == 0

    assert stage.quality() == "red"


def test_a_twilio_that_does_not_answer_changes_nothing(stage: Stage) -> None:
    async def nobody() -> list[Rated]:
        raise AssertionError("nobody is asked for a creditor without WhatsApp at Twilio")

    lonely = TwilioApi(ACCOUNT, TOKEN, base_url="http://127.0.0.1:9")
    with Calls() as calls:
        reading = RatingReading(stage.world.database, partial(ratings, lonely), run=calls.run)
        assert reading.tick(stage.world.now) == 0
        calls.run(lonely.close())
        stage.world.run("UPDATE sender SET provider = 'sandbox'")
        quiet = RatingReading(stage.world.database, nobody, run=calls.run)
        assert quiet.tick(stage.world.now) == 0
