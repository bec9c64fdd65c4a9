"""What customers asked for and told on their page is read by programs, and a plan decided on."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session
from starlette.testclient import TestClient

from app.intake.calls import Called, arrange_call
from app.intake.concerned import stop_customer
from app.intake.feedback import Understood, give_feedback
from app.intake.plan_offers import Rhythm, Terms
from app.intake.plan_wishes import Wish, wish_for_plan
from app.intake.proofs.telling import Method, PaymentTold, tell_payment
from app.store.documents import Documents
from app.store.rows import Offer
from campaigns.money import Money
from tests.app.api.conftest import Api
from tests.app.web.people import NOW, Payer, add_payer
from tests.databases import on_both_stores
from tests.factories import add

PICTURE = b"\xff\xd8\xff\xe0 as it was cleaned"
HOUR = timedelta(hours=1)


@pytest.fixture
def dana(api: Api) -> Payer:
    return add_payer(api.stand)


def wish(api: Api, dana: Payer) -> int:
    """Ten parts, which is more than the creditor allows at once."""
    wanted = Wish(Money(124_050, "ILS"), Terms(10, Rhythm.MONTHLY, NOW.date() + timedelta(days=5)))
    with api.stand.database.write() as session:
        return wish_for_plan(session, customer_id=dana.customer_id, wish=wanted, said=None, now=NOW)


def call_me(session: Session, dana: Payer, called: Called) -> None:
    slot = (NOW + HOUR, NOW + 2 * HOUR)
    user = stop_customer(session, dana.customer_id)
    arrange_call(session, user, slot, called, message_id=None, now=NOW)


@on_both_stores
def test_what_customers_told_is_read(
    api: Api, erp: TestClient, dana: Payer, tmp_path: Path
) -> None:
    paid = PaymentTold(NOW.date(), Method.BANK, Money(5_000, "ILS"), "by bank", PICTURE)
    wish_id, documents = wish(api, dana), Documents(tmp_path)
    offered = {"percent": "2.5", "within_days": 10, "added_at": NOW, "added_by": "tests"}
    add(api.stand.database, Offer, creditor_id=1, kind="early_payment", **offered)
    with api.stand.database.write() as session:
        call_me(session, dana, Called(dana.address_id))
        call_me(session, dana, Called(number="+972525550199"))
        for told in (paid, PaymentTold()):
            tell_payment(
                session, documents, customer_id=dana.customer_id, told=told, message_id=None,
                now=NOW,
            )  # fmt: skip
        give_feedback(
            session, stop_customer(session, dana.customer_id), Understood.PARTLY, "too long",
            link_id=dana.link_id, message_id=None, locale="en", now=NOW,
        )  # fmt: skip
    asked = {"customer_id": dana.customer_id}
    found = {
        path: erp.get(f"/{path}", params=asked).json()["data"]
        for path in ("plan-wishes", "call-wishes", "proofs", "feedback")
    }

    ((wished,), (moved, call), (shown, bare), (opinion,)) = found.values()
    assert (wished["id"], wished["state"], wished["parts"]) == (wish_id, "open", 10)
    assert moved["cancelled_at"] is not None
    assert (call["number"], call["cancelled_at"]) == ("+972525550199", None)
    assert erp.get(f"/tasks/{call['task_id']}").json()["kind"] == "call_me"
    assert (shown["amount_minor"], shown["method"], shown["has_file"]) == (5_000, "bank", True)
    assert (bare["amount_minor"], bare["paid_on"], bare["has_file"]) == (None, None, False)
    assert (opinion["answer"], opinion["words"]) == ("partly", "too long")
    (offer,) = erp.get("/offers").json()["data"]
    assert (offer["percent"], offer["within_days"], offer["ended_at"]) == ("2.5", 10, None)
    with api.client(api.key(creditor="other")) as stranger:
        for path in (*found, "offers"):
            assert stranger.get(f"/{path}").json()["data"] == []


@on_both_stores
def test_a_plan_that_was_asked_for_is_agreed_once_and_runs(
    api: Api, erp: TestClient, dana: Payer
) -> None:
    address = f"/plan-wishes/{wish(api, dana)}/decision"
    with api.client(api.key(creditor="other")) as stranger:
        assert stranger.post(address, json={"agreed": True}).status_code == 404

    decided = erp.post(address, json={"agreed": True}).json()

    assert decided["state"] == "agreed"
    plan = erp.get(f"/plans/{decided['plan_id']}").json()
    assert (plan["amount_minor"], plan["state"]) == (124_050, "running")
    again = erp.post(address, json={"agreed": False})
    assert (again.status_code, again.json()["type"]) == (409, "urn:duly:problem:wish_decided")
    tasks = erp.get("/tasks", params={"customer_id": dana.customer_id}).json()["data"]
    assert [task["state"] for task in tasks if task["kind"] == "plan_wished"] == ["done"]


def test_a_plan_that_is_declined_is_none_and_neither_is_one_whose_money_has_gone(
    api: Api, erp: TestClient, dana: Payer
) -> None:
    first = wish(api, dana)
    declined = erp.post(f"/plan-wishes/{first}/decision", json={"agreed": False})
    second = wish(api, dana)
    paid = {"external_id": "P-1", "customer": "customer-1", "amount_minor": 124_050}
    booked = erp.post("/payments", json={"rows": [{**paid, "paid_on": str(NOW.date())}]})
    assert booked.json()["taken"] == 1
    refused = erp.post(f"/plan-wishes/{second}/decision", json={"agreed": True})

    assert (declined.status_code, declined.json()["plan_id"]) == (200, None)
    assert refused.status_code == 409
    assert erp.get("/plans").json()["data"] == []
    assert date.fromisoformat(declined.json()["answer_by"]) >= NOW.date()
