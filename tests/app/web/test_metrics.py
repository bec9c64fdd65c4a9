"""`/metrics`: what it tells of the running, whom it answers, and that it does not grow dear."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import select, update
from sqlmodel import SQLModel
from starlette.testclient import TestClient

from app.intake.alerts import alert
from app.intake.tasks import APPROVAL
from app.lab.bench.plans import taken_down, whole_tables
from app.loops.pulse import Pulse
from app.loops.schedule import Job
from app.loops.tally import SETTLED, tally
from app.store.bulk import insert_rows
from app.store.engines import Database
from app.store.given import table_of
from app.store.journal import Happened, record
from app.store.rows import (
    Creditor,
    Endpoint,
    EndpointCall,
    Inbound,
    Message,
    Promise,
    Sender,
    Task,
)
from app.web.gauges import MOST, read_metrics
from channels.errors import NoAnswer
from tests.app.store.test_plans import GROWING
from tests.app.web.people import NOW, Stand, add_payer, standing
from tests.databases import on_both_stores, opened
from tests.factories import add

HERE = ("127.0.0.1", 50000)
SECOND = timedelta(seconds=1)


def told(client: TestClient) -> Mapping[str, float]:
    """Each sample by its name and its labels in their order, as Prometheus's parser reads it."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    return {
        "/".join((sample.name, *sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def happen(database: Database, *kinds: str, **payload: str) -> None:
    with database.write() as session:
        record(session, [Happened(kind, at=NOW, payload=payload) for kind in kinds], now=NOW)


def tallied(database: Database, *, minutes: int = 0) -> None:
    for seconds in (0, 30, 60, 90):
        while tally(database, NOW + timedelta(minutes=minutes, seconds=seconds)):
            pass


def fill(stand: Stand) -> None:
    """Something of everything that is watched."""
    database = stand.database
    dana = add_payer(stand)
    change(stand, Message, state="waiting", due_at=NOW - 90 * SECOND)
    change(stand, Sender, medium="sms", paused_until=NOW + 60 * SECOND)
    call = {"source": "twilio", "body": "{}", "received_at": NOW - 40 * SECOND}
    add(database, Inbound, key="a", **call)
    add(database, Inbound, key="b", problem="Unreadable", **call)
    event = add_event(database)
    marks = {"low_id": 0, "high_id": 0, "marked_at": NOW, "created_at": NOW, "created_by": "erp"}
    endpoint = add(database, Endpoint, url="https://erp.example/", failing_since=NOW, **marks)
    due = NOW - 20 * SECOND
    add(database, EndpointCall, endpoint_id=endpoint, event_id=event, due_at=due)
    promise = {"customer_id": dana.customer_id, "amount_minor": 100, "made_at": NOW}
    for currency, hours in (("ILS", -1), ("EUR", 5), ("USD", 50)):
        grace = NOW + timedelta(hours=hours)
        more = {"currency": currency, "due_on": NOW.date(), "made_by": "page"}
        add(database, Promise, grace_until=grace, **more, **promise)
    for key, minutes in (("x", -5), ("y", 10), ("z", 3000)):
        due = NOW + timedelta(minutes=minutes)
        task = {"team": "care", "kind": "danger", "title": "Somebody", "created_at": NOW}
        add(database, Task, key=key, due_at=due, **task)
    for key, hours in (("approve:p", 3), ("approve:q", 30)):
        asked = {"team": "finance", "kind": APPROVAL, "title": "A word is wanted"}
        since = NOW - timedelta(hours=hours)
        add(database, Task, key=key, due_at=NOW + timedelta(days=9), created_at=since, **asked)
    with database.write() as session:
        row = alert(NoAnswer(provider="twilio", code="timeout"), NOW)
        insert_rows(session, Task, [row])
    change(stand, Creditor, ledger_as_of=NOW - timedelta(hours=30), ledger_max_age_s=93_600)


def change(stand: Stand, model: type[SQLModel], **columns: Any) -> None:
    """Sets these columns of all rows; a `medium` says of which alone."""
    medium = columns.pop("medium", None)
    changed = update(table_of(model)).values(**columns)
    with stand.database.write() as session:
        session.connection().execute(
            changed.where(table_of(model).c.medium == medium) if medium else changed
        )


def add_event(database: Database) -> int:
    with database.write() as session:
        (event,) = record(session, [Happened("something_happened", at=NOW)], now=NOW)
    return event


@on_both_stores
def test_it_tells_of_all_that_is_watched_and_asks_only_indexes(migrated_url: str) -> None:
    with standing(migrated_url) as stand, stand.client(client=HERE) as client:
        database = stand.database
        tallied(database)  # from here on
        fill(stand)
        happen(database, "message_accepted", "message_accepted", "message_refused", medium="sms")
        happen(database, "callback_refused", source="twilio")
        happen(database, "promise_made", "promise_kept")
        tallied(database, minutes=2)
        beats = Pulse(database)
        beats.felt(Job("walk", SECOND, lambda now: False)).tick(NOW - 7 * SECOND)
        beats.tick(NOW)
        found = told(client)
        with taken_down(database) as statements, database.read() as session:
            list(read_metrics(session, NOW))
        whole = whole_tables(database, statements, GROWING)

    expected = {
        "duly_due_lag_seconds": 0,
        "duly_queue_age_seconds/sms": 90,
        "duly_queue_age_seconds/email": 0,
        "duly_queue_messages/sms": 1,
        "duly_sends_total/sms/accepted": 2,
        "duly_sends_total/sms/refused": 1,
        "duly_forged_calls_total/twilio": 1,
        "duly_promises_total/made": 1,
        "duly_promises_total/kept": 1,
        "duly_promises_total/broken": 0,
        "duly_promises_due/overdue": 1,
        "duly_promises_due/day": 1,
        "duly_breakers/sms/sandbox/open": 1,
        "duly_breakers/email/sandbox/closed": 1,
        "duly_calls_in_lag_seconds/twilio": 40,
        "duly_calls_in_problems": 1,
        "duly_calls_out_lag_seconds": 20,
        "duly_endpoints/failing": 1,
        "duly_endpoints/paused": 0,
        "duly_approvals_waiting/finance": 2,
        "duly_approvals_waiting/care": 0,
        "duly_approval_age_seconds/finance": 30 * 3600,
        "duly_approval_age_seconds/care": 0,
        "duly_tasks_open/overdue/care": 1,
        "duly_tasks_open/hour/care": 1,
        "duly_tasks_open/later/care": 1,
        "duly_tasks_open/overdue/finance": 0,
        "duly_tasks_open/undated/engineering": 1,
        "duly_stale_books": 1,
        "duly_halts": 0,
        "duly_loop_age_seconds/walk": 7,
    }
    assert {name: found.get(name) for name in expected} == expected
    assert whole == set()


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_labels_name_nobody(migrated_url: str) -> None:
    with standing(migrated_url) as stand, stand.client(client=HERE) as client:
        tallied(stand.database)
        fill(stand)
        tallied(stand.database, minutes=2)
        text = client.get("/metrics").text

    for word in ("carmel", "Carmel", "Dana", "customer-1", "+9725", "erp.example", "Somebody"):
        assert word not in text


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_long_queue_of_one_channel_says_of_the_others_how_old_they_are_at_most(
    migrated_url: str,
) -> None:
    with standing(migrated_url) as stand, stand.client(client=HERE) as client:
        add_payer(stand)
        change(stand, Message, state="waiting", due_at=NOW - 90 * SECOND)
        with stand.database.write() as session:
            (row,) = session.connection().execute(select(table_of(Message))).mappings()
            copies = [{**row, "id": 1000 + n, "key": f"copy:{n}"} for n in range(MOST)]
            insert_rows(session, Message, copies)
        found = told(client)

    assert found["duly_queue_age_seconds/sms"] == found["duly_queue_age_seconds/email"] == 90
    assert found["duly_queue_messages/sms"] == MOST


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_it_answers_nobody_without_the_token(migrated_url: str) -> None:
    with standing(migrated_url, metrics_token="the token") as stand, stand.client() as client:
        for given in ("", "Bearer ", "Bearer the toke", "Basic the token", "Bearer töken"):
            refused = client.get("/metrics", headers={b"authorization": given.encode()})
            assert refused.status_code == 401
            assert "duly_" not in refused.text
        shown = {"authorization": "Bearer the token"}
        assert "duly_due_lag_seconds" in client.get("/metrics", headers=shown).text


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_without_a_token_only_this_machine_is_answered(migrated_url: str) -> None:
    with standing(migrated_url) as stand:
        with stand.client(client=HERE) as client:
            assert client.get("/metrics").status_code == 200
        with stand.client(client=("203.0.113.7", 1)) as stranger:
            assert stranger.get("/metrics").status_code == 404


@on_both_stores
def test_each_event_is_tallied_once_whoever_counts(migrated_url: str) -> None:
    database, other = opened(migrated_url), Database(migrated_url)
    try:
        happen(database, "before_all")
        tally(database, NOW)
        happen(database, "message_accepted", "message_accepted", medium="sms")
        for seconds in range(0, 120, 10):
            now = NOW + timedelta(seconds=seconds)
            tally(database, now)
            tally(other, now)
            if seconds == 60:
                happen(other, "message_accepted", "opted_out", medium="sms")
        tally(database, NOW + 5 * SETTLED)
        with database.read() as session:
            rows = session.connection().exec_driver_sql(
                "SELECT kind, about, times FROM event_tally ORDER BY kind"
            )
            found = [tuple(row) for row in rows]
    finally:
        database.dispose()
        other.dispose()

    assert found == [("message_accepted", "sms", 3), ("opted_out", "sms", 1)]
