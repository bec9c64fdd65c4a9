"""Erasure, column by column: a word that only one person has is planted wherever a text can be, and
looked for in the whole database file and the data folder when that person is erased.

Every column that can hold text is in one of three lists, so a new one fails here until somebody has
said what becomes of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import JSON, Boolean, Column, Date, Float, Integer, update
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

from app.loops.sandbox import forget_customer
from app.records.erasure import ErasureReason, erase
from app.records.retention import let_go_of_past_claims
from app.records.trail import link
from app.records.verify import verify_all
from app.store.documents import Documents
from app.store.given import table_of
from app.store.rows import (
    Address,
    Allocation,
    Attempt,
    BankEntry,
    BankStatement,
    CallWish,
    Case,
    Charge,
    Checkout,
    Complaint,
    Consent,
    Contact,
    ContactPoint,
    Customer,
    CustomerNote,
    CustomerWord,
    Dispute,
    Event,
    Feedback,
    Hardship,
    Hold,
    Inbound,
    InboxItem,
    Instalment,
    Invoice,
    Link,
    Mandate,
    Means,
    Message,
    MessageApproval,
    Notice,
    Payment,
    Person,
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
    Suppression,
    Task,
    TaskQuestion,
    WordMark,
)
from channels.sandbox import SandboxEmail, SandboxSms, SandboxWhatsapp
from channels.sandbox_ledger import Ledger
from tests.app.records.life import WORD, live
from tests.databases import on_both_stores
from tests.factories import add_invoice
from tests.promises.stage import Stage
from tests.world import SECRET

GOES: Final[dict[type[SQLModel], set[str]]] = {
    Address: {"value", "zone"},
    Attempt: {"recipient", "copied_to", "subject", "text", "html", "error"},
    BankEntry: {"payer", "text", "payer_account"},
    Checkout: {"url"},
    CallWish: {"number"},
    Complaint: {"words"},
    Consent: {"evidence"},
    Contact: {"external_id", "name", "role", "locale"},
    Customer: {
        *("name", "given_name", "family_name", "vocative", "gender", "formality", "locale"),
        *("region", "zone", "postal", "preferred_medium", "account_owner", "custom", "hours"),
        "chosen",
    },
    CustomerNote: {"words"},
    CustomerWord: {"word"},
    Dispute: {"words"},
    Feedback: {"words"},
    Hardship: {"words"},
    Hold: {"why"},
    Inbound: {"body", "headers"},
    InboxItem: {"words", "from_address", "to_address"},
    Invoice: {"document"},
    Mandate: {"customer_ref", "method_ref", "brand", "last_four"},
    Means: {"about", "currency"},
    MessageApproval: {"note", "facts"},
    Proof: {"document", "method", "currency"},
    Reply: {"text", "meant"},
    SpecialNote: {"kind", "words"},
    StaffAnswer: {"words"},
    Suppression: {"evidence", "lift_evidence"},
    TaskQuestion: {"words", "answer"},
}
"""Nothing of it is left."""

STAYS: Final[dict[type[SQLModel], set[str]]] = {
    BankEntry: {"key", "bank_id", "end_to_end_id", "reference"},
    BankStatement: {"key", "account", "name", "file_name"},
    Consent: {"source", "method"},
    Customer: {"external_id", "country"},
    Invoice: {"external_id", "number", "order_number", "payment_reference"},
    Payment: {"key", "method", "reference"},
    Reversal: {"key"},
    StaffAnswer: {"written_by"},
    TaskQuestion: {"asked_by", "answered_by"},
    Subscription: {"external_id", "name"},
}
"""The ledger, and by what others call it; how a consent was given; who of us answered.
docs/operating.md says so."""

CODES: Final[dict[type[SQLModel], set[str]]] = {
    Address: {"kind", "invalid_reason", "line"},
    Attempt: {
        *("key", "state", "medium", "category", "slot", "locale", "template_hash", "invoice_ids"),
        *("evidence", "provider_id", "place", "head"),
    },
    BankEntry: {"kind", "state", "currency"},
    BankStatement: {"credited", "reversed"},
    CallWish: {"task_key"},
    Case: {
        *("key", "anchor", "journey_hash", "arm", "done", "next_step", "phase", "origin", "tried"),
        *("reacting", "message_key", "spoken_step", "waiting_for", "outcome", "reason"),
        "reason_params",
    },
    Charge: {"kind", "working"},
    Checkout: {
        *("key", "currency", "gateway", "session_id", "state", "invoice_ids", "declined"),
        "decline_code",
    },
    Complaint: {"owner", "kind", "rule", "answered_by"},
    Consent: {"medium", "basis", "purpose", "recorded_by"},
    ContactPoint: {"medium", "place"},
    Customer: {"kind"},
    CustomerNote: {"by"},
    Dispute: {"kind", "state"},
    Event: {"key", "kind", "payload"},
    Feedback: {"answer", "locale"},
    Hardship: {"kind"},
    Hold: {"kind", "rule", "freezes"},
    Inbound: {"key", "source", "problem", "special"},
    InboxItem: {"key", "medium", "owner", "done_by"},
    Instalment: {"state"},
    Invoice: {"currency", "debt_class"},
    Link: {"token_hash", "code_hash", "purpose"},
    Mandate: {
        *("key", "currency", "gateway", "session_id", "text_hash", "locale", "given_by"),
        *("revoked_by", "recorded_by"),
    },
    Message: {
        *("key", "template", "category", "origin", "slot", "medium", "state", "reason"),
        *("reason_params", "delivery", "approval"),
    },
    MessageApproval: {"outcome", "decided_by", "template_hash", "changed"},
    Notice: {"key", "act", "made_by"},
    Payment: {"currency"},
    Person: {"key"},
    PhoneCall: {"called_by", "outcome"},
    Plan: {"currency", "invoice_ids", "state", "agreed_by"},
    PlanWish: {"currency", "rhythm", "state", "decided_by", "offered_rhythm"},
    Promise: {"currency", "invoice_ids", "state", "made_by"},
    Refused: {"asked_by", "step", "medium", "rule", "reason", "params"},
    Reply: {"medium", "intent", "classed_by"},
    Reversal: {"kind", "currency"},
    Subscription: {"currency", "card_state"},
    Suppression: {
        *("medium", "reason", "act", "said_through", "category", "recorded_by", "lifted_by"),
    },
    Task: {"key", "team", "owner", "kind", "title", "detail", "state"},
    TaskQuestion: {"from_team", "to_team", "state"},
}
"""Our own words and people, hashes and ids: no customer's words are ever written there."""

