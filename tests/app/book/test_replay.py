"""A replay learns each fact on its day, and ends where the book is."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from app.book.errors import ReplayError
from app.book.importing import import_file
from app.book.ledger import ReversalKind, balance, credit, post_reversal
from app.book.replay import Learned, Replay
from app.store.engines import Database
from app.store.migrate import upgrade
from app.store.rows import (
    Consent,
    ContactPoint,
    Creditor,
    Customer,
    Dispute,
    Invoice,
    Payment,
    Suppression,
)
from tests.app.book.feeds import MAPPING, write
from tests.app.book.make import NOW, a_reversal, made
from tests.conftest import ROOT
from tests.databases import on_both_stores

HEADER = "cust,name,inv,amount,due,issued,paid,disputed,email,ok,asked"
MAP = (
    MAPPING.replace("  due_on: due\n", "  due_on: due\n  known_on: issued\n")
    + "settlement: { paid_on: paid }\n"
    + "dispute: { disputed: disputed, resolved_on: paid }\n"
    + "contacts: [{ email: email }]\n"
    + "consents: [{ medium: email, given: ok, at: asked, source: contract, method: ticked }]\n"
)
ROWS = (
    "C1,Dana,I1,100,2026-08-10,2026-07-10,2026-08-20,no,d@x.co.il,yes,2026-07-15",
    "C1,Dana,I2,50,2026-08-12,2026-07-12,2026-08-21,yes,d@x.co.il,yes,2026-07-15",
    "C2,Avi,I3,70,2026-08-15,2026-07-15,,no,a@x.co.il,,",
)


@pytest.fixture
def scratch(tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path / 'scratch.sqlite3'}"
    upgrade(url)
    opened = Database(url)
    yield opened
    opened.dispose()


@pytest.fixture
def book(database: Database, tmp_path: Path) -> Database:
    feed = write(tmp_path, *ROWS, header=HEADER)
    path = tmp_path / "map.yaml"
    path.write_text(MAP, "utf-8")
    import_file(database, feed, path, dry_run=False, now=NOW)
    with database.write() as session:
        payment = session.exec(select(Payment).where(Payment.amount_minor == 10000)).one()
        back = a_reversal(
            payment.customer_id,
            10000,
            ReversalKind.CHARGEBACK,
            payment_id=payment.id,
            reversed_on=date(2026, 8, 30),
        )
        post_reversal(session, back, now=NOW)
        point = session.exec(select(ContactPoint).order_by(col(ContactPoint.id))).first()
        assert point is not None
        session.add(
            Suppression(
                address_id=point.address_id,
                reason="bounced",
                at=datetime(2026, 8, 5, 12, tzinfo=UTC),
                lifted_at=datetime(2026, 8, 9, 12, tzinfo=UTC),
            )
        )
    return database


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 6, tzinfo=UTC)


@on_both_stores
def test_what_is_dated_later_is_not_yet_known(book: Database, scratch: Database) -> None:
    replay = Replay(book, scratch)

    for until, expected in [
        (date(2026, 7, 9), {}),
        (date(2026, 7, 10), {"ILS": 10000}),
        (date(2026, 7, 12), {"ILS": 15000}),
        (date(2026, 8, 19), {"ILS": 15000}),
        (date(2026, 8, 20), {"ILS": 5000}),
        (date(2026, 8, 21), {}),
        (date(2026, 8, 29), {}),
        (date(2026, 8, 30), {"ILS": 10000}),
    ]:
        replay.advance(until, now=at(until))
        with scratch.read() as session:
            assert balance(session, _dana(session)) == expected, until
            assert session.exec(select(Creditor.ledger_as_of)).one() == at(until)


@on_both_stores
def test_disputes_consents_and_suppressions_come_and_go_on_their_days(
    book: Database, scratch: Database
) -> None:
    replay = Replay(book, scratch)
    seen = []

    for until in (date(2026, 7, 11), date(2026, 7, 15), date(2026, 8, 6), date(2026, 8, 21)):
        replay.advance(until, now=at(until))
        with scratch.read() as session:
            lifted = session.exec(select(Suppression.lifted_at)).all()
            seen.append(
                (
                    list(session.exec(select(Dispute.state))),
                    list(session.exec(select(Consent.given))),
                    [instant is None for instant in lifted],
                )
            )

    assert seen == [
        ([], [], []),
        (["open"], [True], []),
        (["open"], [True], [True]),
        (["rejected"], [True], [False]),
    ]


def test_the_end_is_the_book_itself_in_steps_or_at_once(
    book: Database, scratch: Database, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'other.sqlite3'}"
    upgrade(url)
    other = Database(url)
    stepwise, at_once = Replay(book, scratch), Replay(book, other)
    end = date(2026, 12, 31)

    learned = Learned()
    for day in stepwise.days:
        learned += stepwise.advance(day, now=at(day))
    whole = at_once.advance(end, now=at(end))

    assert learned == whole == Learned(3, 2, 1, 2, 3)
    assert _state(scratch) == _state(other) == _state(book)
    assert stepwise.advance(end, now=at(end)) == Learned()
    other.dispose()


def test_a_payment_is_not_known_before_the_invoice_that_it_settled(
    database: Database, scratch: Database, tmp_path: Path
) -> None:
    feed = write(
        tmp_path,
        "C1,D,I1,100,2026-08-10,2026-07-10,2026-07-01,no,,,",
        header=HEADER,
    )
    path = tmp_path / "map.yaml"
    path.write_text(MAP, "utf-8")
    import_file(database, feed, path, dry_run=False, now=NOW)
    replay = Replay(database, scratch)

    assert replay.days == (date(2026, 7, 10),)
    replay.advance(date(2026, 7, 10), now=at(date(2026, 7, 10)))
    with scratch.read() as session:
        customer = made(session.exec(select(Customer)).one().id)
        assert (balance(session, customer), credit(session, customer)) == ({}, {})


def test_a_replay_wants_an_empty_database(book: Database, scratch: Database) -> None:
    Replay(book, scratch)

    with pytest.raises(ReplayError, match="replay into an empty one"):
        Replay(book, scratch)


@pytest.mark.slow
@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_the_ibm_sample_replays_day_by_day(
    database: Database, scratch: Database, vectors: Path, tmp_path: Path
) -> None:
    name = "ibm_wa_fn_usec_accounts_receivable.csv"
    feed = tmp_path / name
    feed.write_bytes((vectors / "ar_data" / name).read_bytes())
    mapping = ROOT / "docs" / "examples" / "ibm_late_payments.yaml"
    import_file(database, feed, mapping, dry_run=False, now=NOW)
    replay = Replay(database, scratch)
    day, learned = date(2013, 1, 31), Learned()

    learned += replay.advance(day, now=at(day))
    with scratch.read() as session:
        known = session.exec(select(Invoice)).all()
        still_open = {invoice.external_id for invoice in known if invoice.open_minor}
    expected = _open_on(feed, day)
    learned += replay.advance(replay.days[-1], now=at(day) + timedelta(days=400))

    assert still_open == expected
    assert learned == Learned(1695, 1695, 0, 848, 0)


def _open_on(feed: Path, day: date) -> set[str]:
    """Straight from the file: issued by then, and paid later."""
    import csv

    def read(text: str) -> date:
        month, number, year = map(int, text.split("/"))
        return date(year, month, number)

    with feed.open(encoding="utf-8") as stream:
        return {
            row["invoiceNumber"]
            for row in csv.DictReader(stream)
            if read(row["InvoiceDate"]) <= day < read(row["SettledDate"])
        }


def _dana(session: Session) -> int:
    return made(session.exec(select(Customer).where(Customer.external_id == "C1")).one().id)


def _state(database: Database) -> object:
    with database.read() as session:
        invoices = session.exec(select(Invoice).order_by(Invoice.external_id)).all()
        disputes = session.exec(select(Dispute.state)).all()
        return (
            [(i.external_id, i.customer_id, i.amount_minor, i.open_minor) for i in invoices],
            sorted(disputes),
            balance(session, _dana(session)),
        )
