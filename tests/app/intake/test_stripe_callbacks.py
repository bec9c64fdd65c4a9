"""What Stripe tells, from its own book into ours: late, twice, forged, about money that moves."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import permutations

import pytest

from app.book.ledger import balance
from app.intake.errors import Forged
from app.intake.inbox import intake_tick, receive
from app.intake.sources import GatewaySource
from app.lab.stripe_book import StripeBook, Told
from app.payments.checkout import CheckoutRefused, start_checkout
from app.payments.gateway import Payee
from app.payments.stale import expire_open_of, tell_gateways
from app.store.engines import Database
from campaigns.money import Money
from tests.app.intake.make import Scene, add_message
from tests.app.payments.stripes import Pair, stripe_pair
from tests.databases import on_both_stores
from tests.factories import NOON

ALL = Money(124_050, "ILS")


@dataclass(frozen=True)
class Shop:
    """A customer who owes 1,240.50 ILS to a creditor that Stripe serves."""

    scene: Scene
    pair: Pair

    @property
    def book(self) -> StripeBook:
        return self.pair.local.book

    def press_pay(self, nonce: str = "form-1", now: datetime = NOON) -> str:
        """The id of the session that a press of "pay" opens."""
        start_checkout(
            self.scene.database,
            self.pair.gateway,
            customer_id=self.scene.customer_id,
            case_id=self.scene.case_id,
            amount=ALL,
            invoice_ids=(),
            nonce=nonce,
            now=now,
            return_url="https://pay.example.com/p/token/receipt",
            payee=Payee("carmel"),
        )
        return list(self.book.sessions)[-1]

    def hear(self, *told: Told) -> None:
        source = GatewaySource(self.pair.gateway)
        for each in told:
            receive(self.scene.database, source, each.body, each.headers, now=NOON)

    def tick(self) -> None:
        sources = {"stripe": GatewaySource(self.pair.gateway)}
        intake_tick(self.scene.database, sources, now=NOON)

    def open(self) -> dict[str, int]:
        with self.scene.database.read() as session:
            return balance(session, self.scene.customer_id)

    def state(self) -> str:
        return str(self.scene.rows("checkout")[-1]["state"])

    def holds(self) -> list[str]:
        return [row["kind"] for row in self.scene.rows("hold", "released_at IS NULL")]


@pytest.fixture
def shop(database: Database) -> Iterator[Shop]:
    with stripe_pair() as pair:
        pair.local.clock = lambda: NOON
        yield Shop(Scene.of(database), pair)


def test_money_moves_by_the_event_alone_and_once(shop: Shop) -> None:
    paid = shop.book.pay(shop.press_pay(), NOON)
    assert shop.open() == {"ILS": 124_050}, "that it was paid there is no word to us yet"

    shop.hear(paid, paid, paid)

    assert shop.open() == {}
    assert len(shop.scene.rows("payment")) == 1
    assert shop.state() == "paid"


def test_what_waits_is_stopped_when_the_event_is_answered(shop: Shop) -> None:
    add_message(shop.scene, state="waiting")

    shop.hear(shop.book.pay(shop.press_pay(), NOON))

    (message,) = shop.scene.rows("message")
    assert (message["state"], message["reason"]) == ("stopped", "paid_meanwhile")


def test_a_forged_event_is_refused_counted_and_not_kept(shop: Shop) -> None:
    paid = shop.book.pay(shop.press_pay(), NOON)
    forged = Told(paid.event_id, paid.body.replace(b"124050", b"999999"), paid.headers)

    with pytest.raises(Forged):
        shop.hear(forged)

    assert shop.scene.rows("inbound") == []
    assert len(shop.scene.rows("event", "kind = 'callback_refused'")) == 1
    assert shop.open() == {"ILS": 124_050}


def test_more_than_was_asked_is_credit_and_a_task(shop: Shop) -> None:
    shop.hear(shop.book.pay(shop.press_pay(), NOON, units=130_000))

    assert shop.open() == {}
    assert sorted(shop.scene.tasks()) == ["amount_differs", "surplus"]


def test_a_debit_under_way_is_no_money_and_nobody_writes_meanwhile(shop: Shop) -> None:
    session_id = shop.press_pay()
    shop.hear(shop.book.begin_debit(session_id, NOON))

    assert (shop.open(), shop.state()) == ({"ILS": 124_050}, "pending")
    assert shop.holds() == ["payment"]
    with pytest.raises(CheckoutRefused, match="not confirmed it yet"):
        shop.press_pay("form-2")

    shop.hear(shop.book.end_debit(session_id, NOON, succeeds=True))
    assert (shop.open(), shop.state(), shop.holds()) == ({}, "paid", [])


def test_a_debit_that_no_bank_speaks_of_does_not_hold_for_ever(shop: Shop) -> None:
    shop.hear(shop.book.begin_debit(shop.press_pay(), NOON))
    later = NOON + timedelta(days=14)
    shop.pair.local.clock = lambda: later

    shop.press_pay("form-2", later)

    assert [row["state"] for row in shop.scene.rows("checkout")] == ["pending", "open"]


def test_a_debit_that_fails_days_later_is_a_decline(shop: Shop) -> None:
    session_id = shop.press_pay()
    begun = shop.book.begin_debit(session_id, NOON)
    failed = shop.book.end_debit(session_id, NOON, succeeds=False)

    shop.hear(failed, begun)  # the first word comes last

    assert (shop.open(), shop.state(), shop.holds()) == ({"ILS": 124_050}, "declined", [])
    assert shop.scene.signals() == ["payment_declined"]
    shop.press_pay("form-2")


@on_both_stores
def test_a_dispute_won_in_any_order_ends_with_the_invoice_paid(shop: Shop) -> None:
    paid = shop.book.pay(shop.press_pay(), NOON)
    (payment,) = shop.book.payments
    asked, gone, back = (
        shop.book.dispute(payment, kind, NOON)
        for kind in ("created", "funds_withdrawn", "funds_reinstated")
    )
    shop.hear(paid, asked)
    assert shop.scene.tasks() == ["payment_contested"]
    shop.hear(back)  # overtakes what it undoes
    assert shop.open() == {}
    shop.hear(gone)
    assert shop.open() == {"ILS": 124_050}

    shop.tick()

    assert shop.open() == {}
    assert [row["amount_minor"] for row in shop.scene.rows("payment")] == [124_050, 124_050]
    assert [row["amount_minor"] for row in shop.scene.rows("reversal")] == [124_050]


def test_a_refund_in_part_that_fails_is_taken_back(shop: Shop) -> None:
    shop.hear(shop.book.pay(shop.press_pay(), NOON))
    (payment,) = shop.book.payments
    refund = shop.book.refund(payment, 24_050, NOON)
    shop.hear(refund)
    assert shop.open() == {"ILS": 24_050}

    failed = shop.book.fail_refund(next(iter(shop.book.refunds)), NOON)
    shop.hear(failed, refund, failed)

    assert shop.open() == {}


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_paid_refunded_and_expired_in_any_order_end_the_same(
    shop: Shop, order: tuple[int, ...]
) -> None:
    session_id = shop.press_pay()
    paid = shop.book.pay(session_id, NOON)
    (payment,) = shop.book.payments
    refund = shop.book.refund(payment, 24_050, NOON)
    late = shop.book.tell("checkout.session.expired", shop.book.sessions[session_id], NOON)

    shop.hear(*([paid, refund, late][index] for index in order))
    shop.tick()

    assert (shop.open(), shop.state()) == ({"ILS": 24_050}, "paid")


def test_a_page_that_a_changed_balance_left_behind_is_expired_there(shop: Shop) -> None:
    session_id = shop.press_pay()
    with shop.scene.database.write() as session:  # as a payment by another door, a dispute, …
        expire_open_of(session, [shop.scene.customer_id])

    told = tell_gateways(shop.scene.database, {"stripe": shop.pair.gateway}, NOON)

    assert (told, shop.state()) == (1, "expired")
    assert shop.book.session(session_id)["status"] == "expired"


def test_a_page_too_short_lived_for_stripe_is_made_anew(shop: Shop) -> None:
    shop.press_pay()
    shop.scene.run("UPDATE checkout SET session_id = NULL, url = NULL")  # as a crash leaves it
    with pytest.raises(CheckoutRefused, match="load the page again"):
        shop.press_pay(now=NOON + timedelta(minutes=91))


def test_a_gateway_that_says_no_holds_no_other_page_up(shop: Shop) -> None:
    shop.press_pay()
    with shop.scene.database.write() as session:
        expire_open_of(session, [shop.scene.customer_id])
    with stripe_pair(key="sk_test_taken_back") as refusing:
        assert tell_gateways(shop.scene.database, {"stripe": refusing.gateway}, NOON) == 0

    assert shop.state() == "expiring"
