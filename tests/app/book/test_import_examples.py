"""The mappings in docs/examples against the published files that they are for."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func
from sqlmodel import SQLModel, col, select

from app.book.contactable import contactable
from app.book.importing import import_file
from app.book.mapping.source import load_mapping
from app.book.rejects import rejects_path
from app.store.engines import Database
from app.store.rows import Allocation, Creditor, Customer, Dispute, Invoice, Payment, Task
from tests.app.book.make import NOW
from tests.conftest import ROOT
from tests.databases import on_both_stores

EXAMPLES = ROOT / "docs" / "examples"
IBM = EXAMPLES / "ibm_late_payments.yaml"
# Summed from the file by hand: the amounts of the rows that have no ReceivedDate.
STILL_OPEN = {
    "AUD": 31_494_886,
    "CAD": 27_543_119,
    "EUR": 33_090_734,
    "GBP": 33_293_617,
    "USD": 40_157_402,
}


@pytest.fixture
def sample(vectors: Path, tmp_path: Path) -> Path:
    """A copy of the IBM sample, because rejects are written beside the feed."""
    return Path(
        shutil.copy(vectors / "ar_data" / "ibm_wa_fn_usec_accounts_receivable.csv", tmp_path)
    )


def test_the_ibm_sample_goes_in_as_it_is_published(database: Database, sample: Path) -> None:
    report = import_file(database, sample, IBM, dry_run=False, now=NOW)

    assert (report.rows, report.accepted, report.rejected, report.noted) == (1695, 1695, 0, 0)
    assert report.customers_added == 70
    assert report.invoices_added == report.payments_posted == 1695
    assert (report.disputes_opened, report.disputes_resolved) == (424, 424)
    assert report.invoiced == report.paid == {"USD": 10_016_676}
    assert report.addresses_added == 0
    assert _count(database, Allocation) == _count(database, Payment) == 1695
    assert _count(database, Task) == 0
    with database.read() as session:
        assert session.exec(select(func.sum(Invoice.open_minor))).one() == 0
        assert session.exec(select(Creditor.ledger_as_of)).one() == datetime(
            2014, 1, 9, 5, tzinfo=UTC
        )
        assert {d.state for d in session.exec(select(Dispute))} == {"rejected"}
        first = session.exec(select(Invoice).where(Invoice.external_id == "0000611365")).one()
        payment = session.exec(
            select(Payment)
            .join(Allocation, col(Allocation.payment_id) == Payment.id)
            .where(Allocation.invoice_id == first.id)
        ).one()
        customer = session.get_one(Customer, first.customer_id)
    assert first.known_at == datetime(2013, 1, 2, 5, tzinfo=UTC)
    assert first.due_on.isoformat() == "2013-02-01"
    assert (payment.amount_minor, payment.paid_on.isoformat()) == (5594, "2013-01-15")
    assert payment.received_at == datetime(2013, 1, 15, 5, tzinfo=UTC)
    assert customer.external_id == "0379-NEVHP"
    assert customer.custom == {"country_code": "391", "paperless_since": "2013-04-06"}


def test_the_ibm_sample_again_changes_nothing(database: Database, sample: Path) -> None:
    first = import_file(database, sample, IBM, dry_run=True, now=NOW)
    told = import_file(database, sample, IBM, dry_run=False, now=NOW)
    again = import_file(database, sample, IBM, dry_run=False, now=NOW)

    assert first.changed == told.changed == 1 + 70 + 1695 * 2 + 424 * 2
    assert again.changed == 0
    assert (again.rows, again.accepted) == (1695, 1695)
    assert _count(database, Payment) == 1695


@on_both_stores
def test_a_broken_copy_goes_in_but_for_its_broken_rows(database: Database, sample: Path) -> None:
    lines = sample.read_text("utf-8").splitlines()
    lines[1] = lines[1].replace("55.94", "55.945")
    lines[2] = lines[2].replace("8/2/2013", "2013-08-02")
    lines[3] = lines[3].replace("9322-YCTQO", "").replace(",No,", ",Maybe,")
    lines[4] = lines[4] + ",surplus"
    lines[10] = lines[9]
    sample.write_text("\n".join([*lines, ""]), "utf-8")

    report = import_file(database, sample, IBM, dry_run=False, now=NOW)

    assert (report.accepted, report.rejected) == (1690, 5)
    assert [(reject.line, reject.text) for reject in report.rejects] == [
        (2, "InvoiceAmount has more decimals than USD holds"),
        (3, "DueDate is no date of the form %m/%d/%Y"),
        (
            4,
            "customerID is blank, and customer.external_id is needed; Disputed is no known flag:"
            " yes, y, true, t, 1, no, n, false, f, 0",
        ),
        (5, "the row has 13 cells, the header 12"),
        (11, "the invoice stands on line 10 already"),
    ]
    assert len(rejects_path(sample).read_text("utf-8-sig").splitlines()) == 6


@on_both_stores
def test_five_currencies_stay_apart(database: Database, vectors: Path, tmp_path: Path) -> None:
    feed = Path(shutil.copy(vectors / "ar_data" / "excelx_ar_multicurrency.csv", tmp_path))

    report = import_file(database, feed, EXAMPLES / "multicurrency.yaml", dry_run=False, now=NOW)

    assert (report.rows, report.rejected, report.customers_added) == (616, 0, 5)
    with database.read() as session:
        left = select(Invoice.currency, func.sum(Invoice.open_minor)).group_by(Invoice.currency)
        balances = {currency: int(minor) for currency, minor in session.exec(left)}
        reached = contactable(session, "open-ledger")
    again = import_file(database, feed, EXAMPLES / "multicurrency.yaml", dry_run=False, now=NOW)
    assert balances == STILL_OPEN
    assert again.changed == 0
    assert (reached.customers, dict(reached.by_medium), reached.nobody) == (5, {}, 5)
    assert {
        currency: minor - report.paid[currency] for currency, minor in report.invoiced.items()
    } == balances


def test_the_sample_with_gaps_goes_in_and_what_contradicts_is_noted(
    database: Database, vectors: Path, tmp_path: Path
) -> None:
    name = "ibm_accounts_receivable_dirty.csv"
    feed = Path(shutil.copy(vectors / "ar_data" / name, tmp_path))
    mapping = EXAMPLES / "ibm_late_payments_dirty.yaml"

    report = import_file(database, feed, mapping, dry_run=False, now=NOW)
    again = import_file(database, feed, mapping, dry_run=False, now=NOW)

    assert (report.rows, report.accepted, report.rejected) == (1782, 1782, 0)
    assert (report.customers_added, report.invoices_added) == (70, 1782)
    assert report.invoiced == report.paid == {"USD": 10_587_303}
    assert (report.disputes_opened, report.disputes_resolved) == (468, 468)
    assert report.noted == 135
    assert report.notes[0].text.startswith("the customer differs from line ")
    assert again.changed == 0
    with database.read() as session:
        # Blank is nothing: the zeros that the file lost are not made up.
        assert session.exec(select(func.min(func.length(Invoice.external_id)))).one() < 10
        assert session.exec(select(func.sum(Invoice.open_minor))).one() == 0
        reached = contactable(session, "ibm-late-payments-dirty")
    assert (reached.customers, dict(reached.by_medium), reached.nobody) == (70, {}, 70)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_example_is_sound(path: Path) -> None:
    assert load_mapping(path).creditor.external_id


def _count(database: Database, model: type[SQLModel]) -> int:
    with database.read() as session:
        return session.exec(select(func.count()).select_from(model)).one()
