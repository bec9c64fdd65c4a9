"""What nobody should send: a clear refusal each, nothing lost, nothing leaked, nothing grown."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select
from starlette.responses import Response
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from app.api.bodies import LARGEST
from app.api.desk import Desk
from app.api.door import Door
from app.loops.assembly import publish_shipped
from app.store.given import table_of
from app.store.rows import ApiCall, Customer
from tests.app.api.conftest import Api
from tests.app.web.people import NOW
from tests.databases import on_both_stores

JSON = {"content-type": "application/json"}
PROBLEM = "application/problem+json"


def chunks() -> Iterator[bytes]:
    """A body that does not say how long it is."""
    for _ in range(LARGEST // 65_536 + 1):
        yield b"x" * 65_536


def kind_of(answer: Any) -> str:
    told: str = answer.json()["type"]
    return told.rsplit(":", 1)[-1]


def test_a_body_that_cannot_be_read_is_a_problem_and_quotes_nothing(erp: TestClient) -> None:
    for body, status, kind in (
        (b"x" * (LARGEST + 1), 413, "too_large"),
        (chunks(), 413, "too_large"),
        (b"[" * 100_000, 400, "unreadable"),
        (b'{"rows":[' + b"9" * 5000 + b"]}", 400, "unreadable"),
        (b'{"rows":["\xff"]}', 400, "unreadable"),
        (b'{"rows":"Noa Levi"', 422, "invalid"),
        (b'{"rows":"Noa Levi"}', 422, "invalid"),
        (b'{"rows":[{"external_id":"C-1"}]} Noa Levi', 422, "invalid"),
        (b'{"rows":[{"external_id":"C-1","name":"Noa Levi","name":"Noa"}]}', 422, "invalid"),
        (b'{"rows":[],"rows":[{"external_id":"C-1"}]}', 422, "invalid"),
        (b'{"rows":[{"external_id":"C-1","birth_year":NaN}]}', 422, "invalid"),
        (b'{"rows":[{"external_id":"C-1"}],"Noa Levi":1}', 422, "invalid"),
        (json.dumps({"rows": [{"external_id": "C-1"}] * 1001}).encode(), 422, "invalid"),
    ):
        answer = erp.post("/customers", content=body, headers=JSON)
        assert (answer.status_code, kind_of(answer)) == (status, kind)
        assert answer.headers["content-type"] == PROBLEM
        assert answer.json()["detail"] or answer.json()["errors"]
        assert "Noa" not in answer.text.replace("/body/Noa Levi", "")
    assert erp.get("/customers").json()["data"] == []
    assert erp.post("/webhook-endpoints/1/secret", content=chunks(), headers=JSON).status_code in {
        404,
        413,
    }


INVOICE = {"external_id": "I-1", "customer": "C-1", "amount_minor": 500, "due_on": "2026-03-01"}


BAD_FIELDS: tuple[tuple[str, Any], ...] = (
    *(("amount_minor", told) for told in (-1, 0, True, "5", 5.0, 1.5, 10**400, None)),
    *(("currency", told) for told in ("XYZ", "", "€", "XXX", "XAU", "XTS", "ILS\0", 5)),
    *(("due_on", told) for told in ("0001-01-01", "9999-12-31", "2026-02-30", "tomorrow")),
    *(("due_on", told) for told in (0, 1e20, True, "0", "2026-03-01T00:00:00Z")),
    *(("customer", told) for told in ("C-2", "C\0", "C\ud800", "C" * 501)),
    ("external_id", "I\ud800"),
    ("amuont_minor", 5),
)


def test_a_row_that_no_book_may_hold_stays_out_and_says_why(booked: TestClient) -> None:
    rows = [
        {**INVOICE, "external_id": f"I-{n}", field: told}
        for n, (field, told) in enumerate(BAD_FIELDS)
    ]
    body = json.dumps({"rows": [*rows, INVOICE]})

    *bad, good = booked.post("/invoices", content=body, headers=JSON).json()["rows"]

    assert good["status"] == "taken"
    for n, (field, told), row in zip(count(), BAD_FIELDS, bad, strict=False):
        assert row["status"] == "refused", (field, told)
        assert row["external_id"] == (None if field == "external_id" else f"I-{n}")
        assert len(row["reasons"]) == 1
    assert len(booked.get("/invoices").json()["data"]) == 1


BAD_ACTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("/invoices", {"rows": [INVOICE], "as_of": "0001-01-01T00:00:00+14:00"}),
    ("/invoices", {"rows": [INVOICE], "as_of": "9999-12-31T23:59:59-14:00"}),
    ("/invoices", {"rows": [INVOICE], "as_of": 1772370000}),
    ("/invoices", {"rows": [INVOICE], "as_of": "1772370000"}),
    ("/events", {"kind": "hardship_reported", "customer_id": True}),
    ("/events", {"kind": "details_confirmed", "customer_id": 1, "pay_day": True}),
    ("/campaigns", {"name": "a", "journey": "consumer_gentle", "control_share": True}),
    ("/campaigns", {"name": "a", "journey": "../../etc/passwd"}),
    ("/campaigns", {"name": "a", "journey": "consumer_gentle", "audience": "9**9**9 > 1"}),
)


def test_an_act_that_cannot_be_meant_is_refused(booked: TestClient) -> None:
    for path, told in BAD_ACTS:
        answer = booked.post(path, json=told)
        assert (answer.status_code, kind_of(answer)) == (422, "invalid"), (path, told)
        assert answer.json()["errors"]
    for name in ("k" * 10_000, ""):
        headers = {"idempotency-key": name}
        answer = booked.post("/invoices", json={"rows": [INVOICE]}, headers=headers)
        assert (answer.status_code, kind_of(answer)) == (422, "invalid")
    assert booked.get("/invoices").json()["data"] == []


def test_what_is_another_creditors_is_not_there(api: Api, booked: TestClient) -> None:
    """Whether it is named by its number, by its name, or as the owner of a call."""
    add_creditor_with_a_customer(api)
    other = {"customer_id": 2}
    for answer in (
        booked.get("/customers/2"),
        booked.get("/creditors/2"),
        booked.post("/invoices", json={"creditor": "other", "rows": [INVOICE]}),
        booked.post("/campaigns", json={"creditor": "other", "name": "a", "journey": "b"}),
        booked.post("/events", json={"kind": "hardship_reported", **other}),
        booked.post("/consents/withdrawals", json={"evidence": "call", **other}),
    ):
        assert (answer.status_code, kind_of(answer)) == (404, "not_found")
        assert answer.json()["detail"]
    assert booked.get("/customers?creditor_id=2").json() == {"data": [], "next": None}
    theirs = {"rows": [{**INVOICE, "customer": "C-2"}]}
    assert booked.post("/invoices", json=theirs).json()["taken"] == 0


@pytest.fixture
def booked(erp: TestClient) -> TestClient:
    """The stand's creditor has a customer."""
    erp.post("/customers", json={"rows": [{"external_id": "C-1"}]})
    return erp


