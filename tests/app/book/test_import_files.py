"""One book in several files: references between them, in any order of arrival."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlmodel import col, select

from app.book.errors import FeedError, MappingError
from app.book.importing import Options, import_files
from app.book.ledger import balance
from app.book.mapping.source import read_mapping
from app.book.report import ImportReport
from app.store.engines import Database
from app.store.rows import Address, Contact, ContactPoint, Creditor, Customer, Payment, Reversal
from tests.app.book.feeds import CREDITOR
from tests.app.book.make import NOW, made
from tests.databases import on_both_stores

MAPPING = f"""\
schema: duly-mapping/1
{CREDITOR}
files:
  customers:
    name: "customers*"
    customer: {{ external_id: account, name: full_name, kind: {{ value: business }} }}
    postal: {{ street: street, city: city }}
    contacts:
      - {{ email: mail }}
      - {{ name: ap, email: ap_mail, role: {{ value: payables }} }}
  contacts:
    name: "contacts*"
    of_customer: account
    contacts:
      - {{ external_id: id, name: name, role: role, email: mail, phone: phone }}
  invoices:
    name: ["invoices*", "rechnungen*"]
    of_customer: account
    invoice: {{ external_id: doc, amount: total, due_on: due }}
  payments:
    name: "money*"
    only: {{ column: type, are: [DZ] }}
    of_customer: account
    payment: {{ external_id: id, amount: total, paid_on: day, invoice: doc }}
  credits:
    name: "money*"
    only: {{ column: type, are: [DG] }}
    of_customer: account
    credit_note:
      external_id: id
      amount: {{ column: total, sign: minus }}
      credited_on: day
      invoice: doc
  chargebacks:
    name: "money*"
    only: {{ column: type, are: [CB] }}
    of_customer: account
    reversal:
      external_id: id
      kind: {{ value: chargeback }}
      amount: total
      reversed_on: day
      payment: ref
      invoice: doc
"""
FILES = {
    "customers.csv": """\
account,full_name,mail,ap,ap_mail,street,city
A1,Alpha,info@alpha.example,Dan,dan@alpha.example,Main 1,Haifa
A2,Beta,info@beta.example,,ap@beta.example,,
""",
    "contacts.jsonl": """\
{"account": "A1", "id": "k1", "name": "Ruth", "role": "manager", "mail": "ruth@alpha.example"}
{"account": "A9", "id": "k2", "name": "Eve", "role": "boss", "mail": "eve@alpha.example"}
""",
    "invoices.csv": """\
account;doc;total;due
A1;I1;100;2026-09-01
A2;I2;50;2026-09-01
A7;I3;50;2026-09-01
""",
    "money.csv": """\
