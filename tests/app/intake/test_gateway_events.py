"""What a gateway tells: late, twice, out of order, and about another amount than we asked for."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.book.ledger import balance
from app.intake.errors import Premature
from app.intake.gateway_events import take_gateway_event
from app.intake.instalments import miss_instalments
from app.payments.gateway import (
    CheckoutDeclined,
    CheckoutExpired,
    CheckoutPaid,
    GatewayEvent,
    OtherEvent,
    PaymentReversed,
    ReversalKind,
    ReversalUndone,
)
from app.store import rows as tables
from app.store.engines import Database
from campaigns.money import Money
from tests.app.intake.make import Scene
from tests.databases import on_both_stores
from tests.factories import NOON, add, add_customer, add_invoice


@pytest.fixture
def scene(database: Database) -> Scene:
    return Scene.of(database)


@dataclass(frozen=True)
class Paid:
    """A checkout of 24050 agorot for the small invoice, and what its gateway may tell."""

    checkout_id: int
    session_id: str
    paid: CheckoutPaid
    declined: CheckoutDeclined
    expired: CheckoutExpired

    def back(self, minor: int = 24_050, part: int = 1) -> PaymentReversed:
        amount, kind = Money(minor, "ILS"), ReversalKind.CHARGEBACK
        reference = self.paid.payment_ref
        return PaymentReversed(reference, f"{reference}/{part}", kind, amount, NOON)


def _checkout(scene: Scene, name: str = "s1", *, state: str = "open", **told: Any) -> Paid:
    checkout_id = add(
        scene.database,
        tables.Checkout,
        **{
            "key": f"key-{name}",
            "customer_id": scene.customer_id,
            "case_id": scene.case_id,
            "currency": "ILS",
            "amount_minor": 24_050,
            "ledger_revision": 0,
            "gateway": "sandbox",
            "session_id": name,
            "state": state,
            "invoice_ids": [scene.small],
            "created_at": NOON,
            "expires_at": NOON + timedelta(hours=2),
            **told,
        },
    )
    amount = Money(24_050, "ILS")
    return Paid(
        checkout_id,
        name,
        CheckoutPaid(name, amount, f"pay-{name}", NOON, f"key-{name}"),
        CheckoutDeclined(name, NOON),
        CheckoutExpired(name, NOON),
    )


def _take(scene: Scene, *events: GatewayEvent) -> None:
    for event in events:
        with scene.database.write() as session:
            take_gateway_event(session, "sandbox", event, now=NOON)


def _open(scene: Scene) -> dict[str, int]:
    with scene.database.read() as session:
        return balance(session, scene.customer_id)


def _state(scene: Scene, checkout: Paid) -> str:
    return str(scene.rows("checkout", f"id = {checkout.checkout_id}")[0]["state"])


def test_a_payment_settles_what_it_was_for_and_stops_the_case(scene: Scene) -> None:
    checkout, before = _checkout(scene), scene.guard()

    _take(scene, checkout.paid)

    assert _open(scene) == {"ILS": 100_000}
    assert _state(scene, checkout) == "paid"
    assert scene.signals() == ["payment_received"]
    assert scene.guard() > before
    (payment,) = scene.rows("payment")
    assert (payment["method"], payment["reference"]) == ("sandbox", "pay-s1")
    assert payment["checkout_id"] == checkout.checkout_id
    assert str(payment["paid_on"]) == "2026-06-01"


def test_a_payment_told_three_times_lands_once(scene: Scene) -> None:
    checkout = _checkout(scene)

    _take(scene, checkout.paid, checkout.paid, checkout.paid)

    assert len(scene.rows("payment")) == 1
    assert scene.signals() == ["payment_received"]


def test_who_pressed_pay_in_time_has_the_discount_though_the_bank_took_days(scene: Scene) -> None:
    offer = {"creditor_id": scene.creditor_id, "kind": "early_payment", "percent": "10"}
    about = {"ends_on": NOON.date(), "added_at": NOON, "added_by": "ada"}
    add(scene.database, tables.Offer, **offer, **about)
    in_time = _checkout(scene, amount_minor=21_645, discount_minor=2_405)
    days_later = NOON + timedelta(days=5)
    paid = replace(in_time.paid, amount=Money(21_645, "ILS"), at=days_later)

    _take(scene, paid)
    assert _open(scene) == {"ILS": 100_000}

    back = PaymentReversed("pay-s1", "b1", ReversalKind.CHARGEBACK, Money(21_645, "ILS"), NOON)
    _take(scene, back)
    assert _open(scene) == {"ILS": 124_050}
    _take(scene, ReversalUndone("pay-s1", "b1", Money(21_645, "ILS"), days_later))

    kinds = [row["kind"] for row in scene.rows("reversal")]
    assert kinds == ["discount", "chargeback", "discount_withdrawn", "discount"]
    assert _open(scene) == {"ILS": 100_000}


@pytest.mark.parametrize("state", ["expired", "expiring", "declined"])
def test_money_is_never_refused_for_what_we_thought_of_its_checkout(
    scene: Scene, state: str
) -> None:
    checkout = _checkout(scene, state=state)

    _take(scene, checkout.paid)

    assert _open(scene) == {"ILS": 100_000}
    assert _state(scene, checkout) == "paid"


def test_another_amount_is_recorded_as_it_came_and_asked_about(scene: Scene) -> None:
    checkout = _checkout(scene)
    less = CheckoutPaid("s1", Money(24_000, "ILS"), "pay-s1", NOON)

    _take(scene, less, less)

    assert _open(scene) == {"ILS": 100_050}
    assert scene.tasks() == ["amount_differs"]
    assert _state(scene, checkout) == "paid"


def test_another_currency_is_recorded_as_it_came_and_settles_nothing(scene: Scene) -> None:
    _checkout(scene)

    _take(scene, CheckoutPaid("s1", Money(24_050, "EUR"), "pay-s1", NOON))

    assert _open(scene) == {"ILS": 124_050}
    assert scene.rows("payment")[0]["currency"] == "EUR"
    assert sorted(scene.tasks()) == ["amount_differs", "surplus"]


def test_a_payment_makes_the_customers_other_pages_stale(scene: Scene) -> None:
    checkout = _checkout(scene, state="expiring")
    other = _checkout(scene, "s2")

    _take(scene, checkout.paid)

    assert (_state(scene, checkout), _state(scene, other)) == ("paid", "expiring")


def test_a_session_that_was_not_written_down_is_known_by_our_key(scene: Scene) -> None:
    checkout = _checkout(scene, session_id=None)

    _take(scene, checkout.paid)

    assert _state(scene, checkout) == "paid"


def test_the_same_session_id_at_another_gateway_is_not_ours(scene: Scene) -> None:
    checkout = _checkout(scene)

    with pytest.raises(Premature, match="s1"), scene.database.write() as session:
        take_gateway_event(session, "stripe", checkout.paid, now=NOON)


@on_both_stores
def test_a_decline_is_told_to_its_case_once(scene: Scene) -> None:
    checkout = _checkout(scene)

    _take(scene, checkout.declined, checkout.declined, checkout.expired)

    assert _state(scene, checkout) == "declined"
    assert scene.signals() == ["payment_declined"]
    assert scene.rows("case_signal")[0]["own_act"]


def test_a_decline_after_the_payment_is_told_to_nobody(scene: Scene) -> None:
    checkout = _checkout(scene)

    _take(scene, checkout.paid, checkout.declined)

    assert _state(scene, checkout) == "paid"
    assert scene.signals() == ["payment_received"]


def test_an_event_of_no_concern_changes_nothing(scene: Scene) -> None:
    _take(scene, OtherEvent("balance_available", NOON))

    assert scene.rows("event") == []


@on_both_stores
def test_a_chargeback_opens_the_invoice_again(scene: Scene) -> None:
    checkout = _checkout(scene)

    _take(scene, checkout.paid, checkout.back(), checkout.back())

    assert _open(scene) == {"ILS": 124_050}
    assert scene.signals() == ["payment_received", "payment_reversed"]
    assert len(scene.rows("reversal")) == 1


def test_a_reversal_that_overtakes_its_payment_waits_for_it(scene: Scene) -> None:
    checkout = _checkout(scene)

    with pytest.raises(Premature, match="pay-s1"):
        _take(scene, checkout.back())
    assert scene.rows("reversal") == []
    _take(scene, checkout.paid, checkout.back())
    assert _open(scene) == {"ILS": 124_050}


def _until_quiet(scene: Scene, events: Sequence[GatewayEvent]) -> None:
    """As the inbox does it: what is premature is tried again after the others."""
    waiting = list(events)
    while waiting:
        left = []
        for event in waiting:
            try:
                _take(scene, event)
            except Premature:
                left.append(event)
        assert len(left) < len(waiting)
        waiting = left


@on_both_stores
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_order_of_the_same_callbacks_ends_the_same(scene: Scene, data: st.DataObject) -> None:
    number = len(scene.rows("customer"))
    customer_id = add_customer(scene.database, scene.creditor_id, f"P{number}")
    invoice_id = add_invoice(scene.database, customer_id, f"INV-{number}")
    checkout = _checkout(
        scene, f"p{number}", customer_id=customer_id, case_id=None, invoice_ids=[invoice_id]
    )
    told: list[GatewayEvent] = [checkout.paid, checkout.declined, checkout.expired]
    told += [checkout.back(50, part=1), checkout.back(1000, part=2)]
    again = data.draw(st.lists(st.sampled_from(told), max_size=4))

    _until_quiet(scene, data.draw(st.permutations([*told, *again])))

    (invoice,) = scene.rows("invoice", f"id = {invoice_id}")
    assert invoice["open_minor"] == 1050
    assert _state(scene, checkout) == "paid"
    assert len(scene.rows("payment", f"customer_id = {customer_id}")) == 1
    assert len(scene.rows("reversal", f"customer_id = {customer_id}")) == 2


def _plan(scene: Scene, *amounts: int) -> int:
    plan_id = add(
        scene.database,
        tables.Plan,
        customer_id=scene.customer_id,
        currency="ILS",
        amount_minor=sum(amounts),
        invoice_ids=[scene.small, scene.large],
        agreed_at=NOON,
        agreed_by="page",
    )
    for number, amount in enumerate(amounts, start=1):
        add(
            scene.database,
            tables.Instalment,
            plan_id=plan_id,
            number=number,
            amount_minor=amount,
            due_on=NOON.date() + timedelta(days=30 * number),
            grace_until=NOON + timedelta(days=30 * number + 2),
        )
    return plan_id


def _miss(scene: Scene, days: int) -> int:
    with scene.database.write() as session:
        return miss_instalments(session, NOON + timedelta(days=days))


def _instalments(scene: Scene) -> list[str]:
    return [row["state"] for row in scene.rows("instalment")]


def test_a_payment_pays_the_instalments_that_it_covers(scene: Scene) -> None:
    _plan(scene, 20_000, 4_050, 1)

    _take(scene, _checkout(scene).paid)

    assert _instalments(scene) == ["paid", "paid", "due"]
    assert _miss(scene, 70) == 0


@on_both_stores
def test_a_plan_that_is_paid_is_completed(scene: Scene) -> None:
    _plan(scene, 24_000, 50)

    _take(scene, _checkout(scene).paid)

    assert scene.rows("plan")[0]["state"] == "completed"


def test_an_instalment_past_its_grace_breaks_the_plan_once(scene: Scene) -> None:
    _plan(scene, 30_000, 30_000)
    _take(scene, _checkout(scene).paid)

    assert [_miss(scene, 31), _miss(scene, 32), _miss(scene, 99)] == [0, 1, 0]
    assert _instalments(scene) == ["missed", "due"]
    assert scene.rows("plan")[0]["state"] == "broken"
    assert scene.signals() == ["payment_received", "instalment_missed", "plan_broken"]
