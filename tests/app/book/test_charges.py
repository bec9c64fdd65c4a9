"""Charges in the book: claimed once, carved out with their invoice, settled in the law's order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from itertools import count
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from app.book.allocation import Claims
from app.book.charges.claiming import Claiming, candidates, claim, foresee
from app.book.charges.rates import add_rate, known_rates
from app.book.charges.terms import (
    ChargeKind,
    ChargeTerms,
    read_terms,
    set_order,
    set_terms,
    terms_of,
)
from app.book.customers import Owner
from app.book.disputes import DisputeIn, tell_disputes
from app.book.errors import ChargesError
from app.book.ledger import (
    InvoiceIn,
    ReversalKind,
    balance,
    post_payment,
    post_reversal,
    upsert_invoices,
)
from app.intake.disputes import DisputeKind, dispute_invoice, resolve_dispute
from app.store.bulk import insert_rows
from app.store.engines import Database
from app.store.publishing import publish
from app.store.rows import Charge, Creditor, Customer, Dispute, Hold, Invoice, Task
from campaigns.calendar import at_local
from campaigns.duties import Order, Reference
from campaigns.money import Money
from campaigns.packs import read_pack
from campaigns.rulehead import Status
from campaigns.vocabulary import DebtClass
from tests.app.book.make import a_creditor, a_customer, a_payment, a_reversal, made

PACK = """\
schema: duly-rules/1
pack: xx
title: Somewhere
level: law
countries: [LT, DE]
rules:
  - {id: FEE, kind: fee, applies: {debt_classes: [commercial]}, currency: EUR,
     bands: [{fixed: 40}], source: test, status: P, checked: 2026-01-01}
  - {id: RATE, kind: interest, applies: {debt_classes: [commercial]}, reference: ecb_mro,
     points: "8.0", day_count: actual_365, rate_of: each_half_year, source: test, status: P,
     checked: 2026-01-01}
"""
ORDERED = """\
schema: duly-rules/1
pack: xx
title: Somewhere else
level: law
countries: [DE]
rules:
  - {id: ORDER, kind: settlement, order: costs_first, source: test, status: P, checked: 2026-01-01}
