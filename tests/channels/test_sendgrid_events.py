"""SendGrid's events: only genuine calls, each event with its meaning."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.lab.local_sendgrid import LocalSendGrid, TakenRequest, event_of
from channels.delivery import DeliveryStatus
from channels.errors import (
    AccountStopped,
    AddressInvalid,
    AddressOptedOut,
    ContentForbidden,
    RecipientUnreachable,
    RequestMalformed,
    SendError,
    Unlisted,
)
from channels.sendgrid_events import (
    LEFT_OUT,
    SIGNATURE,
    TIMESTAMP,
    UnreadableEvents,
    is_genuine,
    receipts_in,
)

AT = 1_700_000_000
NOW = datetime.fromtimestamp(AT, UTC)
TAKEN = TakenRequest(
    "abc.def",
    {
        "personalizations": [
            {"to": [{"email": "dana@example.com"}], "custom_args": {"duly_attempt": "key-1"}}
        ]
    },
)
PLAIN: dict[str, tuple[DeliveryStatus, SendError | None]] = {
    "processed": (DeliveryStatus.ACCEPTED, None),
    "deferred": (DeliveryStatus.SENT, RecipientUnreachable("sendgrid", "deferred")),
    "delivered": (DeliveryStatus.DELIVERED, None),
    "bounce": (DeliveryStatus.BOUNCED, AddressInvalid("sendgrid", "bounce")),
    "dropped": (DeliveryStatus.FAILED, Unlisted("sendgrid", "dropped")),
    "spamreport": (DeliveryStatus.COMPLAINED, None),
    "unsubscribe": (DeliveryStatus.UNSUBSCRIBED, None),
    "group_unsubscribe": (DeliveryStatus.UNSUBSCRIBED, None),
}
DROPPED: list[tuple[str, type[SendError]]] = [
    ("Bounced Address", AddressInvalid),
    ("Invalid", AddressInvalid),
    ("Unsubscribed Address", AddressOptedOut),
    ("Spam Reporting Address", AddressOptedOut),
    ("Spam Content (if Spam Checker app is enabled)", ContentForbidden),
    ("Invalid SMTPAPI header", RequestMalformed),
    ("Recipient List over Package Quota", AccountStopped),
    ("Something new", Unlisted),
]


def body_of(*events: Mapping[str, Any]) -> bytes:
    return json.dumps(events).encode()


@pytest.mark.parametrize("kind", list(PLAIN))
def test_every_event_has_its_meaning(kind: str) -> None:
    (receipt,) = receipts_in(body_of(event_of(TAKEN, kind, 1, at=AT)))

    assert (receipt.status, receipt.error) == PLAIN[kind]
    assert (receipt.attempt_key, receipt.provider_id, receipt.at) == ("key-1", "abc.def", NOW)


@pytest.mark.parametrize("kind", [*sorted(LEFT_OUT), "invented_tomorrow"])
def test_opens_clicks_and_what_is_new_change_nothing(kind: str) -> None:
    assert receipts_in(body_of(event_of(TAKEN, kind, 1, at=AT))) == []


def test_mails_that_somebody_else_sent_from_the_account_are_left_out() -> None:
    event = event_of(TAKEN, "delivered", 1, at=AT)
    del event["duly_attempt"]

    assert receipts_in(body_of(event)) == []


@pytest.mark.parametrize(("reason", "kind"), DROPPED)
def test_the_reasons_of_a_drop_are_told_apart(reason: str, kind: type[SendError]) -> None:
    (receipt,) = receipts_in(body_of(event_of(TAKEN, "dropped", 1, at=AT, reason=reason)))

    assert type(receipt.error) is kind


def test_a_block_is_not_the_end_of_an_address() -> None:
    event = event_of(TAKEN, "bounce", 1, at=AT, type="blocked", status="5.2.2")

    (receipt,) = receipts_in(body_of(event))

    assert receipt.error == RecipientUnreachable("sendgrid", "5.2.2")


@pytest.mark.parametrize(
    ("response", "code"),
    [
        ("400 try again later", "400"),
        ("421 4.7.0 [TSS04] Messages from 192.0.2.1 deferred", "421-4.7.0"),
        ("unable to get mx info of dana@example.com", "deferred"),
        (None, "deferred"),
    ],
)
def test_a_delay_keeps_the_codes_of_its_reason_and_no_word(response: str | None, code: str) -> None:
    event = {**event_of(TAKEN, "deferred", 1, at=AT), "response": response}

    (receipt,) = receipts_in(body_of(event))

    assert receipt.error == RecipientUnreachable("sendgrid", code)


@pytest.mark.parametrize(
    "body",
    [
        b"\xff",
        b"{}",
        b"[1]",
        b"<html>",
        body_of({"event": "delivered", "duly_attempt": "key-1"}),
        body_of({**event_of(TAKEN, "delivered", 1, at=AT), "timestamp": "soon"}),
    ],
)
def test_what_cannot_be_read_says_so(body: bytes) -> None:
    with pytest.raises(UnreadableEvents):
        receipts_in(body)


def test_only_a_genuine_call_is_believed() -> None:
    server = LocalSendGrid()
    body, headers = server.call([event_of(TAKEN, "delivered", 1, at=AT)], at=AT)
    key = server.public_key

    assert is_genuine(body, headers, key, NOW)
    assert not is_genuine(body + b" ", headers, key, NOW)
    assert not is_genuine(body, headers, LocalSendGrid().public_key, NOW)
    assert not is_genuine(body, headers, "no key", NOW)
    assert not is_genuine(b"\xff", headers, key, NOW)
    for name in (SIGNATURE, TIMESTAMP):
        assert not is_genuine(body, {**headers, name: "other"}, key, NOW)
        assert not is_genuine(body, {k: v for k, v in headers.items() if k != name}, key, NOW)


def test_a_call_may_come_as_late_as_it_is_repeated_and_no_later() -> None:
    server = LocalSendGrid()
    body, headers = server.call([event_of(TAKEN, "delivered", 1, at=AT)], at=AT)

    assert is_genuine(body, headers, server.public_key, NOW + timedelta(hours=24))
    assert not is_genuine(body, headers, server.public_key, NOW + timedelta(hours=26))
    assert not is_genuine(body, headers, server.public_key, NOW - timedelta(hours=1))


def test_signatures_are_those_of_the_recorded_calls(vectors: Path) -> None:
    file = vectors / "sendgrid" / "event_webhook_signature_vectors.json"
    for case in json.loads(file.read_text("utf-8"))["cases"]:
        at = case["timestamp"]
        headers = {SIGNATURE: case["signature"], TIMESTAMP: at}
        received = datetime.fromtimestamp(int(at) if at.isdecimal() else AT, UTC)

        genuine = is_genuine(case["payload"].encode(), headers, case["public_key"], received)

        assert genuine is case["valid"], case["id"]


def test_every_recorded_event_is_read(vectors: Path) -> None:
    file = vectors / "sendgrid" / "event_webhook_examples.json"
    cases = json.loads(file.read_text("utf-8"))["cases"]
    for case in cases:
        event = case["event"]
        receipts = receipts_in(body_of({**event, "duly_attempt": "key-1"}))

        assert len(receipts) == (event["event"] not in LEFT_OUT), case["id"]
        for receipt in receipts:
            assert receipt.status is PLAIN[event["event"]][0]
    assert cases
