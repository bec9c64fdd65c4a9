"""Twilio's calls: which are its own, and what they say."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.lab.twilio_calls import signed
from channels.delivery import DeliveryStatus, Receipt
from channels.errors import AddressOptedOut, RecipientUnreachable, SendError, Unlisted
from channels.seam import Medium
from channels.twilio_callbacks import SIGNATURE, Keyword, Text, Unreadable, is_genuine, read
from tests.channels.make import NOON

TOKEN = "12345"
URL = "https://pay.example.com/webhooks/twilio?attempt=abc"
FORM = "application/x-www-form-urlencoded; charset=utf-8"
SID = "SM" + "a1" * 16
# A form cannot hold null (the case is of a library that is handed fields and no body), and our
# public address has its scheme in lower case.
NOT_ON_THE_WIRE = frozenset({"java-null-values", "cs-credentials-uppercase-scheme"})


def told(**changes: str) -> bytes:
    form = {
        "MessageSid": SID,
        "MessageStatus": "sent",
        "From": "+15005550006",
        "To": "+972500000100",
    }
    return urlencode(form | changes).encode()


@pytest.mark.parametrize(
    ("said", "handled"),
    [
        ({"OptOutType": "STOP"}, Keyword.STOP),
        ({"OptOutType": "START"}, Keyword.START),
        ({"OptOutType": "HELP"}, Keyword.HELP),
        ({"OptOutType": "LATER"}, None),
        ({}, None),
    ],
)
def test_a_keyword_that_twilio_has_answered_is_told_as_such(
    said: dict[str, str], handled: Keyword | None
) -> None:
    """Advanced Opt-Out of a Messaging Service; the words may be in any language."""
    form = {"MessageSid": SID, "From": "+972500000100", "To": "+15005550006", "Body": "די"}
    call = signed(URL, form | said, TOKEN)

    text = read(URL, call.body, NOON)

    assert is_genuine(TOKEN, URL, call.body, call.headers)
    assert isinstance(text, Text)
    assert (text.words, text.handled) == ("די", handled)


def test_the_official_signatures_are_told_from_false_ones(vectors: Path) -> None:
    cases = json.loads((vectors / "twilio" / "request_signature_vectors.json").read_text("utf-8"))
    wrong = [
        case["id"]
        for case in cases["cases"]
        if case["id"] not in NOT_ON_THE_WIRE and _holds(case) != case["valid"]
    ]

    assert len(cases["cases"]) > 30
    assert wrong == []


def _holds(case: Mapping[str, Any]) -> bool:
    if case["body"] is not None:
        body, kind = case["body"], "application/json"
    else:
        body, kind = urlencode(case["params"], doseq=True), FORM
    headers = {"content-type": kind}
    if case["signature"] is not None:
        headers[SIGNATURE] = case["signature"]
    return is_genuine(case["auth_token"], case["url"], body.encode(), headers)


def test_a_call_is_genuine_to_its_own_address_with_its_own_fields_alone() -> None:
    call = signed(URL, {"MessageSid": SID, "Body": "  שלום & co  "}, TOKEN)

    assert is_genuine(TOKEN, URL, call.body, call.headers)
    assert not is_genuine("another", URL, call.body, call.headers)
    assert not is_genuine(TOKEN, URL + "x", call.body, call.headers)
    assert not is_genuine(TOKEN, URL, call.body + b"&Body=more", call.headers)
    assert not is_genuine(TOKEN, URL, call.body, {"content-type": FORM})


@given(st.binary(max_size=60), st.text(max_size=30), st.sampled_from([FORM, "application/json"]))
def test_whatever_a_stranger_sends_is_not_genuine(body: bytes, signature: str, kind: str) -> None:
    assert not is_genuine(TOKEN, URL, body, {"content-type": kind, SIGNATURE: signature})


@pytest.mark.parametrize(
    ("status", "code", "expected", "error"),
    [
        ("queued", "", DeliveryStatus.ACCEPTED, None),
        ("sending", "", DeliveryStatus.ACCEPTED, None),
        ("sent", "", DeliveryStatus.SENT, None),
        ("delivered", "", DeliveryStatus.DELIVERED, None),
        ("read", "", DeliveryStatus.READ, None),
        ("undelivered", "30003", DeliveryStatus.FAILED, RecipientUnreachable("twilio", "30003")),
        ("failed", "21610", DeliveryStatus.FAILED, AddressOptedOut("twilio", "21610")),
        ("failed", "99999", DeliveryStatus.FAILED, Unlisted("twilio", "99999")),
        ("failed", "", DeliveryStatus.FAILED, None),
        ("delivered", "30003", DeliveryStatus.DELIVERED, None),
        ("undelivered", "30410", DeliveryStatus.SENT, None),
    ],
)
def test_a_status_becomes_a_receipt_of_its_attempt(
    status: str, code: str, expected: DeliveryStatus, error: SendError | None
) -> None:
    body = told(MessageStatus=status, ErrorCode=code)

    assert read(URL, body, NOON) == Receipt(
        receipt_id=f"{SID}:{status}",
        provider="twilio",
        provider_id=SID,
        attempt_key="abc",
        status=expected,
        at=NOON,
        error=error,
    )


@pytest.mark.parametrize(
    ("body", "why"),
    [(b"a=b", "names no message"), (told(MessageStatus="beamed"), "status 'beamed'")],
)
def test_what_twilio_does_not_document_is_unreadable(body: bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        read(URL, body, NOON)


def test_a_text_is_read_with_both_its_ends() -> None:
    form = {"MessageSid": SID, "From": "+972500000100", "To": "+15005550006", "Body": "עצור"}
    expected = Text(SID, Medium.SMS, "+972500000100", "+15005550006", "עצור")

    assert read(URL, urlencode(form).encode(), NOON) == expected
    assert "עצור" not in repr(expected)
    assert "+972500000100" not in repr(expected)


def test_a_text_on_whatsapp_is_of_that_medium_and_a_service_stands_for_its_numbers() -> None:
    form = {"MessageSid": SID, "From": "whatsapp:+972500000100", "To": "whatsapp:+15005550006"}
    service = {"MessagingServiceSid": "MG" + "5e" * 16, "Body": "hi"}

    assert read(URL, urlencode(form | {"Body": "hi"}).encode(), NOON) == Text(
        SID, Medium.WHATSAPP, "+972500000100", "+15005550006", "hi"
    )
    assert read(URL, urlencode(form | service).encode(), NOON) == Text(
        SID, Medium.WHATSAPP, "+972500000100", service["MessagingServiceSid"], "hi"
    )


def test_other_media_are_of_no_concern() -> None:
    assert read(URL, told(From="messenger:1", To="messenger:2"), NOON) is None
