"""What is counted each minute, and the lists behind figures, go by an index of their instant."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest
from sqlalchemy import Select, text
from sqlalchemy.dialects import sqlite

from app.console.figures import behind, book
from app.console.figures.behind import STATES, Days
from app.console.figures.happened import NAMES, happened
from app.console.lists import Listing
from app.figures import messages
from app.figures.happenings import HAPPENED
from app.figures.names import Daily, Standing
from app.store.engines import Database
from tests.app.figures.lives import Lives
from tests.databases import on_both_stores
from tests.factories import NOON

ON_SQLITE = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
DAY = timedelta(days=1)
ASKED = {"start": NOON, "end": NOON + DAY, "since": NOON - DAY, "until": NOON + DAY}


def _plan(database: Database, query: Select[Any]) -> list[str]:
    compiled = query.params({name: ASKED[name] for name in ASKED}).compile(
        dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}
    )
    with database.read() as session:
        rows = session.connection().execute(text(f"EXPLAIN QUERY PLAN {compiled}"))
        return [row.detail for row in rows]


def _scanned(plan: list[str]) -> list[str]:
    """Tables that are read from end to end; a subquery is no table."""
    scans = [step for step in plan if step.startswith("SCAN ")]
    return [step for step in scans if "(subquery" not in step and "SCAN anon_" not in step]


BOOK: tuple[dict[str, str], ...] = (
    {},
    {"as_of": "2026-05-31"},
    {"overdue_in": "2026-05", "as_of": "2026-06-30"},
)
SORTED = (
    *(Daily.HELP_ASKED, Daily.HELP_GIVEN, Daily.OPTED_OUT),
    *(Standing.HELD, Standing.DISPUTED, Standing.PROMISED),
    Daily.COLLECTED_AFTER,
)
"""Made of several tables, or of what an index has by something else: few of a day, or few open. And
what was said before a payment is the last of few messages of its customer."""


@ON_SQLITE
def test_what_happened_on_a_day_is_found_by_its_instant(database: Database) -> None:
    plans = {one.figure: _scanned(_plan(database, one.counted)) for one in HAPPENED}
    assert {figure: steps for figure, steps in plans.items() if steps} == {}


@ON_SQLITE
def test_messages_of_a_day_are_found_by_their_instant(database: Database) -> None:
    plan = _plan(database, messages._TAKEN)
    assert _scanned(plan) == []
    assert any("ix_message_said" in step for step in plan)


def _ordered(listing: Listing) -> Select[Any]:
    sort = next(iter(listing.sorts.values()))
    return listing.query.order_by(*sort.order()).limit(listing.page)


@ON_SQLITE
def test_lists_behind_figures_are_read_in_their_order(database: Database) -> None:
    days = Days(NOON.date(), NOON.date(), "UTC")
    lists = [behind.messages(state, days, NOON) for state in STATES]
    of_book = [book.invoices(asked, 1, NOON.date()) for asked in BOOK]
    of_book += [book.invoices({}, None, NOON.date()), book.recovered("2026-05", "2026-06", 1)]
    counted = [happened(what, days) for what in NAMES if what not in SORTED]
    for listing in (*lists, behind.payments(days), *of_book, *counted):
        plan = _plan(database, _ordered(listing))
        # Along an index in its order, a page ends where it has looked at enough.
        assert all(listing.along is not None and " USING INDEX " in step for step in _scanned(plan))
        assert not any("USE TEMP B-TREE FOR ORDER BY" in step for step in plan), plan


@on_both_stores
@pytest.mark.parametrize(
    ("asked", "pages"),
    [
        ({}, [4, 4, 1]),  # full pages
        ({"creditor": "1"}, [4, 4, 1]),  # an index finds them
        ({"currency": "EUR"}, [0, 0]),  # nine are looked at, five a page
        ({"currency": "ILS"}, [4, 4, 1]),
    ],
)
def test_a_filter_without_an_index_looks_at_so_many_a_page(
    database: Database, asked: dict[str, str], pages: list[int]
) -> None:
    lives = Lives(database)
    for hour in range(9):
        lives.pay(lives.customers[0], NOON - timedelta(hours=hour), 100)
    days = Days(NOON.date() - DAY, NOON.date(), "UTC")
    listing = replace(behind.payments(days), page=4, looked_at=5)

    told, sizes, more = [], [], dict(asked)
    while True:
        with database.read() as session:
            listed = listing.read(session, more)
        told += [row.id for row in listed.rows]
        sizes.append(len(listed.rows))
        if not listed.older:
            break
        more = dict(parse_qsl(listed.older.removeprefix("?")))

    assert sizes == pages
    assert told == sorted(told)  # the first was the latest
