"""Statements land in the book once, to the last unit, and nothing is booked on a guess."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import Session

from app.book.errors import FeedError
from app.book.ledger import balance, credit
from app.book.statements.assigning import assign_return, open_entries
from app.book.statements.importing import import_statements
from app.book.statements.report import StatementReport
from app.engine.checks.money import money_adds_up
from app.store.given import table_of
from app.store.rows import BankEntry, BankStatement, Case, Creditor, Payment, Person, Reversal, Task
from tests.app.book.make import NOW, a_case, a_creditor, an_invoice, kinds_of_events
from tests.app.book.statements.book import DAY, ONE_STORE, Book
from tests.app.book.statements.files import camt, details, entry, mt940
from tests.databases import on_both_stores


def test_each_entry_goes_where_it_belongs_and_the_money_adds_up(book: Book) -> None:
    report = book.take(DAY)

    assert (report.booked, report.waiting, report.unmatched, report.ignored) == (2, 1, 1, 1)
    money = {where: sums["EUR"] for where, sums in report.money.items()}
    assert money == {"told": 21111, "booked": 13000, "waiting": 7000, "unmatched": 1111}
    assert book.ask(balance, book.ada) == {"EUR": 2000}
    assert book.ask(balance, book.ben) == {"EUR": 7000}
    assert book.states() == {"booked": 2, "waiting": 1, "unmatched": 1}
    assert "payment_received" in book.ask(kinds_of_events, book.ada)
    assert book.ask(money_adds_up).violations == 0
    with book.database.read() as session:
        assert session.get_one(Person, 1).revision > 0
        task = session.get_one(Task, 1)
        assert (task.team, task.kind) == ("finance", "bank_match")
        assert task.detail["candidates"] == [
            {"customer_id": book.ben, "invoice_ids": [book.bens], "score": 80}
        ]
        as_of = session.get_one(Creditor, book.creditor).ledger_as_of
        assert as_of is not None
        assert as_of <= NOW


@ONE_STORE
def test_the_payers_case_is_looked_at_at_once(book: Book) -> None:
    with book.database.write() as session:
        case_id = a_case(session, book.ada)

    book.take(DAY)

    with book.database.read() as session:
        assert session.get_one(Case, case_id).look_at == NOW


def test_the_same_statement_again_changes_nothing(book: Book) -> None:
    book.take(DAY)
    before = [book.count(model) for model in (Payment, BankEntry, BankStatement, Task)]

    again = book.take(DAY)

    assert (again.changed, again.known) == (0, 4)
    assert again.money["known"] == again.money["told"]
    assert [book.count(model) for model in (Payment, BankEntry, BankStatement, Task)] == before


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_two_who_take_one_statement_at_once_book_it_once(book: Book) -> None:
    path = book.folder / "bank.xml"
    path.write_text(DAY, "utf-8")

    def take(_: int) -> StatementReport:
        return import_statements(book.database, path, "north", now=NOW)

    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(take, range(4)))

    assert sorted(report.changed for report in reports) == [0, 0, 0, 4]
    assert book.count(Payment) == 2


@ONE_STORE
class TestKeys:
    def test_two_equal_payments_of_one_day_without_an_id_are_two(self, book: Book) -> None:
        twice = camt(*[entry("25.00", details(text="CUST-77"))] * 2, closing="1050.00")

        assert book.take(twice).booked == 2
        assert book.take(twice).changed == 0
        assert book.ask(balance, book.ada) == {"EUR": 10000}

    def test_the_second_page_of_a_day_is_not_the_first_again(self, book: Book) -> None:
        paid = entry("25.00", details(text="CUST-77"))

        first = book.take(camt(paid, closing="1025.00", name="1"))
        second = book.take(camt(paid, opening="1025.00", closing="1050.00", name="2"))

        assert (first.booked, second.booked) == (1, 1)

    def test_a_day_in_two_overlapping_periods_is_taken_once(self, book: Book) -> None:
        days = [entry("25.00", details(text="CUST-77"), day=f"2026-09-0{n}") for n in (4, 5, 6)]

        book.take(camt(*days[:2], closing="1050.00", name="1"))
        second = book.take(camt(*days[1:], opening="1025.00", closing="1075.00", name="2"))

        assert (second.booked, second.known) == (1, 1)


@ONE_STORE
class TestRefusals:
    def test_nothing_is_booked_when_the_balances_do_not_agree(self, book: Book) -> None:
        wrong = DAY.replace("1202.11", "1202.12")

        report = book.take(wrong)

        assert (report.refused, report.changed, book.count(BankEntry)) == (1, 0, 0)
        assert "+0.01 EUR off" in report.findings[0].text
        assert book.take(wrong, despite_balance=True).booked == 2

    def test_a_dry_run_writes_nothing(self, book: Book) -> None:
        report = book.take(DAY, dry_run=True)

        assert (report.booked, report.dry_run) == (2, True)
        assert [book.count(model) for model in (Payment, BankEntry, Task)] == [0, 0, 0]

    def test_an_account_of_another_creditor_is_refused(self, book: Book) -> None:
        book.take(DAY)
        with book.database.write() as session:
            a_creditor(session, external_id="south")

        with pytest.raises(FeedError, match="ends in 1000 is creditor north's"):
            book.take(DAY, creditor="south")

    def test_a_creditor_that_nobody_knows_is_refused(self, book: Book) -> None:
        with pytest.raises(FeedError, match="there is no creditor west"):
            book.take(DAY, creditor="west")

    def test_a_defect_in_the_second_statement_leaves_nothing_of_the_first(self, book: Book) -> None:
        with book.database.write() as session:
            a_creditor(session, external_id="south")
        book.take(mt940(":61:2609070907C1,00NTRFX//9\n:86:x", closing="C260907EUR1001,00"))
        other = camt(entry("100.00", details(text="INV-1001")), account="LT99")
        two = other.replace("</Stmt>", "</Stmt>" + DAY[DAY.index("<Stmt>") : DAY.index("</BkTo")])

        with pytest.raises(FeedError):
            book.take(two, creditor="south")

        assert book.count(BankStatement) == 1


@on_both_stores
def test_surplus_of_a_named_customer_is_credit_and_a_task(book: Book) -> None:
    book.take(camt(entry("160.00", details(text="CUST-77"))))

    assert book.ask(balance, book.ada) == {}
    assert book.ask(credit, book.ada) == {"EUR": 1000}
    with book.database.read() as session:
        assert session.get_one(Task, 1).kind == "surplus"


@ONE_STORE
def test_what_becomes_certain_while_a_statement_is_taken_waits_for_a_person(book: Book) -> None:
    with book.database.write() as session:
        for customer, number in ((book.ada, "9001"), (book.ben, "9002")):
            an_invoice(session, customer, 4000, currency="EUR", external_id=number, due=-9)

    report = book.take(
        camt(
            entry("40.00", details(text="9001 or 9002"), bank_id="1"),
            entry("40.00", details(text="CUST-77"), bank_id="2"),
        )
    )

    assert (report.booked, report.waiting) == (1, 1)


@ONE_STORE
class TestReturns:
    def test_a_returned_payment_is_reversed_by_the_payers_own_id(self, book: Book) -> None:
        paid = entry("100.00", details(text="INV-1001", end_to_end="E1"))
        back = entry("100.00", details(end_to_end="E1"), mark="DBIT", reversal=True)

        report = book.take(camt(paid, back, closing="1000.00"))

        assert (report.booked, report.reversed) == (1, 1)
        assert book.ask(balance, book.ada) == {"EUR": 15000}
        assert "payment_reversed" in book.ask(kinds_of_events, book.ada)
        assert book.ask(money_adds_up).violations == 0
        assert book.take(camt(paid, back, closing="1000.00")).changed == 0

    def test_one_without_an_id_is_reversed_by_the_invoice_that_it_names(self, book: Book) -> None:
        book.take(camt(entry("100.00", details(text="INV-1001"))))

        report = book.take(
            camt(entry("100.00", details(text="INV-1001"), mark="DBIT", reversal=True))
        )

        assert report.reversed == 1

    def test_one_whose_payment_nobody_knows_waits_with_a_task(self, book: Book) -> None:
        book.take(camt(entry("100.00", details(text="CUST-77"))))
        report = book.take(camt(entry("100.00", mark="DBIT", reversal=True), name="2"))

        assert (report.reversed, report.waiting) == (0, 1)
        assert book.ask(money_adds_up).violations == 0
        with book.database.write() as session:
            (waiting,) = open_entries(session, book.creditor)
            assert waiting.kind == "reversal"
            assign_return(session, waiting.id, payment_id=1, now=NOW)
        assert book.ask(balance, book.ada) == {"EUR": 15000}
        assert book.count(Reversal) == 1
        assert book.states() == {"booked": 2}


@ONE_STORE
def test_a_thousand_payments_are_taken_in_a_moment(book: Book) -> None:
    many = [entry("0.01", details(text="CUST-77"), bank_id=f"N{n}") for n in range(1000)]

    report = book.take(camt(*many, closing="1010.00"))

    assert report.booked == 1000
    assert book.ask(balance, book.ada) == {"EUR": 14000}


@ONE_STORE
def test_a_statement_with_a_bad_entry_does_not_move_the_books_date(book: Book) -> None:
    book.take(camt(entry("1.00"), entry("-1.00")))

    with book.database.read() as session:
        assert session.get_one(Creditor, book.creditor).ledger_as_of is None


@ONE_STORE
def test_the_book_is_true_up_to_the_end_of_the_statements_day(book: Book) -> None:
    book.take(camt(entry("1.00", details(text="CUST-77")), closing="1001.00"))

    with book.database.read() as session:
        as_of = session.get_one(Creditor, book.creditor).ledger_as_of
    assert as_of == NOW  # the day has not ended yet


@ONE_STORE
def test_money_that_was_lost_or_altered_afterwards_is_found(book: Book) -> None:
    book.take(DAY)
    entries = table_of(BankEntry)
    for change in (
        entries.delete().where(entries.c.state == "unmatched"),
        entries.update().where(entries.c.state == "booked").values(amount_minor=1),
        entries.update().where(entries.c.state == "waiting").values(state="booked"),
    ):
        with Session(book.database.engine) as session:
            session.connection().execute(change)

            assert money_adds_up(session).violations
            session.rollback()
