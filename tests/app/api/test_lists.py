"""No list is read through for a page: an index finds what is asked for, or the page has an end."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import NoneType
from typing import Any, Final, get_args

import pytest
from pydantic import AwareDatetime
from sqlalchemy import select

from app.api.keys import Caller
from app.api.listing import LOOKED_AT, Asked, Noun
from app.api.nouns import NOUNS
from app.api.nouns.outreach import EVENTS, EventsAsked
from app.api.webhooks.endpoints import events_for, fresh_events
from app.api.webhooks.routes import CALLS, ENDPOINTS
from app.lab.bench.plans import explained, taken_down
from app.store.bulk import insert_rows
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import Endpoint, Event
from campaigns.vocabulary import Medium
from tests.databases import on_both_stores, opened
from tests.factories import add, add_creditor

NOW: Final = datetime(2026, 3, 6, tzinfo=UTC)
HOUSE: Final = Caller(1, "house", None, frozenset())
ONE: Final = Caller(2, "one", 1, frozenset())
EXAMPLES: Final[dict[Any, Any]] = {
    bool: True, int: 7, str: "x7", date: NOW.date(), AwareDatetime: NOW, Medium: Medium.SMS,
}  # fmt: skip
SORTED: Final = "USE TEMP B-TREE FOR ORDER BY"
READ_THROUGH: Final = ("SCAN ", "Seq Scan")
FEW: Final = {"endpoint", "creditor"}  # rows of a house; they do not grow with its book


def example(asked: type[Asked], name: str) -> Any:
    told = asked.model_fields[name].annotation
    (kind,) = [each for each in get_args(told) if each is not NoneType]
    inner = get_args(kind)[0] if get_args(kind) else kind  # of an `Annotated`, or of a `Literal`
    return EXAMPLES.get(inner, inner)


def plan_of(database: Database, noun: Noun[Any], caller: Caller, asked: Asked) -> list[str]:
    with taken_down(database) as statements, database.read() as session:
        noun.page(session, caller, asked, b"secret")
    return [line for statement in statements for line in explained(database, statement)]


def faults(database: Database, lines: list[str], *, found: bool) -> list[str]:
    """What a plan must not hold. What an index found is few, and may be sorted; PostgreSQL sorts
    whatever is as little as here."""
    is_sorted = database.dialect == "sqlite" and not found
    wrong = (*READ_THROUGH, SORTED) if is_sorted else READ_THROUGH
    grown = [line for line in lines if not any(f" {few}" in line for few in FEW)]
    return [line for line in grown if any(each in line for each in wrong)]


@pytest.fixture
def database(migrated_url: str) -> Database:
    return opened(migrated_url)


@on_both_stores
def test_every_list_goes_by_ids_or_by_an_index_of_what_is_asked_for(database: Database) -> None:
    add_creditor(database)
    for noun in (*NOUNS, ENDPOINTS, CALLS):
        for caller in (HOUSE, ONE):
            for name in (None, *noun.where):
                asked = noun.asked(**({name: example(noun.asked, name)} if name else {}))
                lines = plan_of(database, noun, caller, asked)
                wrong = faults(database, lines, found=name in noun.found_by)
                assert wrong == [], (noun.path, caller.name, name, lines)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_what_an_endpoint_of_one_creditor_is_told_of_is_found_by_ids(database: Database) -> None:
    creditor_id = add_creditor(database)
    told = {"url": "https://a.example", "created_at": NOW, "created_by": "x", "marked_at": NOW}
    add(database, Endpoint, creditor_id=creditor_id, **told, low_id=0, high_id=0)
    with taken_down(database) as statements, database.read() as session:
        endpoint = session.connection().execute(select(table_of(Endpoint))).one()
        statements.clear()
        session.connection().execute(fresh_events(endpoint).order_by(table_of(Event).c.id))
        session.connection().execute(events_for(endpoint).where(table_of(Event).c.id > 5))

    for statement in statements:
        assert "event USING INTEGER PRIMARY KEY (rowid>?)" in explained(database, statement)[0]


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_page_that_has_looked_at_enough_says_where_to_go_on(database: Database) -> None:
    kinds = {1: "rare", LOOKED_AT + 7: "usual", 2 * LOOKED_AT + 9: "rare"}
    told = {"at": NOW, "payload": dict[str, str]()}
    with database.write() as session:
        insert_rows(session, Event, [{"id": n, "kind": kind, **told} for n, kind in kinds.items()])
    pages, cursor = [], None
    with database.read() as session:
        while True:
            page = EVENTS.page(session, HOUSE, EventsAsked(kind="rare", cursor=cursor), b"secret")
            pages.append([event.id for event in page.data])
            cursor = page.next
            if cursor is None:
                break

    assert pages == [[1], [], [2 * LOOKED_AT + 9]]