def add_creditor_with_a_customer(api: Api) -> None:
    with api.client(api.key(creditor="other")) as client:
        client.post("/customers", json={"rows": [{"external_id": "C-2"}]})


def test_only_json_is_read(erp: TestClient) -> None:
    for told in ("text/plain", "application/xml", "multipart/form-data; boundary=x", ""):
        headers = {"content-type": told}
        answer = erp.post("/customers", content=b'{"rows":[{}]}', headers=headers)
        assert (answer.status_code, kind_of(answer)) == (415, "not_json")
    charset = {"content-type": "Application/JSON; charset=utf-8"}
    assert erp.post("/customers", content=b'{"rows":[{}]}', headers=charset).status_code == 200


BAD_QUESTIONS: tuple[tuple[str, dict[str, str]], ...] = (
    ("/customers", {"external_id": "a\0b"}),
    ("/customers", {"person_id": str(2**70)}),
    ("/customers", {"limit": "9" * 5000}),
    ("/payments", {"received_from": "0001-01-01T00:00:00+14:00"}),
    ("/invoices", {"due_from": "tomorrow"}),
    ("/invoices", {"due_from": "0"}),
    (f"/customers/{2**70}", {}),
    (f"/customers/{2**31}", {}),
)


def test_a_question_beyond_what_a_store_can_hold_is_refused(erp: TestClient) -> None:
    for path, query in BAD_QUESTIONS:
        assert erp.get(path, params=query).status_code == 422, (path, query)


