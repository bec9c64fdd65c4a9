"""What real exports get wrong: a reason for each row, never a guess in silence, never a crash."""

from pathlib import Path

import pytest
from sqlmodel import col, select

from app.book.ledger import balance
from app.store.engines import Database
from app.store.rows import Creditor, Customer, Invoice
from tests.app.book.feeds import HEADER, MAPPING, run, write
from tests.app.book.make import made
from tests.databases import on_both_stores

EUROPEAN = MAPPING + 'file: { decimal: ",", thousands: ".", dates: ["%d.%m.%Y"], delimiter: ";" }\n'


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_days_and_amounts_that_cannot_be_are_reasons(database: Database, tmp_path: Path) -> None:
    rows = {
        "C1;D;I1;1.234,50;31.02.2026": "due is no date of the form %d.%m.%Y",
        "C1;D;I2;1.234,50;31.02.": "due is no date of the form %d.%m.%Y",
        "C1;D;I3;1.234,5-;01.09.2026": (
            "amount has its minus behind; if the feed means it so, say `minus: behind`"
        ),
        "C1;D;I4;1,234.50;01.09.2026": "amount is no number with the decimal sign `,`",
        "C1;D;I5;12.34,5;01.09.2026": "amount groups its digits oddly by `.`",
        "C1;D;I6;1234.567,00;01.09.2026": "amount groups its digits oddly by `.`",
        "C1;D;I7;1e3;01.09.2026": "amount is no number with the decimal sign `,`",
        "C1;D;I8;NaN;01.09.2026": "amount is no number with the decimal sign `,`",
        "C1;D;I9;€ 5,00;01.09.2026": "amount is no number with the decimal sign `,`",
        "C1;D;I10;99999999999999999;01.09.2026": "amount is no number with the decimal sign `,`",
        "C1;D;I11;0,001;01.09.2026": "amount has more decimals than ILS holds",
        "C1;D;I12;5,00;9/1/2026": "due is no date of the form %d.%m.%Y",
    }
    feed = write(tmp_path, *rows, header=HEADER.replace(",", ";"))

    report = run(database, feed, EUROPEAN)

    assert [reject.text for reject in report.rejects] == list(rows.values())
    assert report.accepted == 0


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("rows", [[], ["C1,Dana,I1,many,2026-09-01"]], ids=["empty", "broken"])
def test_a_feed_of_which_nothing_went_in_makes_no_book_fresh(
    database: Database, tmp_path: Path, rows: list[str]
) -> None:
    report = run(database, write(tmp_path, *rows))

    with database.read() as session:
        assert session.exec(select(Creditor.ledger_as_of)).all() == [None]
    assert (report.accepted, report.as_of, report.as_of_from) == (0, None, None)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_minus_behind_is_taken_where_the_mapping_says_so(
    database: Database, tmp_path: Path
) -> None:
    feed = write(tmp_path, "C1;D;I1;1.234,5-;01.09.2026", header=HEADER.replace(",", ";"))

    report = run(database, feed, EUROPEAN.replace("dates:", "minus: behind, dates:"))

    assert [reject.text for reject in report.rejects] == [
        "the amount is negative; what is credited is a `credit_note`"
    ]


def test_currencies_of_no_and_of_three_digits_stay_exact(
    database: Database, tmp_path: Path
) -> None:
    rows = [
        "C1,D,I1,1500,2026-09-01,JPY",
        "C1,D,I2,1500.5,2026-09-01,JPY",
        "C1,D,I3,1.234,2026-09-01,KWD",
        "C1,D,I4,1.2345,2026-09-01,KWD",
        "C1,D,I5,1.00,2026-09-01,ZZZ",
        "C1,D,I6,1500.0,2026-09-01,jpy",
    ]
    mapping = MAPPING.replace("amount: amount", "amount: amount\n  currency: cur")

    report = run(database, write(tmp_path, *rows, header=f"{HEADER},cur"), mapping)

    assert [(reject.line, reject.text) for reject in report.rejects] == [
        (3, "amount has more decimals than JPY holds"),
        (5, "amount has more decimals than KWD holds"),
        (6, "cur is no known currency"),
    ]
    with database.read() as session:
        customer = session.exec(select(Customer)).one()
        assert balance(session, made(customer.id)) == {"JPY": 3000, "KWD": 1234}


@on_both_stores
def test_what_shrank_is_noted_and_what_vanished_stays(database: Database, tmp_path: Path) -> None:
    run(database, write(tmp_path, "C1,D,I1,100,2026-09-01", "C1,D,I2,50,2026-09-01"))

    report = run(database, write(tmp_path, "C1,D,I1,80,2026-09-01"))

    assert [note.text for note in report.notes] == [
        "the invoice shrank, and what is open with it; a credit note would say why"
    ]
    with database.read() as session:
        open_ = session.exec(select(Invoice.open_minor).order_by(col(Invoice.id))).all()
    assert list(open_) == [8000, 5000]


def test_texts_that_a_database_could_choke_on_are_reasons_on_both(
    database: Database, tmp_path: Path
) -> None:
    feed = tmp_path / "feed.jsonl"
    row = '{"cust": "C%d", "name": "%s", "inv": "I%d", "amount": 1, "due": "2026-09-01"}\n'
    names = ("a\\u0000b", "a\\ud800b", "a\\u0007b", "x" * 3000, "\\u202eabc", "דנה 😀")
    feed.write_text("".join(row % (n, name, n) for n, name in enumerate(names)), "utf-8")

    report = run(database, feed)

    assert [reject.text for reject in report.rejects] == [
        "the row holds a character that no text may hold (NUL or half of one)",
        "the row holds a character that no text may hold (NUL or half of one)",
        "name holds control characters",
        "name is longer than 2000 characters",
    ]
    assert report.accepted == 2
