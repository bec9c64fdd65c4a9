"""What a program may do: the same acts as staff and the customer's page, with the same limits."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.engine.catalogue import Catalogue
from app.engine.enrol import Enrolment
from app.loops.assembly import publish_shipped
from tests.app.api.conftest import Api
from tests.app.web.people import NOW, Payer, add_payer

TODAY = date(2026, 11, 24)


@pytest.fixture
def dana(api: Api) -> Payer:
    publish_shipped(api.stand.database, NOW)
    return add_payer(api.stand)


def test_a_book_and_a_campaign_open_a_case_until_it_is_stopped(api: Api, erp: TestClient) -> None:
    publish_shipped(api.stand.database, NOW)
    erp.post("/customers", json={"rows": [{"external_id": "C-1", "phones": ["052-000-0001"]}]})
    bill = {"customer": "C-1", "amount_minor": 124_050, "due_on": "2026-11-12"}
    erp.post("/invoices", json={"rows": [{**bill, "external_id": "I-1"}]})
    wanted = {"name": "calm", "journey": "consumer_gentle", "audience": "days_past_due >= 3"}
    made = erp.post("/campaigns", json=wanted)
    assert (made.status_code, made.json()["subject"]) == (201, "customer")

    enrolment = Enrolment(api.stand.database, Catalogue())
    enrolment.tick(NOW)
    (case,) = erp.get("/cases", params={"campaign_id": made.json()["id"]}).json()["data"]
    changed = erp.patch(f"/campaigns/{made.json()['id']}", json={"active": False}).json()
    erp.post("/customers", json={"rows": [{"external_id": "C-2"}]})
    erp.post("/invoices", json={"rows": [{**bill, "customer": "C-2", "external_id": "I-2"}]})
    enrolment.tick(NOW)

    assert case["phase"] == "ready"
    assert (changed["active"], changed["audience"]) == (False, "days_past_due >= 3")
    assert len(erp.get("/cases").json()["data"]) == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"journey": "rude"}, "journey"),
        ({"audience": "no_such_name > 3"}, "audience"),
        ({"audience": "__import__('os')"}, "audience"),
        ({"control_share": 1.5}, "control_share"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_campaign_that_cannot_be_is_refused_at_the_field(
    erp: TestClient, dana: Payer, wrong: dict[str, Any], field: str
) -> None:
    refused = erp.post("/campaigns", json={"name": "calm", "journey": "consumer_gentle", **wrong})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == f"/body/{field}"
    assert dana.customer_id


def test_a_campaign_cannot_become_another_and_has_one_name(erp: TestClient, dana: Payer) -> None:
    made = erp.post("/campaigns", json={"name": "calm", "journey": "consumer_gentle"}).json()
    twice = erp.post("/campaigns", json={"name": "calm", "journey": "consumer_gentle"})
    assert twice.json()["errors"][0]["pointer"] == "/body/name"
    for change in ({"journey": "consumer_gentle"}, {"active": None}):
        assert erp.patch(f"/campaigns/{made['id']}", json=change).status_code == 422
    assert dana.customer_id


def test_what_changed_since_is_not_overwritten(erp: TestClient, dana: Payer) -> None:
    made = erp.post("/campaigns", json={"name": "calm", "journey": "consumer_gentle"}).json()
    path = f"/campaigns/{made['id']}"
    version = erp.get(path).headers["etag"]
    assert erp.patch(path, json={"priority": 1}, headers={"if-match": version}).status_code == 200

    late = erp.patch(path, json={"priority": 2}, headers={"if-match": version})

    assert late.status_code == 412
    assert late.headers["etag"] == erp.get(path).headers["etag"]
    assert erp.get(path).json()["priority"] == 1
    assert dana.customer_id


def test_a_promise_within_the_limits_is_taken_once(erp: TestClient, dana: Payer) -> None:
    wanted = {"customer_id": dana.customer_id, "amount_minor": 124_050, "currency": "ILS"}
    told = {**wanted, "due_on": str(TODAY + timedelta(days=5))}
    made, again = erp.post("/promises", json=told), erp.post("/promises", json=told)
    assert made.status_code == 201
    assert made.json()["made_by"] == "staff"
    assert again.json()["id"] == made.json()["id"]

    late = erp.post("/promises", json={**wanted, "due_on": "2027-11-30"})
    assert late.status_code == 409
    assert late.json()["type"] == "urn:duly:problem:promise_open" or "far" in late.json()["type"]


def test_a_plan_and_its_parts_are_agreed_and_read(erp: TestClient, dana: Payer) -> None:
    parts = [
        {"amount_minor": 62_025, "due_on": str(TODAY + timedelta(days=days))} for days in (3, 33)
    ]
    told = {"customer_id": dana.customer_id, "currency": "ILS", "parts": parts}
    made = erp.post("/plans", json=told)
    assert made.status_code == 201, made.text
    listed = erp.get("/instalments", params={"plan_id": made.json()["id"]}).json()["data"]
    assert [(part["amount_minor"], part["due_on"]) for part in listed] == [
        (part["amount_minor"], part["due_on"]) for part in parts
    ]
    short = {**told, "parts": parts[:1]}
    assert erp.post("/plans", json=short).status_code == 409


def test_a_dispute_is_opened_and_ended(erp: TestClient, dana: Payer) -> None:
    (first, _) = erp.get("/invoices").json()["data"]
    told = {"customer_id": dana.customer_id, "invoice_id": first["id"], "kind": "wrong_amount"}
    made = erp.post("/disputes", json=told)
    assert made.status_code == 201
    assert made.json()["state"] == "open"

    ended = erp.post(f"/disputes/{made.json()['id']}/resolution", json={"upheld": False})

    assert ended.json()["state"] == "rejected"
    assert erp.post("/disputes", json={**told, "invoice_id": 10**9}).status_code == 404


def test_a_stop_that_was_told_elsewhere_stops_and_evidence_opens_it_again(
    erp: TestClient, dana: Payer
) -> None:
    stop = {"customer_id": dana.customer_id, "evidence": "call of Monday"}
    assert erp.post("/consents/withdrawals", json=stop).json() == {"changed": True}
    assert erp.post("/consents/withdrawals", json=stop).json() == {"changed": False}

    given = {"customer_id": dana.customer_id, "medium": "sms", "evidence": "form 7"}
    assert erp.post("/consents", json=given).json() == {"still_closed": []}
    latest = erp.get("/consents", params={"customer_id": dana.customer_id}).json()["data"][-1]
    assert (latest["given"], latest["medium"], latest["evidence"]) == (True, "sms", "form 7")
    assert erp.post("/consents", json={**given, "evidence": ""}).status_code == 422


def test_a_task_is_taken_and_finished(erp: TestClient, dana: Payer) -> None:
    (invoice, _) = erp.get("/invoices").json()["data"]
    told = {"customer_id": dana.customer_id, "invoice_id": invoice["id"], "kind": "other"}
    erp.post("/disputes", json=told)
    (task,) = erp.get("/tasks", params={"state": "open"}).json()["data"]

    erp.patch(f"/tasks/{task['id']}", json={"owner": "Rami"})
    done = erp.patch(f"/tasks/{task['id']}", json={"state": "done"}).json()
    again = erp.patch(f"/tasks/{task['id']}", json={"state": "open"}).json()

    assert (done["owner"], done["state"], done["done_at"] is None) == ("Rami", "done", False)
    assert (again["owner"], again["done_at"]) == ("Rami", None)
    assert erp.patch(f"/tasks/{task['id']}", json={"state": None}).status_code == 422


def test_nothing_can_be_done_to_another_creditors_customer(api: Api, dana: Payer) -> None:
    who = {"customer_id": dana.customer_id}
    money = {"amount_minor": 100, "due_on": "2026-11-30"}
    with api.client(api.key(creditor="other")) as other:
        for path, told in (
            ("/promises", {**who, **money, "currency": "ILS"}),
            ("/plans", {**who, "currency": "ILS", "parts": [money]}),
            ("/disputes", {**who, "invoice_id": 1, "kind": "other"}),
            ("/disputes/1/resolution", {"upheld": True}),
            ("/consents", {**who, "medium": "sms", "evidence": "x"}),
            ("/consents/withdrawals", {**who, "evidence": "x"}),
        ):
            assert other.post(path, json=told).status_code == 404, path
        assert other.patch("/campaigns/1", json={"active": False}).status_code == 404
        assert other.patch("/tasks/1", json={"state": "done"}).status_code == 404