def test_who_asks_by_another_method_is_told_so_under_the_usual_headers(erp: TestClient) -> None:
    there = erp.head("/customers")
    assert there.status_code == 200
    assert there.headers["etag"] == erp.get("/customers").headers["etag"]
    for method in ("OPTIONS", "PUT", "DELETE"):
        answer = erp.request(method, "/customers")
        assert (answer.status_code, kind_of(answer)) == (405, "method_not_allowed")
        assert answer.headers["allow"] == "GET, HEAD, POST"
        assert "Allow" in answer.json()["detail"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert answer.headers["cache-control"] == "no-store"
    assert erp.get("/customers/").status_code == 404


async def broken(scope: Scope, receive: Receive, send: Send) -> None:
    raise RuntimeError("Noa Levi owes 1,240.50")


def desk_of(api: Api) -> Desk:
    return Desk(api.stand.database, api.stand.clock, b"secret", 100)


def test_what_breaks_inside_is_told_without_a_word_of_it(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    headers = {"authorization": f"Bearer {api.key().secret}"}
    with caplog.at_level(logging.INFO):
        client = TestClient(Door(broken, desk=desk_of(api)))
        answer = client.get("/customers/1", headers=headers)

    assert (answer.status_code, kind_of(answer)) == (500, "broken")
    assert "Noa" not in answer.text
    (line,) = [record for record in caplog.records if record.name == "app.api.door"]
    assert line.getMessage() == "GET of the API failed"  # the log's formatter keeps its words out


def test_ten_thousand_calls_of_strangers_leave_nothing_behind(api: Api) -> None:
    door = Door(broken, desk=desk_of(api))
    statuses: list[int] = []

    async def receive() -> Message:
        raise AssertionError("a stranger's body is not read")

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    async def flood() -> None:
        scope = {"type": "http", "method": "GET", "path": "/customers", "headers": []}
        for _ in range(10_000):
            await door(dict(scope), receive, send)

    asyncio.run(flood())
    assert statuses.count(401) <= 200  # the bucket, and what flows in meanwhile
    assert statuses.count(401) + statuses.count(429) == 10_000
    assert len(door.limits) == 1


def test_a_key_that_calls_too_often_is_told_when_to_come_and_others_are_served(api: Api) -> None:
    hasty, calm = (f"Bearer {api.key().secret}" for _ in range(2))

    async def answering(scope: Scope, receive: Receive, send: Send) -> None:
        await Response("well")(scope, receive, send)

    client = TestClient(Door(answering, desk=desk_of(api)))
    answers = [client.get("/", headers={"authorization": hasty}) for _ in range(300)]
    other = client.get("/", headers={"authorization": calm})

    granted = [answer for answer in answers if answer.status_code == 200]
    assert 100 <= len(granted) < 200  # the bucket, and what flows in meanwhile
    refused = answers[-1]
    assert (refused.status_code, kind_of(refused)) == (429, "too_many_calls")
    assert int(refused.headers["retry-after"]) >= 1
    assert refused.headers["ratelimit"].startswith('"calls";r=0')
    assert other.status_code == 200


def at_once(*calls: Callable[[], int]) -> list[int]:
    """Makes these calls at one moment. Answers their statuses, sorted."""
    ready = Barrier(len(calls))

    def call(one: Callable[[], int]) -> int:
        ready.wait()
        return one()

    with ThreadPoolExecutor(len(calls)) as pool:
        return sorted(pool.map(call, calls))


@on_both_stores
def test_of_two_who_call_at_once_under_one_name_one_does_it(api: Api) -> None:
    publish_shipped(api.stand.database, NOW)
    key, named = api.key(), {"idempotency-key": "of Monday"}

    def book(number: int) -> int:
        with api.client(key) as client:
            rows = {"rows": [{"external_id": f"C-{number}"}]}
            return client.post("/customers", json=rows, headers=named).status_code

    assert at_once(lambda: book(1), lambda: book(1)) == [200, 200]
    assert at_once(lambda: book(1), lambda: book(2)) == [200, 409]
    with api.stand.database.read() as session:
        counted = session.connection().execute
        assert counted(select(func.count()).select_from(table_of(ApiCall))).scalar_one() == 1
        assert counted(select(func.count()).select_from(table_of(Customer))).scalar_one() == 1

    def start() -> int:
        with api.client(key) as client:
            wanted = {"name": "calm", "journey": "consumer_gentle"}
            return client.post("/campaigns", json=wanted).status_code

    assert at_once(start, start) == [201, 422]
    with api.client(key) as client:
        version = client.get("/campaigns/1").headers["etag"]

    def change(priority: int) -> int:
        with api.client(key) as client:
            headers = {"if-match": version}
            return client.patch(
                "/campaigns/1", json={"priority": priority}, headers=headers
            ).status_code

    assert at_once(lambda: change(1), lambda: change(2)) == [200, 412]
