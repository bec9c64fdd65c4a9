"""`duly einvoice`: a document or a folder in, and a report of it."""

from pathlib import Path

import pytest

from tests.app.book.einvoices.files import ubl
from tests.app.cli.conftest import Duly

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


def test_an_invoice_goes_in_with_its_document(with_book: Duly, home: Path) -> None:
    file = home / "invoice.xml"
    file.write_text(ubl(), "utf-8")

    ended = with_book("einvoice", file, "--creditor", "alder", "--json")

    assert (ended.code, ended.json["invoiced"]) == (0, {"EUR": 12100})
    assert any((home / "documents").rglob("*"))
    assert "121.00" not in with_book("einvoice", file, "--creditor", "alder").out


def test_a_document_that_cannot_be_taken_has_failed(with_book: Duly, home: Path) -> None:
    file = home / "invoice.xml"
    file.write_text(ubl(due=None), "utf-8")

    ended = with_book("einvoice", file, "--creditor", "alder")

    assert ended.code == 1
    assert "invoice.xml: it has no due date" in ended.err
