"""What a provider's answer comes to: another try, another medium, a breaker, a stop."""

from __future__ import annotations

from datetime import timedelta

from channels.errors import AddressOptedOut, ProviderUnavailable
from channels.sandbox import SandboxEmail
from channels.sandbox_faults import Faults
from channels.seam import Envelope, Outcome, outcome_of
from tests.app.delivery.cast import creditor, owing
from tests.databases import on_both_stores
from tests.world import World


def test_a_message_that_may_be_tried_later_is_a_new_attempt_of_the_same_message(
    migrated_url: str,
) -> None:
    world = World(migrated_url, faults=Faults(later=0.6, retry_after=timedelta(minutes=1)))
    owed = creditor(world)
    for number in range(12):
        owing(world, owed, f"C{number}")

    world.live(until=world.now + timedelta(hours=4), step=timedelta(minutes=20))

    assert len(world.rows("message")) == 12
    assert len(world.rows("attempt")) > 12
    assert len(world.accepted()) == 12
    world.close()


class Down(SandboxEmail):
    async def send(self, envelope: Envelope) -> Outcome:
        return outcome_of(ProviderUnavailable("sandbox", "down"))


@on_both_stores
def test_errors_of_a_provider_open_its_breaker_and_time_closes_it(world: World) -> None:
    owed = creditor(world)
    for number in range(6):
        owing(world, owed, f"C{number}")
    down = world.worker(channels={("email", "sandbox"): Down(world.ledger)})
    down.settle(world.now)

    sender = next(row for row in world.rows("sender") if row["medium"] == "email")
    assert sender["errors_in_row"] >= 5
    assert sender["paused_until"] is not None
    world.live(until=world.now + timedelta(minutes=30), step=timedelta(minutes=2))

    assert len(world.accepted()) == 6
    sender = next(row for row in world.rows("sender") if row["medium"] == "email")
    assert sender["errors_in_row"] == 0


class OptedOut(SandboxEmail):
    async def send(self, envelope: Envelope) -> Outcome:
        return outcome_of(AddressOptedOut("sandbox", "21610"))


@on_both_stores
def test_an_opt_out_that_only_the_provider_knows_is_a_stop_for_every_creditor(
    world: World,
) -> None:
    first, second = creditor(world), creditor(world, "galil")
    owing(world, first, "A", person="one", email="same@people.example")
    owing(world, second, "B", person="two")
    with world.database.write() as session:  # the same mailbox, owed by two people
        session.connection().exec_driver_sql("UPDATE contact_point SET address_id = 1")
    channels = {**world.channels, ("email", "sandbox"): OptedOut(world.ledger)}

    world.worker(channels=channels).settle(world.now)

    assert len(world.rows("suppression")) == 1
    assert min(row["revision"] for row in world.rows("person")) >= 2  # the gate, and the stop
    assert not [row for row in world.rows("message") if row["state"] in ("waiting", "accepted")]
    assert {row["given"] for row in world.rows("consent", "source = 'provider'")} == {False}
    world.live(until=world.now + timedelta(days=4), step=timedelta(days=1))
    assert world.accepted() == []


def test_faults_beside_a_success_are_not_in_a_row(migrated_url: str) -> None:
    world = World(migrated_url, faults=Faults(later=0.5, later_kinds=("provider_unavailable",)))
    owed = creditor(world)
    for number in range(20):
        owing(world, owed, f"C{number}")

    world.loops.settle(world.now)

    assert len(world.rows("message", "state = 'waiting'")) >= 5
    assert {row["paused_until"] for row in world.rows("sender")} == {None}
    world.close()


@on_both_stores
def test_a_refusal_for_good_takes_the_next_medium(migrated_url: str) -> None:
    world = World(migrated_url, faults=Faults(dead_endings=(".example",)))
    owing(world, creditor(world), phone="+972521234567", preferred_medium="email")

    world.loops.settle(world.now)

    told = [(row["medium"], row["state"], row["ordinal"]) for row in world.rows("message")]
    assert told[0] == ("email", "refused", 0)
    assert told[1][1:] == ("accepted", 1)
    assert not world.rows("address", "kind = 'email'")[0]["valid"]
    world.close()
