"""Charges in the book: claimed once, never below nothing, carved out with their invoice."""

from dataclasses import replace
from datetime import date, time
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import col, select

from app.book.charges.claiming import candidates, claim, foresee
from app.book.charges.terms import set_terms
from app.book.disputes import DisputeIn, tell_disputes
from app.book.errors import ChargesError
from app.book.ledger import ReversalKind, balance, post_reversal
from app.intake.disputes import DisputeKind, dispute_invoice, resolve_dispute
from app.store.bulk import insert_rows
from app.store.engines import Database
from app.store.publishing import publish
from app.store.rows import Charge, Customer, Dispute, Hold, Invoice
from campaigns.calendar import at_local
from tests.app.book.charges.business import AUGUST, DUE, NOW, PACK, a_business, amounts, paid
from tests.app.book.make import a_reversal
from tests.databases import on_both_stores


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


@on_both_stores
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


@on_both_stores
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


@on_both_stores
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


@on_both_stores
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
