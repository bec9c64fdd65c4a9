"""Booking many rows a call: a result for each, each once, and the bad ones keep nobody out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from starlette.testclient import TestClient

from app.store.given import table_of
from app.store.rows import ApiCall
from tests.app.api.conftest import Api
from tests.app.web.people import NOW

NOA = {
    "external_id": "C-1",
    "name": "Noa Levi",
    "locale": "he",
    "phones": ["052-000-0001"],
    "emails": ["Noa@Example.com"],
    "consents": [{"medium": "sms", "given": True, "source": "contract", "method": "ticked"}],
    "postal": {"city": "Haifa", "country": "il"},
}
BILL = {"external_id": "I-1", "customer": "C-1", "amount_minor": 124_050, "due_on": "2026-11-12"}


def booked(client: TestClient, path: str, *rows: Any, **more: Any) -> dict[str, Any]:
    answer = client.post(path, json={"rows": list(rows), **more})
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def taken(client: TestClient, path: str, row: Any) -> None:
    told = booked(client, path, row)
    assert told["refused"] == 0, told["rows"]


def test_a_book_goes_in_and_is_read_back(erp: TestClient) -> None:
    assert booked(erp, "/customers", NOA)["taken"] == 1
    assert booked(erp, "/invoices", BILL)["taken"] == 1
    payment = {"external_id": "P-1", "customer": "C-1", "amount_minor": 24_050}
    booked(erp, "/payments", {**payment, "paid_on": "2026-11-20", "invoice": "I-1"})

    (customer,) = erp.get("/customers", params={"external_id": "C-1"}).json()["data"]
    (invoice,) = erp.get("/invoices").json()["data"]
    points = erp.get("/contact-points", params={"customer_id": customer["id"]}).json()["data"]

    assert (customer["name"], customer["postal"]) == (
        "Noa Levi",
        {"city": "Haifa", "country": "IL"},
    )
    assert (invoice["amount_minor"], invoice["open_minor"]) == (124_050, 100_000)
    assert {(point["medium"], point["address"]) for point in points} == {
        ("sms", "+972520000001"),
        ("whatsapp", "+972520000001"),
        ("email", "noa@example.com"),
    }


def test_the_same_again_changes_nothing(erp: TestClient) -> None:
    payment = {"external_id": "P-1", "customer": "C-1", "amount_minor": 5, "paid_on": "2026-11-20"}
    for first in (True, False):
        changed = [
            booked(erp, "/customers", NOA)["changed"],
            booked(erp, "/invoices", BILL)["changed"],
            booked(erp, "/payments", payment)["changed"],
        ]
        assert [number > 0 for number in changed] == [first] * 3


def test_money_that_went_back_opens_the_invoice_again(erp: TestClient) -> None:
    taken(erp, "/customers", NOA)
    taken(erp, "/invoices", BILL)
    paid = {"external_id": "P-1", "customer": "C-1", "amount_minor": 124_050, "invoice": "I-1"}
    taken(erp, "/payments", {**paid, "paid_on": "2026-11-20"})
    back: dict[str, Any] = {
        "external_id": "R-1",
        "customer": "C-1",
        "amount_minor": 124_050,
        "payment": "P-1",
    }
    back["invoice"] = "I-1"
    taken(erp, "/reversals", {**back, "kind": "chargeback", "reversed_on": "2026-11-23"})
    note = {"external_id": "N-1", "customer": "C-1", "amount_minor": 24_050, "invoice": "I-1"}
    taken(erp, "/credit-notes", {**note, "credited_on": "2026-11-23"})

    (invoice,) = erp.get("/invoices").json()["data"]
    kinds = [row["kind"] for row in erp.get("/reversals").json()["data"]]

    assert invoice["open_minor"] == 100_000
    assert kinds == ["chargeback", "credit_note"]


BAD_ROWS: tuple[tuple[str, Any, str], ...] = (
    ("/invoices", {**BILL, "amount_minor": -1}, "greater than 0"),
    ("/invoices", {**BILL, "amount_minor": 12.5}, "integer"),
    ("/invoices", {**BILL, "amount_minor": 10**18}, "less than"),
    ("/invoices", {**BILL, "currency": "XQQ"}, "no known currency"),
    ("/invoices", {**BILL, "due_on": "0001-01-01"}, "1970-01-01"),
    ("/invoices", {**BILL, "due_on": "31/12/2026"}, "date"),
    ("/invoices", {**BILL, "customer": "C-404"}, "not in the book"),
    ("/invoices", {**BILL, "surprise": 1}, "not permitted"),
    ("/invoices", "no row at all", "valid dictionary"),
    ("/customers", {"external_id": "C-9", "phones": ["12"]}, "phone number"),
    ("/customers", {"external_id": "C-9", "emails": ["nobody"]}, "no email address"),
    ("/customers", {"external_id": "C-9", "zone": "Asia/Haifa"}, "no known zone"),
    ("/customers", {"external_id": "C-9", "name": "No\u0000a"}, "no text may hold"),
    ("/customers", {"external_id": ""}, "at least 1 character"),
    (
        "/payments",
        {"external_id": "P", "customer": "C-1", "amount_minor": 1, "paid_on": "2026-12-24"},
        "in the future",
    ),
)
GOOD_ROWS: dict[str, dict[str, Any]] = {
    "/customers": {"external_id": "C-2"},
    "/invoices": {**BILL, "external_id": "I-2"},
    "/payments": {
        "external_id": "P-2",
        "customer": "C-1",
        "amount_minor": 1,
        "paid_on": "2026-11-20",
    },
}


def test_a_bad_row_stays_out_with_its_reason_and_the_others_go_in(erp: TestClient) -> None:
    booked(erp, "/customers", NOA)
    for path, row, reason in BAD_ROWS:
        told = booked(erp, path, row, GOOD_ROWS[path])

        assert (told["taken"], told["refused"]) == (1, 1)
        assert [result["status"] for result in told["rows"]] == ["refused", "taken"]
        assert reason in told["rows"][0]["reasons"][0]


def test_a_reason_never_repeats_what_was_sent(erp: TestClient) -> None:
    secret = "Rachel 052"
    rows: list[dict[str, Any]] = [
        {"external_id": "C-1", name: secret} for name in ("zone", "kind", "hours", "gender")
    ]
    rows += [{"external_id": "C-1", "phones": [secret]}, {"external_id": "C-1", secret: 1}]

    told = booked(erp, "/customers", *rows)

    assert told["refused"] == len(rows)
    assert "Rachel" not in str([row["reasons"] for row in told["rows"][:-1]])


def test_two_rows_of_one_invoice_are_one_and_a_reason(erp: TestClient) -> None:
    booked(erp, "/customers", NOA)
    told = booked(erp, "/invoices", BILL, {**BILL, "amount_minor": 1})
    assert [row["status"] for row in told["rows"]] == ["taken", "refused"]
    assert told["rows"][1]["reasons"] == ["the invoice stands on line 1 already"]


def test_a_thousand_rows_are_taken_and_one_more_is_not(erp: TestClient) -> None:
    rows = [{"external_id": f"C-{number}"} for number in range(1000)]
    assert booked(erp, "/customers", *rows)["taken"] == 1000

    refused = erp.post("/customers", json={"rows": [*rows, {"external_id": "C-1000"}]})

    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/body/rows"


def test_a_named_call_is_done_once_and_answered_alike(api: Api, erp: TestClient) -> None:
    named = {"idempotency-key": "monday-1"}
    first = erp.post("/customers", json={"rows": [NOA]}, headers=named)
    again = erp.post("/customers", json={"rows": [NOA]}, headers=named)

    assert first.json()["changed"] > 0
    assert again.content == first.content
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    with api.client(api.key()) as another:  # another key's names are its own
        assert (
            another.post("/customers", json={"rows": [NOA]}, headers=named).json()["changed"] == 0
        )


def test_another_call_under_the_same_name_is_refused(erp: TestClient) -> None:
    named = {"idempotency-key": "monday-1"}
    erp.post("/customers", json={"rows": [NOA]}, headers=named)

    other = erp.post("/customers", json={"rows": [{**NOA, "name": "Dana"}]}, headers=named)
    elsewhere = erp.post("/invoices", json={"rows": [BILL]}, headers=named)

    assert (other.status_code, elsewhere.status_code) == (409, 409)
    assert other.json()["type"] == "urn:duly:problem:another_call"
    assert erp.get("/customers").json()["data"][0]["name"] == "Noa Levi"


def test_a_refused_call_may_be_mended_under_its_name(erp: TestClient) -> None:
    named = {"idempotency-key": "monday-1"}
    house = {"creditor": "nobody", "rows": [NOA]}
    assert erp.post("/customers", json=house, headers=named).status_code == 404
    assert erp.post("/customers", json={"rows": [NOA]}, headers=named).status_code == 200


def test_a_key_books_for_its_own_creditor_alone(api: Api, erp: TestClient) -> None:
    foreign = erp.post("/customers", json={"creditor": "other", "rows": [NOA]})
    unknown = erp.post("/customers", json={"creditor": "nobody", "rows": [NOA]})
    assert (foreign.status_code, foreign.json()) == (404, unknown.json())

    with api.client(api.key(creditor=None)) as house:
        needed = house.post("/customers", json={"rows": [NOA]})
        assert needed.status_code == 422
        assert needed.json()["errors"][0]["pointer"] == "/body/creditor"
        booked(house, "/customers", NOA, creditor="other")
        assert len(house.get("/customers").json()["data"]) == 1


def test_the_book_is_as_old_as_the_caller_says_and_never_from_tomorrow(erp: TestClient) -> None:
    for told, kept in (
        ("2026-11-24T06:00:00+02:00", "2026-11-24T04:00:00Z"),
        ("2026-11-20T06:00:00Z", "2026-11-24T04:00:00Z"),
        ("2030-01-01T00:00:00Z", "2026-11-24T09:00:00Z"),
    ):
        booked(erp, "/customers", NOA, as_of=told)
        assert erp.get("/creditors").json()["data"][0]["ledger_as_of"] == kept
    assert (
        erp.post("/customers", json={"rows": [NOA], "as_of": "2026-11-24T06:00:00"}).status_code
        == 422
    )


def test_named_calls_are_forgotten_after_a_week(api: Api, erp: TestClient) -> None:
    from app.api.calls import forget_calls

    erp.post("/customers", json={"rows": [NOA]}, headers={"idempotency-key": "monday-1"})
    with api.stand.database.write() as session:
        assert forget_calls(session, NOW + timedelta(days=6)) == 0
        assert forget_calls(session, NOW + timedelta(days=8)) == 1
        assert session.connection().execute(table_of(ApiCall).select()).all() == []
