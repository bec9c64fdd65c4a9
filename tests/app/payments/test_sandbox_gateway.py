"""What the sandbox keeps beyond the contract: its file, and the hands of the payer."""

import multiprocessing
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from app.payments.gateway import CheckoutExpired, OtherEvent, PaymentReversed, SessionOver
from app.payments.sandbox_gateway import HEADER, SandboxGateway
from app.payments.signature import sign
from campaigns.money import Money
from tests.app.payments.contract import AMOUNT, NOON, request

SECRET = "a secret of the tests"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "gateway.sqlite3"


def _pay_and_die(path: Path) -> None:
    gateway = SandboxGateway(path, secret=SECRET)
    gateway.pay(gateway.open(request()).session_id, NOON)
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_payment_outlives_the_process_that_took_it(path: Path) -> None:
    process = multiprocessing.get_context("spawn").Process(target=_pay_and_die, args=(path,))
    process.start()
    process.join()

    survivor = SandboxGateway(path, secret=SECRET)

    assert process.exitcode == -signal.SIGKILL
    assert [amount for _, _, amount in survivor.payments()] == [AMOUNT]
    assert len(survivor.undelivered(NOON)) == 1
    survivor.close()


def test_of_many_payers_at_once_one_pays(path: Path) -> None:
    gateways = [SandboxGateway(path, secret=SECRET) for _ in range(4)]
    session_id = gateways[0].open(request()).session_id

    def pay(gateway: SandboxGateway) -> bool:
        try:
            gateway.pay(session_id, NOON)
        except SessionOver:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        paid = list(pool.map(pay, gateways))

    assert sorted(paid) == [False, False, False, True]
    assert len(gateways[0].payments()) == 1
    for gateway in gateways:
        gateway.close()


def test_a_callback_is_told_until_it_is_acknowledged(path: Path) -> None:
    gateway = SandboxGateway(path, secret=SECRET)
    first = gateway.pay(gateway.open(request()).session_id, NOON)
    later = NOON + timedelta(days=1)

    (again,) = gateway.undelivered(later)

    assert (again.event_id, again.body) == (first.event_id, first.body)
    gateway.verify(again.body, again.headers, later)
    gateway.acknowledge(first.event_id)
    assert gateway.undelivered(later) == []
    gateway.close()


def test_a_payment_goes_back_in_parts_and_never_more_than_came() -> None:
    gateway = SandboxGateway(secret=SECRET)
    gateway.pay(gateway.open(request()).session_id, NOON)
    ((_, reference, _),) = gateway.payments()

    first = gateway.refund(reference, Money(50, "ILS"), NOON)
    second = gateway.refund(reference, Money(50, "ILS"), NOON)
    rest = gateway.charge_back(reference, NOON)

    events = [gateway.verify(c.body, c.headers, NOON) for c in (first, second, rest)]
    reversals = [event for event in events if isinstance(event, PaymentReversed)]
    assert [event.amount.minor for event in reversals] == [50, 50, 23950]
    assert len({event.reversal_ref for event in reversals}) == 3
    with pytest.raises(ValueError, match="left to give back"):
        gateway.refund(reference, Money(1, "ILS"), NOON)
    gateway.close()


def test_it_tells_that_a_session_ended_unpaid() -> None:
    gateway = SandboxGateway(secret=SECRET)
    session_id = gateway.open(request()).session_id

    callback = gateway.let_expire(session_id, NOON)

    event = gateway.verify(callback.body, callback.headers, NOON)
    assert event == CheckoutExpired(session_id, NOON, "checkout-1")
    gateway.close()


def test_an_event_that_we_do_not_know_is_of_no_concern() -> None:
    gateway = SandboxGateway(secret=SECRET)
    body = b'{"kind": "balance_available", "at": "2026-06-01T09:00:00+00:00"}'

    event = gateway.verify(body, {HEADER: sign(body, secret=SECRET, at=NOON)}, NOON)

    assert event == OtherEvent("balance_available", NOON)
    gateway.close()
