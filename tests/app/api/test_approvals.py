"""Messages that wait for somebody's word, by a program: read, let go, given back, once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from app.api.scopes import Scope
from tests.app.api.conftest import Api
from tests.app.delivery.approvals import waiting
from tests.app.web.people import NOW, standing
from tests.databases import on_both_stores
from tests.factories import add_invoice
from tests.world import World


@pytest.fixture
def world(migrated_url: str) -> Iterator[World]:
    made = World(migrated_url, start=NOW)
    yield made
    made.close()


@pytest.fixture
def api(world: World) -> Iterator[Api]:
    """A stand over that world, at the same instant."""
    with standing(world.url, programs=True, api_calls_per_minute=1000) as stand:
        yield Api(stand)


@pytest.fixture
def erp(world: World, api: Api) -> Iterator[TestClient]:
    waiting(world, due_on=NOW.date())
    with api.client(api.key(creditor=None)) as client:
        yield client


@on_both_stores
def test_it_is_read_and_let_go(world: World, erp: TestClient) -> None:
    (one,) = erp.get("/approvals").json()["data"]
    read = erp.get(f"/approvals/{one['id']}/message").json()
    assert (one["team"], one["template"]) == ("finance", "reminder_first")
    assert "INV-C1" in read["text"]
    assert "/p/" not in read["text"]

    told = {"outcome": "approved", "seen": read["seen"]}
    answer = erp.post(f"/approvals/{one['id']}/decision", json=told)

    assert answer.json()["why"] is None
    assert erp.get("/approvals").json()["data"] == []
    assert world.rows("message_approval")[0]["decided_by"] == "erp"
    again = erp.post(f"/approvals/{one['id']}/decision", json=told)
    assert (again.status_code, again.json()["type"][-16:]) == (409, "approval_decided")
    assert erp.get(f"/approvals/{one['id']}/message").status_code == 404


def test_it_is_given_back(world: World, erp: TestClient) -> None:
    told = {"outcome": "refused", "note": "Not now."}
    blank = erp.post("/approvals/1/decision", json={**told, "note": " "})
    assert (blank.status_code, blank.json()["errors"][0]["pointer"]) == (422, "/body/note")

    answer = erp.post("/approvals/1/decision", json=told)

    assert answer.json()["why"]["code"] == "approval_refused"
    assert world.rows("message_approval")[0]["note"] == "Not now."


def test_nobody_lets_go_what_they_did_not_read(world: World, erp: TestClient) -> None:
    seen = erp.get("/approvals/1/message").json()["seen"]
    add_invoice(world.database, 1, "INV-9", due_on=NOW.date())

    for told in (seen, "something", None):
        body = {"outcome": "approved", "seen": told}
        assert erp.post("/approvals/1/decision", json=body).status_code == 412

    assert world.rows("message_approval") == []


def test_another_creditors_key_sees_and_decides_nothing(api: Api, erp: TestClient) -> None:
    with api.client(api.key(creditor="carmel")) as other:
        assert other.get("/approvals").json()["data"] == []
        assert other.get("/approvals/1/message").status_code == 404
        told = {"outcome": "refused", "note": "Ours now."}
        assert other.post("/approvals/1/decision", json=told).status_code == 404
    with api.client(api.key(Scope.MESSAGES_READ, creditor=None)) as reader:
        assert reader.post("/approvals/1/decision", json=told).status_code == 403
