"""Stripe's adapter on bad days, and what it sends: exact, bounded, and nothing of a person."""

import subprocess
import sys
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from time import monotonic
from urllib.parse import parse_qs

import pytest

from app.lab.faults import Fate, Faults
from app.lab.stripe import Asked
from app.payments.gateway import (
    CheckoutRequest,
    GatewayRefused,
    GatewayUnavailable,
    SessionPaid,
)
from app.payments.stripe_events import INTERPRETED
from app.payments.stripe_requests import stripe_language
from campaigns.money import Money
from campaigns.worded import Worded
from tests.app.payments.contract import NOON, request
from tests.app.payments.published import Published
from tests.app.payments.stripes import Pair, stripe_pair
from tests.house.tree import ROOT

MISHAPS = [fate for fate in Fate if fate not in (Fate.TAKEN, Fate.REFUSED)]

HOOK = "https://pay.example.com/webhooks/stripe"


def _wish(**changes: object) -> CheckoutRequest:
    asked = {
        "description": "Carmel Water",
        "language": "he",
        "cancel_url": "https://pay.example.com/p/token",
        "ids": {"checkout": 7, "customer": 8, "case": 9},
    }
    return request(**{**asked, **changes})


def _sent(pair: Pair) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(pair.local.asked[-1].body).items()}


def test_what_is_sent_is_exact_and_names_nobody() -> None:
    with stripe_pair() as pair:
        pair.gateway.open(_wish(keeps_card=True))

        assert _sent(pair) == {
            "mode": "payment",
            "client_reference_id": "customer-1",
            "line_items[0][price_data][currency]": "ils",
            "line_items[0][price_data][unit_amount]": "24050",
            "line_items[0][price_data][product_data][name]": "Carmel Water",
            "line_items[0][quantity]": "1",
            "success_url": "https://pay.example.com/p/token",
            "cancel_url": "https://pay.example.com/p/token",
            "expires_at": str(int((NOON + timedelta(hours=2)).timestamp())),
            "locale": "auto",
            "customer_creation": "always",
            "payment_intent_data[setup_future_usage]": "off_session",
            **_everywhere("metadata", keeps="1"),
            **_everywhere("payment_intent_data[metadata]", keeps="1"),
        }
        asked = pair.local.asked[-1]
        assert asked.headers["Idempotency-Key"] == "checkout-1"
        assert not [name for name in asked.headers if name.startswith("X-Stripe-Client")]


def _everywhere(place: str, *, keeps: str) -> dict[str, str]:
    told = {"key": "checkout-1", "checkout": "7", "customer": "8", "case": "9", "keeps_card": keeps}
    return {f"{place}[duly_{name}]": value for name, value in told.items()}


@pytest.mark.parametrize(
    ("language", "told"), [("lt", "lt"), ("de-AT", "de"), ("he", "auto"), ("ar", "auto")]
)
def test_the_page_speaks_the_payers_language_where_stripe_does(language: str, told: str) -> None:
    assert stripe_language(language) == told


@pytest.mark.parametrize("mishap", MISHAPS)
def test_after_any_mishap_the_same_request_opens_one_page_that_can_be_paid(mishap: Fate) -> None:
    with stripe_pair(mishap) as pair:
        began = monotonic()
        with pytest.raises(GatewayUnavailable):
            pair.gateway.open(_wish())
        assert monotonic() - began < 2, "the line is bounded"

        opened = pair.gateway.open(_wish())

        assert opened == pair.gateway.open(_wish())
        pair.local.book.pay(opened.session_id, NOON)
        assert len(pair.local.book.payments) == 1


def test_through_many_bad_days_everybody_pays_once() -> None:
    shares: dict[Fate, float] = dict.fromkeys(MISHAPS, 0.05)
    with stripe_pair() as pair:
        pair.local.faults = Faults(shares, seed="bad", silence=timedelta(seconds=5))
        for number in range(12):
            opened = _pressed_until_it_opens(pair, _wish(key=f"checkout-{number}"))
            pair.local.book.pay(opened, NOON)

        taken = [each["amount"] for each in pair.local.book.payments.values()]
        assert taken == [24_050] * 12
        assert len(pair.local.asked) > 16, "the days were bad"


def _pressed_until_it_opens(pair: Pair, wish: CheckoutRequest) -> str:
    for _ in range(40):
        with suppress(GatewayUnavailable):
            return pair.gateway.open(wish).session_id
    raise AssertionError("it never opened")


def test_an_error_that_stripe_keeps_for_the_key_is_left_behind() -> None:
    """What was opened under the first key was told to nobody, so nobody can pay it."""
    with stripe_pair(Fate.ERROR_AFTER) as pair:
        with pytest.raises(GatewayUnavailable):
            pair.gateway.open(_wish())

        opened = pair.gateway.open(_wish())

        assert len(pair.local.book.sessions) == 2
        keys = [asked.headers["Idempotency-Key"] for asked in pair.local.asked]
        assert keys[:2] == ["checkout-1", "checkout-1"]
        assert keys[2] not in keys[:2]
        assert opened.session_id == list(pair.local.book.sessions)[1]


