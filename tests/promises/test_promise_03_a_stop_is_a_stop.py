"""Nothing is sent when a payment, an opt-out, a dispute or a hold was committed before its gate."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from app.store.bulk import update_rows
from app.store.engines import Database
from app.store.rows import Creditor
from campaigns.reasons import REASONS
from channels.sandbox import SandboxEmail
from channels.seam import Envelope, Outcome
from tests.promises.cast import creditor, gate, intend, owing, together
from tests.promises.stops import STOPS, Stop, commit, pay
from tests.world import World

every_stop = pytest.mark.parametrize("stop", STOPS.values(), ids=STOPS.keys())


def reminders(world: World) -> list[dict[str, Any]]:
    return world.rows("attempt", "category <> 'receipt' AND state <> 'void'")


def guard_of(attempt: dict[str, Any]) -> int:
    """The person's revision when the gate was passed."""
    evidence = attempt["evidence"]
    found: int = (json.loads(evidence) if isinstance(evidence, str) else evidence)["guard"]
    return found


@every_stop
def test_a_stop_before_the_claim_holds_the_message(world: World, stop: Stop) -> None:
    customer = owing(world, creditor(world))
    intend(world)
    commit(world.database, stop, customer, world.now)

    world.loops.settle(world.now)

    assert reminders(world) == []


@every_stop
def test_a_stop_after_the_claim_holds_the_message(world: World, stop: Stop) -> None:
    customer = owing(world, creditor(world))
    intend(world)
    delivery = world.loops.delivery
    claimed = delivery.claim(world.now)
    commit(world.database, stop, customer, world.now)

    assert delivery.gate(delivery.prepare(claimed, world.now)) == []
    world.loops.settle(world.now)
    assert reminders(world) == []


@every_stop
def test_a_stop_after_the_text_was_written_holds_the_message(world: World, stop: Stop) -> None:
    customer = owing(world, creditor(world))
    intend(world)
    delivery = world.loops.delivery
    drafts = delivery.prepare(delivery.claim(world.now), world.now)
    commit(world.database, stop, customer, world.now)

    assert delivery.gate(drafts) == []

    (held,) = world.rows("message", "category <> 'receipt'")
    assert held["state"] == "stopped"
    assert held["reason"] in REASONS
    world.loops.settle(world.now)
    assert reminders(world) == []


class Interrupted(SandboxEmail):
    """A provider at which something is committed while it takes a letter."""

    def __init__(self, world: World, stop: Stop, customer_id: int) -> None:
        super().__init__(world.ledger)
        self._stop = (Database(world.url), stop, customer_id, world.now)

    async def send(self, envelope: Envelope) -> Outcome:
        commit(*self._stop)
        self._stop[0].dispose()
        return await super().send(envelope)


@every_stop
def test_a_stop_inside_the_send_meets_an_attempt_on_record(world: World, stop: Stop) -> None:
    """It is too late for this message; it is on record, and the next one is stopped."""
    customer = owing(world, creditor(world))
    intend(world)
    channels = {**world.channels, ("email", "sandbox"): Interrupted(world, stop, customer)}
    loops = world.worker(channels=channels)

    loops.delivery.settle(loops.delivery.dispatch(gate(world, loops)))
    world.live(until=world.now + timedelta(days=2), step=timedelta(hours=6))

    (attempt,) = reminders(world)
    assert attempt["state"] == "accepted"
    assert world.rows("person")[0]["revision"] > guard_of(attempt) + 1


@every_stop
def test_a_stop_and_a_gate_at_the_same_instant_go_one_after_the_other(
    world: World, stop: Stop
) -> None:
    """Whoever is first holds the guard: then the other sees what was done."""
    owed = creditor(world)
    customers = [owing(world, owed, f"C{number}") for number in range(8)]
    intend(world)
    delivery, other = world.worker().delivery, Database(world.url)
    drafts = delivery.prepare(delivery.claim(world.now), world.now)

    def stop_all() -> int:
        for customer in customers:
            commit(other, stop, customer, world.now)
        return 0

    together(stop_all, lambda: sum(len(delivery.gate([draft])) for draft in drafts))

    for attempt in reminders(world):
        assert guard_of(attempt) == 0, "the gate saw a raised guard and went on"
    other.dispose()


def test_a_payment_of_another_invoice_has_the_text_written_anew(world: World) -> None:
    from tests.factories import add_invoice

    customer = owing(world, creditor(world))
    add_invoice(world.database, customer, "INV-B", amount=5000)
    intend(world)
    delivery = world.loops.delivery
    drafts = delivery.prepare(delivery.claim(world.now), world.now)
    with world.database.write() as session:
        session.connection().exec_driver_sql(
            "UPDATE invoice SET open_minor = 0 WHERE number = 'INV-B'"
        )

    assert delivery.gate(drafts) == []
    assert world.rows("message")[0]["reason"] == "facts_changed"
    world.loops.settle(world.now)

    (attempt,) = world.rows("attempt")
    assert "240.50" in attempt["text"]
    assert "290.50" not in attempt["text"]


def test_a_stale_book_is_a_stop(world: World) -> None:
    as_of = world.now - timedelta(hours=20)
    owed = creditor(world, ledger_max_age_s=26 * 3600, ledger_as_of=as_of)
    owing(world, owed)
    intend(world)
    world.clock.move_to(world.now + timedelta(hours=6, minutes=1))  # 18:01 in Haifa

    world.loops.settle(world.now)

    assert world.rows("attempt") == []
    assert world.rows("message")[0]["reason"] == "ledger_stale"
    with world.database.write() as session:
        update_rows(session, Creditor, [{"id": owed, "ledger_as_of": world.now}])
    world.live(until=world.now + timedelta(days=1), step=timedelta(hours=1))
    assert len(world.accepted()) == 1


def test_a_reversal_after_the_end_opens_a_new_episode(world: World) -> None:
    from app.book.ledger import ReversalIn, ReversalKind, post_reversal
    from campaigns.money import Money

    customer = owing(world, creditor(world))
    world.loops.settle(world.now)
    commit(world.database, pay, customer, world.now)
    world.live(until=world.now + timedelta(days=10), step=timedelta(hours=6))
    assert world.rows("dunning_case")[0]["outcome"] == "settled"
    with world.database.write() as session:
        (payment,) = world.rows("payment")
        post_reversal(
            session,
            ReversalIn(
                key="back",
                kind=ReversalKind.RETURNED_DEBIT,
                customer_id=customer,
                amount=Money(payment["amount_minor"], "ILS"),
                reversed_on=world.now.date(),
                received_at=world.now,
                payment_id=payment["id"],
            ),
            now=world.now,
        )

    world.live(until=world.now + timedelta(days=2), step=timedelta(hours=6))

    cases = world.rows("dunning_case")
    assert [case["episode"] for case in cases] == [1, 2]
    assert cases[1]["phase"] != "closed"
    assert cases[1]["anchor_on"] == cases[0]["anchor_on"]
