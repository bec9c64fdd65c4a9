"""The order in which payments settle charges and debts: the law's, or the creditor's own."""

from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from app.book.allocation import Claims
from app.book.charges.terms import ChargeTerms, read_terms, set_order, set_terms, terms_of
from app.book.errors import ChargesError
from app.book.ledger import balance, post_payment
from app.store.engines import Database
from app.store.publishing import publish
from app.store.rows import Charge, Invoice
from campaigns.duties import Order
from campaigns.packs import read_pack
from tests.app.book.charges.business import BOTH, NOW, Business, a_business, late
from tests.app.book.make import a_payment, made
from tests.databases import on_both_stores

ORDERED = """\
schema: duly-rules/1
pack: xx
title: Somewhere else
level: law
countries: [DE]
rules:
  - {id: ORDER, kind: settlement, order: costs_first, source: test, status: P, checked: 2026-01-01}
"""


@pytest.mark.parametrize(
    "entry", [{"kinds": ["fine"]}, {"order": "mine"}, {"laws": "DE"}, ["LT"], {"kinds": 3}]
)
def test_terms_that_nobody_understands_are_refused(entry: object) -> None:
    with pytest.raises(ChargesError, match="envelope of creditor alder"):
        read_terms({"charges": entry}, "LT", "alder", ())


def test_the_order_is_the_laws_unless_the_creditor_gives_one() -> None:
    packs = (read_pack(ORDERED, "xx.yaml"),)

    def order(envelope: dict[str, object], country: str) -> Order:
        return read_terms(envelope, country, "x", packs).order

    assert order({}, "LT") is Order.OLDEST_DUE
    assert order({}, "DE") is Order.COSTS_FIRST
    assert order({"charges": {"law": "DE"}}, "LT") is Order.COSTS_FIRST
    assert order({"charges": {"law": "DE", "order": "oldest_due"}}, "LT") is Order.OLDEST_DUE
    assert order({"charges": {"law": "DE", "order": None}}, "LT") is Order.COSTS_FIRST


@on_both_stores
def test_what_the_creditor_says_of_the_order_and_of_its_claims_are_apart(
    database: Database,
) -> None:
    with database.write() as session:
        business = a_business(session)
        set_order(session, business.owner.id, Order.COSTS_FIRST)
        set_terms(session, business.owner.id, law="LT", kinds=BOTH)
        assert terms_of(session, business.owner.id) == ChargeTerms("LT", BOTH, Order.COSTS_FIRST)
        set_order(session, business.owner.id, None)
        assert terms_of(session, business.owner.id).order is Order.OLDEST_DUE


@pytest.mark.parametrize(("law", "settled"), [("DE", ["C1", "I1", ""]), ("LT", ["", "C1"])])
def test_a_payment_follows_the_law_of_the_contract(
    database: Database, law: str, settled: list[str]
) -> None:
    with database.write() as session:
        business = a_business(session, law=law)
        publish(session, "pack", "yy", ORDERED.replace("pack: xx", "pack: yy"), now=NOW)
        business.claim(session)
        payment = a_payment(business.customer_id, 1_000_100, currency="EUR")

        shares = post_payment(session, payment, now=NOW).allocated

        numbers = [session.get_one(Invoice, share.invoice_id).number for share in shares]
        assert [number.removeprefix("L-1").removeprefix("-") for number in numbers] == settled
        assert sum(share.minor for share in shares) == 1_000_100


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    debts=st.lists(st.integers(10_000, 2_000_000), min_size=1, max_size=3),
    payments=st.lists(st.integers(1, 3_000_000), max_size=4),
    order=st.sampled_from(Order),
)
def test_the_order_is_kept_and_no_cent_is_lost(
    database: Database, debts: Sequence[int], payments: Sequence[int], order: Order
) -> None:
    with database.write() as session:
        business = a_business(session, minor=debts[0])
        set_terms(session, business.owner.id, law="LT", kinds=BOTH, order=order)
        for place, minor in enumerate(debts[1:], start=1):
            late(session, business.customer_id, business.owner.id, minor, date(2026, 5, place))
        business.claim(session)
        before = balance(session, business.customer_id)["EUR"]
        ranks = ranked(session, business, order)
        for minor in payments:
            claims = Claims.load(session, [business.customer_id])
            shares = claims.settle(business.customer_id, "EUR", minor)
            claims.save(session)
            left = balance(session, business.customer_id).get("EUR", 0)
            assert sum(share.minor for share in shares) == min(minor, before) == before - left
            taken = [ranks[share.invoice_id] for share in shares]
            still = [r for i, r in ranks.items() if session_open(session, i)]
            assert taken == sorted(taken)
            assert not taken or not still or taken[-1] <= min(still)
            before = left


def ranked(session: Session, business: Business, order: Order) -> dict[int, tuple[object, ...]]:
    """The place of each open invoice, worked out from the rows alone."""
    rows = session.exec(select(Invoice).where(Invoice.customer_id == business.customer_id)).all()
    charges = {charge.invoice_id: charge for charge in session.exec(select(Charge))}
    by_id = {made(row.id): row for row in rows}
    found: dict[int, tuple[object, ...]] = {}
    for invoice_id, row in by_id.items():
        charge = charges.get(invoice_id)
        debt = by_id[charge.late_invoice_id] if charge else row
        kind = ["cost", "interest", None].index(charge.kind if charge else None)
        if order is Order.OLDEST_DUE:
            found[invoice_id] = (row.due_on, invoice_id)
        else:
            found[invoice_id] = (debt.due_on, made(debt.id), kind, invoice_id)
    return found


def session_open(session: Session, invoice_id: int) -> bool:
    query = select(Invoice.open_minor).where(Invoice.id == invoice_id)
    return session.exec(query).one() > 0
