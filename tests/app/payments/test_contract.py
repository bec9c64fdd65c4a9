"""Runs the contract over every gateway that there is."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime

import pytest

from app.payments.gateway import Gateway
from app.payments.sandbox_gateway import HEADER, Callback, SandboxGateway
from app.payments.signature import sign
from campaigns.money import Money
from tests.app.payments.contract import Call, GatewayContract, Rig

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


RIGS: dict[str, Callable[[], AbstractContextManager[Rig]]] = {"sandbox": sandbox}


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
