"""Runs the contract over every gateway that there is."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime

import pytest

from app.lab.stripe import LOCAL_KEY, LOCAL_SECRET, LocalStripe
from app.lab.stripe_book import Told
from app.payments.gateway import Gateway
from app.payments.sandbox_gateway import HEADER, Callback, SandboxGateway
from app.payments.signature import sign
from app.payments.stripe_gateway import StripeGateway
from campaigns.money import Money
from tests.app.payments.contract import NOON, Call, GatewayContract, Rig

SECRET = "a secret of the tests"


class SandboxRig:
    def __init__(self) -> None:
        self.sandbox = SandboxGateway(secret=SECRET)

    @property
    def gateway(self) -> Gateway:
        return self.sandbox

    def pay(self, session_id: str, at: datetime) -> Call:
        return _call(self.sandbox.pay(session_id, at))

    def decline(self, session_id: str, at: datetime) -> Call:
        return _call(self.sandbox.decline(session_id, at))

    def charge_back(self, payment_ref: str, at: datetime) -> Call:
        return _call(self.sandbox.charge_back(payment_ref, at))

    def sign(self, body: bytes, at: datetime) -> Call:
        return body, {HEADER: sign(body, secret=SECRET, at=at)}

    def paid(self) -> list[Money]:
        return [amount for _, _, amount in self.sandbox.payments()]


def _call(callback: Callback) -> Call:
    return callback.body, callback.headers


@contextmanager
def sandbox() -> Iterator[Rig]:
    rig = SandboxRig()
    yield rig
    rig.sandbox.close()


class StripeRig:
    """Stripe's adapter against a local Stripe; what it tells is carried by hand."""

    def __init__(self, local: LocalStripe, address: str) -> None:
        self.local = local
        self.gateway = StripeGateway(LOCAL_KEY, secret=LOCAL_SECRET, address=address)

    def pay(self, session_id: str, at: datetime) -> Call:
        return _told(self.local.book.pay(session_id, at))

    def decline(self, session_id: str, at: datetime) -> Call:
        self.local.book.begin_debit(session_id, at)
        return _told(self.local.book.end_debit(session_id, at, succeeds=False))

    def charge_back(self, payment_ref: str, at: datetime) -> Call:
        return _told(self.local.book.dispute(payment_ref, "funds_withdrawn", at))

    def sign(self, body: bytes, at: datetime) -> Call:
        return _told(self.local.book.signed("evt_of_the_test", body, at))

    def paid(self) -> list[Money]:
        taken = self.local.book.payments.values()
        return [Money(each["amount"], each["currency"].upper()) for each in taken]


def _told(told: Told) -> Call:
    return told.body, told.headers


@contextmanager
def stripe() -> Iterator[Rig]:
    local = LocalStripe(clock=lambda: NOON)
    with local.running() as address:
        local.book.origin = "https://checkout.stripe.invalid"
        rig = StripeRig(local, address)
        yield rig
        rig.gateway.close()


RIGS: dict[str, Callable[[], AbstractContextManager[Rig]]] = {
    "sandbox": sandbox,
    "stripe": stripe,
}


@pytest.fixture(params=list(RIGS))
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    with RIGS[request.param]() as opened:
        yield opened


class TestEveryGateway(GatewayContract):
    """The contract, once for each rig."""


def test_the_rig_is_named_as_its_gateway() -> None:
    for name, opened in RIGS.items():
        with opened() as rig:
            assert rig.gateway.name == name
