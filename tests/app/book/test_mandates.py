"""Mandates: kept by the gateway's word, one card a plan, ended for good."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from app.book.mandates import (
    CardIn,
    EndedBy,
    MandateIn,
    UnknownMandate,
    end_with_plans,
    ends_with_plans,
    give_mandate,
    is_any_kept,
    keep_card,
    live_of_plans,
    mandates_of,
    revoke_mandates,
)
from app.store.engines import Database
from app.store.rows import Customer, Plan
from tests.databases import on_both_stores
from tests.factories import NOON, add, add_creditor, add_customer

CARD = CardIn("cus_1", "pm_1")
SHOWN = CardIn("cus_1", "pm_1", "Visa", "4242")
LATER = NOON + timedelta(hours=1)


@pytest.fixture
def plan(database: Database) -> tuple[Database, int, int]:
    """A database, a customer and her plan."""
    creditor_id = add_creditor(database)
    customer_id = add_customer(database, creditor_id)
    plan_id = add(
        database,
        Plan,
        customer_id=customer_id,
        currency="ILS",
        amount_minor=1000,
        agreed_at=NOON,
        agreed_by="page",
    )
    return database, customer_id, plan_id


def _give(plan: tuple[Database, int, int], key: str = "m1") -> None:
    database, customer_id, plan_id = plan
    with database.write() as session:
        creditor_id = session.get_one(Customer, customer_id).creditor_id
        given = MandateIn(key, creditor_id, customer_id, plan_id, "ILS", "sandbox", "hash", "he")
        give_mandate(session, given, now=NOON)


def _keep(database: Database, key: str = "m1", card: CardIn = CARD, at: datetime = NOON) -> None:
    with database.write() as session:
        keep_card(session, "sandbox", key, card, now=at)


def test_it_is_given_once_kept_by_the_gateways_word_and_fuller_when_told_again(
    plan: tuple[Database, int, int],
) -> None:
    database, customer_id, plan_id = plan
    _give(plan)
    _give(plan)
    with database.read() as session:
        assert live_of_plans(session, [plan_id]) == {}
        assert not is_any_kept(session)

    _keep(database)
    _keep(database, card=SHOWN, at=LATER)
    _keep(database, at=LATER)

    with database.read() as session:
        (row,) = mandates_of(session, customer_id)
        assert live_of_plans(session, [plan_id]) == {plan_id: row}
        assert is_any_kept(session)
    assert (row.brand, row.last_four, row.kept_at) == ("Visa", "4242", NOON)


def test_a_card_for_no_mandate_of_this_gateway_waits_for_it(
    plan: tuple[Database, int, int],
) -> None:
    database, _, _ = plan
    _give(plan)

    with database.write() as session:
        with pytest.raises(UnknownMandate):
            keep_card(session, "stripe", "m1", CARD, now=NOON)
        with pytest.raises(UnknownMandate):
            keep_card(session, "sandbox", "m2", CARD, now=NOON)


@on_both_stores
def test_a_newer_card_takes_the_place_of_the_one_before(plan: tuple[Database, int, int]) -> None:
    database, customer_id, plan_id = plan
    for key in ("m1", "m2"):
        _give(plan, key)
        _keep(database, key)

    with database.read() as session:
        older, newer = mandates_of(session, customer_id)
        assert live_of_plans(session, [plan_id]) == {plan_id: newer}
    assert (older.revoked_by, newer.revoked_by) == ("replaced", None)


def test_what_was_revoked_before_its_card_came_keeps_none(plan: tuple[Database, int, int]) -> None:
    database, customer_id, plan_id = plan
    _give(plan)
    with database.write() as session:
        by = EndedBy.STAFF
        assert revoke_mandates(session, customer_id, by=by, now=NOON, recorded_by="noa") == 1
        assert revoke_mandates(session, customer_id, by=EndedBy.PAGE, now=LATER) == 0

    _keep(database, at=LATER)

    with database.read() as session:
        (row,) = mandates_of(session, customer_id)
        assert live_of_plans(session, [plan_id]) == {}
    assert (row.method_ref, row.revoked_by, row.recorded_by) == (None, "staff", "noa")


def test_it_ends_with_its_plan(plan: tuple[Database, int, int]) -> None:
    database, customer_id, plan_id = plan
    _give(plan)
    _keep(database)
    with database.write() as session:
        assert not ends_with_plans(session)
        session.get_one(Plan, plan_id).state = "completed"
        session.flush()
        assert ends_with_plans(session)
        assert end_with_plans(session, now=LATER) == 1
        assert not ends_with_plans(session)
        (row,) = mandates_of(session, customer_id)
    assert row.revoked_by == "plan"
