"""Each shipped journey walked by one customer, from beginning to end, as it reads afterwards.

The stories in `timelines/` are for people: a change of a journey or of a rule shows there first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.book.ledger import PaymentIn, post_payment
from app.book.subscriptions import SubscriptionIn, decline_charge, upsert_subscription
from app.intake.plans import Part, agree_plan, move_instalment
from app.intake.promises import MadeBy, make_promise
from app.loops.sandbox import hand_receipts
from app.loops.tidy import Tidy
from app.store.journal import Happened, record
from app.store.rows import Contact
from campaigns.money import Money
from campaigns.vocabulary import Signal
from tests.factories import add, add_address, add_campaign, add_creditor, add_customer, add_invoice
from tests.timelines import timeline
from tests.world import SECRET, World

STORIES = Path(__file__).parent / "timelines"
MORNING = datetime(2026, 6, 1, 6, 0, tzinfo=UTC)  # a Monday, 9:00 in Haifa and in Vilnius
DUE = date(2026, 6, 1)

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


class Story:
    """One customer and everything that runs, once a day at nine."""

    def __init__(self, url: str, zone: str = "Asia/Jerusalem", **creditor: Any) -> None:
        self.world, self.zone = World(url, start=MORNING), zone
        self.database = self.world.database
        self.tidy = Tidy(self.database, self.world.loops.reconciliation, {}, secret=SECRET)
        columns = {"country": "IL", "locale": "en", "zone": zone, **creditor}
        self.creditor = add_creditor(self.database, **columns)

    def campaign(self, name: str, subject: str = "customer", **columns: Any) -> None:
        add_campaign(
            self.database, self.creditor, name=name, subject=subject, journey=name, **columns
        )

    def customer(self, **columns: Any) -> int:
        return add_customer(self.database, self.creditor, **{"zone": self.zone, **columns})

    def contact(self, customer: int, name: str, role: str, mail: str) -> None:
        contact = add(self.database, Contact, customer_id=customer, name=name, role=role)
        address = add_address(self.database, customer, "email", mail, ("email",))
        with self.database.write() as session:
            session.connection().exec_driver_sql(
                f"UPDATE contact_point SET contact_id = {contact} WHERE address_id = {address}"
            )

    def until(self, month: int, day: int, year: int = 2026) -> None:
        """Lets time pass until nine in the morning of that day."""
        end = datetime(year, month, day, 6, 0, tzinfo=UTC)
        while True:
            self.tidy.tick(self.world.now)
            hand_receipts(self.database, self.world.ledger, self.world.now)
            self.world.loops.settle(self.world.now)
            if self.world.now >= end:
                return
            self.world.clock.move_to(self.world.now + timedelta(days=1))

    def pay(self, customer: int, minor: int, currency: str = "ILS") -> None:
        now = self.world.now
        with self.database.write() as session:
            amount = Money(minor, currency)
            told = PaymentIn(f"bank:{now}:{minor}", customer, amount, now.date(), now)
            post_payment(session, told, now=now)

    def happens(self, customer: int, signal: Signal) -> None:
        now = self.world.now
        with self.database.write() as session:
            record(session, [Happened(signal, now, customer, own_act=True)], now=now)

    def reads_like(self, name: str, tmp_path: Path) -> None:
        told = timeline(self.world, self.zone)
        came = tmp_path / f"{name}.txt"
        came.write_text(told, encoding="utf-8")
        golden = STORIES / f"{name}.txt"
        expected = golden.read_text(encoding="utf-8") if golden.exists() else ""
        assert told == expected, f"the story has changed; if rightly so, take {came}"


@pytest.fixture
def begin(migrated_url: str) -> Iterator[Callable[..., Story]]:
    told: list[Story] = []

    def story(**columns: Any) -> Story:
        told.append(Story(migrated_url, **columns))
        return told[-1]

    yield story
    for one in told:
        one.world.close()


@pytest.mark.slow
def test_a_business_gets_statements_and_then_its_manager_a_word(
    begin: Callable[..., Story], tmp_path: Path
) -> None:
    story = begin()
    story.campaign("business_net30", audience="kind == 'business'")
    story.campaign("consumer_gentle", audience="kind == 'consumer'")
    mill = story.customer(name="Millstone Bakery Ltd", kind="business")
    story.contact(mill, "Dana", "payables", "payables@mill.example")
    story.contact(mill, "Omer", "manager", "omer@mill.example")
    story.contact(mill, "Noa Levi", "copy", "noa.levi@carmel.example")
    add_invoice(story.database, mill, "INV-1", due_on=DUE)
    add_invoice(story.database, mill, "INV-2", amount=100_000, due_on=DUE)
    add_invoice(story.database, mill, "INV-3", amount=5_000, currency="USD", due_on=DUE)

    story.until(6, 15)
    story.pay(mill, 24_050)
    story.until(8, 5)

    story.reads_like("business_net30", tmp_path)
    statement = story.world.rows("attempt")[0]["text"]
    for said in ("INV-1", "INV-2", "INV-3", "1,240.50", "50.00", "Dana"):
        assert said in statement
    copied = story.world.ledger.copies(story.world.rows("attempt")[0]["provider_id"])
    assert copied == ["noa.levi@carmel.example"]


@pytest.mark.slow
def test_where_there_is_no_manager_payables_are_written_to(
    begin: Callable[..., Story], tmp_path: Path
) -> None:
    story = begin(locale="lt", country="LT", zone="Europe/Vilnius", currency="EUR")
    story.campaign("business_net30")
    shop = story.customer(name="UAB Malūnas", kind="business", country="LT", locale="lt")
    story.contact(shop, "Rasa", "payables", "rasa@malunas.example")
    add_invoice(story.database, shop, "S-7", currency="EUR", due_on=DUE)

    story.until(6, 24)

    story.reads_like("business_without_manager", tmp_path)


def test_a_failed_card_is_told_calmly_until_it_is_paid(
    begin: Callable[..., Story], tmp_path: Path
) -> None:
    story = begin(locale="he")
    story.campaign("consumer_gentle")
    story.campaign("failed_card", "subscription")
    shira = story.customer(
        email="shira@haifa.example", phone="+972520001007", locale="he", given_name="שירה"
    )
    charge = add_invoice(story.database, shira, "CH-6", amount=4_990, due_on=DUE)
    with story.database.write() as session:
        told = SubscriptionIn(shira, "S-1", "פרימיום", Money(4_990, "ILS"))
        subscription = upsert_subscription(session, told, now=MORNING)
        decline_charge(
            session, subscription, invoice_id=charge, at=MORNING, declined_on=date(2026, 6, 1)
        )

    story.until(6, 9)
    story.pay(shira, 4_990)
    story.until(6, 11)

    story.reads_like("failed_card", tmp_path)
    links = {row["purpose"] for row in story.world.rows("link")}
    assert links == {"pay", "unsubscribe", "card"}


@pytest.mark.slow
def test_a_small_balance_gets_two_gentle_words_and_silence(
    begin: Callable[..., Story], tmp_path: Path
) -> None:
    story = begin()
    small = "currencies == 1 and currency == 'ILS' and balance < 20"
    story.campaign("small_balance", audience=small, priority=1)
    story.campaign("consumer_gentle", audience=f"not ({small})")
    lina = story.customer(email="lina@example.com", locale="ar", given_name="لينا")
    add_invoice(story.database, lina, amount=1_250, due_on=DUE)

    story.until(7, 20)

    story.reads_like("small_balance", tmp_path)


def test_a_broken_promise_is_answered_with_another_day_or_instalments(
    begin: Callable[..., Story], tmp_path: Path
) -> None:
    story = begin()
    story.campaign("consumer_gentle")
    dana = story.customer(email="dana@example.com", phone="+972520001008", given_name="Dana")
    add_invoice(story.database, dana, due_on=DUE)
    story.until(6, 5)
    with story.database.write() as session:
        make_promise(
            session,
            customer_id=dana,
            amount=Money(24_050, "ILS"),
            due_on=date(2026, 6, 11),
            made_by=MadeBy.PAGE,
            now=story.world.now,
        )

    story.until(6, 24)

    story.reads_like("broken_promise", tmp_path)


@pytest.mark.slow
def test_a_plan_is_cared_for_instalment_by_instalment(
    begin: Callable[..., Story], tmp_path: Path
) -> None:
    story = begin(locale="lt", country="LT", zone="Europe/Vilnius", currency="EUR")
    story.campaign("consumer_gentle")
    story.campaign("plan_upkeep", "plan")
    jonas = story.customer(
        email="jonas@example.lt", locale="lt", country="LT", vocative="Jonai", given_name="Jonas"
    )
    add_invoice(story.database, jonas, amount=30_000, currency="EUR", due_on=DUE)
    story.until(6, 2)
    third = Money(10_000, "EUR")
    days = (date(2026, 6, 12), date(2026, 7, 10), date(2026, 8, 12))
    with story.database.write() as session:
        agree_plan(
            session,
            customer_id=jonas,
            parts=[Part(third, day) for day in days],
            agreed_by=MadeBy.PAGE,
            now=story.world.now,
        )

    story.until(6, 11)
    story.pay(jonas, 10_000, "EUR")
    story.until(7, 16)  # the second stays out, and gets another day
    with story.database.write() as session:
        move_instalment(session, customer_id=jonas, to=date(2026, 7, 24), now=story.world.now)
    story.until(7, 23)
    story.pay(jonas, 10_000, "EUR")
    story.until(8, 12)
    story.pay(jonas, 10_000, "EUR")
    story.until(8, 14)

    story.reads_like("plan_kept", tmp_path)


def test_a_plan_that_is_not_rescued_ends_and_the_journey_goes_on(
    begin: Callable[..., Story], tmp_path: Path
) -> None:
    story = begin()
    story.campaign("consumer_gentle")
    story.campaign("plan_upkeep", "plan")
    maya = story.customer(email="maya@example.com", locale="he", given_name="מאיה")
    add_invoice(story.database, maya, amount=30_000, due_on=DUE)
    story.until(6, 2)
    half = Money(15_000, "ILS")
    with story.database.write() as session:
        agree_plan(
            session,
            customer_id=maya,
            parts=[Part(half, date(2026, 6, 15)), Part(half, date(2026, 7, 15))],
            agreed_by=MadeBy.STAFF,
            now=story.world.now,
        )

    story.until(7, 8)

    story.reads_like("plan_broken", tmp_path)


def test_a_part_gets_a_receipt_and_the_last_payment_a_thank_you(
    begin: Callable[..., Story], tmp_path: Path
) -> None:
    story = begin()
    story.campaign("consumer_gentle")
    lina = story.customer(email="lina@example.com", locale="ar", given_name="لينا")
    add_invoice(story.database, lina, amount=30_000, due_on=DUE)
    story.until(6, 3)
    story.pay(lina, 10_000)
    story.until(6, 8)
    story.pay(lina, 25_000)  # more than is open: the rest is credit
    story.until(6, 20)

    story.reads_like("thank_you", tmp_path)


def test_once_a_year_the_details_are_asked_for(begin: Callable[..., Story], tmp_path: Path) -> None:
    story = begin()
    story.campaign("details_check")
    long_ago = datetime(2023, 6, 6, 20, 0, tzinfo=UTC)
    dana = story.customer(email="dana@example.com", given_name="Dana", created_at=long_ago)

    story.until(6, 12)
    story.happens(dana, Signal.DETAILS_CONFIRMED)
    story.until(6, 14)

    story.reads_like("details_check", tmp_path)