type,id,account,doc,total,day,ref
DZ,P1,A1,I1,60,2026-09-02,
DG,G1,A2,I2,-10,2026-09-02,
CB,R1,A1,I1,60,2026-09-03,P1
DZ,P2,A1,I9,60,2026-09-02,
XX,P3,A1,I1,60,2026-09-02,
DG,G2,A2,I2,10,2026-09-02,
CB,R2,A1,I1,5,2026-09-03,P9
""",
}
UNKNOWN = "is not in the book yet; bring in what tells about it, then this row again"
READ_AS = ["customers.csv", "contacts.jsonl", "invoices.csv", "money.csv"]


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """The four files, the last first."""
    for name, content in FILES.items():
        (tmp_path / name).write_text(content, "utf-8")
    return [tmp_path / name for name in reversed(FILES)]


def take(
    database: Database, paths: Sequence[Path], *, mapping: str = MAPPING, dry_run: bool = False
) -> list[ImportReport]:
    options = Options(now=NOW, dry_run=dry_run, batch_rows=2)
    return import_files(database, paths, read_mapping(mapping, "m.yaml"), options)


def test_files_refer_to_each_other(database: Database, files: list[Path]) -> None:
    dry = take(database, files, dry_run=True)
    told = take(database, files)
    again = take(database, files)

    assert [report.file for report in told] == READ_AS
    assert [(report.accepted, report.rejected) for report in told] == [
        (2, 0),
        (1, 1),
        (2, 1),
        (3, 4),
    ]
    assert [reject.text for report in told for reject in report.rejects] == [
        "role is no known role: payables, manager, copy",
        f"the customer {UNKNOWN}",
        f"the invoice {UNKNOWN}",
        "type holds a text that no `only` of the mapping names",
        "total has no minus, and `sign: minus` says that it has",
        f"the payment {UNKNOWN}",
    ]
    assert [report.changed for report in dry] == [report.changed for report in told]
    assert [dict(report.paid) for report in dry] == [dict(report.paid) for report in told]
    assert [report.changed for report in again] == [0, 0, 0, 0]
    assert (told[3].paid, told[3].credited, told[3].went_back) == (
        {"ILS": 6000},
        {"ILS": 1000},
        {"ILS": 6000},
    )
    with database.read() as session:
        customers = session.exec(select(Customer).order_by(col(Customer.id))).all()
        assert [balance(session, made(customer.id)) for customer in customers] == [
            {"ILS": 10000},
            {"ILS": 4000},
        ]
        assert customers[0].postal == {"street": "Main 1", "city": "Haifa"}
        kinds = session.exec(select(Reversal.kind).order_by(col(Reversal.id))).all()
        assert list(kinds) == ["credit_note", "chargeback"]


def test_contacts_have_roles_and_their_own_addresses(database: Database, files: list[Path]) -> None:
    take(database, files)

    with database.read() as session:
        contacts = session.exec(select(Contact).order_by(col(Contact.id))).all()
        query = (
            select(Address.value, ContactPoint.contact_id)
            .join(ContactPoint, col(ContactPoint.address_id) == Address.id)
            .order_by(col(Address.value))
        )
        points = [tuple(row) for row in session.exec(query)]
    assert [(contact.name, contact.role) for contact in contacts] == [
        ("Dan", "payables"),
        ("", "payables"),
        ("Ruth", "manager"),
    ]
    assert points == [
        ("ap@beta.example", contacts[1].id),
        ("dan@alpha.example", contacts[0].id),
        ("info@alpha.example", None),
        ("info@beta.example", None),
        ("ruth@alpha.example", contacts[2].id),
    ]


def test_what_came_too_early_goes_in_when_it_comes_again(
    database: Database, files: list[Path]
) -> None:
    money, invoices, _, customers = files

    early = [*take(database, [money]), *take(database, [invoices])]
    take(database, [customers])
    (late,) = take(database, [invoices])
    (settled,) = take(database, [money])

    assert [report.accepted for report in early] == [0, 0]
    assert (late.accepted, settled.accepted) == (2, 3)


def test_rejects_of_one_file_are_mended_under_its_name(
    database: Database, files: list[Path], tmp_path: Path
) -> None:
    take(database, files)
    rejects = tmp_path / "invoices.csv.rejects.csv"
    rejects.write_text(rejects.read_text("utf-8-sig").replace("A7", "A2"), "utf-8")

    (mended,) = take(database, [rejects])

    assert (mended.accepted, mended.invoices_added) == (1, 1)


@on_both_stores
def test_an_invoice_told_by_two_files_is_refused_in_the_second(
    database: Database, files: list[Path], tmp_path: Path
) -> None:
    other = tmp_path / "rechnungen.csv"
    other.write_text("account,doc,total,due\nA1,I1,70,2026-09-01\n", "utf-8")

    reports = take(database, [*files, other])

    (report,) = [report for report in reports if report.file == "rechnungen.csv"]
    assert [reject.text for reject in report.rejects] == [
        "the invoice stands on line 2 of invoices.csv already"
    ]


def test_a_file_of_customers_alone_does_not_make_the_book_fresh(
    database: Database, files: list[Path]
) -> None:
    take(database, files[2:])
    with database.read() as session:
        assert session.exec(select(Creditor.ledger_as_of)).one() is None

    take(database, files[:2])

    with database.read() as session:
        assert session.exec(select(Creditor.ledger_as_of)).one() is not None


def test_a_file_that_no_part_reads_is_told_before_anything_is_written(
    database: Database, files: list[Path], tmp_path: Path
) -> None:
    stray = tmp_path / "stray.csv"
    stray.write_text("a,b\n", "utf-8")
    with pytest.raises(FeedError, match=r"stray\.csv fits no `name` of m\.yaml: customers\*"):
        take(database, [*files, stray])
    (tmp_path / "rechnungen.csv").write_text("account,doc,totl,due\n", "utf-8")
    with pytest.raises(MappingError, match="has no column `total`"):
        take(database, [*files, tmp_path / "rechnungen.csv"])

    with database.read() as session:
        assert session.exec(select(Creditor)).all() == []


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_two_parts_cannot_read_the_same_rows(database: Database, files: list[Path]) -> None:
    mapping = MAPPING.replace("    only: { column: type, are: [DG] }\n", "")

    with pytest.raises(MappingError, match=r"`credits` reads all rows of money\.csv"):
        take(database, files, mapping=mapping)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_two_equal_payments_without_an_id_are_two_and_the_same_file_again_is_none(
    database: Database, tmp_path: Path
) -> None:
    mapping = f"""\
schema: duly-mapping/1
{CREDITOR}
files:
  customers: {{ name: "c*", customer: {{ external_id: account }} }}
  payments:
    name: "p*"
    of_customer: account
    payment: {{ amount: sum, paid_on: day, reference: text }}
"""
    (tmp_path / "c.csv").write_text("account\nA1\n", "utf-8")
    payments = tmp_path / "p.csv"
    payments.write_text("account,sum,day,text\n" + "A1,5,2026-09-02,rent\n" * 2, "utf-8")

    take(database, [tmp_path / "c.csv", payments], mapping=mapping)
    (again,) = take(database, [payments], mapping=mapping)
    payments.write_text(payments.read_text("utf-8") + "A1,5,2026-09-02,rent\n", "utf-8")
    (longer,) = take(database, [payments], mapping=mapping)

    assert (again.changed, longer.payments_posted) == (0, 1)
    with database.read() as session:
        assert len(session.exec(select(Payment)).all()) == 3


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_posting_that_says_something_else_than_the_book_is_refused(
    database: Database, files: list[Path], tmp_path: Path
) -> None:
    take(database, files)
    money = tmp_path / "money.csv"
    head = "type,id,account,doc,total,day,ref\n"
    money.write_text(
        f"{head}DZ,P1,A1,I1,61,2026-09-02,\nDZ,P4,A1,I1,1,2026-09-02,\nDZ,P4,A1,I1,2,2026-09-02,\n"
        "DZ,P5,A1,I1,-3,2026-09-02,\nDZ,P6,A1,I1,3,2027-09-02,\n",
        "utf-8",
    )

    (report,) = take(database, [money])

    assert [reject.text for reject in report.rejects] == [
        "the payment is in the book with another amount or customer; a posting never changes, so"
        " post a reversal, or give it another id",
        "the payment stands on line 3 already",
        "total is not above zero; money that went back is a `reversal`",
        "day is in the future",
    ]
    assert report.payments_posted == 1
