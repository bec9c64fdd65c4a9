"""Who is erased is never written to again; what they owe stays; and the chain still verifies."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from app.book.entries.shapes import PointEntry
from app.book.errors import SecretNeeded
from app.book.mapping.shape import AddressKind
from app.book.points import PointsTold, tell_points
from app.book.withheld import unrecognisable
from app.engine.checks import check, check_ledger, check_trail
from app.intake.opt_outs import StopSaid, opt_out
from app.records.erasure import Erasure, ErasureReason, ErasureRefused, erase
from app.records.trail import link
from app.records.verify import Fault, verify_all
from app.store.rows import (
    Address,
    Attempt,
    Case,
    ContactPoint,
    Customer,
    Hold,
    Message,
    Suppression,
)
from campaigns.reach import StopAct
from campaigns.vocabulary import Medium
from tests.databases import on_both_stores
from tests.factories import add, add_customer, add_invoice
from tests.promises.stage import Stage, staging
from tests.world import SECRET

PHONE = "+972521234567"


@pytest.fixture
def stage(migrated_url: str) -> Iterator[Stage]:
    """Three days in the life of one who was written to."""
    with staging(migrated_url) as made:
        dana = add_customer(made.database, made.creditor, "Dana", phone=PHONE, custom={"shoe": 38})
        add_invoice(made.database, dana)
        made.play(days=4)
        assert made.get(Attempt)
        yield made


def dana(stage: Stage) -> int:
    return int(stage.one(Customer, external_id="Dana").id)


def erase_dana(stage: Stage, reason: ErasureReason = ErasureReason.REQUEST) -> Erasure:
    with stage.database.write() as session:
        return erase(session, dana(stage), reason=reason, secret=SECRET, now=stage.now)


def everything(stage: Stage) -> str:
    """All that the database holds, as text."""
    with stage.database.read() as session:
        connection = session.connection()
        tables = list(Customer.metadata.tables.values())
        rows = [row for table in tables for row in connection.execute(select(table))]
    return "\n".join(json.dumps(list(row), default=str, ensure_ascii=False) for row in rows)


def test_vector_25_outreach_stops_the_ledger_stays_and_a_hash_is_kept(stage: Stage) -> None:
    """Erasure with an open claim."""
    done = erase_dana(stage)

    assert (done.was_erased, done.open_invoices, done.cases_closed) == (False, 1, 1)
    assert done.addresses_withheld == 1
    kept = everything(stage)
    for gone in ("Customer Dana", PHONE, PHONE[1:], "shoe"):
        assert gone not in kept
    assert {row.text for row in stage.get(Attempt)} == {""}
    sent = len(stage.sent())
    stage.play(days=40)
    assert len(stage.sent()) == sent
    assert [row.outcome for row in stage.get(Case)] == ["withdrawn"]


def test_all_promises_hold_and_the_chain_verifies_after_it(stage: Stage) -> None:
    with stage.database.write() as session:
        link(session, stage.now)
    erase_dana(stage)
    with stage.database.write() as session:
        link(session, stage.now)

    asked = (
        *check(stage.database, stage.now),
        check_ledger(stage.database),
        check_trail(stage.database, stage.now),
    )
    assert {one.number: one.sample for one in asked if one.violations} == {}


def test_what_is_left_of_the_chain_still_finds_changes(stage: Stage) -> None:
    erase_dana(stage)
    stage.run("UPDATE event SET kind = 'other' WHERE id = (SELECT max(id) - 2 FROM event)")

    with stage.database.read() as session:
        faults = [one.fault for one in verify_all(session, stage.now).broken]
    assert faults == [Fault.CHANGED]


def test_doing_it_again_changes_nothing(stage: Stage) -> None:
    erase_dana(stage)
    before = everything(stage)

    assert erase_dana(stage).was_erased
    assert everything(stage) == before


def test_a_legal_hold_forbids_it_and_says_so(stage: Stage) -> None:
    customer = stage.one(Customer, external_id="Dana")
    add(
        stage.database,
        Hold,
        person_id=customer.person_id,
        kind="legal",
        placed_at=stage.now,
        renewed_at=stage.now,
    )

    with pytest.raises(ErasureRefused, match="legal hold"):
        erase_dana(stage)
    assert stage.one(Customer, external_id="Dana").name == "Customer Dana"


def test_an_address_that_is_brought_again_is_closed_again(stage: Stage) -> None:
    erase_dana(stage)
    other = add_customer(stage.database, stage.creditor, "Dana again")
    bring(stage, other, SECRET)

    (address,) = stage.get(Address, value=PHONE)
    closed = stage.get(Suppression, address_id=address.id)
    assert [(row.medium, row.reason) for row in closed] == [(None, "erased")]
    bring(stage, other, SECRET)
    assert len(stage.get(Suppression, address_id=address.id)) == 1


def bring(stage: Stage, customer_id: int, secret: bytes | None) -> None:
    point = PointEntry(AddressKind.PHONE, PHONE, (Medium.SMS,))
    told = PointsTold(customer_id, None, (point,), replaces=True)
    with stage.database.write() as session:
        tell_points(session, [told], secret=secret, now=stage.now)


@on_both_stores
def test_without_the_secret_no_address_is_taken_in(stage: Stage) -> None:
    erase_dana(stage)
    other = add_customer(stage.database, stage.creditor, "Dana again")

    with pytest.raises(SecretNeeded):
        bring(stage, other, None)
    with stage.database.read() as session:
        assert unrecognisable(session, SECRET) == 0
        assert unrecognisable(session, b"another secret, as long as that one") == 1


def test_an_address_that_another_customer_uses_stays_theirs(stage: Stage) -> None:
    other = add_customer(stage.database, stage.creditor, "Ben")
    (address,) = stage.get(Address, value=PHONE)
    add(
        stage.database,
        ContactPoint,
        customer_id=other,
        address_id=address.id,
        medium="sms",
    )
    done = erase_dana(stage)

    assert done.addresses_withheld == 0
    assert stage.get(Address, value=PHONE)
    assert [row.active for row in stage.get(ContactPoint, customer_id=other)] == [True]
    assert {row.active for row in stage.get(ContactPoint, customer_id=dana(stage))} == {False}


def test_when_only_the_time_is_over_an_opt_out_is_all_that_is_remembered(stage: Stage) -> None:
    (address,) = stage.get(Address, value=PHONE)
    with stage.database.write() as session:
        said = StopSaid(StopAct.PAGE, Medium.WHATSAPP, "page")
        opt_out(session, said, address_id=address.id, now=stage.now)
    erase_dana(stage, ErasureReason.RETENTION)
    other = add_customer(stage.database, stage.creditor, "Dana again")
    bring(stage, other, SECRET)

    (again,) = stage.get(Address, value=PHONE)
    closed = stage.get(Suppression, address_id=again.id)
    assert [(row.medium, row.reason) for row in closed] == [("whatsapp", "opted_out")]
    assert {row.act for row in closed} == {"erasure"}  # nothing lifts it
    assert {row.evidence for row in stage.get(Suppression, act="page")} == {None}


@on_both_stores
def test_a_message_that_waits_is_stopped_with_its_reason(stage: Stage) -> None:
    stage.run("UPDATE message SET state = 'waiting'")

    erase_dana(stage)

    assert {(row.state, row.reason) for row in stage.get(Message)} == {("stopped", "erased")}