REACHED: Final[frozenset[type[SQLModel]]] = frozenset({*GOES, *STAYS, *CODES, Allocation, WordMark})


@pytest.fixture
def stage(migrated_url: str, tmp_path: Path) -> Iterator[Stage]:
    made = Stage(migrated_url)
    made.ledger.close()
    made.ledger = Ledger(tmp_path / "sandbox.sqlite3")
    channels = (SandboxSms(made.ledger), SandboxEmail(made.ledger), SandboxWhatsapp(made.ledger))
    for medium, channel in zip(("sms", "email", "whatsapp"), channels, strict=True):
        made.channels[medium, "sandbox"] = channel  # type: ignore[index]  # a plain dict
    made.loops = made.worker()
    yield made
    made.close()
    made.ledger.close()


def texts_of(model: type[SQLModel]) -> set[str]:
    exact = (Integer, Boolean, Date, Float, UTCDateTime)
    return {column.name for column in table_of(model).c if not isinstance(column.type, exact)}


def test_of_every_text_it_is_said_what_becomes_of_it() -> None:
    for model in REACHED:
        lists = [each.get(model, set()) for each in (GOES, STAYS, CODES)]
        assert sum(map(len, lists)) == len(set().union(*lists)), model
        assert set().union(*lists) == texts_of(model), model
    leads = {
        mapper.class_
        for mapper in SQLModel._sa_registry.mappers
        if {"customer_id", "person_id", "address_id"} & set(table_of(mapper.class_).c.keys())
    }
    ours = {model for model in leads if not model.__name__.startswith("Trail")}
    assert ours <= REACHED


