"""Checkouts that nobody should pay any more, and those left lying."""

from datetime import timedelta

import pytest

from app.payments.checkout import LIFETIME
from app.payments.gateway import SessionOver
from app.payments.stale import (
    ABANDONED_AFTER,
    expire_open_of,
    expire_stale,
    signal_abandoned,
    tell_gateways,
)
from app.store.engines import Database
from tests.app.payments.make import Debtor, rows
from tests.databases import on_both_stores
from tests.factories import NOON


@pytest.fixture
def debtor(database: Database) -> Debtor:
    return Debtor.of(database)


def _expire(debtor: Debtor, at: timedelta = timedelta(0)) -> int:
    with debtor.database.write() as session:
        return expire_stale(session, NOON + at)


def _tell(debtor: Debtor) -> int:
    return tell_gateways(debtor.database, {"sandbox": debtor.gateway}, NOON)


def test_a_checkout_is_stale_when_its_time_is_over(debtor: Debtor) -> None:
    debtor.start()

    assert _expire(debtor, LIFETIME - timedelta(seconds=1)) == 0
    assert _expire(debtor, LIFETIME) == 1
    assert _expire(debtor, LIFETIME) == 0


def test_a_checkout_is_stale_when_the_ledger_moved(debtor: Debtor) -> None:
    debtor.start()
    debtor.run("UPDATE customer SET ledger_revision = ledger_revision + 1")

    assert _expire(debtor) == 1
    assert debtor.states() == ["expiring"]


def test_what_somebody_owes_has_changed(debtor: Debtor) -> None:
    debtor.start()

    with debtor.database.write() as session:
        assert expire_open_of(session, [debtor.customer_id + 1]) == 0
        assert expire_open_of(session, [debtor.customer_id]) == 1


def test_the_gateway_is_told_once(debtor: Debtor) -> None:
    debtor.start()
    _expire(debtor, LIFETIME)

    assert _tell(debtor) == 1
    assert _tell(debtor) == 0
    (row,) = debtor.checkouts()
    assert row["state"] == "expired"
    with pytest.raises(SessionOver):
        debtor.gateway.sandbox.pay(row["session_id"], NOON)


@on_both_stores
def test_one_that_was_paid_waits_for_its_callback(debtor: Debtor) -> None:
    debtor.start()
    debtor.gateway.sandbox.pay(debtor.checkouts()[0]["session_id"], NOON)
    _expire(debtor, LIFETIME)

    assert _tell(debtor) == 0
    assert debtor.states() == ["expiring"]


def test_a_dead_line_is_tried_again(debtor: Debtor) -> None:
    debtor.start()
    _expire(debtor, LIFETIME)
    debtor.gateway.is_down = True
    assert _tell(debtor) == 0

    debtor.gateway.is_down = False
    assert _tell(debtor) == 1


def test_a_checkout_without_a_page_needs_no_call(debtor: Debtor) -> None:
    debtor.start()
    debtor.run("UPDATE checkout SET session_id = NULL, url = NULL")
    _expire(debtor, LIFETIME)

    assert tell_gateways(debtor.database, {}, NOON) == 1


def test_a_checkout_of_another_gateway_is_left_to_it(debtor: Debtor) -> None:
    debtor.start()
    _expire(debtor, LIFETIME)

    assert tell_gateways(debtor.database, {}, NOON) == 0


def _abandoned(debtor: Debtor, after: timedelta = ABANDONED_AFTER) -> int:
    with debtor.database.write() as session:
        return signal_abandoned(session, NOON + after)


@on_both_stores
def test_a_checkout_left_lying_is_told_once(debtor: Debtor) -> None:
    debtor.start()

    assert _abandoned(debtor, ABANDONED_AFTER - timedelta(seconds=1)) == 0
    assert _abandoned(debtor) == 1
    assert _abandoned(debtor) == 0
    (event,) = rows(debtor.database, "event")
    assert (event["kind"], event["customer_id"]) == ("checkout_abandoned", debtor.customer_id)


@pytest.mark.parametrize("state", ["paid", "declined", "expired", "expiring"])
def test_only_an_open_checkout_is_left_lying(debtor: Debtor, state: str) -> None:
    debtor.start()
    debtor.run(f"UPDATE checkout SET state = '{state}'")

    assert _abandoned(debtor) == 0
