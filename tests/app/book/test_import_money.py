"""How a feed's settlements, changed amounts and disputes go in."""

from datetime import date
from pathlib import Path

from sqlmodel import col, select

from app.book.ledger import balance, post_payment
from app.store.engines import Database
from app.store.rows import Customer, Dispute, Invoice, Payment
from tests.app.book.feeds import HEADER, MAPPING, SETTLEMENT, run, write
from tests.app.book.make import NOW, a_payment, made
from tests.databases import on_both_stores


def test_a_settlement_is_only_what_the_book_has_not_heard(
    database: Database, tmp_path: Path
) -> None:
    header = f"{HEADER},paid,settled"
    feed = write(tmp_path, "C1,D,I1,100,2026-09-01,,", header=header)
    run(database, feed, MAPPING + SETTLEMENT)
    with database.write() as session:
        customer = made(session.exec(select(Customer)).one().id)
        post_payment(session, a_payment(customer, 3000), now=NOW)

    part = run(
        database,
        write(tmp_path, "C1,D,I1,100,2026-09-01,2026-09-05,40", header=header),
        MAPPING + SETTLEMENT,
    )
    full = run(
        database,
        write(tmp_path, "C1,D,I1,100,2026-09-01,2026-09-06,100", header=header),
        MAPPING + SETTLEMENT,
    )

    assert (part.paid, full.paid) == ({"ILS": 1000}, {"ILS": 6000})
    with database.read() as session:
        assert balance(session, customer) == {}
        days = session.exec(select(col(Payment.paid_on)).order_by(col(Payment.id))).all()
    assert list(days[1:]) == [date(2026, 9, 5), date(2026, 9, 6)]


def test_impossible_settlements_are_refused(database: Database, tmp_path: Path) -> None:
    feed = write(
        tmp_path,
        "C1,D,I1,100,2026-09-01,2026-09-05,100.01",
        "C1,D,I2,100,2026-09-01,,5",
        "C1,D,I3,100,2026-09-01,2026-09-08,5",
        header=f"{HEADER},paid,settled",
    )

    report = run(database, feed, MAPPING + SETTLEMENT)

    assert [reject.text for reject in report.rejects] == [
        "settled is not within the invoice's amount",
        "paid is blank, but something was paid",
        "paid is in the future",
    ]


@on_both_stores
def test_what_is_still_open_tells_what_was_settled(database: Database, tmp_path: Path) -> None:
    feed = write(tmp_path, "C1,D,I1,100,2026-09-01,25", header=f"{HEADER},open")

    report = run(database, feed, MAPPING + "settlement: { open: open }\n")

    assert report.paid == {"ILS": 7500}


def test_a_changed_amount_moves_what_is_open(database: Database, tmp_path: Path) -> None:
    header = f"{HEADER},paid,settled"
    mapping = MAPPING + SETTLEMENT
    run(database, write(tmp_path, "C1,D,I1,100,2026-09-01,2026-09-02,60", header=header), mapping)

    more = run(
        database, write(tmp_path, "C1,D,I1,120,2026-09-10,2026-09-02,60", header=header), mapping
    )
    less = run(database, write(tmp_path, "C1,D,I1,50,2026-09-10,,", header=header), mapping)

    assert (more.invoices_changed, more.payments_posted) == (1, 0)
    assert [reject.text for reject in less.rejects] == [
        "the amount is below what was already settled; post a refund or a credit note first"
    ]
    with database.read() as session:
        invoice = session.exec(select(Invoice)).one()
    assert (invoice.amount_minor, invoice.open_minor) == (12000, 6000)
    assert invoice.due_on == date(2026, 9, 10)


def test_a_dispute_opens_once_and_ends_when_the_feed_says_so(
    database: Database, tmp_path: Path
) -> None:
    header = f"{HEADER},disputed,over"
    mapping = MAPPING + "dispute: { disputed: disputed, resolved_on: over }\n"
    row = "C1,D,I1,100,2026-09-01"
    opened = run(database, write(tmp_path, f"{row},yes,", header=header), mapping)
    silent = run(database, write(tmp_path, f"{row},no,", header=header), mapping)
    ended = run(database, write(tmp_path, f"{row},yes,2026-09-06", header=header), mapping)
    again = run(database, write(tmp_path, f"{row},yes,", header=header), mapping)

    assert (opened.disputes_opened, ended.disputes_resolved) == (1, 1)
    assert silent.changed == again.changed == 0
    with database.read() as session:
        assert session.exec(select(Dispute.state)).one() == "rejected"
