"""Receipts: once each, in any order, and what they mean for the address and the case."""

from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.intake.receipts import ReceiptsTaken, take_receipts
from app.store.engines import Database
from channels.delivery import DeliveryStatus, Receipt
from channels.errors import (
    AddressInvalid,
    AddressNotServed,
    AddressOptedOut,
    ContentForbidden,
    Expired,
    RecipientUnreachable,
    SendError,
    Unlisted,
)
from tests.app.intake.make import MAILBOX, Scene, add_attempt, add_message, receipt
from tests.databases import on_both_stores
from tests.factories import NOON

GONE = AddressInvalid("sandbox", "30005")


@pytest.fixture
def scene(database: Database) -> Scene:
    return Scene.of(database)


def _take(scene: Scene, *receipts: Receipt) -> ReceiptsTaken:
    with scene.database.write() as session:
        return take_receipts(session, receipts, now=NOON)


def _failed(key: str, error: SendError | None, status: str = "failed") -> Receipt:
    return receipt(key, status, error=error)


def test_vector_13_delivered_then_late_sent_then_delivered_again(scene: Scene) -> None:
    """Delivered, and one event for it."""
    key = add_message(scene)
    delivered, sent = receipt(key, "delivered"), receipt(key, "sent")

    for each in (delivered, sent, delivered):
        _take(scene, each)

    (message,) = scene.rows("message")
    assert message["delivery"] == "delivered"
    kinds = [event["kind"] for event in scene.rows("event")]
    assert sorted(kinds) == ["message_delivered", "message_sent"]


def test_a_receipt_wakes_the_case_and_voids_no_gate(scene: Scene) -> None:
    key, before = add_message(scene), scene.guard()

    _take(scene, receipt(key, "delivered"))

    (case,) = scene.rows("dunning_case")
    assert case["revision"] == 1
    assert scene.guard() == before


def test_a_repeat_wakes_nobody(scene: Scene) -> None:
    key = add_message(scene)
    told = receipt(key, "delivered")

    assert _take(scene, told, told) == ReceiptsTaken(1, 1, ())
    assert _take(scene, told) == ReceiptsTaken(0, 1, ())
    assert scene.rows("dunning_case")[0]["revision"] == 1


def test_an_attempt_is_found_by_its_key_or_by_the_providers_id(scene: Scene) -> None:
    first, second = add_message(scene), add_message(scene)

    taken = _take(
        scene,
        receipt(first, "delivered", provider_id="unheard of"),
        receipt(second, "delivered", attempt_key=None),
    )

    assert taken.landed == 2
    assert {row["delivery"] for row in scene.rows("message")} == {"delivered"}


@on_both_stores
def test_an_id_counts_at_its_own_provider_only(scene: Scene) -> None:
    told = receipt(add_message(scene), "delivered", attempt_key=None, provider="twilio")

    assert _take(scene, told).unmatched == (told,)


def test_a_receipt_of_nothing_on_record_is_handed_back(scene: Scene) -> None:
    key = add_message(scene)
    stray = receipt("unheard of", "delivered")

    taken = _take(scene, stray, receipt(key, "sent"))

    assert (taken.landed, taken.unmatched) == (1, (stray,))


@pytest.mark.parametrize("status", ["sent", "delivered", "failed"])
def test_any_receipt_clears_up_an_unclear_attempt(scene: Scene, status: str) -> None:
    """Contact rules, section 11, row 12: the call timed out, and the callback has its key."""
    key = add_message(scene, state="unclear", attempt_state="unclear")

    _take(scene, receipt(key, status))

    (attempt,), (message,) = scene.rows("attempt"), scene.rows("message")
    assert (attempt["state"], attempt["provider_id"]) == ("accepted", f"SB-{key}")
    assert (message["state"], message["delivery"]) == ("accepted", status)
    assert bool(attempt["failed"]) is (status == "failed")


@pytest.mark.parametrize("state", ["sending", "assumed_sent"])
def test_a_receipt_may_be_quicker_than_the_answer(scene: Scene, state: str) -> None:
    key = add_message(scene, state=state, attempt_state=state)

    _take(scene, receipt(key, "delivered"))

    assert scene.rows("message")[0]["state"] == "accepted"


def test_a_number_that_is_gone_is_closed_for_its_medium(scene: Scene) -> None:
    key = add_message(scene)

    _take(scene, _failed(key, GONE))

    (suppression,) = scene.rows("suppression")
    assert (suppression["medium"], suppression["reason"]) == ("sms", "bounced")
    assert scene.rows("address", "kind = 'phone'")[0]["valid"]
    assert scene.signals() == ["address_bounced"]
    attempt = scene.rows("attempt")[0]
    assert attempt["failed"]
    assert "address_invalid" in repr(attempt["error"])


@on_both_stores
def test_a_failure_that_is_our_own_fault_gives_one_task_a_day(scene: Scene) -> None:
    for code in ("77777", "77777", "88888"):
        _take(scene, _failed(add_message(scene), Unlisted("sandbox", code)))

    assert scene.tasks().count("provider_error") == 2


def test_a_mailbox_that_is_gone_is_not_valid_any_more(scene: Scene) -> None:
    key = add_message(scene, medium="email")

    _take(scene, _failed(key, GONE, "bounced"))

    (address,) = scene.rows("address", f"value = '{MAILBOX}'")
    assert not address["valid"]
    assert address["invalid_reason"] == "address_invalid"
    assert scene.signals() == ["address_bounced"]