def test_a_wrong_key_is_for_staff_in_the_language_of_each() -> None:
    with (
        stripe_pair(key="sk_test_wrong") as pair,
        pytest.raises(GatewayRefused, match="DULY_STRIPE_KEY") as refused,
    ):
        pair.gateway.open(_wish())
    assert isinstance(str(refused.value), Worded), "a page finds its words in a catalogue"


def test_a_session_that_would_live_too_short_is_refused() -> None:
    with stripe_pair() as pair, pytest.raises(GatewayRefused, match="parameter_invalid"):
        pair.gateway.open(_wish(expires_at=NOON + timedelta(minutes=29)))


@pytest.mark.parametrize("mishap", [Fate.RESET_AFTER, Fate.ERROR_AFTER, Fate.SILENT_AFTER])
def test_expiring_is_repeated_until_it_is_known(mishap: Fate) -> None:
    with stripe_pair(Fate.TAKEN, mishap) as pair:
        opened = pair.gateway.open(_wish())
        with pytest.raises(GatewayUnavailable):
            pair.gateway.expire(opened.session_id)

        pair.gateway.expire(opened.session_id)

        assert pair.local.book.session(opened.session_id)["status"] == "expired"


def test_a_debit_that_is_under_way_cannot_be_expired() -> None:
    with stripe_pair() as pair:
        opened = pair.gateway.open(_wish())
        pair.local.book.begin_debit(opened.session_id, NOON)

        with pytest.raises(SessionPaid):
            pair.gateway.expire(opened.session_id)


def test_the_prefix_of_the_key_tells_test_mode_from_live() -> None:
    with stripe_pair(key="sk_test_local") as test, stripe_pair(key="rk_live_local") as live:
        assert (test.gateway.is_live, live.gateway.is_live) == (False, True)


def test_a_gateway_that_is_well_says_so_and_in_which_mode() -> None:
    with stripe_pair(webhook=HOOK) as pair:
        assert pair.gateway.examine(HOOK) == (
            f"Stripe answers (test mode, no real money) and calls {HOOK}"
        )


@pytest.mark.parametrize(
    ("webhook", "events", "said"),
    [
        (None, ("*",), "calls no enabled webhook"),
        ("https://elsewhere.example/webhooks/stripe", ("*",), "calls no enabled webhook"),
        (HOOK, tuple(set(INTERPRETED) - {"refund.failed"}), "does not send refund.failed"),
    ],
)
def test_a_webhook_that_would_miss_money_is_told(
    webhook: str | None, events: tuple[str, ...], said: str
) -> None:
    with (
        stripe_pair(webhook=webhook, events=events) as pair,
        pytest.raises(GatewayRefused, match=said),
    ):
        pair.gateway.examine(HOOK)


def test_an_address_where_nobody_answers_is_told() -> None:
    with stripe_pair(Fate.HTML) as pair, pytest.raises(GatewayUnavailable, match="Stripe"):
        pair.gateway.examine(HOOK)


def test_every_request_keeps_the_published_contract(vectors: Path) -> None:
    published = Published(vectors)
    with stripe_pair(webhook=HOOK) as pair:
        for changes in ({}, {"keeps_card": True}, {"amount": Money(5000, "JPY")}):
            opened = pair.gateway.open(_wish(**{"key": f"key-{changes}", **changes}))
        pair.gateway.expire(opened.session_id)
        pair.gateway.expire(opened.session_id)  # asks what became of it

        assert [asked.method for asked in pair.local.asked] == [*["POST"] * 5, "GET"]
        assert [published.faults(asked) for asked in pair.local.asked] == [[]] * 6


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("/v1/checkout/sessions", "success_url=x&mode=gift", "'gift' is not one of"),
        ("/v1/checkout/sessions", "mode=payment", "'success_url' is a required property"),
        ("/v1/checkout/sessions", "success_url=x&line_items[0][sum]=5", "sum is unknown"),
        ("/v1/checkout/sessions", "success_url=x&expires_at=noon", "'noon' is not of type"),
        ("/v1/checkout/pages", "", "there is no POST"),
    ],
)
def test_the_contract_would_notice(vectors: Path, path: str, body: str, said: str) -> None:
    (fault,) = Published(vectors).faults(Asked("POST", path, {}, body))

    assert said in fault


@pytest.mark.slow
def test_nothing_imports_stripes_library_where_stripe_is_not_chosen() -> None:
    parts = "import app.web.app, app.loops.tidy, app.intake.inbox, app.cli.parts"
    ask = f"import sys; {parts}; sys.exit('stripe' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", ask], cwd=ROOT, check=False).returncode == 0
