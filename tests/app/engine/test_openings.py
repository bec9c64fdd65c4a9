"""Who joins a campaign: by audience, once, and about what nobody else speaks of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from app.book.ledger import PaymentIn, ReversalIn, ReversalKind, post_payment, post_reversal
from app.book.subscriptions import (
    SubscriptionIn,
    decline_charge,
    release_charge,
    upsert_subscription,
)
from campaigns.money import Money
from tests.factories import NOON, add_campaign, add_creditor, add_customer, add_invoice
from tests.world import World

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
DUE = date(2026, 6, 1)
SMALL = "currencies == 1 and currency == 'ILS' and balance < 20"


@pytest.fixture
def world(migrated_url: str) -> Iterator[World]:
    made = World(migrated_url)
    yield made
    made.close()


def cases(world: World, *columns: str) -> list[tuple[object, ...]]:
    """The open cases: campaign, customer, and these columns."""
    campaigns = {row["id"]: row["name"] for row in world.rows("campaign")}
    customers = {row["id"]: row["external_id"] for row in world.rows("customer")}
    return [
        (
            campaigns[row["campaign_id"]],
            customers[row["customer_id"]],
            *(row[name] for name in columns),
        )
        for row in world.rows("dunning_case", "phase <> 'closed'")
    ]


def test_an_audience_asks_who_the_customer_is_and_what_is_owed(world: World) -> None:
    creditor = add_creditor(world.database)
    add_campaign(world.database, creditor, name="big", audience="balance >= 100")
    add_campaign(world.database, creditor, name="firms", audience="kind == 'business'", priority=1)
    for name, kind, amount in (
        ("C1", "consumer", 20_000),
        ("C2", "consumer", 5_000),
        ("B1", "business", 20_000),
    ):
        customer = add_customer(
            world.database, creditor, name, email=f"{name}@e.example", kind=kind
        )
        add_invoice(world.database, customer, amount=amount, due_on=DUE)

    world.loops.enrolment.tick(world.now)

    assert cases(world) == [("firms", "B1"), ("big", "C1")]


def test_an_audience_that_cannot_be_read_lets_nobody_in_and_stops_no_other(world: World) -> None:
    creditor = add_creditor(world.database)
    add_campaign(world.database, creditor, name="wrong", audience="balanse > 1", priority=1)
    add_campaign(world.database, creditor, name="right")
    customer = add_customer(world.database, creditor, email="c1@e.example")
    add_invoice(world.database, customer, due_on=DUE)

    world.loops.enrolment.tick(world.now)

    assert cases(world) == [("right", "C1")]


def test_a_customer_has_one_case_about_what_is_overdue(world: World) -> None:
    creditor = add_creditor(world.database)
    add_campaign(world.database, creditor, name="gentle")
    add_campaign(
        world.database, creditor, name="small", journey="small_balance", audience=SMALL, priority=1
    )
    customer = add_customer(world.database, creditor, email="c1@e.example")
    add_invoice(world.database, customer, amount=1_000, due_on=DUE - timedelta(days=7))

    world.loops.enrolment.tick(world.now)
    assert cases(world) == [("small", "C1")]

    # What has grown is no small balance: its case ends, and the other campaign takes it up.
    add_invoice(world.database, customer, "INV-2", amount=50_000, due_on=DUE)
    world.move(hours=1)
    world.move(days=1)
    assert cases(world) == [("gentle", "C1")]
    assert {row["template"] for row in world.rows("message")} <= {"reminder_first", "due_today"}


def a_failed_charge(world: World, creditor: int) -> tuple[int, int, int]:
    """Customer, subscription and invoice of a charge that failed at noon."""
    customer = add_customer(world.database, creditor, email="c1@e.example")
    charge = add_invoice(world.database, customer, "CH-1", amount=4_990, due_on=DUE)
    with world.database.write() as session:
        told = SubscriptionIn(customer, "S-1", "Premium", Money(4_990, "ILS"))
        subscription = upsert_subscription(session, told, now=NOON)
        decline_charge(session, subscription, invoice_id=charge, at=NOON, declined_on=DUE)
    return customer, subscription, charge


def test_a_failed_charge_is_nobody_elses_until_it_is_released(world: World) -> None:
    creditor = add_creditor(world.database)
    add_campaign(world.database, creditor, name="gentle", priority=1)
    add_campaign(
        world.database, creditor, name="cards", subject="subscription", journey="failed_card"
    )
    customer, subscription, charge = a_failed_charge(world, creditor)
    other = add_invoice(world.database, customer, "INV-9", due_on=DUE)

    world.loops.settle(world.now)
    assert [(name, anchor) for name, _, anchor in cases(world, "anchor_invoice_id")] == [
        ("gentle", other),
        ("cards", charge),
    ]
    texts = {row["text"] for row in world.rows("attempt")}
    assert not any("CH-1" in text and "INV-9" in text for text in texts)

    with world.database.write() as session:
        release_charge(session, subscription, now=world.now)
    world.move(days=1)
    assert [name for name, *_ in cases(world)] == ["gentle"]
    (closed,) = world.rows("dunning_case", "phase = 'closed'")
    assert (closed["outcome"], closed["reason"]) == ("withdrawn", "subject_over")


def test_without_a_campaign_for_cards_a_failed_charge_is_an_invoice_like_any(world: World) -> None:
    creditor = add_creditor(world.database)
    add_campaign(world.database, creditor, name="gentle")
    a_failed_charge(world, creditor)

    world.loops.enrolment.tick(world.now)

    assert cases(world) == [("gentle", "C1")]


def test_a_charge_that_is_taken_back_begins_anew(world: World) -> None:
    creditor = add_creditor(world.database)
    add_campaign(
        world.database, creditor, name="cards", subject="subscription", journey="failed_card"
    )
    customer, _, charge = a_failed_charge(world, creditor)
    world.loops.settle(world.now)
    with world.database.write() as session:
        amount = Money(4_990, "ILS")
        paid = PaymentIn("bank:1", customer, amount, DUE, world.now, invoice_ids=(charge,))
        payment = post_payment(session, paid, now=world.now).payment_id
    world.move(days=1)
    assert cases(world) == []

    with world.database.write() as session:
        back = ReversalIn(
            "bank:1:back", ReversalKind.CHARGEBACK, customer, amount, DUE, world.now,
            payment_id=payment,
        )  # fmt: skip
        post_reversal(session, back, now=world.now)
    world.move(hours=2)
    assert cases(world, "episode") == [("cards", "C1", 2)]


@pytest.mark.parametrize(
    ("known_since", "anchor"),
    [
        (datetime(2025, 6, 1, 12, tzinfo=UTC), "2026-06-01"),
        (datetime(2019, 5, 27, 12, tzinfo=UTC), "2026-05-27"),
        (datetime(2025, 5, 31, 22, tzinfo=UTC), "2026-06-01"),  # the 1st already, in Haifa
        (datetime(2025, 5, 24, 12, tzinfo=UTC), None),  # the machine was off for too long
        (datetime(2025, 6, 2, 12, tzinfo=UTC), None),
        (datetime(2026, 6, 1, 6, tzinfo=UTC), None),  # new today
    ],
)
def test_the_yearly_question_is_asked_on_the_anniversary_and_a_few_days_later(
    world: World, known_since: datetime, anchor: str | None
) -> None:
    creditor = add_creditor(world.database)
    add_campaign(world.database, creditor, name="details", journey="details_check")
    add_customer(world.database, creditor, email="c1@e.example", created_at=known_since)

    world.loops.enrolment.tick(world.now)

    found = [str(when)[:10] for *_, when in cases(world, "anchor_on")]
    assert found == ([anchor] if anchor else [])


@pytest.mark.parametrize(("today", "asked"), [("2026-02-28", False), ("2026-03-01", True)])
def test_who_came_on_a_29_february_is_asked_on_the_1_march(
    migrated_url: str, today: str, asked: bool
) -> None:
    at = datetime.fromisoformat(f"{today}T09:00:00+00:00")
    world = World(migrated_url, start=at)
    creditor = add_creditor(world.database)
    add_campaign(world.database, creditor, name="details", journey="details_check")
    leap = datetime(2024, 2, 29, 12, tzinfo=UTC)
    add_customer(world.database, creditor, email="c1@e.example", created_at=leap)

    world.loops.enrolment.tick(world.now)

    assert bool(cases(world)) is asked
    world.close()


def test_the_yearly_question_comes_once_a_year(world: World) -> None:
    creditor = add_creditor(world.database)
    add_campaign(world.database, creditor, name="details", journey="details_check")
    known_since = datetime(2025, 6, 1, 12, tzinfo=UTC)
    add_customer(world.database, creditor, email="c1@e.example", created_at=known_since)

    for days in (0, 1, 30, 3, 331):
        world.move(days=days)

    assert [row["episode"] for row in world.rows("dunning_case")] == [1, 2]
    mail = world.rows("attempt")[0]["html"]
    assert "wrong with an invoice" not in mail  # nothing is asked for, so nothing to dispute


def test_two_customers_whose_invoices_have_one_number_each_have_a_case(world: World) -> None:
    """An ERP numbers invoices per customer; the case's key names both, or one would be lost."""
    creditor = add_creditor(world.database)
    add_campaign(
        world.database,
        creditor,
        name="early",
        subject="invoice",
        journey="consumer_before_due",
    )
    for name in ("C1", "C2"):
        customer = add_customer(world.database, creditor, name, email=f"{name}@e.example")
        due_on = world.now.date() + timedelta(days=4)
        add_invoice(world.database, customer, "INV-1", due_on=due_on)

    world.loops.enrolment.tick(world.now)

    assert sorted(cases(world)) == [("early", "C1"), ("early", "C2")]
