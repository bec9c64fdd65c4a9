"""A life with one of each row that a person can have."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from sqlmodel import SQLModel

from app.store.documents import Documents
from app.store.rows import (
    Attempt,
    BankEntry,
    BankStatement,
    CallWish,
    Charge,
    Checkout,
    Complaint,
    Contact,
    Customer,
    Dispute,
    Feedback,
    Hardship,
    Hold,
    Inbound,
    InboxItem,
    Mandate,
    Means,
    Notice,
    PhoneCall,
    Plan,
    PlanWish,
    Promise,
    Proof,
    Refused,
    Reply,
    Reversal,
    SpecialNote,
    StaffAnswer,
    Subscription,
    Task,
    TaskQuestion,
)
from tests.factories import add, add_address, add_customer, add_invoice
from tests.promises.stage import Stage

WORD: Final = "Quillfeather"
MAILBOX: Final = f"{WORD.lower()}@people.example"


def live(stage: Stage, tmp_path: Path) -> int:
    """One of each row that a person can have; they were written to, and have paid all."""
    customer = add_customer(stage.database, stage.creditor, "Q", given_name=WORD)
    stage.put(Customer, name=f"{WORD} Smith")
    add_address(stage.database, customer, "email", MAILBOX, ("email",))
    invoice = add_invoice(stage.database, customer)
    stage.play(days=4)
    assert stage.get(Attempt)
    kept = Documents(tmp_path / "documents").keep(f"%PDF- {WORD}".encode(), f"{WORD}.pdf")
    photo = f"\xff\xd8\xff {WORD}".encode("latin-1")
    shown = Documents(tmp_path / "documents").keep(photo, f"{WORD}.jpg")
    person = stage.person_of(customer)
    paid = stage.pay(customer).payment_id
    case = stage.case_of(customer).id
    at = stage.now
    owned: dict[str, Any] = {"customer_id": customer}
    owing = {"currency": "ILS", "amount_minor": 100, "invoice_ids": [invoice], "state": "withdrawn"}
    statement = add(
        stage.database,
        BankStatement,
        key="s",
        creditor_id=stage.creditor,
        account="a",
        name="1",
        file_name="f",
        taken_at=at,
    )
    rows: tuple[tuple[type[SQLModel], dict[str, Any]], ...] = (
        (
            BankEntry,
            {
                "key": "e",
                "statement_id": statement,
                "creditor_id": stage.creditor,
                "kind": "payment",
                "state": "booked",
                "currency": "ILS",
                "amount_minor": 1,
                "booked_on": at.date(),
                "payment_id": paid,
                "settled_at": at,
            },
        ),
        (
            Checkout,
            {
                **owned,
                "key": "c",
                "currency": "ILS",
                "amount_minor": 1,
                "ledger_revision": 1,
                "gateway": "sandbox",
                "session_id": "session-77",
                "state": "paid",
                "created_at": at,
                "expires_at": at,
            },
        ),
        (Charge, {"invoice_id": invoice, "late_invoice_id": invoice, **charge(at)}),
        (Complaint, {**owned, "received_at": at, "answer_by": at.date()}),
        (Contact, {**owned, "name": "x"}),
        (Dispute, {**owned, "invoice_id": invoice, "state": "rejected", "opened_at": at}),
        (Hardship, {**owned, "reported_at": at}),
        (Hold, {"person_id": person, "kind": "staff", "placed_at": at, "renewed_at": at}),
        (Notice, {**owned, "key": "n", "act": "first_message", "at": at, "made_by": "staff"}),
        (Plan, {**owned, **owing, "agreed_at": at, "agreed_by": "staff"}),
        (PlanWish, {**owned, **plan_wish(at)}),
        (Mandate, {**owned, **mandate(stage, at)}),
        (Means, {**owned, "about": "plan", "currency": "ILS", "told_at": at}),
        (Promise, {**owned, **owing, **promise(at)}),
        (Reply, {**owned, "medium": "sms", "text": "x", "received_at": at}),
        (Proof, {**owned, **proof(at), "document": shown}),
        (StaffAnswer, {**owned, "words": "x", "written_by": "Noa", "written_at": at}),
        (CallWish, {**owned, **call(at), "number": "x"}),
        (PhoneCall, {**owned, **CALLED, "person_id": person, "called_at": at}),
        (InboxItem, {**owned, **TO_READ, "arrived_at": at, "due_at": at}),
        (Feedback, {**owned, **feedback(at), "creditor_id": stage.creditor}),
        (SpecialNote, {**owned, "kind": "x", "words": "x", "noted_at": at}),
        (Refused, {"case_id": case, "at": at, "asked_by": "gate", "rule": "x", "reason": "held"}),
        (Reversal, {**reversal(customer, at), "payment_id": paid}),
        (Subscription, {**owned, "creditor_id": stage.creditor, **subscription(at)}),
        (Task, {**owned, "key": "t", "team": "service", "kind": "x", "title": "x", **made(at)}),
        (TaskQuestion, {**owned, **question(at)}),
    )
    for model, row in rows:
        add(stage.database, model, **row)
    callbacks(stage)
    stage.run("UPDATE invoice SET document = :kept", kept=kept)
    return customer


CALLED: Final = {"creditor_id": 1, "called_by": "Noa", "outcome": "refuses"}
TO_READ: Final = {"key": "i", "medium": "sms", "urgency": 5}


def charge(at: Any) -> dict[str, Any]:
    span = {"from": "2026-06-02", "to": "2026-06-30", "principal_minor": 24050, "rate": "10.15"}
    working = {
        "number": "INV-1",
        "currency": "ILS",
        "total_minor": 194,
        "claimed_before_minor": 0,
        "on": "2026-06-30",
        "spans": [{**span, "days": 29, "amount_minor": 194}],
    }
    return {"kind": "interest", "claimed_on": at.date(), "working": working}


def mandate(stage: Stage, at: Any) -> dict[str, Any]:
    """For the plan that has just been added."""
    of = {"key": "m", "creditor_id": stage.creditor, "plan_id": 1, "currency": "ILS"}
    card = {"customer_ref": "x", "method_ref": "x", "brand": "x", "last_four": "x", "kept_at": at}
    told = {"gateway": "sandbox", "text_hash": "h", "locale": "en", "given_by": "page"}
    return {**of, **card, **told, "given_at": at}


def plan_wish(at: Any) -> dict[str, Any]:
    day = at.date()
    return {
        "currency": "ILS",
        "amount_minor": 100,
        "parts": 10,
        "rhythm": "monthly",
        "first_on": day,
        "wished_at": at,
        "answer_by": day,
        "state": "open",
    }


def promise(at: Any) -> dict[str, Any]:
    return {"due_on": at.date(), "grace_until": at, "made_at": at, "made_by": "page"}


def proof(at: Any) -> dict[str, Any]:
    paid = {"paid_on": at.date(), "method": "cash", "currency": "ILS", "amount_minor": 100}
    return {**paid, "reply_id": 1, "told_at": at}


def question(at: Any) -> dict[str, Any]:
    teams = {"from_team": "service", "to_team": "finance", "answer_by": at}
    return {**teams, "words": "x", "asked_by": "Noa", "asked_at": at, "answer": "x"}


def call(at: Any) -> dict[str, Any]:
    return {"starts_at": at, "ends_at": at, "asked_at": at, "task_key": "call:1"}


def feedback(at: Any) -> dict[str, Any]:
    return {"link_id": 1, "answer": "partly", "words": "x", "locale": "en", "given_at": at}


def made(at: object) -> dict[str, Any]:
    return {"created_at": at}


def reversal(customer: int, at: Any) -> dict[str, Any]:
    of = {"key": "r", "kind": "refund", "customer_id": customer, "currency": "ILS"}
    return {**of, "amount_minor": 0, "reversed_on": at.date(), "received_at": at}


def subscription(at: object) -> dict[str, Any]:
    of = {"external_id": "S", "name": "Water", "currency": "ILS", "amount_minor": 1}
    return {**of, "changed_at": at}


def callbacks(stage: Stage) -> None:
    """As forms, as JSON, and one of a gateway that knows only its session."""
    bodies = (
        f"From={WORD}%40people.example&Body={WORD}",
        f'{{"email": "{MAILBOX.title()}", "text": "{WORD}"}}',
        f'{{"session": "session-77", "payer": "{WORD}"}}',
    )
    for number, body in enumerate(bodies):
        add(
            stage.database,
            Inbound,
            key=f"in-{number}",
            source="sandbox",
            received_at=stage.now,
            handled_at=stage.now,
            body=body,
        )
