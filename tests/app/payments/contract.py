"""The contract that every gateway keeps. A new gateway writes a rig and adds it to RIGS.

A rig opens the gateway and plays the payer and the bank: the sandbox by its own functions, a real
provider by a local server that speaks its published contract. It also counts what was really paid:
a gateway's own word is no evidence for that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest

from app.payments.gateway import (
    FRESH_FOR,
    CheckoutDeclined,
    CheckoutPaid,
    CheckoutRequest,
    ForgedCallback,
    Gateway,
    PaymentReversed,
    ReversalKind,
    SessionOver,
    SessionPaid,
    UnknownSession,
    UnreadableCallback,
)
from campaigns.money import Money

NOON = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
AMOUNT = Money(24050, "ILS")
Call = tuple[bytes, Mapping[str, str]]


class Rig(Protocol):
    """One gateway under test, and whoever is on its other side."""

    @property
    def gateway(self) -> Gateway: ...

    def pay(self, session_id: str, at: datetime) -> Call: ...

    def decline(self, session_id: str, at: datetime) -> Call: ...

    def charge_back(self, payment_ref: str, at: datetime) -> Call: ...

    def sign(self, body: bytes, at: datetime) -> Call: ...

    def paid(self) -> list[Money]: ...


def request(**changes: object) -> CheckoutRequest:
    made = CheckoutRequest(
        key="checkout-1",
        amount=AMOUNT,
        description="Payment",
        return_url="https://pay.example.com/p/token",
        customer_ref="customer-1",
        expires_at=NOON + timedelta(hours=2),
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # names are the tests' own


class GatewayContract:
    """Every test takes the fixture `rig`, which a module that runs the contract provides."""

    def test_a_session_has_an_id_and_an_address(self, rig: Rig) -> None:
        opened = rig.gateway.open(request())

        assert opened.session_id
        assert opened.url.startswith("https://")

    def test_the_address_names_neither_the_amount_nor_the_payer(self, rig: Rig) -> None:
        opened = rig.gateway.open(request())

        assert "24050" not in opened.url
        assert "customer-1" not in opened.url

    def test_the_same_key_opens_one_session(self, rig: Rig) -> None:
        first, second = rig.gateway.open(request()), rig.gateway.open(request())

        assert first == second

    def test_another_key_opens_another_session(self, rig: Rig) -> None:
        first = rig.gateway.open(request())

        assert rig.gateway.open(request(key="checkout-2")).session_id != first.session_id

    @pytest.mark.parametrize("keeps", [True, False])
    def test_a_card_is_kept_where_it_was_asked_for_and_only_there(
        self, rig: Rig, keeps: bool
    ) -> None:
        session_id = rig.gateway.open(request(keeps_card=keeps)).session_id

        event = rig.gateway.verify(*rig.pay(session_id, NOON), NOON)

        assert isinstance(event, CheckoutPaid)
        assert event.card_kept is keeps

    def test_a_payment_is_told_with_its_amount_and_our_key(self, rig: Rig) -> None:
        session_id = rig.gateway.open(request()).session_id

        body, headers = rig.pay(session_id, NOON)
        event = rig.gateway.verify(body, headers, NOON)

        assert isinstance(event, CheckoutPaid)
        assert (event.session_id, event.amount, event.at) == (session_id, AMOUNT, NOON)
        assert event.payment_ref
        assert event.checkout_key in (None, "checkout-1")
        assert rig.paid() == [AMOUNT]

    def test_a_session_is_paid_once(self, rig: Rig) -> None:
        session_id = rig.gateway.open(request()).session_id
        rig.pay(session_id, NOON)

        with pytest.raises(SessionPaid):
            rig.pay(session_id, NOON)
        assert rig.paid() == [AMOUNT]

    def test_an_expired_session_takes_no_payment(self, rig: Rig) -> None:
        session_id = rig.gateway.open(request()).session_id
        rig.gateway.expire(session_id)
        rig.gateway.expire(session_id)

        with pytest.raises(SessionOver):
            rig.pay(session_id, NOON)
        assert rig.paid() == []

    def test_a_session_past_its_time_takes_no_payment(self, rig: Rig) -> None:
        session_id = rig.gateway.open(request()).session_id

        with pytest.raises(SessionOver):
            rig.pay(session_id, NOON + timedelta(hours=2))

    def test_expiring_a_paid_session_says_so(self, rig: Rig) -> None:
        session_id = rig.gateway.open(request()).session_id
        rig.pay(session_id, NOON)

        with pytest.raises(SessionPaid):
            rig.gateway.expire(session_id)

    def test_expiring_what_was_never_opened_says_so(self, rig: Rig) -> None:
        with pytest.raises(UnknownSession):
            rig.gateway.expire("no-such-session")

    def test_after_a_decline_the_session_is_over(self, rig: Rig) -> None:
        session_id = rig.gateway.open(request()).session_id

        body, headers = rig.decline(session_id, NOON)

        event = rig.gateway.verify(body, headers, NOON)
        assert isinstance(event, CheckoutDeclined)
        assert event.session_id == session_id
        with pytest.raises(SessionOver):
            rig.pay(session_id, NOON)

    def test_a_chargeback_names_the_payment_and_a_ref_of_its_own(self, rig: Rig) -> None:
        session_id = rig.gateway.open(request()).session_id
        paid = rig.gateway.verify(*rig.pay(session_id, NOON), NOON)
        assert isinstance(paid, CheckoutPaid)
        week_later = NOON + timedelta(days=7)

        body, headers = rig.charge_back(paid.payment_ref, week_later)

        event = rig.gateway.verify(body, headers, week_later)
        assert isinstance(event, PaymentReversed)
        assert event.payment_ref == paid.payment_ref
        assert event.reversal_ref not in ("", paid.payment_ref)
        assert (event.kind, event.amount) == (ReversalKind.CHARGEBACK, AMOUNT)

    def test_a_changed_body_is_forged(self, rig: Rig) -> None:
        session_id = rig.gateway.open(request()).session_id
        body, headers = rig.pay(session_id, NOON)

        with pytest.raises(ForgedCallback):
            rig.gateway.verify(body.replace(b"24050", b"24051"), headers, NOON)

    def test_a_call_without_a_signature_is_forged(self, rig: Rig) -> None:
        session_id = rig.gateway.open(request()).session_id
        body, _ = rig.pay(session_id, NOON)

        with pytest.raises(ForgedCallback):
            rig.gateway.verify(body, {}, NOON)

    def test_header_names_are_in_any_case(self, rig: Rig) -> None:
        session_id = rig.gateway.open(request()).session_id
        body, headers = rig.pay(session_id, NOON)

        for change in (str.lower, str.upper):
            told = {change(name): value for name, value in headers.items()}
            assert isinstance(rig.gateway.verify(body, told, NOON), CheckoutPaid)

    @pytest.mark.parametrize("sign", [1, -1])
    def test_a_signature_is_good_for_five_minutes_either_way(self, rig: Rig, sign: int) -> None:
        session_id = rig.gateway.open(request()).session_id
        body, headers = rig.pay(session_id, NOON)

        rig.gateway.verify(body, headers, NOON + sign * FRESH_FOR)
        with pytest.raises(ForgedCallback, match="stale"):
            rig.gateway.verify(body, headers, NOON + sign * (FRESH_FOR + timedelta(seconds=1)))

    @pytest.mark.parametrize("body", [b"", b"not json", b"[]", b"{}", b'{"kind": 1}', b"\xff\xfe"])
    def test_a_signed_body_that_says_nothing_is_unreadable_and_not_forged(
        self, rig: Rig, body: bytes
    ) -> None:
        with pytest.raises(UnreadableCallback):
            rig.gateway.verify(*rig.sign(body, NOON), NOON)

    def test_it_is_a_gateway_with_a_name(self, rig: Rig) -> None:
        assert isinstance(rig.gateway, Gateway)
        assert rig.gateway.name
