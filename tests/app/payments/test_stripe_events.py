"""Stripe's events: every type is interpreted or ignored for a reason, and read exactly."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import stripe

from app.payments.charging import KeptCard
from app.payments.gateway import (
    CardKept,
    CheckoutDeclined,
    CheckoutExpired,
    CheckoutPaid,
    CheckoutPending,
    ForgedCallback,
    GatewayEvent,
    OtherEvent,
    PaymentContested,
    PaymentReversed,
    ReversalKind,
    ReversalUndone,
    UnreadableCallback,
)
from app.payments.signature import ensure_signed
from app.payments.stripe_events import IGNORED, INTERPRETED, read_event, reason_to_ignore
from campaigns.debits import Declined
from campaigns.money import Money

AT = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
DUE = datetime(2026, 6, 8, tzinfo=UTC)
SESSION = {
    "id": "cs_1",
    "mode": "payment",
    "payment_status": "paid",
    "amount_total": 24050,
    "currency": "ils",
    "payment_intent": "pi_1",
    "metadata": {"duly_key": "key-1"},
}
REFUND = {"id": "re_1", "amount": 5000, "currency": "ils", "payment_intent": "pi_1"}
DISPUTE = {**REFUND, "id": "dp_1", "evidence_details": {"due_by": int(DUE.timestamp())}}
CHARGE = {
    "id": "pi_2",
    "amount": 24050,
    "amount_received": 24050,
    "currency": "ils",
    "metadata": {"duly_charge_key": "key-2"},
}
KEPT = {"id": "x_1", "customer": "cus_1", "payment_method": "pm_1"}
FOR_MANDATE = {"metadata": {"duly_mandate_key": "key-3"}}
SHOWN = {"payment_method_details": {"card": {"brand": "visa", "last4": "4242"}}}
NO = {"last_payment_error": {"code": "card_declined", "decline_code": "insufficient_funds"}}
CARD = KeptCard("cus_1", "pm_1")
ILS = Money(24_050, "ILS")
PART = Money(5000, "ILS")
UNPAID = {"payment_status": "unpaid"}

SAID: list[tuple[str, dict[str, Any], GatewayEvent]] = [
    ("checkout.session.completed", SESSION, CheckoutPaid("cs_1", ILS, "pi_1", AT, "key-1")),
    ("checkout.session.completed", SESSION | UNPAID, CheckoutPending("cs_1", AT, "key-1")),
    (
        "checkout.session.async_payment_succeeded",
        SESSION,
        CheckoutPaid("cs_1", ILS, "pi_1", AT, "key-1"),
    ),
    (
        "checkout.session.async_payment_failed",
        SESSION | UNPAID,
        CheckoutDeclined("cs_1", AT, "key-1"),
    ),
    ("checkout.session.expired", SESSION | UNPAID, CheckoutExpired("cs_1", AT, "key-1")),
    *(
        (kind, REFUND | {"status": status}, _back)
        for kind in ("refund.created", "refund.updated", "charge.refund.updated")
        for status in ("succeeded", "pending")
        for _back in [PaymentReversed("pi_1", "re_1", ReversalKind.REFUND, PART, AT)]
    ),
    ("refund.failed", REFUND | {"status": "failed"}, ReversalUndone("pi_1", "re_1", PART, AT)),
    ("refund.updated", REFUND | {"status": "canceled"}, ReversalUndone("pi_1", "re_1", PART, AT)),
    ("charge.dispute.created", DISPUTE, PaymentContested("pi_1", "dp_1", AT, DUE)),
    (
        "charge.dispute.funds_withdrawn",
        DISPUTE,
        PaymentReversed("pi_1", "dp_1", ReversalKind.CHARGEBACK, PART, AT),
    ),
    ("charge.dispute.funds_reinstated", DISPUTE, ReversalUndone("pi_1", "dp_1", PART, AT)),
    ("payment_intent.succeeded", CHARGE, CheckoutPaid("pi_2", ILS, "pi_2", AT, "key-2")),
    ("payment_intent.succeeded", KEPT | FOR_MANDATE, CardKept("key-3", CARD, AT)),
    (
        "payment_intent.payment_failed",
        CHARGE | NO,
        CheckoutDeclined("pi_2", AT, "key-2", Declined.SOFT, "insufficient_funds"),
    ),
    ("payment_intent.processing", CHARGE, CheckoutPending("pi_2", AT, "key-2")),
    (
        "payment_intent.requires_action",
        CHARGE,
        CheckoutDeclined("pi_2", AT, "key-2", Declined.CONFIRM, "authentication_required"),
    ),
    ("payment_intent.canceled", CHARGE, CheckoutExpired("pi_2", AT, "key-2")),
    ("setup_intent.succeeded", KEPT | FOR_MANDATE, CardKept("key-3", CARD, AT)),
    (
        "charge.succeeded",
        KEPT | FOR_MANDATE | SHOWN,
        CardKept("key-3", KeptCard("cus_1", "pm_1", "visa", "4242"), AT),
    ),
]


def _event(kind: str, about: dict[str, Any], **changes: object) -> bytes:
    created = int(AT.timestamp())
    told = {"id": "evt_1", "type": kind, "created": created, "data": {"object": about}}
    return json.dumps({**told, "livemode": False, **changes}).encode()


@pytest.mark.parametrize(("kind", "about", "said"), SAID)
def test_an_event_says_what_happened(kind: str, about: dict[str, Any], said: GatewayEvent) -> None:
    assert read_event(_event(kind, about), livemode=False) == said


def test_each_type_that_is_interpreted_is_tried_here() -> None:
    assert {kind for kind, _, _ in SAID} == set(INTERPRETED)


def test_an_event_that_is_told_expanded_says_the_same() -> None:
    about = SESSION | {"payment_intent": {"id": "pi_1", "object": "payment_intent"}}

    assert read_event(_event("checkout.session.completed", about), livemode=False) == SAID[0][2]


@pytest.mark.parametrize("kind", ["checkout.session.completed", "checkout.session.expired"])
def test_a_session_that_only_keeps_a_card_says_nothing_of_money(kind: str) -> None:
    told = read_event(_event(kind, SESSION | {"mode": "setup"}), livemode=False)

    assert told == OtherEvent(kind, AT)


@pytest.mark.parametrize("kind", [kind for kind in INTERPRETED if kind.startswith("payment_")])
def test_a_payment_on_a_page_is_told_by_its_session_alone(kind: str) -> None:
    on_a_page = CHARGE | {"metadata": {"duly_key": "key-1"}}

    assert read_event(_event(kind, on_a_page), livemode=False) == OtherEvent(kind, AT)


def test_a_session_of_another_shop_of_the_account_is_none_of_ours() -> None:
    for kind in (kind for kind in INTERPRETED if kind.startswith("checkout.")):
        told = read_event(_event(kind, SESSION | {"metadata": None}), livemode=False)
        assert told == OtherEvent(kind, AT)


@pytest.mark.parametrize("kind", [kind for kind in INTERPRETED if "session" not in kind])
def test_money_that_no_checkout_took_is_none_of_ours(kind: str) -> None:
    told = read_event(_event(kind, REFUND | {"payment_intent": None}), livemode=False)

    assert told == OtherEvent(kind, AT)


@pytest.mark.parametrize("livemode", [True, False])
def test_play_money_settles_nothing_real_nor_the_other_way_round(livemode: bool) -> None:
    told = _event("checkout.session.completed", SESSION, livemode=not livemode)

    with pytest.raises(UnreadableCallback):
        read_event(told, livemode=livemode)


@pytest.mark.parametrize(
    "change", [{"amount_total": "24050"}, {"currency": None}, {"payment_intent": None}, {"id": 1}]
)
def test_a_payment_that_cannot_be_read_is_for_a_person(change: dict[str, Any]) -> None:
    if "id" in change:
        about = {name: value for name, value in SESSION.items() if name != "id"}
    else:
        about = SESSION | change

    with pytest.raises(UnreadableCallback):
        read_event(_event("checkout.session.completed", about), livemode=False)


def test_every_type_of_the_vectors_is_interpreted_or_ignored_for_a_reason(vectors: Path) -> None:
    told = json.loads((vectors / "stripe/event_types.json").read_text("utf-8"))
    types = [kind for kind in told["event_types"] if kind != "*"]

    assert len(types) > 200
    assert [k for k in types if k not in INTERPRETED and reason_to_ignore(k) is None] == []


def test_what_is_interpreted_is_not_ignored_and_an_unknown_type_has_no_reason() -> None:
    assert [kind for kind in INTERPRETED if reason_to_ignore(kind)] == []
    assert reason_to_ignore("something.new") is None
    assert reason_to_ignore("charge.dispute.closed") == IGNORED["charge.dispute.closed"]


def test_recorded_events_are_read(vectors: Path) -> None:
    told = json.loads((vectors / "stripe/event_samples.json").read_text("utf-8"))
    whole = [case["event"] for case in told["cases"] if case["kind"] == "event"]

    assert len(whole) >= 30
    for event in whole:
        said = read_event(json.dumps(event).encode(), livemode=bool(event.get("livemode")))
        assert isinstance(said, OtherEvent), "none of them carries a key of ours"


def test_the_published_signatures_are_taken_and_refused_as_stripe_says(vectors: Path) -> None:
    told = json.loads((vectors / "stripe/webhook_signature_vectors.json").read_text("utf-8"))
    verdicts = {case["id"]: (case["valid"], _verdict(case)) for case in told["cases"]}

    assert len(verdicts) == 16
    for name, (valid, verdict) in verdicts.items():
        # Stripe's libraries call an empty body a fault of the signature; it fits all the same.
        refused = "unreadable" if name == "node-empty-payload" else "forged"
        expected = {True: "taken", False: refused}.get(valid, "unreadable")
        assert verdict == expected, name


def test_stripes_own_library_signs_as_we_check() -> None:
    body = _event("checkout.session.completed", SESSION)
    stamp = int(AT.timestamp())
    header = stripe.WebhookSignature.generate_signature_header(body.decode(), "whsec_x", stamp)

    ensure_signed(body, header, secret="whsec_x", now=AT)
    with pytest.raises(ForgedCallback):
        ensure_signed(body, header, secret="whsec_y", now=AT)


def _verdict(case: dict[str, Any]) -> str:
    """Where the signature is right and the case is about it, what it says does not matter."""
    header, body = case["stripe_signature_header"] or "", case["payload"].encode()
    now, tolerance = datetime.fromtimestamp(case["now"], UTC), case["tolerance_seconds"]
    fresh_for = timedelta(days=99_999) if tolerance is None else timedelta(seconds=tolerance)
    try:
        ensure_signed(body, header, secret=case["secret"], now=now, fresh_for=fresh_for)
        if case["valid"] is not True:
            read_event(body, livemode=False)
    except ForgedCallback:
        return "forged"
    except UnreadableCallback:
        return "unreadable"
    return "taken"
