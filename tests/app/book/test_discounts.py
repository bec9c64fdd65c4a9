"""Discounts in the books: earned in time, in whole and exact, and gone with the payment."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session, col, select

from app.book.errors import OfferError
from app.book.ledger import (
    PaymentIn,
    PaymentPosted,
    ReversalKind,
    balance,
    credit,
    post_payment,
    post_reversal,
)
from app.book.offers import add_offer, end_offer
from app.book.replay import Replay
from app.book.statement import EntryKind, statement
from app.engine.checks.money import money_adds_up
from app.store.engines import Database
from app.store.migrate import upgrade
from app.store.rows import Consent, Customer, Dispute, Hold, Invoice, Plan, Promise, Reversal, Task
from campaigns.money import Money
from campaigns.offers import OfferKind, Situation
from tests.app.book.make import (
    DAY,
    NOW,
    a_creditor,
    a_customer,
    a_payment,
    a_reversal,
    an_invoice,
    kinds_of_events,
    made,
)
from tests.databases import on_both_stores

IN_TEN_DAYS = DAY + timedelta(days=10)
Bar = Callable[[Session, int, int], None]


def an_offer(
    session: Session,
    creditor: int,
    percent: str = "2",
    *,
    kind: OfferKind = OfferKind.EARLY_PAYMENT,
    allows: tuple[Situation, ...] = (),
) -> int:
    return add_offer(
        session, creditor, kind, percent, ends_on=IN_TEN_DAYS, allows=allows, by="ada", now=NOW
    )


def a_debtor(session: Session, *, due: int = 20) -> tuple[int, int, int]:
    """A creditor who gives 2 %, its customer, and an invoice of 100.00."""
    creditor = a_creditor(session)
    customer = a_customer(session, creditor)
    an_offer(session, creditor)
    return creditor, customer, an_invoice(session, customer, due=due)


def pay(session: Session, payment: PaymentIn) -> PaymentPosted:
    return post_payment(session, payment, now=NOW)


@on_both_stores
def test_a_payment_in_time_is_credited_with_the_discount_as_an_entry_of_its_own(
    database: Database,
) -> None:
    with database.write() as session:
        _, customer, invoice = a_debtor(session)

        posted = pay(session, a_payment(customer, 9800, key="p"))

        entry = session.exec(select(Reversal)).one()
        (sheet,) = statement(session, customer, ZoneInfo("Asia/Jerusalem"))
        assert (entry.kind, entry.amount_minor, entry.invoice_id) == ("discount", 200, invoice)
        assert (entry.payment_id, entry.reversed_on) == (posted.payment_id, DAY)
        assert posted.surplus == Money(0, "ILS")
        assert (balance(session, customer), credit(session, customer)) == ({}, {})
        assert [line.entry.kind for line in sheet.lines] == [
            EntryKind.INVOICE, EntryKind.PAYMENT, EntryKind.DISCOUNT,
        ]  # fmt: skip
        assert sheet.closing == Money(0, "ILS")
        assert money_adds_up(session).violations == 0
        assert session.exec(select(Task)).all() == []


def test_a_payment_that_is_told_twice_earns_once(database: Database) -> None:
    with database.write() as session:
        _, customer, _ = a_debtor(session)
        payment = a_payment(customer, 9800, key="p")

        pay(session, payment)
        pay(session, payment)

        assert len(session.exec(select(Reversal)).all()) == 1


def test_two_invoices_are_settled_by_what_both_come_to(database: Database) -> None:
    with database.write() as session:
        _, customer, first = a_debtor(session)
        second = an_invoice(session, customer, 5001, due=25)

        posted = pay(session, a_payment(customer, 9800 + 4900))

        assert [(each.share.invoice_id, each.share.minor) for each in posted.earned] == [
            (first, 200), (second, 101),  # 100.02, rounded up
        ]  # fmt: skip
        assert balance(session, customer) == {}


def test_who_pays_late_pays_all_of_it(database: Database) -> None:
    with database.write() as session:
        _, customer, _ = a_debtor(session)

        late = pay(session, a_payment(customer, 9800, paid_on=IN_TEN_DAYS + timedelta(days=1)))

        assert late.earned == ()
        assert balance(session, customer) == {"ILS": 200}


def test_who_chose_in_time_has_paid_in_time(database: Database) -> None:
    with database.write() as session:
        _, customer, _ = a_debtor(session)
        days_later = IN_TEN_DAYS + timedelta(days=3)

        pay(session, a_payment(customer, 9800, paid_on=days_later, chosen_on=IN_TEN_DAYS))

        assert balance(session, customer) == {}


def test_who_pays_all_of_it_is_owed_nothing_back(database: Database) -> None:
    with database.write() as session:
        _, customer, _ = a_debtor(session)

        posted = pay(session, a_payment(customer, 10000))

        assert (posted.earned, posted.surplus) == ((), Money(0, "ILS"))


def test_a_part_of_an_invoice_earns_nothing_and_the_rest_of_it_may(database: Database) -> None:
    with database.write() as session:
        _, customer, _ = a_debtor(session)

        part = pay(session, a_payment(customer, 4000))
        rest = pay(session, a_payment(customer, 5880))  # 60.00 less 2 %

        assert part.earned == ()
        assert [each.share.minor for each in rest.earned] == [120]
        assert balance(session, customer) == {}


def _disputes(session: Session, customer: int, _: int) -> None:
    other = an_invoice(session, customer, due=30)
    session.add(Dispute(customer_id=customer, invoice_id=other, opened_at=NOW))


def _in_hardship(session: Session, customer: int, _: int) -> None:
    _holds(session, customer, "hardship")


def _in_danger(session: Session, customer: int, _: int) -> None:
    _holds(session, customer, "danger")


def _holds(session: Session, customer: int, kind: str) -> None:
    person = session.get_one(Customer, customer).person_id
    session.add(Hold(person_id=person, kind=kind, placed_at=NOW, renewed_at=NOW))


def _owes_what_is_too_old(session: Session, customer: int, _: int) -> None:
    other = session.get_one(Invoice, an_invoice(session, customer, due=30))
    other.limitation_on = DAY


def _wants_no_offers(session: Session, customer: int, _: int) -> None:
    words: dict[str, Any] = {"source": "page", "method": "ticked", "purpose": "offers"}
    session.add(Consent(customer_id=customer, medium="sms", given=False, at=NOW, **words))


def _pays_by_a_plan(session: Session, customer: int, invoice: int) -> None:
    told: dict[str, Any] = {"currency": "ILS", "amount_minor": 10000, "invoice_ids": [invoice]}
    session.add(Plan(customer_id=customer, agreed_at=NOW, agreed_by="page", **told))


@pytest.mark.parametrize(
    ("bar", "allowed"),
    [
        (_disputes, Situation.DISPUTE),
        (_in_hardship, Situation.HARDSHIP),
        (_owes_what_is_too_old, Situation.LIMITED),
        (_in_danger, None),
        (_wants_no_offers, None),
        (_pays_by_a_plan, None),
    ],
)
def test_no_discount_where_it_would_press_somebody_unless_the_creditor_says_so(
    database: Database, bar: Bar, allowed: Situation | None
) -> None:
    with database.write() as session:
        creditor, customer, invoice = a_debtor(session)
        bar(session, customer, invoice)
        session.flush()

        posted = pay(session, a_payment(customer, 9800, invoice_ids=(invoice,)))
        assert posted.earned == ()

        if allowed is not None:
            end_offer(session, creditor, OfferKind.EARLY_PAYMENT, by="ada", now=NOW)
            an_offer(session, creditor, "50", allows=(allowed,))
            rest = pay(session, a_payment(customer, 100, invoice_ids=(invoice,)))
            assert [each.share.minor for each in rest.earned] == [100]


def test_what_was_promised_to_a_payer_is_given_whatever_came_since(database: Database) -> None:
    with database.write() as session:
        _, customer, invoice = a_debtor(session)
        _in_hardship(session, customer, invoice)
        session.flush()

        posted = pay(session, a_payment(customer, 9800, invoice_ids=(invoice,), is_promised=True))

        assert [each.share.minor for each in posted.earned] == [200]


def test_a_thank_you_is_for_what_is_past_due(database: Database) -> None:
    with database.write() as session:
        creditor, customer, _ = a_debtor(session, due=-5)
        assert pay(session, a_payment(customer, 9000)).earned == ()  # no early payment

        an_offer(session, creditor, "10", kind=OfferKind.THANK_YOU)
        posted = pay(session, a_payment(customer, 900))

        assert [each.share.minor for each in posted.earned] == [100]


@on_both_stores
def test_the_discount_goes_with_the_payment_that_earned_it(database: Database) -> None:
    with database.write() as session:
        _, customer, _ = a_debtor(session)
        posted = pay(session, a_payment(customer, 9800))

        back = a_reversal(
            customer, 9800, ReversalKind.CHARGEBACK, key="r", payment_id=posted.payment_id
        )
        post_reversal(session, back, now=NOW)
        post_reversal(session, back, now=NOW)

        kinds = session.exec(select(Reversal.kind).order_by(col(Reversal.id))).all()
        (sheet,) = statement(session, customer, ZoneInfo("Asia/Jerusalem"))
        assert kinds == ["discount", "chargeback", "discount_withdrawn"]
        assert (balance(session, customer), credit(session, customer)) == ({"ILS": 10000}, {})
        assert sheet.closing == Money(10000, "ILS")
        assert money_adds_up(session).violations == 0


def test_surplus_that_goes_back_takes_no_discount_with_it(database: Database) -> None:
    with database.write() as session:
        _, customer, invoice = a_debtor(session)
        posted = pay(session, a_payment(customer, 9800, invoice_ids=(invoice,)))
        more = pay(session, a_payment(customer, 500))

        for payment_id in (more.payment_id, posted.payment_id):
            back = a_reversal(customer, 500, payment_id=payment_id)
            post_reversal(session, back, now=NOW)

        # The second took 5.00 of what settled the invoice: the discount was for all of it.
        assert balance(session, customer) == {"ILS": 700}


def test_a_promise_is_kept_by_the_reduced_amount(database: Database) -> None:
    with database.write() as session:
        _, customer, invoice = a_debtor(session)
        promise = Promise(
            customer_id=customer,
            currency="ILS",
            amount_minor=10000,
            invoice_ids=[invoice],
            due_on=DAY,
            grace_until=NOW + timedelta(days=2),
            made_at=NOW,
            made_by="page",
        )
        session.add(promise)
        session.flush()

        pay(session, a_payment(customer, 9800))

        session.refresh(promise)
        assert promise.state == "kept"
        assert "promise_kept" in kinds_of_events(session, customer)


def test_an_offer_that_ended_is_kept_to_the_end_of_its_day_and_no_longer(
    database: Database,
) -> None:
    with database.write() as session:
        creditor, customer, _ = a_debtor(session)
        other = an_invoice(session, customer, due=25)
        end_offer(session, creditor, OfferKind.EARLY_PAYMENT, by="ada", now=NOW)

        kept = pay(session, a_payment(customer, 9800))
        after = a_payment(customer, 9800, paid_on=DAY + timedelta(days=1), invoice_ids=(other,))

        assert [each.share.minor for each in kept.earned] == [200]
        assert pay(session, after).earned == ()


@pytest.mark.parametrize(
    ("kind", "percent", "dated", "within"),
    [
        (OfferKind.EARLY_PAYMENT, "two", True, None),
        (OfferKind.EARLY_PAYMENT, "0", True, None),
        (OfferKind.EARLY_PAYMENT, "NaN", True, None),
        (OfferKind.EARLY_PAYMENT, "50.1", True, None),
        (OfferKind.EARLY_PAYMENT, "2", False, 0),
        (OfferKind.THANK_YOU, "2", False, None),
        (OfferKind.THANK_YOU, "2", True, 10),
    ],
)
def test_terms_that_cannot_stand_are_refused(
    database: Database, kind: OfferKind, percent: str, dated: bool, within: int | None
) -> None:
    ends_on = IN_TEN_DAYS if dated else None
    with database.write() as session, pytest.raises(OfferError):
        add_offer(
            session,
            a_creditor(session),
            kind,
            percent,
            ends_on=ends_on,
            within_days=within,
            by="ada",
            now=NOW,
        )


def test_one_offer_of_a_kind_runs_at_a_time(database: Database) -> None:
    with database.write() as session:
        creditor = a_creditor(session)
        an_offer(session, creditor)

        with pytest.raises(OfferError, match="end it first"):
            an_offer(session, creditor, "3")


def test_the_days_of_an_early_payment_are_counted_from_the_invoices_own_date(
    database: Database,
) -> None:
    with database.write() as session:
        creditor = a_creditor(session)
        customer = a_customer(session, creditor)
        invoice = session.get_one(Invoice, an_invoice(session, customer, due=30))
        invoice.issued_on = DAY - timedelta(days=10)
        begun = datetime(2026, 8, 1, tzinfo=UTC)
        add_offer(
            session, creditor, OfferKind.EARLY_PAYMENT, "2", within_days=10, by="ada", now=begun
        )
        session.flush()

        posted = pay(session, a_payment(customer, 9800, invoice_ids=(made(invoice.id),)))

        assert [each.share.minor for each in posted.earned] == [200]


def test_a_replay_of_the_book_ends_where_the_book_is(database: Database, tmp_path: Path) -> None:
    with database.write() as session:
        _, customer, first = a_debtor(session)
        second = an_invoice(session, customer, due=25)
        pay(session, a_payment(customer, 9800 + 9800, invoice_ids=(first, second)))
        an_invoice(session, customer, due=26)
        gone = pay(session, a_payment(customer, 9800))
        back = a_reversal(customer, 9800, ReversalKind.CHARGEBACK, payment_id=gone.payment_id)
        post_reversal(session, back, now=NOW)
        known = balance(session, customer)
    url = f"sqlite:///{tmp_path / 'scratch.sqlite3'}"
    upgrade(url)
    scratch = Database(url)

    Replay(database, scratch).advance(DAY + timedelta(days=40), now=NOW)

    with scratch.read() as session:
        assert balance(session, customer) == known == {"ILS": 10000}
        assert credit(session, customer) == {}
        assert session.exec(select(Task)).all() == []
    scratch.dispose()
