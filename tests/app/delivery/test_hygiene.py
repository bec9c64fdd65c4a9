"""Numbers that are looked up before the first text: what is closed, and that it is asked once."""

from __future__ import annotations

from typing import Final

import pytest

from app.loops.assembly import assemble
from channels.lookup import Line, Looked
from tests.app.delivery.cast import creditor, intend, owing
from tests.databases import on_both_stores
from tests.world import World

MOBILE: Final = "+972521234567"
LANDLINE: Final = "+97248123456"


class Directory:
    """Knows some numbers, and notes who was asked about."""

    def __init__(self) -> None:
        self.known: dict[str, Looked] = {LANDLINE: Looked(LANDLINE, Line.LANDLINE)}
        self.asked: list[str] = []

    async def look_up(self, number: str) -> Looked:
        self.asked.append(number)
        return self.known.get(number, Looked(number, Line.TEXTS))


@pytest.fixture
def directory(world: World) -> Directory:
    made = Directory()
    world.loops = assemble(
        world.database, world.channels, world.addresses, world.clock.now, look_up=made.look_up
    )
    return made


def owe(world: World, number: str) -> None:
    owing(world, creditor(world), phone=number, preferred_medium="sms")


def told(world: World) -> list[tuple[str, str]]:
    return [(row["medium"], row["state"]) for row in world.rows("message")]


def test_a_landline_gets_no_text_and_another_medium_speaks(
    world: World, directory: Directory
) -> None:
    owe(world, LANDLINE)

    world.loops.settle(world.now)

    assert told(world) == [("sms", "stopped"), ("whatsapp", "accepted")]
    (address,) = world.rows("address", "kind = 'phone'")
    assert (address["line"], bool(address["valid"])) == ("landline", True)
    assert [row["medium"] for row in world.rows("suppression")] == ["sms"]


@on_both_stores
@pytest.mark.parametrize(
    "looked", [Looked(MOBILE, Line.INVALID), Looked(MOBILE, Line.TEXTS, reassigned=True)]
)
def test_a_number_that_is_nobodys_or_another_persons_is_not_used_at_all(
    world: World, directory: Directory, looked: Looked
) -> None:
    directory.known[MOBILE] = looked
    owe(world, MOBILE)

    world.loops.settle(world.now)

    assert told(world) == [("sms", "stopped"), ("email", "accepted")]
    assert not world.rows("address", "kind = 'phone'")[0]["valid"]


@on_both_stores
def test_each_number_is_asked_about_once_and_doubt_is_no_reason_not_to_write(
    world: World, directory: Directory
) -> None:
    directory.known[MOBILE] = Looked(MOBILE, Line.UNKNOWN)
    owe(world, MOBILE)
    intend(world)
    delivery = world.loops.delivery
    delivery.tick(world.now)
    assert told(world) == [("sms", "accepted")]

    world.run("UPDATE message SET state = 'waiting', lease_until = NULL")
    delivery.tick(world.now)

    assert directory.asked == [MOBILE]
