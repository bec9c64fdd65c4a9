"""What a program tells of things that happened elsewhere: notices, holds, hardship, creditors."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from app.loops.assembly import publish_shipped
from app.store.journal import Happened, record
from app.store.rows import Refused
from tests.app.api.conftest import Api
from tests.app.web.people import NOW, Payer, add_payer, hold_back, one_value
from tests.factories import add

NORTHWIND = {
    "external_id": "northwind",
    "name": "Northwind Ltd",
    "country": "IL",
    "zone": "Asia/Jerusalem",
    "locale": "he",
    "currency": "ILS",
    "brand": {"person": "Noa Levi", "phone": "+972 4 855 0100"},
}


@pytest.fixture
def dana(api: Api) -> Payer:
    publish_shipped(api.stand.database, NOW)
    return add_payer(api.stand, country="GB", zone="Europe/London")


def test_what_happened_elsewhere_takes_effect_at_once(
    api: Api, erp: TestClient, dana: Payer
) -> None:
    hold_back(api.stand, dana)
    who = {"customer_id": dana.customer_id}
    (point, *_) = erp.get("/contact-points", params=who).json()["data"]
    for told in (
        {"kind": "hardship_reported", "cause": "illness", "words": "I am ill"},
        {"kind": "hardship_reported", "cause": "illness", "words": "I want to kill myself"},
        {"kind": "details_confirmed", "pay_day": 25},
        {"kind": "notice_given", "notice": "validation_notice", "on": "2026-11-20"},
        {"kind": "wrong_person_reported", "contact_point_id": point["id"]},
    ):
        answer = erp.post("/events", json={**who, **told})
        assert (answer.status_code, answer.json()) == (200, {"kind": told["kind"], **who})

    kinds = {event["kind"] for event in erp.get("/events", params=who).json()["data"]}
    held = {hold["kind"] for hold in erp.get("/holds", params={"open": True}).json()["data"]}
    assert {"hardship_reported", "details_confirmed", "wrong_person_reported"} <= kinds
    assert {"hardship", "wrong_person", "danger"} <= held
    assert one_value(api.stand, "SELECT count(*) FROM alarm") == 1
    state = f"SELECT state FROM message WHERE id = {dana.message_id}"
    assert one_value(api.stand, state) == "stopped"


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({"kind": "moon_landing"}, 422),
        ({"kind": "details_confirmed", "pay_day": 32}, 422),
        ({"kind": "notice_given", "notice": "validation_notice", "on": "2026-12-20"}, 422),
        ({"kind": "notice_given", "notice": "opt_out", "on": "2026-11-20"}, 422),
        ({"kind": "wrong_person_reported", "contact_point_id": 10**9}, 404),
        ({"kind": "hardship_reported", "customer_id": 10**9}, 404),
    ],
)
def test_an_event_that_cannot_be_is_refused(
    erp: TestClient, dana: Payer, told: dict[str, Any], status: int
) -> None:
    answer = erp.post("/events", json={"customer_id": dana.customer_id, **told})
    assert answer.status_code == status


def test_a_hold_lasts_as_its_law_says_and_ends_when_its_cause_does(
    erp: TestClient, dana: Payer
) -> None:
    who = {"customer_id": dana.customer_id}
    placed = erp.post("/holds", json={**who, "kind": "breathing_space", "starts_on": "2026-11-24"})
    assert placed.status_code == 201, placed.text
    assert placed.json()["rule"].startswith("UK")
    assert placed.json()["until"] is not None

    crisis = {**who, "kind": "mental_health_crisis"}
    assert erp.post("/holds", json={**crisis, "starts_on": "2026-11-24"}).json()["until"] is None
    ended = erp.post("/holds/ends", json={**crisis, "over_on": "2026-12-01"})
    assert ended.json()["until"] is not None

    refused = erp.post("/holds/ends", json={**crisis, "over_on": "2026-12-01"})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:duly:problem:hold_refused")


def test_a_creditor_is_made_once_and_its_law_never_changes(api: Api, erp: TestClient) -> None:
    assert erp.post("/creditors", json=NORTHWIND).status_code == 403
    with api.client(api.key(creditor=None)) as house:
        made = house.post("/creditors", json=NORTHWIND).json()
        again = house.post("/creditors", json={**NORTHWIND, "brand": {"phone": ""}}).json()
        other = house.post("/creditors", json={**NORTHWIND, "currency": "EUR"})

        assert made["id"] == again["id"]
        assert (other.status_code, other.json()["type"]) == (
            409,
            "urn:duly:problem:creditor_differs",
        )
        rows = {"creditor": "northwind", "rows": [{"external_id": "C-1"}]}
        assert house.post("/customers", json=rows).json()["taken"] == 1


def test_a_timeline_tells_in_order_what_happened_and_why(
    api: Api, erp: TestClient, dana: Payer
) -> None:
    (case,) = erp.get("/cases", params={"customer_id": dana.customer_id}).json()["data"]
    passed = {"step": "friendly", "reason": "condition_false", "params": {"condition": "is_vip"}}
    at_case = {"customer_id": dana.customer_id, "case_id": case["id"]}
    with api.stand.database.write() as session:
        record(session, [Happened("StepPassed", at=NOW, payload=passed, **at_case)], now=NOW)
    refused = {"asked_by": "decide", "step": "friendly", "medium": "sms", "rule": "IL-X"}
    why = {"reason": "not_yet", "params": {"step": "friendly", "on": "2026-12-01"}}
    add(api.stand.database, Refused, case_id=case["id"], at=NOW, **refused, **why)
    erp.post("/events", json={"customer_id": dana.customer_id, "kind": "details_confirmed"})

    answer = erp.get(f"/cases/{case['id']}/timeline")

    told = [(line["kind"], (line["why"] or {}).get("sentence")) for line in answer.json()["lines"]]
    assert told[-3:] == [
        ("refused", "The next step, friendly, is due on 2026-12-01."),
        ("StepPassed", "Step friendly applies only when is_vip."),
        ("details_confirmed", None),
    ]
    known = {"if-none-match": answer.headers["etag"]}
    assert erp.get(f"/cases/{case['id']}/timeline", headers=known).status_code == 304
    with api.client(api.key(creditor="other")) as other:
        assert other.get(f"/cases/{case['id']}/timeline").status_code == 404
