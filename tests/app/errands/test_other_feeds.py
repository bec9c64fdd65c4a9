"""Statements and electronic invoices in the background: the same acts, and once each."""

from io import BytesIO
from typing import Any

import pytest

from app.errands.asking import ask
from app.errands.imports import Feed, ImportWanted
from app.errands.kinds import Kind
from app.errands.taking import LEASE
from app.store.rows import BankEntry, Invoice
from tests.app.book.einvoices.files import ubl
from tests.app.book.make import NOW, a_creditor
from tests.app.book.statements.files import camt, details, entry
from tests.app.errands.house import House, all_of
from tests.app.errands.test_doing import counted
from tests.databases import on_both_stores


@pytest.fixture(autouse=True)
def creditor(house: House) -> int:
    with house.database.write() as session:
        return a_creditor(session, external_id="north", currency="EUR")


def wanted(house: House, feed: Feed, *contents: str, kind: Kind = Kind.IMPORT, **told: Any) -> int:
    files = [(f"told-{n}.xml", BytesIO(each.encode())) for n, each in enumerate(contents)]
    asked = ImportWanted(feed, house.means.files.keep(files), "north", **told)
    with house.database.write() as session:
        return ask(session, asked.asked(kind, "dana", 7), house.now)


@on_both_stores
def test_a_statement_is_taken_once_even_if_the_worker_dies_after_it(house: House) -> None:
    number = wanted(house, Feed.STATEMENT, camt(entry("25.00", details())))
    dead = house.worker()
    dead.tick(NOW)
    with pytest.raises(StopIteration) as over:  # taken, and dead before it could tell
        next(dead._running.steps)  # type: ignore[union-attr]  # it has begun
    house.now += LEASE

    all_of(house.worker())

    assert house.errand(number)["state"] == "done"
    assert house.errand(number)["result"] == over.value.value.result
    assert house.errand(number)["result"]["statement"]["unmatched"] == 1
    assert counted(house, BankEntry) == 1


def test_a_trial_of_a_statement_keeps_nothing(house: House) -> None:
    told = camt(entry("25.00", details()))
    number = wanted(house, Feed.STATEMENT, told, kind=Kind.TRY_IMPORT)

    all_of(house.worker())

    assert house.errand(number)["result"]["statement"]["unmatched"] == 1
    assert counted(house, BankEntry) == 0


@on_both_stores
def test_several_invoices_come_together_and_a_broken_one_costs_no_other(house: House) -> None:
    number = wanted(house, Feed.EINVOICES, ubl(number="A1"), "<broken", ubl(number="A2"))

    all_of(house.worker())

    errand = house.errand(number)
    (report,) = errand["result"]["reports"]
    assert (errand["state"], errand["done"]) == ("done", 3)
    assert (report["accepted"], report["rejected"], counted(house)) == (2, 1, 2)
    assert "told-1.xml" in report["rejects"][0]["reasons"]
    assert counted(house, Invoice) == 2


def test_a_creditor_that_is_none_is_told(house: House) -> None:
    asked = ImportWanted(Feed.STATEMENT, house.upload(), "nobody")
    with house.database.write() as session:
        number = ask(session, asked.asked(Kind.IMPORT, "dana", 7), house.now)

    all_of(house.worker())

    assert house.errand(number)["state"] == "failed"
    assert "nobody" in house.errand(number)["error"]
