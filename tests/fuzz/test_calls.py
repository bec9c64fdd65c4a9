"""Whatever a provider signs is taken, left to wait, or given to a person; nothing is in between."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.intake.errors import Forged
from app.intake.inbound import PATIENCE
from app.intake.inbox import intake_tick, receive
from app.intake.sendgrid import SendGridSource
from app.intake.sources import TARGET, GatewaySource, Source
from app.intake.twilio import TwilioSource
from app.lab.local_sendgrid import LocalSendGrid
from app.lab.twilio_calls import signed
from app.payments import sandbox_gateway, signature, standard_webhooks, stripe_gateway
from app.payments.external_gateway import ExternalGateway
from app.payments.sandbox_gateway import SandboxGateway
from app.payments.stripe_events import INTERPRETED
from app.payments.stripe_gateway import StripeGateway
from tests.app.intake.make import MAILBOX, OUR_NUMBER, PHONE, Scene, add_message
from tests.factories import NOON
from tests.fuzz.conftest import bounded
from tests.fuzz.strange import BOMBS, JSON, TEXTS, changed

pytestmark = pytest.mark.slow

SECRET: Final = "a secret of the tests that is long enough"
SENDGRID: Final = LocalSendGrid()
EXTERNAL: Final = ExternalGateway(secret=SECRET)
AT: Final = int(NOON.timestamp())

SHAPES: Final[Mapping[str, list[Any]]] = {
    "sandbox": [
        {
            "kind": kind,
            "at": NOON.isoformat(),
            "session_id": "s-1",
            "checkout_key": "c-1",
            "amount_minor": 100,
            "currency": "ILS",
            "payment_ref": "p-1",
            "reversal_ref": "r-1",
            "reversal_kind": "refund",
            "card_kept": True,
        }
        for kind in ("checkout_paid", "checkout_declined", "checkout_expired", "payment_reversed")
    ],
    "stripe": [
        {
            "id": "evt_1",
            "type": kind,
            "created": AT,
            "livemode": False,
            "data": {
                "object": {
                    "id": "cs_1",
                    "payment_status": "paid",
                    "amount_total": 100,
                    "amount": 100,
                    "amount_refunded": 50,
                    "currency": "ils",
                    "payment_intent": "pi_1",
                    "charge": "ch_1",
                    "status": "succeeded",
                    "metadata": {"duly_key": "c-1"},
                    "refunds": {"data": [{"id": "re_1", "amount": 50}]},
                }
            },
        }
        for kind in sorted(INTERPRETED)
    ],
    "external": [
        {
            "type": kind,
            "timestamp": NOON.isoformat(),
            "data": {
                "reference": "ext_0123456789ab_x",
                "amount": "10.00",
                "currency": "ILS",
                "payment_id": "p-1",
                "reversal_id": "r-1",
                "reason": "refund",
            },
        }
        for kind in ("payment.succeeded", "payment.pending", "payment.failed", "payment.reversed")
    ],
    "sendgrid": [
        [
            {
                "event": kind,
                "sg_event_id": "e-1",
                "sg_message_id": "m-1.recvd",
                "duly_attempt": "attempt",
                "timestamp": AT,
                "email": MAILBOX,
                "status": "5.1.1",
                "type": "bounce",
                "reason": "550 no",
            }
        ]
        for kind in ("delivered", "bounce", "dropped", "spamreport", "unheard-of")
    ],
}


@dataclass(frozen=True)
class Caller:
    """A source, and how its provider signs a body."""

    source: Source

    def headers(self, body: bytes) -> Mapping[str, str]:
        match self.source.name:
            case "sendgrid":
                return SENDGRID.signed(body, at=AT)
            case "external":
                secret = EXTERNAL._secret_of_tag(_tag(body))
                return standard_webhooks.sign(body, secret=secret, message_id="m", at=NOON)
            case "stripe":
                made = signature.sign(body, secret=SECRET, at=NOON)
                return {stripe_gateway.HEADER: made}
            case _:
                return {sandbox_gateway.HEADER: signature.sign(body, secret=SECRET, at=NOON)}


CALLERS: Final = {
    "sandbox": Caller(GatewaySource(SandboxGateway(secret=SECRET, base_url="http://x.example"))),
    "stripe": Caller(GatewaySource(StripeGateway("sk_test_x", secret=SECRET))),
    "external": Caller(GatewaySource(EXTERNAL)),
    "sendgrid": Caller(SendGridSource(SENDGRID.public_key)),
}


def _tag(body: bytes) -> str:
    try:
        return str(json.loads(body)["data"]["reference"].split("_")[1])
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        return "nobody"


def _settle(scene: Scene, source: Source, body: bytes, headers: Mapping[str, str]) -> None:
    """Takes the call; all that stays open after a day is what a person has."""
    try:
        taken = receive(scene.database, source, body, headers, now=NOON)
    except Forged:
        return
    for later in (timedelta(), PATIENCE, PATIENCE + timedelta(hours=1)):
        intake_tick(scene.database, {source.name: source}, now=NOON + later)
    (row,) = scene.rows("inbound", f"id = {taken.inbound_id}")
    assert (row["handled_at"] is None) is (row["problem"] is not None)


@pytest.mark.parametrize("name", list(CALLERS))
def test_any_body_that_is_signed_ends_somewhere(scene: Scene, name: str) -> None:
    caller = CALLERS[name]
    add_message(scene, medium="email")

    @bounded
    @given(st.one_of(BOMBS, JSON.map(json.dumps).map(str.encode)))
    @example(b"[" * 100_000)
    def settle(body: bytes) -> None:
        _settle(scene, caller.source, body, caller.headers(body))

    settle()


@pytest.mark.parametrize("name", list(CALLERS))
def test_any_change_of_a_known_call_ends_somewhere(scene: Scene, name: str) -> None:
    caller = CALLERS[name]
    add_message(scene, medium="email")

    @bounded
    @given(st.one_of(*map(changed, SHAPES[name])))
    def settle(told: Any) -> None:
        body = json.dumps(told).encode()
        _settle(scene, caller.source, body, caller.headers(body))

    settle()


FORM: Final = {
    "MessageSid": "SM1",
    "AccountSid": "AC1",
    "From": PHONE,
    "To": OUR_NUMBER,
    "Body": "STOP",
    "MessageStatus": "failed",
    "ErrorCode": "30005",
    "NumMedia": "0",
}


def test_any_form_of_twilio_ends_somewhere(scene: Scene) -> None:
    source = TwilioSource(SECRET, "http://x.example")
    add_message(scene)

    @bounded
    @given(
        st.dictionaries(st.sampled_from(list(FORM)), TEXTS, max_size=4),
        st.sets(st.sampled_from(list(FORM)), max_size=4),
        st.sampled_from(["", "?attempt=x", "?attempt=%00", "?attempt=" + "9" * 5000, "?%ff=1"]),
    )
    def settle(replaced: dict[str, str], left_out: set[str], query: str) -> None:
        form = {name: value for name, value in (FORM | replaced).items() if name not in left_out}
        form = {name: value.encode("utf-8", "ignore").decode() for name, value in form.items()}
        target = f"/webhooks/twilio{query}"
        call = signed(f"http://x.example{target}", form, SECRET)
        _settle(scene, source, call.body, {**call.headers, TARGET: target})

    settle()


@pytest.mark.parametrize("name", list(CALLERS))
def test_nothing_unsigned_is_stored(scene: Scene, name: str) -> None:
    caller = CALLERS[name]

    @bounded
    @given(BOMBS | st.binary(max_size=200), st.dictionaries(TEXTS, TEXTS, max_size=3))
    def refuse(body: bytes, headers: dict[str, str]) -> None:
        real = dict.fromkeys(caller.headers(body), "1")
        for given_headers in (headers, real | headers):
            with pytest.raises(Forged):
                receive(scene.database, caller.source, body, given_headers, now=NOON)

    refuse()
    assert scene.rows("inbound") == []
