"""Subscriptions: told again they change nothing, and a charge that failed lands once."""

from datetime import date

import pytest

from app.book.subscriptions import (
    SubscriptionIn,
    UnknownCharge,
    decline_charge,
    renew_card,
    upsert_subscription,
)
from app.store.engines import Database
from campaigns.money import Money
from tests.app.intake.make import Scene
from tests.databases import on_both_stores
from tests.factories import NOON, add_customer, add_invoice

MONTHLY = Money(24_050, "ILS")


@pytest.fixture
def scene(database: Database) -> Scene:
    return Scene.of(database)


def told(scene: Scene, **changed: object) -> int:
    values = {"customer_id": scene.customer_id, "external_id": "S-1", "name": "Premium"}
    with scene.database.write() as session:
        row = SubscriptionIn(**{**values, "amount": MONTHLY, **changed})  # type: ignore[arg-type]  # names are the test's own
        return upsert_subscription(session, row, now=NOON)


@on_both_stores
def test_a_subscription_is_kept_once_and_changed_when_it_changes(scene: Scene) -> None:
    first, again, changed = told(scene), told(scene), told(scene, name="Basic")

    assert first == again == changed
    (row,) = scene.rows("subscription")
    assert (row["name"], row["currency"], row["amount_minor"]) == ("Basic", "ILS", 24_050)
    assert row["card_state"] == "valid"


def decline(scene: Scene, subscription: int, invoice: int) -> None:
    with scene.database.write() as session:
        decline_charge(
            session, subscription, invoice_id=invoice, at=NOON, declined_on=date(2026, 6, 1)
        )


def test_a_failed_charge_lands_once_and_wakes_no_journey_of_what_is_overdue(scene: Scene) -> None:
    subscription = told(scene)

    decline(scene, subscription, scene.small)
    decline(scene, subscription, scene.small)

    (row,) = scene.rows("subscription")
    assert (row["card_state"], row["open_invoice_id"]) == ("declined", scene.small)
    assert [event["kind"] for event in scene.rows("event")] == ["charge_declined"]
    assert scene.signals() == []


def test_a_failed_charge_needs_its_own_customers_invoice(scene: Scene) -> None:
    other = add_customer(scene.database, scene.creditor_id, "C2")
    theirs = add_invoice(scene.database, other, "INV-9")

    with pytest.raises(UnknownCharge, match="post the invoice"):
        decline(scene, told(scene), theirs)


@on_both_stores
def test_a_new_card_is_good_for_the_charges_that_it_paid(scene: Scene) -> None:
    subscription = told(scene)
    decline(scene, subscription, scene.small)

    with scene.database.write() as session:
        assert renew_card(session, scene.customer_id, [scene.large], now=NOON) == 0
        assert renew_card(session, scene.customer_id, [scene.small], now=NOON) == 1

    assert scene.rows("subscription")[0]["card_state"] == "valid"