@pytest.mark.parametrize(
    ("error", "signals"),
    [
        (AddressNotServed("sandbox", "30004"), ["address_bounced"]),
        (RecipientUnreachable("sandbox", "30003"), []),
        (ContentForbidden("sandbox", "30007"), []),
        (Expired("sandbox", "30036"), []),
        (None, []),
    ],
)
def test_only_the_address_own_fault_is_a_bounce(
    scene: Scene, error: SendError | None, signals: list[str]
) -> None:
    key = add_message(scene)

    _take(scene, _failed(key, error))

    assert scene.signals() == signals
    assert scene.rows("suppression") == []
    assert scene.rows("attempt")[0]["failed"]
    assert scene.rows("dunning_case")[0]["revision"] > 0


def test_an_opt_out_at_the_provider_is_an_opt_out(scene: Scene) -> None:
    key, before = add_message(scene), scene.guard()

    _take(scene, _failed(key, AddressOptedOut("sandbox", "21610")))

    assert sorted(row["medium"] for row in scene.rows("suppression")) == ["sms", "whatsapp"]
    assert scene.signals() == ["opted_out"]
    assert scene.guard() > before


@pytest.mark.parametrize(
    ("status", "reason"), [("unsubscribed", "opted_out"), ("complained", "complained")]
)
def test_a_withdrawal_by_mail_suppresses_the_mailbox(
    scene: Scene, status: str, reason: str
) -> None:
    key = add_message(scene, medium="email")

    _take(scene, receipt(key, status))

    (suppression,) = scene.rows("suppression")
    assert (suppression["medium"], suppression["reason"]) == ("email", reason)
    assert not scene.rows("attempt")[0]["failed"]


def test_what_arrived_all_the_same_did_not_fail(scene: Scene) -> None:
    key = add_message(scene)
    _take(scene, _failed(key, RecipientUnreachable("sandbox", "30003")))

    _take(scene, receipt(key, "delivered"))

    assert not scene.rows("attempt")[0]["failed"]
    assert scene.rows("message")[0]["delivery"] == "delivered"


def test_the_failure_of_an_earlier_try_says_nothing_of_the_later_one(scene: Scene) -> None:
    first = add_message(scene)
    (old,) = scene.rows("attempt")
    columns = {name: old[name] for name in ("message_id", "creditor_id", "person_id", "category")}
    columns |= {name: old[name] for name in ("slot", "medium", "address_id", "sender_id")}
    second = add_attempt(
        scene.database, 2, recipient="x", state="accepted", valid_until=NOON, **columns
    )

    _take(scene, _failed(first, RecipientUnreachable("sandbox")), receipt(second, "sent"))
    assert scene.rows("message")[0]["delivery"] == "sent"

    _take(scene, receipt(first, "delivered"))
    assert scene.rows("message")[0]["delivery"] == "delivered"


def test_the_first_sign_of_arrival_dates_it(scene: Scene) -> None:
    key = add_message(scene)
    hour = timedelta(hours=1)

    _take(scene, receipt(key, "read", at=NOON + 2 * hour))
    _take(scene, receipt(key, "delivered", at=NOON + hour))

    (message,) = scene.rows("message")
    assert message["delivery"] == "read"
    assert "10:00" in str(message["delivered_at"])


def test_a_delay_is_shown_with_its_reason_until_the_message_arrives(scene: Scene) -> None:
    key = add_message(scene, medium="email")
    later = RecipientUnreachable("sandbox", "421-4.7.0")

    _take(scene, receipt(key, "sent", error=later))
    assert scene.rows("message")[0]["delivery"] == "sent"
    assert "421-4.7.0" in repr(scene.rows("attempt")[0]["error"])

    _take(scene, receipt(key, "delivered", at=NOON + timedelta(days=1)))
    assert "421" not in repr(scene.rows("attempt")[0]["error"])
    assert "421-4.7.0" in repr(scene.rows("event", "kind = 'message_sent'")[0]["payload"])


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    told=st.lists(st.sampled_from(list(DeliveryStatus)), min_size=1, max_size=8),
    late=st.lists(st.integers(0, 36), min_size=8, max_size=8),
)
def test_a_status_only_moves_forward_in_any_order_repeated_and_a_day_late(
    scene: Scene, told: list[DeliveryStatus], late: list[int]
) -> None:
    key = add_message(scene, medium="email")
    ranks = []
    for status, hours in zip(told, late, strict=False):
        _take(scene, receipt(key, status, at=NOON + timedelta(hours=hours)))
        ranks.append(DeliveryStatus(scene.rows("message")[-1]["delivery"]).rank)

    assert ranks == sorted(ranks)
    assert ranks[-1] == max(status.rank for status in told)
    events = scene.rows("event", f"message_id = {scene.rows('message')[-1]['id']}")
    kinds = [event["kind"] for event in events if event["kind"].startswith("message_")]
    assert sorted(kinds) == sorted(f"message_{status}" for status in set(told))


ORDERS = list(permutations(["sent", "failed", "delivered", "read"]))


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    order=st.sampled_from(ORDERS),
    repeats=st.lists(st.sampled_from(["sent", "failed", "delivered", "read"]), max_size=4),
    together=st.booleans(),
)
def test_any_order_of_the_same_receipts_ends_the_same(
    scene: Scene, order: tuple[str, ...], repeats: list[str], together: bool
) -> None:
    key = add_message(scene)
    receipts = [receipt(key, status) for status in (*order, *repeats)]

    if together:
        _take(scene, *receipts)
    else:
        for each in receipts:
            _take(scene, each)

    message = scene.rows("message")[-1]
    attempt = scene.rows("attempt", f"key = '{key}'")[0]
    told = scene.rows("event", f"message_id = {message['id']} AND kind LIKE 'message_%'")
    assert DeliveryStatus(message["delivery"]) is DeliveryStatus.READ
    assert not attempt["failed"]
    assert len(told) == 4
