"""What Stripe is asked for a kept card, to the letter; and no bad day charges anybody twice."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from stripe.params import PaymentIntentCreateParams
from stripe.params.checkout import SessionCreateParams

from app.lab.faults import Fate
from app.payments.charging import KeptCard
from app.payments.gateway import ASKED_FOR, GatewayUnavailable
from app.payments.stripe_declines import SOFT, declined_by
from app.payments.stripe_requests import intent_of
from campaigns.debits import Declined
from tests.app.payments.published import Published
from tests.app.payments.stripes import Pair, stripe_pair
from tests.app.payments.test_charging import charging, keeping

MISHAPS = [fate for fate in Fate if fate not in (Fate.TAKEN, Fate.REFUSED)]
CARD = KeptCard("cus_1", "pm_1")


def _kept(pair: Pair) -> KeptCard:
    """Put there by hand: only the requests of the test itself meet its mishaps."""
    card = {"id": CARD.method_ref, "customer": CARD.customer_ref, "card": {}}
    pair.local.book.cards.cards[CARD.method_ref] = card
    return CARD


def test_what_is_sent_is_exact_and_names_nobody() -> None:
    with stripe_pair() as pair:
        card = _kept(pair)
        pair.gateway.charge(charging(card))

        asked = pair.local.asked[-1]
        sent = {name: values[0] for name, values in parse_qs(asked.body).items()}
        assert sent == {
            "amount": "24050",
            "currency": "ils",
            "customer": card.customer_ref,
            "payment_method": card.method_ref,
            "allowed_payment_method_types[0]": "card",
            "description": "Carmel Water",
            "confirm": "true",
            "off_session": "true",
            "metadata[duly_charge_key]": "charge-1",
            "metadata[duly_checkout]": "7",
            "metadata[duly_customer]": "8",
        }
        assert asked.headers["Idempotency-Key"] == "charge-1"


def test_a_page_that_keeps_a_card_keeps_to_the_published_contract(vectors: Path) -> None:
    published = Published(vectors)
    with stripe_pair() as pair:
        pair.gateway.keep_card(keeping(language="he"))

        newer = "allowed_payment_method_types"  # since 2026-07-29.dahlia, after the cut was made
        assert [f for f in published.faults(pair.local.asked[-1]) if newer not in f] == []
        assert newer in SessionCreateParams.__annotations__


def test_a_charge_asks_for_what_stripes_own_library_knows_and_for_nothing_else() -> None:
    """The library is made from the official description, of which the vectors hold a cut that ends
    before payment intents."""
    told = intent_of(charging(CARD))

    assert set(told) <= set(PaymentIntentCreateParams.__annotations__)


@pytest.mark.parametrize("mishap", MISHAPS)
def test_after_any_mishap_the_same_request_takes_the_money_once_at_most(mishap: Fate) -> None:
    with stripe_pair(mishap) as pair:
        card = _kept(pair)
        with pytest.raises(GatewayUnavailable):
            pair.gateway.charge(charging(card))
        for _ in range(2):
            with suppress(GatewayUnavailable):  # an error that Stripe keeps for the key stays one
                pair.gateway.charge(charging(card))

        assert len(pair.local.book.payments) == 1
        keys = {asked.headers["Idempotency-Key"] for asked in pair.local.asked}
        assert keys == {"charge-1"}, "never under another key"


def test_we_stop_asking_before_stripe_forgets_a_key() -> None:
    margin = timedelta(hours=24) - ASKED_FOR

    assert margin >= timedelta(hours=1)


@pytest.mark.parametrize(
    "code", ["do_not_honor", "generic_decline", "stolen_card", "pickup_card", "unheard_of"]
)
def test_what_is_not_surely_for_another_day_is_final(code: str) -> None:
    assert declined_by(code) is Declined.HARD


def test_the_networks_own_advice_only_makes_us_more_careful() -> None:
    for code in SOFT:
        assert declined_by(code, "try_again_later") is Declined.SOFT
        assert declined_by(code, "do_not_try_again") is Declined.HARD
        assert declined_by(code, "confirm_card_data") is Declined.HARD
    assert declined_by("do_not_honor", "try_again_later") is Declined.HARD
