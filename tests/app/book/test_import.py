"""What becomes of rows: taken, refused with every reason, or known already."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func
from sqlmodel import Session, SQLModel, col, select

from app.book.errors import FeedError, MappingError
from app.book.importing import import_file
from app.book.rejects import rejects_path
from app.store.engines import Database
from app.store.rows import (
    Address,
    Consent,
    ContactPoint,
    Creditor,
    Customer,
    Event,
    ImportRun,
    Invoice,
    Payment,
    Person,
)
from tests.app.book.feeds import CONTACTS, HEADER, MAPPING, SETTLEMENT, run, write
from tests.app.book.make import NOW
from tests.databases import on_both_stores

CONTACT_HEADER = f"{HEADER},phone,email,ok,asked"


def test_a_feed_makes_its_creditor_customers_and_invoices(
    database: Database, tmp_path: Path
) -> None:
    feed = write(tmp_path, "C1,Dana,I1,100.50,2026-09-01", "C1,Dana,I2,20,2026-09-02")

    report = run(database, feed)

    with database.read() as session:
        creditor = session.exec(select(Creditor)).one()
        customer = session.exec(select(Customer)).one()
        invoices = session.exec(select(Invoice).order_by(col(Invoice.id))).all()
        assert (creditor.external_id, creditor.zone) == ("north", "Asia/Jerusalem")
        assert creditor.ledger_as_of == NOW
        assert (customer.name, customer.creditor_id) == ("Dana", creditor.id)
        assert [(i.external_id, i.number, i.open_minor, i.due_on) for i in invoices] == [
            ("I1", "I1", 10050, date(2026, 9, 1)),
            ("I2", "I2", 2000, date(2026, 9, 2)),
        ]
    assert (report.rows, report.accepted, report.rejected, report.changed) == (2, 2, 0, 4)
    assert report.invoiced == {"ILS": 12050}


def test_importing_again_changes_nothing(database: Database, tmp_path: Path) -> None:
    header = f"{CONTACT_HEADER},paid,settled"
    feed = write(
        tmp_path,
        "C1,Dana,I1,100,2026-09-01,052-555-0123,D@x.co.il,yes,2026-01-02,2026-09-03,40",
        "C1,Dana,I2,20,2026-09-02,052-555-0123,D@x.co.il,yes,2026-01-02,,",
        "C2,Avi,I3,30,2026-09-02,,a@x.co.il,no,,2026-09-03,30",
        header=header,
    )
    mapping = MAPPING + CONTACTS + SETTLEMENT
    first = run(database, feed, mapping)
    before = _counts(database)

    again = run(database, feed, mapping)

    assert first.changed > 0
    assert again.changed == 0
    assert (again.rows, again.accepted, again.rejected) == (3, 3, 0)
    assert _counts(database) == before


def test_a_dry_run_reports_the_same_and_writes_nothing(database: Database, tmp_path: Path) -> None:
    rows = [f"C{n % 3},N,I{n},1{n},2026-09-01,a@x.co.il" for n in range(7)]
    rows.append("C9,N,I9,wrong,2026-09-01,a@x.co.il")
    feed = write(tmp_path, *rows, header=f"{HEADER},email")
    mapping = MAPPING + "contacts: [{ email: email }]\n"

    dry = run(database, feed, mapping, dry_run=True, batch_rows=2)
    with database.read() as session:
        assert session.exec(select(Creditor)).all() == []
        assert session.exec(select(ImportRun)).all() == []
    assert not rejects_path(feed).exists()
    real = run(database, feed, mapping, batch_rows=2)

    assert {**dry.as_json(), "dry_run": False, "rejects_file": real.rejects_file} == real.as_json()
    assert real.changed == 1 + 3 + 3 + 7


def test_a_bad_row_stays_out_with_all_its_reasons(database: Database, tmp_path: Path) -> None:
    feed = write(
        tmp_path,
        "C1,Dana,I1,100,2026-09-01",
        ",Dana,I2,1O0,01/09/2026",
        "C1,Dana,I3,10.005,2026-09-01",
        "C1,Dana,I4,-5,2026-09-01",
        "C1,Dana,I5,5",
        "C1,Dana,I1,70,2026-09-01",
        'C1,"Da"na,I6,5,2026-09-01',
    )

    report = run(database, feed)

    assert [(reject.line, reject.text) for reject in report.rejects] == [
        (
            3,
            "cust is blank, and customer.external_id is needed; amount is no number with the"
            " decimal sign `.`; due is no date of the form %Y-%m-%d",
        ),
        (4, "amount has more decimals than ILS holds"),
        (5, "the amount is negative; what is credited is a `credit_note`"),
        (6, "the row has 4 cells, the header 5"),
        (7, "the invoice stands on line 2 already"),
        (8, "the row cannot be read: ',' expected after '\"'"),
    ]
    assert (report.accepted, report.rejected) == (1, 6)
    lines = rejects_path(feed).read_text("utf-8-sig").splitlines()
    assert lines[0] == "duly_line,duly_reasons,cust,name,inv,amount,due"
    assert lines[2] == "4,amount has more decimals than ILS holds,C1,Dana,I3,10.005,2026-09-01"
    assert rejects_path(feed).stat().st_mode & 0o077 == 0


def test_mended_rejects_are_imported_with_the_same_mapping(
    database: Database, tmp_path: Path
) -> None:
    feed = write(tmp_path, "C1,Dana,I1,100,2026-09-01", "C1,Dana,I2,oops,2026-09-01")
    run(database, feed)
    rejects = rejects_path(feed)
    rejects.write_text(rejects.read_text("utf-8-sig").replace("oops", "oops2"), "utf-8")

    still_bad = run(database, rejects)
    rejects.write_text(rejects.read_text("utf-8-sig").replace("oops2", "12"), "utf-8")
    mended = run(database, rejects)

    header = rejects_path(rejects)
    assert still_bad.rejected == 1
    assert mended.invoices_added == 1
    assert not header.exists()


def test_bytes_of_another_encoding_cost_one_row(database: Database, tmp_path: Path) -> None:
    feed = write(tmp_path, "C1,Dana,I1,100,2026-09-01", "C2,Jos?,I2,5,2026-09-01")
    feed.write_bytes(feed.read_bytes().replace(b"Jos?", b"Jos\xe9"))

    report = run(database, feed)

    assert [reject.text for reject in report.rejects] == [
        "the row is not written in utf-8; mend it, or correct `encoding`"
    ]
    assert b"Jos\xe9" in rejects_path(feed).read_bytes()


def test_commas_decimals_words_and_constants_are_read(database: Database, tmp_path: Path) -> None:
    feed = write(
        tmp_path,
        "C1;1.234,50;01.09.2026;B;EU",
        "C2;7;1.9.2026;P;-",
        "C3;1,5,0;01.09.2026;X;EU",
        header="cust;sum;due;kind;cur",
    )
    mapping = (
        MAPPING.replace("name: name", 'kind: { column: kind, map: { B: business, P: consumer } }')
        .replace("external_id: inv", "external_id: cust")
        .replace("amount: amount", "amount: sum\n  currency: "
                 "{ column: cur, default: ILS, map: { EU: EUR } }")
        + 'file: { delimiter: ";", decimal: ",", thousands: ".", dates: ["%d.%m.%Y"],'
        ' blank: ["-"] }\n'
    )  # fmt: skip

    report = run(database, feed, mapping)

    assert report.invoiced == {"EUR": 123450, "ILS": 700}
    assert [reject.text for reject in report.rejects] == [
        "kind holds a text that `map` does not name; sum is no number with the decimal sign `,`"
    ]
    with database.read() as session:
        kinds = session.exec(select(Customer.kind).order_by(col(Customer.id))).all()
    assert list(kinds) == ["business", "consumer"]


def test_the_first_row_of_a_customer_counts_and_others_are_noted(
    database: Database, tmp_path: Path
) -> None:
    feed = write(tmp_path, "C1,Dana,I1,1,2026-09-01", "C1,Daniel,I2,1,2026-09-01")

    first, again = run(database, feed), run(database, feed)

    with database.read() as session:
        assert session.exec(select(Customer.name)).one() == "Dana"
    assert [note.text for note in first.notes] == ["the customer differs from line 2, which counts"]
    assert again.changed == 0


def test_one_person_of_two_creditors_is_linked_by_the_erp_key_only(
    database: Database, tmp_path: Path
) -> None:
    feed = write(tmp_path, "C1,Dana,I1,1,2026-09-01,77", header=f"{HEADER},tax")
    mapping = MAPPING.replace("name: name\n", "name: name\n  person: tax\n", 1)
    mapping = mapping.replace("name: Northwind\n  person: tax", "name: Northwind")
    run(database, feed, mapping)
    run(database, feed, mapping.replace("external_id: north", "external_id: south"))
    run(database, feed, MAPPING.replace("external_id: north", "external_id: west"))

    with database.read() as session:
        persons = session.exec(select(Customer.person_id).order_by(col(Customer.id))).all()
        keys = session.exec(select(Person.key)).all()
    assert persons[0] == persons[1] != persons[2]
    assert all(key != "77" for key in keys)


def test_the_books_date_only_moves_forward(database: Database, tmp_path: Path) -> None:
    feed = write(tmp_path, "C1,D,I1,1,2026-09-01,2026-09-05", header=f"{HEADER},day")
    mapping = MAPPING + "file: { as_of: day }\n"
    path = feed.with_name("mapping.yaml")
    path.write_text(mapping, "utf-8")
    run(database, feed, mapping)
    told = datetime(2026, 9, 5, 21, tzinfo=UTC)  # the end of the fifth in Jerusalem

    older = told - timedelta(days=9)
    import_file(database, feed, path, dry_run=False, now=NOW, as_of=older)

    with database.read() as session:
        assert session.exec(select(Creditor.ledger_as_of)).one() == told


def test_an_import_that_dies_can_be_run_again(database: Database, tmp_path: Path) -> None:
    feed = write(tmp_path, *(f"C{n},N,I{n},1,2026-09-01" for n in range(6)))
    path = feed.with_name("mapping.yaml")
    path.write_text(MAPPING, "utf-8")

    def die_after_four(rows: int) -> None:
        if rows == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_file(
            database, feed, path, dry_run=False, now=NOW, progress=die_after_four, batch_rows=2
        )
    with database.read() as session:
        assert len(session.exec(select(Invoice)).all()) == 4
        assert session.exec(select(Creditor.ledger_as_of)).one() is None
        assert session.exec(select(ImportRun.finished_at)).one() is None

    report = run(database, feed)

    assert (report.invoices_added, report.accepted) == (2, 6)


@on_both_stores
def test_custom_attributes_are_typed_and_declared(database: Database, tmp_path: Path) -> None:
    feed = write(tmp_path, "C1,D,I1,1,2026-09-01,A,12.5,yes,2026-01-01", header=f"{HEADER},a,b,c,d")
    mapping = MAPPING + (
        "custom:\n  tier: { column: a, type: text }\n  score: { column: b, type: number }\n"
        "  vip: { column: c, type: flag }\n  since: { column: d, type: date }\n"
    )

    run(database, feed, mapping)

    with database.read() as session:
        assert session.exec(select(Customer.custom)).one() == {
            "tier": "A",
            "score": 12.5,
            "vip": True,
            "since": "2026-01-01",
        }
        assert session.exec(select(Creditor.custom_types)).one() == {
            "tier": "text",
            "score": "number",
            "vip": "flag",
            "since": "date",
        }
    with pytest.raises(MappingError, match="`tier` is number here and text in the book"):
        run(database, feed, mapping.replace("a, type: text", "a, type: number"))


def test_columns_that_the_file_lacks_are_told_together(database: Database, tmp_path: Path) -> None:
    feed = write(tmp_path, "x,1", header="customer,ammount")

    with pytest.raises(MappingError) as caught:
        run(database, feed)

    text = str(caught.value)
    assert len(caught.value.findings) == 5
    assert "mapping.yaml:14:11: feed.csv has no column `amount`. Did you mean `ammount`?" in text
    with database.read() as session:
        assert session.exec(select(Creditor)).all() == []


@pytest.mark.parametrize(
    ("content", "words"),
    [("", "has no header"), ("a,b,a\n", "names a column twice: a")],
)
def test_a_file_that_is_no_feed_is_refused(
    database: Database, tmp_path: Path, content: str, words: str
) -> None:
    feed = tmp_path / "feed.csv"
    feed.write_text(content, "utf-8")

    with pytest.raises(FeedError, match=words):
        run(database, feed)


def test_a_missing_file_is_told(database: Database, tmp_path: Path) -> None:
    with pytest.raises(FeedError, match=r"feed\.csv cannot be opened"):
        run(database, tmp_path / "feed.csv")


def _counts(database: Database) -> list[object]:
    """All that an import writes, but for the record of its own run."""
    models: tuple[type[SQLModel], ...] = (
        Address, Consent, ContactPoint, Customer, Event, Invoice, Payment, Person,
    )  # fmt: skip
    with database.read() as session:
        counted: list[object] = [
            session.exec(select(func.count()).select_from(model)).one() for model in models
        ]
        return [*counted, *_revisions(session)]


def _revisions(session: Session) -> list[int]:
    return [
        *session.exec(select(Person.revision).order_by(col(Person.id))),
        *session.exec(select(Customer.ledger_revision).order_by(col(Customer.id))),
        session.exec(select(Creditor.ledger_revision)).one(),
    ]
