"""Every gateway that keeps cards keeps one contract: a card is kept by its own word, and the same
key takes money once, whatever became of the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from typing import Protocol

import pytest

from app.lab.stripe import LOCAL_KEY, LOCAL_SECRET, LocalStripe
from app.payments.charging import ChargeRequest, KeepRequest, KeptCard
from app.payments.external_gateway import ExternalGateway
from app.payments.gateway import (
    CardGone,
    CardKept,
    Charging,
    CheckoutDeclined,
    CheckoutPaid,
    CheckoutPending,
    GatewayEvent,
    SessionOver,
)
from app.payments.sandbox_cards import CardCourse
from app.payments.sandbox_gateway import SandboxGateway
from app.payments.stripe_gateway import StripeGateway
from campaigns.debits import Declined
from campaigns.money import Money
from tests.app.payments.contract import AMOUNT, NOON, request

SECRET = "a secret of the tests"
IDS = {"checkout": 7, "customer": 8}
COURSES = {
    CardCourse.INSUFFICIENT_FUNDS: Declined.SOFT,
    CardCourse.LOST_CARD: Declined.HARD,
    CardCourse.AUTHENTICATION_REQUIRED: Declined.CONFIRM,
}


def keeping(**changes: object) -> KeepRequest:
    told: dict[str, object] = {
        "key": "mandate-1",
        "currency": "ILS",
        "return_url": "https://pay.example.com/p/token",
        "cancel_url": "https://pay.example.com/p/token",
        "customer_ref": "customer-1",
        "expires_at": NOON + timedelta(hours=2),
        "ids": {"mandate": 3},
    }
    return KeepRequest(**(told | changes))  # type: ignore[arg-type]  # names are the tests' own


def charging(card: KeptCard, key: str = "charge-1") -> ChargeRequest:
    return ChargeRequest(key, AMOUNT, card, "Carmel Water", NOON, IDS)


class CardRig(Protocol):
    """A gateway, its payer and the payer's bank."""

    @property
    def gateway(self) -> Charging: ...

    def enter_card(self, session_id: str) -> None: ...

    def pay(self, session_id: str) -> None: ...

    def answers(self, card: KeptCard, course: CardCourse) -> None: ...

    def told(self) -> list[GatewayEvent]: ...

    def paid(self) -> list[Money]: ...


class SandboxRig:
    def __init__(self) -> None:
        self.gateway = SandboxGateway(secret=SECRET)

    def enter_card(self, session_id: str) -> None:
        self.gateway.cards.enter_card(session_id, NOON, CardCourse.PAYS)

    def pay(self, session_id: str) -> None:
        self.gateway.pay(session_id, NOON)

    def answers(self, card: KeptCard, course: CardCourse) -> None:
        self.gateway.cards.play(course, card.method_ref)

    def told(self) -> list[GatewayEvent]:
        return [
            self.gateway.verify(each.body, each.headers, NOON)
            for each in self.gateway.undelivered(NOON)
        ]

    def paid(self) -> list[Money]:
        return [amount for _, _, amount in self.gateway.payments()]


class StripeRig:
    def __init__(self, local: LocalStripe, address: str) -> None:
        self.local = local
        self.gateway = StripeGateway(LOCAL_KEY, secret=LOCAL_SECRET, address=address)

    def enter_card(self, session_id: str) -> None:
        self.local.book.enter_card(session_id, NOON)

    def pay(self, session_id: str) -> None:
        self.local.book.pay(session_id, NOON)

    def answers(self, card: KeptCard, course: CardCourse) -> None:
        cards = self.local.book.cards
        if course is CardCourse.GONE:
            del cards.cards[card.method_ref]
        else:
            cards.says[card.method_ref] = _IN_STRIPES_WORDS.get(course, course.value)

    def told(self) -> list[GatewayEvent]:
        waiting = self.local.book.undelivered(NOON)
        return [self.gateway.verify(each.body, each.headers, NOON) for each in waiting]

    def paid(self) -> list[Money]:
        taken = self.local.book.payments.values()
        return [Money(each["amount"], each["currency"].upper()) for each in taken]


_IN_STRIPES_WORDS = {CardCourse.PENDING: "processing"}


@contextmanager
def sandbox() -> Iterator[CardRig]:
    rig = SandboxRig()
    yield rig
    rig.gateway.close()


