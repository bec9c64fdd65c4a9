"""Electronic invoices land in the book like rows of a feed, once, with their documents."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlmodel import Session, select

from app.book.einvoices.importing import import_einvoices
from app.book.errors import FeedError
from app.book.ledger import balance
from app.book.report import ImportReport
from app.book.statements.importing import import_statements
from app.store.documents import Documents
from app.store.engines import Database
from app.store.rows import Address, Creditor, Customer, Invoice
from tests.app.book.einvoices.files import cii, pdf, ubl
from tests.app.book.make import NOW, a_creditor, a_customer
from tests.app.book.statements.files import camt, details, entry
from tests.databases import on_both_stores

ONE_STORE = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


class Desk:
    """A creditor to whom a folder of documents is handed."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.folder = folder / "in"
        self.folder.mkdir()
        self.documents = Documents(folder / "documents")
        with database.write() as session:
            self.creditor = a_creditor(session, external_id="north", currency="EUR")

    def take(self, files: Mapping[str, str | bytes], *, dry_run: bool = False) -> ImportReport:
        for name, content in files.items():
            told = content.encode() if isinstance(content, str) else content
            (self.folder / name).write_bytes(told)
        return import_einvoices(
            self.database,
            self.folder,
            "north",
            documents=self.documents,
            now=NOW,
            dry_run=dry_run,
        )

    def customer(self, session: Session, external_id: str) -> Customer:
        return session.exec(select(Customer).where(Customer.external_id == external_id)).one()


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    return Desk(database, tmp_path)


CREDIT_NOTE = {"kind": "CreditNote", "code": "381", "number": "CN-1", "payable": "21.00"}
FILES: dict[str, str | bytes] = {
    "1.xml": ubl(),
    "2.pdf": pdf(("factur-x.xml", cii())),
    "3.xml": ubl(**CREDIT_NOTE, credits_="INV-1001"),
    "4.xml": ubl(number="INV-1002", due=None),
    "ignored.txt": "no invoice",
}


@on_both_stores
def test_a_folder_goes_in_and_a_second_import_changes_nothing(desk: Desk) -> None:
    report = desk.take(FILES)

    assert (report.rows, report.accepted, report.rejected) == (4, 3, 1)
    assert (report.invoices_added, report.credit_notes_posted) == (2, 1)
    assert (report.invoiced, report.credited) == ({"EUR": 24200}, {"EUR": 2100})
    assert report.rejects[0].text.startswith("4.xml: it has no due date")
    with desk.database.read() as session:
        ada = desk.customer(session, "C-77")
        assert ada.id is not None
        assert (ada.name, ada.kind, ada.country) == ("Ada UAB", "business", "LT")
        assert balance(session, ada.id) == {"EUR": 10000}
        assert session.exec(select(Address.value)).one() == "rasa@ada.example"
        invoice = session.exec(select(Invoice).where(Invoice.external_id == "INV-2001")).one()
        assert (invoice.debt_class, invoice.order_number) == ("commercial", "PO-6")
        kept = desk.documents.find(invoice.document or "")
        assert kept is not None
        assert kept.media_type == "application/pdf"
        assert session.get_one(Creditor, desk.creditor).ledger_as_of is None

    again = desk.take(FILES)

    assert (again.changed, again.accepted, again.rejected) == (0, 3, 1)


@ONE_STORE
class TestImport:
    def test_a_dry_run_writes_neither_rows_nor_documents(self, desk: Desk, tmp_path: Path) -> None:
        report = desk.take(FILES, dry_run=True)

        assert (report.invoices_added, report.credit_notes_posted) == (2, 1)
        assert not (tmp_path / "documents").exists()
        with desk.database.read() as session:
            assert session.exec(select(Invoice)).all() == []

    def test_a_customer_that_the_book_knows_keeps_what_the_book_says(self, desk: Desk) -> None:
        with desk.database.write() as session:
            a_customer(session, desk.creditor, external_id="LT100000000011", name="Ada, by the ERP")

        report = desk.take({"1.xml": ubl()})

        assert (report.customers_added, report.customers_changed) == (0, 0)
        with desk.database.read() as session:
            assert desk.customer(session, "LT100000000011").name == "Ada, by the ERP"

    def test_one_number_in_two_files_is_taken_once(self, desk: Desk) -> None:
        report = desk.take({"1.xml": ubl(), "2.xml": ubl(payable="99.00")})

        assert (report.accepted, report.rejected) == (1, 1)
        assert "stands on line 1 already" in report.rejects[0].text

    def test_a_credit_note_for_what_nobody_knows_is_rejected(self, desk: Desk) -> None:
        note = ubl(**CREDIT_NOTE, credits_="INV-9")

        assert "does not know" in desk.take({"1.xml": note}).rejects[0].text
        assert "an invoice that" in desk.take({"2.xml": ubl()}).rejects[0].text

    def test_a_buyer_without_a_number_is_rejected(self, desk: Desk) -> None:
        nameless = ubl(buyer="", vat=None).replace(
            '<cbc:EndpointID schemeID="0200">300000000</cbc:EndpointID>', ""
        )

        assert "names its buyer by no number" in desk.take({"1.xml": nameless}).rejects[0].text

    def test_an_empty_folder_is_wrong_use(self, desk: Desk) -> None:
        with pytest.raises(FeedError, match="no XML and no PDF"):
            desk.take({})

    def test_a_payment_by_the_invoices_own_reference_is_certain(
        self, desk: Desk, tmp_path: Path
    ) -> None:
        reference = "RF18539007547034"
        told = cii().replace("<ram:PaymentReference>INV-2001", f"<ram:PaymentReference>{reference}")
        desk.take({"1.xml": told})
        path = tmp_path / "bank.xml"
        path.write_text(camt(entry("121.00", details(reference=reference))), "utf-8")

        report = import_statements(desk.database, path, "north", now=NOW)

        assert report.booked == 1
