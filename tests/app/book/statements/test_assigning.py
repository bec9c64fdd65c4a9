"""What a statement leaves open is given to a payer by a person, or put aside."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlmodel import Session

from app.book.errors import LedgerError
from app.book.ledger import balance
from app.book.statements.assigning import (
    assign_payment,
    find_customer,
    find_invoices,
    open_entries,
    put_aside,
)
from app.engine.checks.money import money_adds_up
from app.store.given import table_of
from app.store.rows import BankEntry, Task
from tests.app.book.make import NOW, a_creditor, a_customer
from tests.app.book.statements.book import DAY, ONE_STORE, Book
from tests.app.book.statements.files import camt, details, entry
from tests.databases import on_both_stores


class TestAssigning:
    @on_both_stores
    def test_an_accepted_candidate_is_posted_like_any_payment(self, book: Book) -> None:
        book.take(DAY)
        with book.database.write() as session:
            waiting, unmatched = open_entries(session, book.creditor)
            (choice,) = waiting.choices
            assert (choice.customer, choice.invoices) == ("CUST-78", ("INV-2001",))
            assign_payment(
                session,
                waiting.id,
                customer_id=choice.customer_id,
                invoice_ids=choice.invoice_ids,
                now=NOW,
            )
        assert book.ask(balance, book.ben) == {}
        with book.database.write() as session:
            ada = find_customer(session, book.creditor, "CUST-77")
            invoices = find_invoices(session, ada, ["INV-1002"])
            assign_payment(session, unmatched.id, customer_id=ada, invoice_ids=invoices, now=NOW)
            assert open_entries(session, book.creditor) == []

        assert book.ask(balance, book.ada) == {"EUR": 889}
        assert book.ask(money_adds_up).violations == 0
        assert book.take(DAY).changed == 0
        with book.database.read() as session:
            assert session.get_one(Task, 1).state == "done"

    @ONE_STORE
    def test_an_account_that_was_assigned_once_is_known_the_next_time(self, book: Book) -> None:
        paid = details(payer="A Stranger", iban="LT77")
        book.take(camt(entry("11.11", paid, bank_id="1")))
        with book.database.write() as session:
            (unknown,) = open_entries(session, book.creditor)
            assign_payment(session, unknown.id, customer_id=book.ben, now=NOW)

        report = book.take(camt(entry("58.89", paid, bank_id="2")))

        assert report.waiting == 1

    @ONE_STORE
    def test_what_cannot_be_true_is_refused(self, book: Book) -> None:
        book.take(DAY)
        with book.database.write() as session:
            other = a_customer(session, a_creditor(session))
            waiting, _ = open_entries(session, book.creditor)
            booked = self._booked(session)
        for entry_id, customer_id, reason in (
            (waiting.id, other, "another creditor's"),
            (booked, book.ada, "booked already"),
            (999, book.ada, "no bank entry 999"),
        ):
            with (
                pytest.raises(LedgerError, match=reason),
                book.database.write() as session,
            ):
                assign_payment(session, entry_id, customer_id=customer_id, now=NOW)

    @ONE_STORE
    def test_what_is_no_customers_is_put_aside_and_may_be_assigned_after_all(
        self, book: Book
    ) -> None:
        book.take(DAY)
        with book.database.write() as session:
            waiting, unmatched = open_entries(session, book.creditor)
            put_aside(session, waiting.id, now=NOW)
            put_aside(session, unmatched.id, now=NOW)
            assert open_entries(session, book.creditor) == []
        assert book.states() == {"booked": 2, "aside": 2}
        assert book.ask(money_adds_up).violations == 0
        with book.database.write() as session:
            assign_payment(session, waiting.id, customer_id=book.ben, now=NOW)
        assert book.states() == {"booked": 3, "aside": 1}

    def _booked(self, session: Session) -> int:
        entry_table = table_of(BankEntry)
        query = select(entry_table.c.id).where(entry_table.c.state == "booked").limit(1)
        return int(session.connection().execute(query).scalar_one())