@contextmanager
def stripe() -> Iterator[CardRig]:
    local = LocalStripe(clock=lambda: NOON)
    with local.running() as address:
        rig = StripeRig(local, address)
        yield rig
        rig.gateway.close()


RIGS: dict[str, Callable[[], AbstractContextManager[CardRig]]] = {
    "sandbox": sandbox,
    "stripe": stripe,
}


@pytest.fixture(params=list(RIGS))
def rig(request: pytest.FixtureRequest) -> Iterator[CardRig]:
    with RIGS[request.param]() as opened:
        yield opened


def _kept(rig: CardRig) -> KeptCard:
    rig.enter_card(rig.gateway.keep_card(keeping()).session_id)
    (kept,) = {each.card for each in rig.told() if isinstance(each, CardKept)}
    return kept


def test_a_page_keeps_a_card_for_its_mandate_and_takes_nothing(rig: CardRig) -> None:
    opened = rig.gateway.keep_card(keeping())
    assert opened == rig.gateway.keep_card(keeping())

    rig.enter_card(opened.session_id)

    events = [each for each in rig.told() if isinstance(each, CardKept | CheckoutPaid)]
    (kept,) = events
    assert isinstance(kept, CardKept)
    assert kept.mandate_key == "mandate-1"
    assert kept.card.customer_ref
    assert kept.card.method_ref
    assert rig.paid() == []
    with pytest.raises(SessionOver):
        rig.enter_card(opened.session_id)


def test_a_payment_keeps_its_card_for_the_mandate_that_came_with_it(rig: CardRig) -> None:
    gateway = rig.gateway
    assert isinstance(gateway, SandboxGateway | StripeGateway)

    rig.pay(gateway.open(request(mandate="mandate-2")).session_id)

    told = rig.told()
    kept = [each for each in told if isinstance(each, CardKept)]
    assert {each.mandate_key for each in kept} == {"mandate-2"}
    assert any(each.card.last_four for each in kept)
    assert len([each for each in told if isinstance(each, CheckoutPaid)]) == 1


def test_a_payment_without_a_mandate_keeps_no_card_for_one(rig: CardRig) -> None:
    gateway = rig.gateway
    assert isinstance(gateway, SandboxGateway | StripeGateway)

    rig.pay(gateway.open(request(keeps_card=True)).session_id)

    assert not [each for each in rig.told() if isinstance(each, CardKept)]


def test_a_charge_takes_the_exact_amount_once_for_each_key(rig: CardRig) -> None:
    card = _kept(rig)

    first = rig.gateway.charge(charging(card))
    assert rig.gateway.charge(charging(card)) == first
    assert rig.gateway.charge(charging(card, "charge-2")) != first

    paid = [each for each in rig.told() if isinstance(each, CheckoutPaid)]
    named = {(each.checkout_key, each.amount) for each in paid}
    assert named == {("charge-1", AMOUNT), ("charge-2", AMOUNT)}
    assert first in {each.session_id for each in paid}
    assert rig.paid() == [AMOUNT, AMOUNT]


@pytest.mark.parametrize(("course", "declined"), COURSES.items())
def test_a_decline_is_told_with_what_it_means(
    rig: CardRig, course: CardCourse, declined: Declined
) -> None:
    card = _kept(rig)
    rig.answers(card, course)

    session_id = rig.gateway.charge(charging(card))
    rig.answers(card, CardCourse.PAYS)
    assert rig.gateway.charge(charging(card)) == session_id, "the key has its answer"

    (told,) = [each for each in rig.told() if isinstance(each, CheckoutDeclined)]
    assert (told.session_id, told.checkout_key) == (session_id, "charge-1")
    assert (told.declined, told.code) == (declined, course.value)
    assert rig.paid() == []


def test_a_bank_that_takes_its_time_is_pending(rig: CardRig) -> None:
    card = _kept(rig)
    rig.answers(card, CardCourse.PENDING)

    session_id = rig.gateway.charge(charging(card))

    told = [each for each in rig.told() if isinstance(each, CheckoutPending)]
    assert [each.session_id for each in told] == [session_id]


def test_a_card_that_is_gone_takes_nothing(rig: CardRig) -> None:
    card = _kept(rig)
    rig.answers(card, CardCourse.GONE)

    with pytest.raises(CardGone):
        rig.gateway.charge(charging(card))


def test_a_creditors_own_page_keeps_no_cards() -> None:
    assert not isinstance(ExternalGateway(secret=SECRET), Charging)
