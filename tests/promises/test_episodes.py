"""Episodes: what a case is anchored on, what joins it, and what opens the next one."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest

from app.book.ledger import InvoiceIn, upsert_invoices
from app.store.rows import Case, Invoice
from campaigns.money import Money
from tests.databases import on_both_stores
from tests.factories import NOON
from tests.promises.stage import DUE, Stage, staging


def bill(stage: Stage, customer: int, number: str, due_on: date, minor: int = 9900) -> None:
    """A new invoice, as a feed brings it."""
    invoice = InvoiceIn(customer, number, Money(minor, "ILS"), due_on)
    with stage.database.write() as session:
        upsert_invoices(session, stage.creditor, [invoice], now=stage.now)


def settle(stage: Stage, number: str) -> None:
    """Pays one invoice: the oldest, which payments settle first."""
    invoice = stage.one(Invoice, number=number)
    stage.pay(invoice.customer_id, invoice.open_minor)
    assert stage.one(Invoice, number=number).open_minor == 0


def test_when_its_anchor_is_paid_the_next_episode_enters_at_the_place_of_its_own(
    stage: Stage,
) -> None:
    """The oldest invoice is paid on day 35, while another one is at day 2."""
    customer = stage.owe("Ada")
    stage.play(days=33)
    bill(stage, customer, "Ada-2", DUE + timedelta(days=33))
    stage.play(days=2)
    before = stage.said(customer)
    assert "offer_help" in before

    settle(stage, "Ada-1")
    stage.play(days=2)

    first, second = stage.get(Case)
    assert (first.phase, first.outcome, first.anchor_on) == ("closed", "settled", DUE)
    assert (second.episode, second.anchor_on) == (2, DUE + timedelta(days=33))
    after = stage.said(customer)[len(before) :]
    assert after == ["payment_received", "reminder_first"]


def test_a_new_invoice_joins_the_text_and_not_the_anchor(stage: Stage) -> None:
    customer = stage.owe("Ada")
    stage.play(days=5)
    bill(stage, customer, "Ada-2", DUE + timedelta(days=6))

    stage.play(days=6)

    (case,) = stage.get(Case)
    assert case.anchor_on == DUE
    assert stage.said(customer) == ["due_today", "reminder_first", "reminder_second"]
    assert "339.50" in stage.sent()[-1].text  # 240.50 and 99.00


def test_an_invoice_that_is_not_due_yet_is_not_asked_for(stage: Stage) -> None:
    customer = stage.owe("Ada")
    bill(stage, customer, "Ada-2", DUE + timedelta(days=20))

    stage.play(days=11)

    assert all("339.50" not in sent.text for sent in stage.sent())
    assert len(stage.get(Case)) == 1


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_one_who_pays_every_month_late_begins_gently_every_month(stage: Stage) -> None:
    customer = stage.owe("Ada")
    for month in range(1, 4):
        stage.play(days=12)
        settle(stage, f"Ada-{month}")
        stage.play(days=1)
        bill(stage, customer, f"Ada-{month + 1}", DUE + timedelta(days=30 * month))
        stage.play(days=17)

    episodes = [row.episode for row in stage.get(Case)]
    assert episodes == [1, 2, 3, 4]
    monthly = ["due_today", "reminder_first", "reminder_second", "thank_you"]
    assert stage.said(customer) == monthly * 3 + ["due_today"]


def test_a_payment_taken_back_reopens_where_the_debt_stands(stage: Stage) -> None:
    customer = stage.owe("Ada")
    stage.play(days=11)
    posted = stage.pay(customer)
    stage.play(days=9)
    before = stage.said(customer)
    assert stage.case_of(customer).outcome == "settled"

    assert posted.payment_id is not None
    stage.take_back(customer, posted.payment_id, 24050)
    stage.play(days=3)

    first, second = stage.get(Case)
    assert (second.anchor_on, second.episode) == (first.anchor_on, 2)
    later = stage.said(customer)[len(before) :]
    assert "due_today" not in later
    assert "reminder_first" not in later
    assert later


def test_a_payment_taken_back_while_the_case_is_open_goes_on_where_it_stood(stage: Stage) -> None:
    customer = stage.owe("Ada")
    stage.play(days=4)
    posted = stage.pay(customer, 10000)
    stage.play(days=1)
    assert posted.payment_id is not None
    stage.take_back(customer, posted.payment_id, 10000)

    stage.play(days=7)

    assert len(stage.get(Case)) == 1
    said = stage.said(customer)
    assert said[:3] == ["due_today", "reminder_first", "payment_received"]
    assert said.count("reminder_first") == said.count("due_today") == 1
    assert "reminder_second" in said


def test_after_a_hand_over_only_a_new_debt_begins_and_at_its_own_beginning(stage: Stage) -> None:
    customer = stage.owe("Ada")
    stage.play(days=66)
    assert stage.case_of(customer).outcome == "handed_over"
    said = stage.said(customer)

    stage.play(days=20)
    assert len(stage.get(Case)) == 1
    assert stage.said(customer) == said

    bill(stage, customer, "Ada-2", DUE + timedelta(days=88))
    stage.play(days=6)
    assert stage.case_of(customer).episode == 2
    assert stage.said(customer)[len(said) :] == ["due_today", "reminder_first"]


def test_no_two_episodes_of_one_customer_are_open_at_once(stage: Stage) -> None:
    customer = stage.owe("Ada")
    for number in range(2, 6):
        bill(stage, customer, f"Ada-{number}", DUE + timedelta(days=3 * number))
        stage.play(days=4)
        settle(stage, f"Ada-{number - 1}")

    stage.play(days=1)

    cases = stage.get(Case)
    assert len(cases) >= 3
    for earlier, later in pairwise(cases):
        assert earlier.closed_at <= later.opened_at
        assert earlier.anchor_on < later.anchor_on


@on_both_stores
def test_a_word_for_the_due_date_is_not_said_days_later(migrated_url: str) -> None:
    """The book comes in the night before the first reminder; at 8 the customer reads "today"."""
    night = NOON - timedelta(hours=12)
    with staging(migrated_url, start=night) as stage:
        customer = stage.owe("Ada", due_on=NOON.date() - timedelta(days=3))

        stage.play(days=2)

        assert stage.said(customer) == ["reminder_first"]
