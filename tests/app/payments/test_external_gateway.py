"""A creditor's own pay page: the address is signed, its calls are proven, and none speaks for
another."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from app.payments.external_gateway import FIELDS, ExternalGateway, address_fault
from app.payments.gateway import (
    CheckoutDeclined,
    CheckoutExpired,
    CheckoutPaid,
    CheckoutPending,
    ForgedCallback,
    GatewayEvent,
    GatewayRefused,
    OtherEvent,
    Payee,
    PaymentReversed,
    ReversalKind,
    UnreadableCallback,
)
from app.payments.standard_webhooks import sign, signature
from campaigns.money import Money
from tests.app.payments.contract import AMOUNT, NOON, Call, request
from tests.house.tree import ROOT

GATEWAY = ExternalGateway(secret="a secret of the tests that is long enough")
PAGE = "https://pay.carmel.example/{language}/duly?shop=7"
PAYEE = Payee("carmel", PAGE)
REFERENCE, URL = (
    (opened := GATEWAY.open(request(payee=PAYEE, language="he"))).session_id,
    opened.url,
)
TAG = REFERENCE.split("_")[1]


def _call(kind: str, creditor: str = "carmel", **data: Any) -> Call:
    told = {"reference": REFERENCE, "payment_id": "p-1", "amount": "240.50", "currency": "ILS"}
    content = {"type": kind, "timestamp": "2026-06-01T12:00:00+03:00", "data": told | data}
    body = json.dumps(content).encode()
    return body, sign(body, secret=GATEWAY.secret_of(creditor), message_id="m-1", at=NOON)


def test_the_address_says_all_that_the_page_needs_and_is_signed() -> None:
    to = urlsplit(URL)
    told = {name: values[0] for name, values in parse_qs(to.query).items()}

    assert (to.netloc, to.path) == ("pay.carmel.example", "/he/duly")
    assert told.pop("shop") == "7"
    proof = told.pop("signature")
    assert told == {
        "reference": REFERENCE,
        "amount": "240.50",
        "currency": "ILS",
        "expires": str(int((NOON + timedelta(hours=2)).timestamp())),
        "return_url": "https://pay.example.com/p/token",
    }
    whole = {**told, "language": "he"}
    canonical = urlencode([(name, whole[name]) for name in FIELDS]).encode()
    secret = GATEWAY.secret_of("carmel")
    assert proof == signature(secret, REFERENCE, told["expires"], canonical)


def test_the_same_key_has_the_same_address() -> None:
    assert GATEWAY.open(request(payee=PAYEE, language="he")).url == URL
    assert GATEWAY.open(request(payee=PAYEE, key="other")).session_id != REFERENCE


@pytest.mark.parametrize("payee", [None, Payee("carmel")])
def test_without_a_pay_page_nothing_is_opened(payee: Payee | None) -> None:
    with pytest.raises(GatewayRefused, match="pay address"):
        GATEWAY.open(request(payee=payee))


@pytest.mark.parametrize(
    ("kind", "data", "said"),
    [
        ("payment.succeeded", {}, CheckoutPaid(REFERENCE, AMOUNT, f"{TAG}:p-1", NOON)),
        ("payment.pending", {}, CheckoutPending(REFERENCE, NOON)),
        ("payment.failed", {}, CheckoutDeclined(REFERENCE, NOON)),
        ("payment.expired", {}, CheckoutExpired(REFERENCE, NOON)),
        (
            "payment.reversed",
            {"reversal_id": "r-1", "reason": "refund", "amount": "40.50"},
            PaymentReversed(
                f"{TAG}:p-1", f"{TAG}:r-1", ReversalKind.REFUND, Money(4050, "ILS"), NOON
            ),
        ),
        ("payment.viewed", {}, OtherEvent("payment.viewed", NOON)),
    ],
)
def test_a_call_says_what_happened(kind: str, data: dict[str, Any], said: GatewayEvent) -> None:
    assert GATEWAY.verify(*_call(kind, **data), NOON) == said


def test_no_creditor_speaks_for_another() -> None:
    with pytest.raises(ForgedCallback):
        GATEWAY.verify(*_call("payment.succeeded", creditor="sharon"), NOON)


def test_two_creditors_may_use_the_same_numbers() -> None:
    theirs = GATEWAY.open(request(payee=Payee("sharon", PAGE))).session_id
    ours = GATEWAY.verify(*_call("payment.succeeded"), NOON)
    other = GATEWAY.verify(*_call("payment.succeeded", "sharon", reference=theirs), NOON)

    assert isinstance(ours, CheckoutPaid)
    assert isinstance(other, CheckoutPaid)
    assert ours.payment_ref != other.payment_ref


@pytest.mark.parametrize(
    "data",
    [
        {"amount": 240.5},
        {"amount": "240.505"},
        {"amount": "lots"},
        {"amount": None},
        {"currency": 5},
        {"payment_id": ""},
        {"payment_id": None},
    ],
)
def test_an_amount_that_is_not_exact_is_unreadable(data: dict[str, Any]) -> None:
    with pytest.raises(UnreadableCallback):
        GATEWAY.verify(*_call("payment.succeeded", **data), NOON)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"\xff", b"{}", b'{"data": {"reference": "sbs_1_2"}}', b'{"data": 1}']
)
def test_what_names_no_reference_is_forged(body: bytes) -> None:
    headers = sign(body, secret=GATEWAY.secret_of("carmel"), message_id="m", at=NOON)

    with pytest.raises(ForgedCallback):
        GATEWAY.verify(body, headers, NOON)


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        (PAGE, None),
        ("https://pay.example.com", None),
        ("http://pay.example.com", "https"),
        ("pay.example.com", "https"),
        ("https://{language}.example.com", "https"),
        ("https://pay.example.com/{name}", "place"),
        ("https://pay.example.com/{language", "braces"),
        ("https://pay.example.com/#top", "fragment"),
    ],
)
def test_a_pay_address_is_checked_before_it_is_used(address: str, fault: str | None) -> None:
    said = address_fault(address)

    assert (said is None) if fault is None else fault in (said or "")


def test_the_call_in_the_docs_is_taken_as_it_stands_there() -> None:
    text = (ROOT / "docs/payments.md").read_text("utf-8")
    _, _, call = text.partition("<!-- external-call -->\n```http\n")
    head, _, body = call.partition("\n```")[0].partition("\n\n")
    headers = dict(line.split(": ", 1) for line in head.splitlines()[1:])
    at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)

    said = GATEWAY.verify(body.encode(), headers, at)

    assert GATEWAY.secret_of("carmel") in text
    assert isinstance(said, CheckoutPaid)
    assert (said.session_id, said.amount) == (REFERENCE, AMOUNT)