def test_after_it_nobody_finds_a_word_of_the_person_but_in_the_ledger(
    stage: Stage, tmp_path: Path
) -> None:
    customer = live(stage, tmp_path)
    plant(stage, GOES)
    assert WORD.encode() in everything(stage, tmp_path)
    with stage.database.write() as session:
        link(session, stage.now)

    erase_all_of(stage, customer, tmp_path)

    assert where_it_is(stage) == set()
    assert WORD.lower().encode() not in everything(stage, tmp_path).lower()
    with stage.database.read() as session:
        assert verify_all(session, stage.now).broken == ()


@on_both_stores
def test_while_money_is_open_the_claim_keeps_the_file_and_the_account(
    stage: Stage, tmp_path: Path
) -> None:
    customer = live(stage, tmp_path)
    add_invoice(stage.database, customer, "still open")
    plant(stage, GOES)
    erase_all_of(stage, customer, tmp_path)

    assert where_it_is(stage) == {
        *(("bank_entry", "payer_account"), ("invoice", "document"), ("proof", "document")),
        *(("proof", "method"), ("proof", "currency")),
    }
    assert list((tmp_path / "documents").rglob("*/*"))

    stage.pay(customer)
    documents = Documents(tmp_path / "documents")
    let_go_of_past_claims(stage.database, documents)
    assert where_it_is(stage) == set()
    assert not list((tmp_path / "documents").rglob("*/*"))


def test_the_ledger_is_what_stays(stage: Stage, tmp_path: Path) -> None:
    customer = live(stage, tmp_path)
    plant(stage, {**STAYS, BankEntry: STAYS[BankEntry] - {"key"}})
    erase_all_of(stage, customer, tmp_path)

    kept = {(table_of(model).name, name) for model, names in STAYS.items() for name in names}
    assert where_it_is(stage) == kept - {("bank_entry", "key")}


_PLANTED = {
    *(("address", "value"), ("invoice", "document"), ("inbound", "body"), ("proof", "document")),
}


def plant(stage: Stage, columns: dict[type[SQLModel], set[str]]) -> None:
    """The word, in each of these columns of every row; addresses, callbacks and files have it
    already, and a zone can be none."""
    with stage.database.write() as session:
        for model, names in columns.items():
            table = table_of(model)
            planted = {
                name: _word(table.c[name])
                for name in names
                if (table.name, name) not in _PLANTED and name != "zone"
            }
            if planted:
                session.connection().execute(update(table).values(planted))


def _word(column: Column[Any]) -> Any:
    if not isinstance(column.type, JSON):
        return WORD
    return [WORD] if column.name == "copied_to" else {"said": WORD}


def erase_all_of(stage: Stage, customer: int, tmp_path: Path) -> None:
    """As `duly erase` does."""
    with stage.database.write() as session:
        done = erase(session, customer, reason=ErasureReason.REQUEST, secret=SECRET, now=stage.now)
    Documents(tmp_path / "documents").drop(done.files)
    forget_customer(stage.database, stage.ledger, customer)
    stage.database.settle_file()


def where_it_is(stage: Stage) -> set[tuple[str, str]]:
    found = set()
    for model in REACHED:
        for row in stage.get(model):
            for name, value in row._mapping.items():
                if WORD.lower() in str(value).lower():
                    found.add((table_of(model).name, name))
    return found


def everything(stage: Stage, tmp_path: Path) -> bytes:
    """All bytes of the data folder, and of the database: its file, or its rows as a dump."""
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    if stage.database.dialect == "sqlite":
        base = Path(stage.database.url.database or "")
        files += [path for path in base.parent.glob(f"{base.name}*") if path.is_file()]
        return b"".join(path.read_bytes() for path in files)
    rows = [str(row) for model in REACHED for row in stage.get(model)]
    return b"".join(path.read_bytes() for path in files) + "\n".join(rows).encode()
