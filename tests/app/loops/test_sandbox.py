"""The sandbox's reports and callbacks come in by our own intake, and each lands once."""

from contextlib import closing
from datetime import timedelta

import pytest

from app.intake.receipts import take_receipts
from app.loops.sandbox import hand_callbacks, hand_receipts
from app.payments.gateway import CheckoutRequest
from app.payments.sandbox_gateway import SandboxGateway
from campaigns.money import Money
from tests.databases import on_both_stores
from tests.factories import NOON, add_campaign, add_creditor, add_customer, add_invoice
from tests.world import World

DAY = timedelta(days=1)


@pytest.fixture
def spoken(world: World) -> World:
    """A world in which one customer has been written to by mail."""
    creditor_id = add_creditor(world.database)
    add_campaign(world.database, creditor_id)
    customer_id = add_customer(world.database, creditor_id, email="dana@example.com")
    add_invoice(world.database, customer_id)
    world.loops.settle(world.now)
    assert len(world.accepted()) == 1
    return world


@on_both_stores
def test_receipts_move_the_message_on_and_are_handed_once(spoken: World) -> None:
    now = spoken.now + DAY

    handed = hand_receipts(spoken.database, spoken.ledger, now)

    assert handed > 0
    assert spoken.rows("message")[0]["delivered_at"] is not None
    assert hand_receipts(spoken.database, spoken.ledger, now) == 0


def test_receipts_that_were_taken_in_and_not_marked_land_once(spoken: World) -> None:
    now = spoken.now + DAY
    with spoken.database.write() as session:  # and then the process died
        take_receipts(session, [due.receipt for due in spoken.ledger.receipts(until=now)], now=now)
    events = spoken.rows("event")

    assert hand_receipts(spoken.database, spoken.ledger, now) > 0
    assert spoken.rows("event") == events


def test_nothing_to_hand_writes_nothing(world: World) -> None:
    assert hand_receipts(world.database, world.ledger, world.now) == 0


def test_a_callback_that_a_crash_swallowed_is_taken_in_by_the_next_tick(spoken: World) -> None:
    with closing(SandboxGateway(secret="s" * 40)) as gateway:
        request = CheckoutRequest(
            key="checkout-1",
            amount=Money(24050, "ILS"),
            description="INV-1",
            return_url="https://pay.example.com/p/x",
            customer_ref="1",
            expires_at=NOON + DAY,
        )
        opened = gateway.open(request)
        gateway.pay(opened.session_id, NOON)  # and nobody was there to hear it

        assert hand_callbacks(spoken.database, gateway, spoken.now) == 1
        assert hand_callbacks(spoken.database, gateway, spoken.now) == 0
    assert len(spoken.rows("inbound")) == 1
