"""Customers are found by what is typed, and by nothing that is gone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from app.book.finding.kept_words import fill_words, keep_words
from app.book.finding.search import Means, search
from app.lab.bench.plans import explained, taken_down
from app.records.erasure import ErasureReason, erase
from app.store.engines import Database
from app.store.rows import Address, ContactPoint, CustomerWord, Invoice, WordMark
from tests.app.book.feeds import MAPPING, run, write
from tests.app.book.make import NOW, a_creditor, a_customer, an_invoice, made
from tests.databases import on_both_stores

HUMANS = f"""{MAPPING}contacts:
  - {{ name: who, email: mail }}
"""


def reached_at(session: Session, customer_id: int, kind: str, value: str, medium: str) -> None:
    address = Address(kind=kind, value=value)
    session.add(address)
    session.flush()
    row = ContactPoint(customer_id=customer_id, medium=medium, address_id=made(address.id))
    session.add(row)


def named(session: Session, creditor_id: int, name: str, **values: Any) -> int:
    customer_id = a_customer(session, creditor_id, name=name, **values)
    keep_words(session, [], new=[customer_id])
    return customer_id


def ids(session: Session, typed: str) -> list[int]:
    return [found.customer_id for found in search(session, typed).found]


@on_both_stores
def test_a_customer_is_found_by_each_of_its_numbers_however_written(database: Database) -> None:
    with database.write() as session:
        creditor = a_creditor(session)
        a_creditor(session, country="LT")
        dana = named(session, creditor, "דנה כהן", external_id="K-1042")
        jonas = named(session, creditor, "Jonas Žemaitis", external_id="K-7")
        an_invoice(session, dana, external_id="2026/117")
        reached_at(session, dana, "phone", "+972523456789", "sms")
        reached_at(session, dana, "email", "dana@home.example", "email")
        reached_at(session, jonas, "phone", "+37061234567", "sms")
        session.flush()
        for typed, means in {
            "K-1042": Means.NUMBER,
            "k-1042": Means.NUMBER,
            " K-1042\u200f ": Means.NUMBER,
            "2026/117": Means.INVOICE,
            "052-345-6789": Means.PHONE,
            "052 345 67 89": Means.PHONE,
            "+972 (52) 345.6789": Means.PHONE,
            "00972523456789": Means.PHONE,
            "\u202a+972-52-3456789\u202c": Means.PHONE,
            "٠٥٢٣٤٥٦٧٨٩": Means.PHONE,
            "Dana@Home.example ": Means.EMAIL,
            "k1042": Means.NAME,
            "1042": Means.NAME,
            "כהן ד": Means.NAME,
        }.items():
            found = search(session, typed).found
            assert [(one.customer_id, one.means) for one in found] == [(dana, means)], typed
        assert ids(session, "8 612 34567") == [jonas]
        assert ids(session, "zem jo") == [jonas]
        assert ids(session, "nobody") == ids(session, "  ") == ids(session, "?!") == []


@on_both_stores
def test_an_invoice_is_found_by_the_number_that_the_customer_reads(database: Database) -> None:
    with database.write() as session:
        customer = named(session, a_creditor(session), "Dana")
        invoice = session.get_one(Invoice, an_invoice(session, customer, external_id="in_1Q2w3E"))
        invoice.number = "A-0007"
        session.flush()

        assert ids(session, "A-0007") == ids(session, "in_1Q2w3E") == [customer]


NAMES = (
    *("דנה כהן", "רָחֵל בן־גוריון", "ג׳ורג׳ חורי", "חיים סעדיה־קרן"),
    *("أحمد الخطيب", "فاطمة مصطفى", "إبراهيم آل سعود", "هدى عبد الرحمٰن"),
    *("Žygimantas Šimkūnas", "Ąžuolė Kėdainytė", "Łucja O’Brien", "Jean-Luc Müller"),
    *("Алёна Йорданова", "Dana Cohen", "Dan Cohenski", "Straßenbau Köln GmbH"),
)


@pytest.fixture
def crowd(database: Database) -> dict[str, int]:
    with database.write() as session:
        creditor = a_creditor(session)
        return {name: named(session, creditor, name) for name in NAMES}


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)
@given(data=st.data())
def test_any_beginnings_of_a_name_in_any_order_find_it(
    database: Database, crowd: dict[str, int], data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(NAMES))
    parts = data.draw(st.permutations(name.split()))
    typed = " ".join(part[: data.draw(st.integers(2, len(part)))] for part in parts)
    with database.read() as session:
        assert crowd[name] in ids(session, typed), typed


@on_both_stores
def test_the_words_follow_what_a_feed_says(database: Database, tmp_path: Path) -> None:
    header = "cust,name,inv,amount,due,who,mail"
    feed = "C1,Carmel Water,I1,100,2026-09-01,דנה לוי,dana@carmel.example"
    run(database, write(tmp_path, feed, header=header), HUMANS)
    with database.read() as session:
        (customer,) = ids(session, "carmel")
        assert ids(session, "לוי") == ids(session, "c1") == [customer]

    run(database, write(tmp_path, feed.replace("Carmel", "Galil"), header=header), HUMANS)

    with database.read() as session:
        assert ids(session, "galil") == [customer]
        assert ids(session, "carmel") == []
        assert ids(session, "דנה") == [customer]


@on_both_stores
def test_who_was_erased_is_found_by_the_number_alone(database: Database) -> None:
    with database.write() as session:
        customer = named(session, a_creditor(session), "Dana Cohen", external_id="K-1")
    with database.write() as session:
        erase(session, customer, reason=ErasureReason.REQUEST, secret=b"s" * 32, now=NOW)
    with database.read() as session:
        assert ids(session, "dana") == []
        assert ids(session, "K-1") == [customer]
        assert session.exec(select(CustomerWord)).all() == []


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_an_older_book_is_filled_in_and_goes_on_after_a_restart(database: Database) -> None:
    with database.write() as session:
        creditor = a_creditor(session)
        first, second = (a_customer(session, creditor, name=name) for name in ("Dana", "Jonas"))
        session.add(WordMark(id=1, customer_id=first, up_to=second))
    filled = fill_words(database)
    with database.read() as session:
        found = ids(session, "dana"), ids(session, "jonas")

    assert (filled, found) == (1, ([], [second]))
    assert fill_words(database) == 0


@on_both_stores
def test_every_search_goes_by_an_index(database: Database) -> None:
    with database.write() as session:
        customer = named(session, a_creditor(session), "Dana Cohen")
        reached_at(session, customer, "email", "dana@home.example", "email")
    with taken_down(database) as statements, database.read() as session:
        for typed in ("דנה כהן", "x", "0523456789", "dana@home.example"):
            search(session, typed)

    lines = [line for statement in statements for line in explained(database, statement)]
    grown = ("customer_word", "invoice", "address", "contact_point", "customer")
    wrong = [
        line
        for line in lines
        if any(f"SCAN {table} " in f"{line} " or f"Seq Scan on {table}" in line for table in grown)
    ]
    assert wrong == []
