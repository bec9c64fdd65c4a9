"""Who was erased by time alone and is billed anew comes back by the feed; who asked does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import col, select

from app.book.importing import Options, import_files
from app.book.mapping.source import load_mapping
from app.book.withheld import Withheld, withhold
from app.records.erasure import ErasureReason, erase_customers
from app.store.engines import Database
from app.store.rows import Address, Customer, Event, Invoice, Suppression, Task
from tests.app.book.feeds import HEADER, MAPPING, write
from tests.app.book.make import NOW, made
from tests.databases import on_both_stores

SECRET = b"a secret of the tests, 32 bytes long"
WITH_PHONE = f"{HEADER},phone"
PHONES = MAPPING + "contacts: [{ phone: phone, media: [sms] }]\n"
OLD, NEW = "C1,Dana,I1,1,2026-09-01,0525550123", "C1,Dana,I2,1,2026-10-01,0525550123"


def bring(database: Database, folder: Path, row: str) -> list[str]:
    """The notes of an import of one row."""
    feed, mapping = write(folder, row, header=WITH_PHONE), folder / "mapping.yaml"
    mapping.write_text(PHONES)
    options = Options(NOW, secret=SECRET)
    (report,) = import_files(database, [feed], load_mapping(mapping), options)
    return [note.text for note in report.notes]


def let_go(database: Database, reason: ErasureReason) -> None:
    """All was paid; the phone had refused texts."""
    with database.write() as session:
        session.exec(select(Invoice)).one().open_minor = 0
        session.flush()
        dana = made(session.exec(select(Customer.id)).one())
        refused = [Withheld(("phone", "+972525550123"), "sms", None, "opted_out")]
        withhold(session, SECRET, refused, NOW)
        erase_customers(session, [dana], reason=reason, secret=SECRET, now=NOW)


@on_both_stores
def test_a_new_invoice_brings_back_who_went_by_time_and_the_opt_out_with_them(
    database: Database, tmp_path: Path
) -> None:
    bring(database, tmp_path, OLD)
    let_go(database, ErasureReason.RETENTION)

    assert "erased" in bring(database, tmp_path, OLD)[0]
    assert bring(database, tmp_path, NEW) == []

    with database.read() as session:
        dana = session.exec(select(Customer)).one()
        assert (dana.name, dana.erased_at) == ("Dana", None)
        phone = session.exec(select(Address).where(col(Address.value).startswith("+"))).one()
        closed = session.exec(select(Suppression).where(Suppression.address_id == phone.id)).one()
        assert (closed.medium, closed.reason) == ("sms", "opted_out")
        kinds = session.exec(select(Event.kind).where(Event.customer_id == dana.id)).all()
        assert [kind for kind in kinds if kind.startswith("customer_")] == [
            "customer_erased",
            "customer_returned",
        ]


@pytest.mark.parametrize("reason", [ErasureReason.REQUEST, ErasureReason.OBJECTION])
def test_who_asked_to_be_erased_is_a_task(
    database: Database, tmp_path: Path, reason: ErasureReason
) -> None:
    bring(database, tmp_path, OLD)
    let_go(database, reason)

    assert "erased" in bring(database, tmp_path, NEW)[0]
    with database.read() as session:
        assert session.exec(select(Customer.name)).one() is None
        assert session.exec(select(Task.kind)).all() == ["erased_again"]
        assert len(session.exec(select(Invoice)).all()) == 2
