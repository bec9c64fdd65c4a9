"""The timeline: every row once, page by page, and each with its reason in a sentence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from app.console.customers.lines import Line, Teller
from app.console.customers.related import related
from app.console.customers.timeline import PAGE, SOURCES, read_items
from app.console.customers.told import EVENTS, SILENT, Group
from app.console.sentences import Sentences
from app.lab.bench.plans import explained, taken_down
from app.store.bulk import insert_returning_ids, insert_rows
from app.store.engines import Database
from app.store.rows import CustomerNote, Event, Hold, Message, Refused, Reply, Task
from campaigns.vocabulary import Signal
from tests.app.book.make import a_creditor
from tests.app.console.customers.lively import plain
from tests.app.console.customers.test_case_list import a_campaign, a_case
from tests.databases import on_both_stores, opened

NOW = datetime(2026, 9, 7, 9, 0, tzinfo=UTC)


@pytest.fixture
def database(migrated_url: str) -> Database:
    return opened(migrated_url)


def told(session: Session, customer_id: int, **asked: Any) -> list[Line]:
    items, _ = read_items(session, customer_id, **asked)
    return Teller(Sentences(str, "en", "Asia/Jerusalem"), related(session, items)).lines(items)


def one(session: Session) -> int:
    creditor = a_creditor(session)
    return a_case(session, creditor, a_campaign(session, creditor), 5)


def refused(session: Session, **values: Any) -> None:
    row = {"case_id": 1, "at": NOW, "asked_by": "gate", "rule": "x", "params": {}, **values}
    insert_rows(session, Refused, [row])


@on_both_stores
def test_every_row_is_told_once_however_many_share_an_instant(database: Database) -> None:
    with database.write() as session:
        customer = one(session)
        for at in range(60):
            when = NOW + timedelta(seconds=at // 20)
            note = {"customer_id": customer, "words": str(at), "by": "x", "at": when}
            event = {"kind": "help_asked", "at": when, "customer_id": customer, "payload": {}}
            insert_rows(session, CustomerNote, [note])
            insert_rows(session, Event, [event])
            refused(session, at=when, reason="cap_reached")
    seen: list[tuple[str, int]] = []
    after = ""
    with database.read() as session:
        while True:
            items, after = read_items(session, customer, after=after)
            seen += [(item.source, item.row.id) for item in items]
            assert [item.place for item in items] == sorted(
                (item.place for item in items), reverse=True
            )
            if not after:
                break
            assert len(items) == PAGE
    assert len(seen) == len(set(seen)) == 180


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_what_was_not_sent_says_so_with_its_reason(database: Database) -> None:
    sunday = datetime(2026, 9, 13, 5, 0, tzinfo=UTC)
    with database.write() as session:
        customer = one(session)
        saturday = {"place": "Israel", "day": "Saturday"}
        refused(session, reason="rest_day", params=saturday, medium="sms", look_again_at=sunday)
        locale = {"locale": "he"}
        refused(session, reason="template_not_approved", params=locale, medium="whatsapp")
        refused(session, reason="no_address", step="reminder_first")
        refused(session, reason="medium_tried", medium="sms")
        lines = told(session, customer)

    assert [(plain(line.what), plain(line.why)) for line in lines] == [
        (
            "Not sent: No address or number is known for this customer.",
            "It was about: reminder first",
        ),
        (
            "Not sent by WhatsApp: The provider has not approved the template in Hebrew.",
            "",
        ),
        ("Waits until Sunday 13 Sep 2026, 08:00: A rest day in Israel: Saturday.", ""),
    ]
    assert {line.group for line in lines} == {Group.UNSENT}


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_replies_tasks_and_holds_are_told_and_what_is_confidential_is_not_quoted(
    database: Database,
) -> None:
    with database.write() as session:
        customer = one(session)
        wrote = {"customer_id": customer, "medium": "sms", "received_at": NOW}
        replies = insert_returning_ids(
            session,
            Reply,
            [
                {**wrote, "text": "I can pay on Sunday", "intent": "promise"},
                {**wrote, "text": "something private", "intent": "special", "classed_at": NOW},
            ],
        )
        for reply in replies:
            payload = {"reply_id": reply, "medium": "sms"}
            event = {"kind": "reply_received", "at": NOW, "customer_id": customer}
            insert_rows(session, Event, [{**event, "payload": payload}])
        task = {"key": "t", "team": "care", "kind": "x", "title": "Call", "customer_id": customer}
        insert_rows(session, Task, [{**task, "created_at": NOW, "due_at": NOW}])
        hold = {"person_id": 1, "kind": "reply", "placed_at": NOW, "renewed_at": NOW, "why": "x"}
        insert_rows(session, Hold, [hold])
        found = told(session, customer)
    lines = [(plain(line.what), plain(line.why), line.quote) for line in found]

    assert lines == [
        ("On hold: a reply to be read", "Until a person releases it.", ""),
        ("A task for the care team: Call", "By Monday 7 Sep 2026, 12:00.", ""),
        ("A reply by SMS", "As it was read: the customer told something in confidence.", ""),
        (
            "A reply by SMS",
            "As it was read: the customer promises to pay. Nobody has read it yet; all waits until"
            " then.",
            "I can pay on Sunday",
        ),
    ]


def test_every_signal_has_its_line() -> None:
    assert set(map(str, Signal)) <= EVENTS.keys() | SILENT


@on_both_stores
def test_every_source_is_found_by_an_index_of_its_customer(database: Database) -> None:
    with database.write() as session:
        customer = one(session)
    with taken_down(database) as statements, database.read() as session:
        items, _ = read_items(session, customer)
        related(session, items)
    grown = [source.table.name for source in SOURCES] + [Message.__tablename__, "dunning_case"]
    lines = [line for statement in statements for line in explained(database, statement)]
    wrong = [
        line
        for line in lines
        if any(line == f"SCAN {name}" or f"Seq Scan on {name}" in line for name in grown)
    ]
    assert wrong == []