"""
NOW = datetime(2026, 9, 7, 9, 0, tzinfo=UTC)
DUE, AUGUST = date(2026, 5, 31), date(2026, 8, 31)
BOTH = frozenset(ChargeKind)
_numbers = count(1)


@dataclass(frozen=True)
class Business:
    """A customer of a creditor who claims charges, with one late invoice of 10,000.00 EUR."""

    owner: Owner
    customer_id: int
    invoice_id: int

    def claim(self, session: Session, on: date = AUGUST) -> Claiming:
        return claim(session, self.owner, [self.customer_id], on, now=NOW)


def late(session: Session, customer_id: int, creditor_id: int, minor: int, due_on: date) -> int:
    told = InvoiceIn(
        customer_id=customer_id,
        external_id=f"L-{next(_numbers)}",
        amount=Money(minor, "EUR"),
        due_on=due_on,
        number="L-1",
        debt_class=DebtClass.COMMERCIAL,
    )
    return made(upsert_invoices(session, creditor_id, [told], now=NOW).ids[0])


def a_business(session: Session, *, law: str = "LT", minor: int = 1_000_000) -> Business:
    publish(session, "pack", "xx", PACK, now=NOW)
    creditor_id = a_creditor(session, country="LT", zone="Europe/Vilnius", currency="EUR")
    set_terms(session, creditor_id, law=law, kinds=BOTH)
    external_id = session.get_one(Creditor, creditor_id).external_id
    customer_id = a_customer(session, creditor_id, kind="business")
    return Business(
        Owner(creditor_id, external_id, "Europe/Vilnius", "EUR"),
        customer_id,
        late(session, customer_id, creditor_id, minor, DUE),
    )


def amounts(claiming: Claiming) -> list[tuple[str, int]]:
    return [(str(each.kind), each.amount.minor) for each in claiming.posted]


def test_what_is_claimed_is_an_invoice_with_its_working(database: Database) -> None:
    """30 days at 10.15 % are 83.42, 62 days at 10.40 % are 176.65, and 40.00 on top."""
    with database.write() as session:
        business = a_business(session)
        assert candidates(session, business.owner, AUGUST) == [business.customer_id]
        expected = [("cost", 4000), ("interest", 26007)]
        seen = foresee(session, business.owner, [business.customer_id], AUGUST, now=NOW)
        assert amounts(seen) == expected
        assert balance(session, business.customer_id) == {"EUR": 1_000_000}

        assert amounts(business.claim(session)) == expected

        assert balance(session, business.customer_id) == {"EUR": 1_030_007}
        charges = session.exec(select(Charge).order_by(col(Charge.kind))).all()
        assert [(c.kind, c.late_invoice_id) for c in charges] == [
            ("cost", business.invoice_id),
            ("interest", business.invoice_id),
        ]
        assert [span["amount_minor"] for span in charges[1].working["spans"]] == [8342, 17665]
        posted = session.get_one(Invoice, charges[1].invoice_id)
        assert (posted.number, posted.due_on, posted.debt_class) == ("L-1-I1", AUGUST, "commercial")


def test_claimed_again_only_what_grew_is_posted(database: Database) -> None:
    """The week to 7 September adds 7 days at 10.40 %: 69 days are 196.6027..., of which 176.65
    were claimed."""
    with database.write() as session:
        business = a_business(session)
        business.claim(session)

        assert amounts(business.claim(session)) == []
        assert amounts(business.claim(session, date(2026, 9, 7))) == [("interest", 1995)]


def test_what_was_credited_since_makes_no_claim_negative(database: Database) -> None:
    with database.write() as session:
        business = a_business(session)
        business.claim(session)
        note = a_reversal(
            business.customer_id,
            900_000,
            ReversalKind.CREDIT_NOTE,
            currency="EUR",
            invoice_id=business.invoice_id,
            reversed_on=date(2026, 6, 1),
        )
        post_reversal(session, note, now=NOW)

        assert amounts(business.claim(session, date(2026, 9, 7))) == []
        assert balance(session, business.customer_id) == {"EUR": 130_007}


def test_a_dispute_carves_out_the_charges_and_gives_them_back(database: Database) -> None:
    with database.write() as session:
        business = a_business(session)
        business.claim(session)
        dispute_id = dispute_invoice(
            session,
            customer_id=business.customer_id,
            invoice_id=business.invoice_id,
            kind=DisputeKind.OTHER,
            words=None,
            now=NOW,
        )
        states = select(Dispute.state)
        assert list(session.exec(states)) == ["open"] * 3
        assert amounts(business.claim(session, date(2026, 9, 7))) == []

        resolve_dispute(session, dispute_id=dispute_id, upheld=False, now=NOW)

        assert list(session.exec(states)) == ["rejected"] * 3


def test_a_dispute_that_a_feed_tells_carves_out_the_charges_too(database: Database) -> None:
    with database.write() as session:
        business = a_business(session)
        business.claim(session)
        told = DisputeIn(business.customer_id, business.invoice_id, "other", NOW, None, "rejected")

        tell_disputes(session, [told], now=NOW)
        opened = list(session.exec(select(Dispute.state)))
        tell_disputes(session, [replace(told, resolved_at=NOW)], now=NOW)

        assert opened == ["open"] * 3
        assert list(session.exec(select(Dispute.state))) == ["rejected"] * 3


def test_a_missing_rate_is_a_task_and_nothing_is_claimed(database: Database) -> None:
    with database.write() as session:
        business = a_business(session)
        publish(session, "pack", "xx", PACK.replace("ecb_mro", "boe_base"), now=NOW)

        refused = [business.claim(session).refused for _ in range(2)]

        assert "boe_base from 2026-01-01 is missing" in refused[0][0][1]
        assert balance(session, business.customer_id) == {"EUR": 1_000_000}
        assert [task.kind for task in session.exec(select(Task))] == ["rate_missing"]

        for starts_on, percent in ((date(2026, 1, 1), "2.15"), (date(2026, 7, 1), "2.40")):
            add(session, starts_on, percent)
        assert amounts(business.claim(session)) == [("cost", 4000), ("interest", 26007)]


def add(session: Session, starts_on: date, percent: str, source: str = "The bank") -> None:
    add_rate(
        session,
        reference=Reference.BOE_BASE,
        starts_on=starts_on,
        percent=percent,
        source=source,
        added_by="ada",
        now=NOW,
    )


def test_an_added_rate_says_who_added_it_and_never_changes(database: Database) -> None:
    with database.write() as session:
        add(session, date(2026, 7, 1), "4.00")

        (rate,) = (r for r in known_rates(session) if r.reference is Reference.BOE_BASE)
        assert (str(rate.percent), rate.status) == ("4.00", Status.PRIMARY)
        assert rate.source == "The bank (added by ada on 2026-09-07)"
        for starts_on, percent, source in (
            (date(2026, 7, 1), "4.25", "The bank"),
            (date(2026, 8, 1), "4.25", "The bank"),
            (date(2027, 1, 1), "about 4", "The bank"),
            (date(2027, 1, 1), "4.25", " "),
        ):
            with pytest.raises(ChargesError):
                add(session, starts_on, percent, source)


def test_nothing_is_claimed_until_the_creditor_says_so(database: Database) -> None:
    with database.write() as session:
        business = a_business(session)
        with pytest.raises(ChargesError, match="still to come"):
            business.claim(session, date(2026, 9, 8))
        set_terms(session, business.owner.id, law="LT", kinds=())
        with pytest.raises(ChargesError, match="claims no charges"):
            business.claim(session)


def test_a_consumers_debt_is_refused(database: Database) -> None:
    with database.write() as session:
        business = a_business(session)
        session.get_one(Invoice, business.invoice_id).debt_class = "consumer"
        session.flush()

        claiming = business.claim(session)

        assert amounts(claiming) == []
        assert "business debts alone" in claiming.refused[0][1]


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


def paid(session: Session, business: Business, on: date) -> None:
    owed = balance(session, business.customer_id)["EUR"]
    payment = a_payment(business.customer_id, owed, currency="EUR", paid_on=on)
    post_payment(session, payment, now=NOW)


def test_what_was_paid_late_bears_interest_to_its_day_and_is_claimed_when_asked_for(
    database: Database,
) -> None:
    """29 days from 1 to 29 June at 10.15 % are 80.64; on the day of payment it bears none."""
    with database.write() as session:
        business = a_business(session)
        paid(session, business, date(2026, 6, 30))
        customers, june = [business.customer_id], date(2026, 6, 1)

        assert candidates(session, business.owner, AUGUST) == []
        assert amounts(business.claim(session)) == []
        assert candidates(session, business.owner, AUGUST, paid_from=june) == customers
        later = date(2026, 7, 1)
        assert candidates(session, business.owner, AUGUST, paid_from=later) == []

        found = claim(session, business.owner, customers, AUGUST, now=NOW, paid_from=june)
        assert amounts(found) == [("cost", 4000), ("interest", 8064)]
        again = claim(session, business.owner, customers, AUGUST, now=NOW, paid_from=june)
        assert amounts(again) == []


def test_what_was_paid_in_time_bears_nothing_whoever_asks(database: Database) -> None:
    with database.write() as session:
        business = a_business(session)
        paid(session, business, DUE)

        customers, january = [business.customer_id], date(2026, 1, 1)
        found = claim(session, business.owner, customers, AUGUST, now=NOW, paid_from=january)
        assert amounts(found) == []


HOLD = """\
  - {id: SPACE, kind: hold, signal: breathing_space, lasts: 60d, freezes: [interest, fees],
     source: test, status: P, checked: 2026-01-01}
"""


@pytest.mark.parametrize(
    ("placed", "until", "expected"),
    [
        # From before the due date to 30 June: no fixed sum ever, and no interest in June.
        (date(2026, 5, 20), date(2026, 7, 1), [("interest", 17665)]),
        # All of July: 83.42 of June, and 31 days of August at 10.40 %.
        (date(2026, 7, 1), date(2026, 8, 1), [("cost", 4000), ("interest", 17174)]),
    ],
)
def test_a_breathing_space_freezes_interest_and_the_fixed_sum(
    database: Database, placed: date, until: date, expected: list[tuple[str, int]]
) -> None:
    with database.write() as session:
        business = a_business(session)
        publish(session, "pack", "xx", PACK + HOLD, now=NOW)
        zone = ZoneInfo("Europe/Vilnius")
        held = {
            "person_id": session.get_one(Customer, business.customer_id).person_id,
            "kind": "breathing_space",
            "placed_at": at_local(placed, time(), zone),
            "renewed_at": NOW,
            "until": at_local(until, time(), zone),
            "released_at": at_local(until, time(), zone),
        }
        insert_rows(session, Hold, [held])

        assert amounts(business.claim(session)) == expected
