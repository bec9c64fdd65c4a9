"""Reading: whole lists page by page, filters, versions, and nothing of another creditor."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from app.api.nouns import NOUNS
from tests.app.api.conftest import Api
from tests.app.web.people import Payer, add_attempt, add_payer
from tests.factories import add_customer


@pytest.fixture
def dana(api: Api) -> Payer:
    return add_payer(api.stand)


def whole(client: TestClient, path: str, **asked: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    following: str | None = None
    while True:
        sent = {**asked, **({"cursor": following} if following else {})}
        page = client.get(path, params=sent).json()
        rows += page["data"]
        following = page["next"]
        if following is None:
            return rows


def test_a_list_is_told_whole_whatever_the_size_of_its_pages(api: Api, erp: TestClient) -> None:
    made = [add_payer(api.stand, f"Somebody {number}").customer_id for number in range(7)]

    for limit in (1, 2, 3, 7, 200):
        assert [row["id"] for row in whole(erp, "/customers", limit=limit)] == made


def test_rows_that_come_while_one_reads_are_told_too(api: Api, erp: TestClient) -> None:
    first = add_payer(api.stand).customer_id
    second = add_payer(api.stand).customer_id
    page = erp.get("/customers", params={"limit": 1}).json()
    third = add_payer(api.stand).customer_id

    rest = erp.get("/customers", params={"limit": 9, "cursor": page["next"]}).json()

    assert page["data"][0]["id"] == first
    assert [row["id"] for row in rest["data"]] == [second, third]


def test_every_noun_can_be_read_as_a_list_and_alone(erp: TestClient, dana: Payer) -> None:
    filled = 0
    for noun in NOUNS:
        listed = erp.get(f"/{noun.path}")
        assert listed.status_code == 200, noun.path
        for row in listed.json()["data"]:
            assert erp.get(f"/{noun.path}/{row['id']}").json() == row
            filled += 1
        assert erp.get(f"/{noun.path}/999999").status_code == 404
    assert filled >= 7
    assert dana.customer_id


def test_what_belongs_to_another_creditor_is_not_there(api: Api, dana: Payer) -> None:
    with api.client(api.key(creditor="other")) as other, api.client(api.key()) as own:
        for noun in NOUNS:
            if noun.path == "creditors":
                continue
            assert other.get(f"/{noun.path}").json()["data"] == [], noun.path
            for row in own.get(f"/{noun.path}").json()["data"]:
                there = other.get(f"/{noun.path}/{row['id']}")
                never = other.get(f"/{noun.path}/999999")
                assert there.status_code == 404, noun.path
                assert there.json() == never.json()
    assert dana.customer_id


def test_a_key_of_the_house_sees_every_creditor(api: Api) -> None:
    with api.client(api.key(creditor=None)) as house:
        names = {row["external_id"] for row in whole(house, "/creditors")}
    assert names == {"carmel", "other"}


def test_filters_narrow_and_an_unknown_one_is_refused(erp: TestClient, dana: Payer) -> None:
    mine = whole(erp, "/invoices", customer_id=dana.customer_id, open=True)

    assert len(mine) == 2
    assert whole(erp, "/invoices", due_to="2020-01-01") == []
    assert whole(erp, "/invoices", external_id=mine[0]["external_id"]) == [mine[0]]
    assert whole(erp, "/invoices", open=False) == []
    unknown = erp.get("/invoices", params={"customer": 1})
    assert unknown.status_code == 422
    assert unknown.json()["errors"][0]["pointer"] == "/query/customer"


@pytest.mark.parametrize("cursor", ["", "AAAA", "x" * 100, "é", "AAAAAAAAAAow3Jp6bVYb1x5p0Qm_"])
def test_a_cursor_that_is_not_ours_is_refused(erp: TestClient, cursor: str) -> None:
    answer = erp.get("/customers", params={"cursor": cursor})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/query/cursor"


def test_a_cursor_of_another_list_is_refused(api: Api, erp: TestClient) -> None:
    for _ in range(2):
        add_payer(api.stand)
    add_customer(api.stand.database, api.stand.creditor_id, "third")
    following = erp.get("/customers", params={"limit": 1}).json()["next"]

    assert erp.get("/invoices", params={"cursor": following}).status_code == 422
    narrower = {"cursor": following, "external_id": "third"}
    assert erp.get("/customers", params=narrower).status_code == 422
    with api.client(api.key(creditor=None)) as house:
        assert house.get("/customers", params={"cursor": following}).status_code == 422


def test_who_has_the_version_already_gets_no_body(erp: TestClient, dana: Payer) -> None:
    first = erp.get(f"/customers/{dana.customer_id}")
    version, external_id = first.headers["etag"], first.json()["external_id"]

    for known in (version, f"W/{version}", f'"other", {version}', "*"):
        again = erp.get(f"/customers/{dana.customer_id}", headers={"if-none-match": known})
        assert (again.status_code, again.content) == (304, b"")
    erp.post("/customers", json={"rows": [{"external_id": external_id, "name": "Dana Bar"}]})
    changed = erp.get(f"/customers/{dana.customer_id}", headers={"if-none-match": version})
    assert changed.status_code == 200
    assert changed.headers["etag"] != version


def test_a_text_is_told_without_a_link_that_works(api: Api, erp: TestClient, dana: Payer) -> None:
    add_attempt(api.stand, dana)

    (attempt,) = whole(erp, "/attempts")

    assert "[link " in attempt["text"]
    assert dana.token not in str(attempt)
    assert api.stand.creditor_id == attempt["creditor_id"]
