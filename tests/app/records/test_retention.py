"""What is past its time goes by itself, in batches; what a claim or a proceeding needs stays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app.engine.catalogue import Catalogue
from app.records.erasure import ErasureReason, ErasureRefused, erase
from app.records.retention import Kept, apply_retention
from app.records.verify import verify_all
from app.store.documents import Documents
from app.store.publishing import publish
from app.store.rows import Case, Hold, Inbound, Means, Message, Proof, Reply, Task
from tests.databases import on_both_stores
from tests.factories import NOON, add, add_campaign, add_creditor, add_customer, add_invoice
from tests.world import SECRET, World

LONG_AGO = timedelta(days=1200)


@pytest.fixture
def old(migrated_url: str) -> Iterator[World]:
    """Five customers of long ago: Ada and Ben owe nothing, Cleo owes, Dan is held, Eve is new."""
    world = World(migrated_url)
    creditor = add_creditor(world.database)
    for name in ("Ada", "Ben", "Cleo", "Dan"):
        add_customer(
            world.database,
            creditor,
            name,
            email=f"{name.lower()}@example.com",
            created_at=NOON - LONG_AGO,
        )
    add_customer(world.database, creditor, "Eve", email="eve@example.com")
    cleo, dan = (row for row in world.rows("customer") if row["external_id"] in ("Cleo", "Dan"))
    add_invoice(world.database, cleo["id"])
    add(
        world.database,
        Hold,
        person_id=dan["person_id"],
        kind="legal",
        placed_at=NOON,
        renewed_at=NOON,
    )
    yield world
    world.close()


def apply(world: World, *, at: datetime = NOON, batch: int = 200) -> dict[Kept, int]:
    return dict(
        apply_retention(
            world.database, Catalogue(), documents=None, secret=SECRET, now=at, batch=batch
        )
    )


def erased(world: World) -> set[str]:
    return {row["external_id"] for row in world.rows("customer") if row["erased_at"]}


def test_who_owes_nothing_for_long_is_erased_and_nobody_else(old: World) -> None:
    assert apply(old, batch=1)[Kept.OUTREACH] == 2

    assert erased(old) == {"Ada", "Ben"}
    assert apply(old)[Kept.OUTREACH] == 0
    with old.database.read() as session:
        assert verify_all(session, NOON).broken == ()


def test_a_pack_that_keeps_longer_is_obeyed_and_one_that_lets_go_sooner_too(old: World) -> None:
    """A creditor's country wants ten years; then the same pack wants a week at most."""
    shape = """\
schema: duly-rules/1
pack: xx
title: Somewhere
level: law
countries: [IL]
rules:
  - {{id: KEEP, kind: retention, records: contacts, {term}, counted_from: last_collection_activity,
     source: test, status: P, checked: 2026-01-01}}
"""
    put(old, shape.format(term="least: 10y"))
    assert apply(old)[Kept.OUTREACH] == 0

    put(old, shape.format(term="most: 7d"))
    assert apply(old, at=NOON + timedelta(days=8))[Kept.OUTREACH] == 3
    assert erased(old) == {"Ada", "Ben", "Eve"}


def put(world: World, pack: str) -> None:
    with world.database.write() as session:
        publish(session, "pack", "xx", pack, now=NOON)


def collector(world: World, country: str, zone: str) -> tuple[int, int]:
    """A customer of a collector whose debt was paid and whose case is over; and the creditor."""
    creditor = add_creditor(
        world.database,
        external_id=country,
        country=country,
        zone=zone,
        role="third_party_collector",
    )
    customer = add_customer(
        world.database, creditor, country, country=country, zone=zone, person=country
    )
    add_invoice(world.database, customer, amount=100)
    with world.database.write() as session:
        session.connection().exec_driver_sql("UPDATE invoice SET open_minor = 0 WHERE id > 1")
    campaign = add_campaign(world.database, creditor)
    add(
        world.database,
        Case,
        key=country,
        campaign_id=campaign,
        creditor_id=creditor,
        customer_id=customer,
        person_id=world.rows("customer")[-1]["person_id"],
        subject_id=customer,
        episode=1,
        anchor_on=NOON.date(),
        journey_hash="x",
        phase="closed",
        since=NOON,
        opened_at=NOON,
        closed_at=NOON,
        reason="settled",
    )
    return customer, creditor


def test_in_italy_a_collector_keeps_nothing_once_the_mandate_is_over(old: World) -> None:
    """IT-GARANTE05-DATA. A message that is still to go out is part of the mandate."""
    collector(old, "IT", "Europe/Rome")
    collector(old, "LT", "Europe/Vilnius")
    soon = NOON + timedelta(days=1)
    put_message(old, "waiting")
    assert apply(old, at=soon)[Kept.OUTREACH] == 2  # Ada and Ben
    assert "IT" not in erased(old)

    with old.database.write() as session:
        session.connection().exec_driver_sql("UPDATE message SET state = 'accepted'")
    apply(old, at=soon)
    assert erased(old) == {"Ada", "Ben", "IT"}


def put_message(world: World, state: str) -> None:
    case = next(row for row in world.rows("dunning_case") if row["key"] == "IT")
    points = world.rows("contact_point")
    add(
        world.database,
        Message,
        key="m",
        case_id=case["id"],
        creditor_id=case["creditor_id"],
        customer_id=case["customer_id"],
        person_id=case["person_id"],
        template="thank_you",
        category="receipt",
        origin="x",
        slot="x",
        ordinal=0,
        medium="email",
        contact_point_id=points[0]["id"],
        address_id=points[0]["address_id"],
        sender_id=world.rows("sender")[0]["id"],
        state=state,
        due_at=NOON,
        valid_until=NOON,
        created_at=NOON,
        updated_at=NOON,
    )


def test_in_the_united_states_a_collectors_records_cannot_be_erased_for_three_years(
    old: World,
) -> None:
    """US-REGF-KEEP: nor when the customer asks for it."""
    customer, _ = collector(old, "US", "America/New_York")
    with pytest.raises(ErasureRefused, match=r"US-\S*KEEP wants .* until 2029-06-01"):
        ask_to_erase(old, customer, NOON + timedelta(days=30))
    apply(old, at=NOON + timedelta(days=1090))
    assert "US" not in erased(old)

    apply(old, at=NOON + timedelta(days=1100))
    assert "US" in erased(old)


def ask_to_erase(world: World, customer: int, at: datetime) -> None:
    with world.database.write() as session:
        erase(session, customer, reason=ErasureReason.REQUEST, secret=SECRET, now=at)


@on_both_stores
def test_a_callback_is_emptied_but_still_lands_once(old: World) -> None:
    for number, days in enumerate((89, 91, 200)):
        add(
            old.database,
            Inbound,
            key=f"callback-{number}",
            source="sandbox",
            received_at=NOON - timedelta(days=days),
            handled_at=NOON - timedelta(days=days),
            body="From=+972521234567",
        )
    add(old.database, Inbound, key="open", source="sandbox", received_at=NOON - LONG_AGO, body="x")

    assert apply(old, batch=1)[Kept.CALLBACKS] == 2
    assert [bool(row["body"]) for row in old.rows("inbound")] == [True, False, False, True]


@on_both_stores
def test_who_went_by_time_and_owes_again_comes_back_and_who_asked_does_not(old: World) -> None:
    apply(old)
    cleo, ada = (row["id"] for row in old.rows("customer", "external_id IN ('Ada','Cleo')")[::-1])
    ask_to_erase(old, cleo, NOON)
    add_invoice(old.database, ada, "again")

    apply(old)

    assert erased(old) == {"Ben", "Cleo"}
    kinds = [row["kind"] for row in old.rows("event", f"customer_id = {ada}")]
    assert kinds == ["customer_erased", "customer_returned"]
    assert old.rows("customer", f"id = {ada}")[0]["name"] is None


@on_both_stores
def test_a_proofs_file_goes_when_nothing_needs_it_and_means_after_three_months(
    old: World, tmp_path: Path
) -> None:
    """Of four files one is old and free; one is fresh, one is looked for, and Cleo still owes."""
    documents = Documents(tmp_path)
    ids = {row["external_id"]: row["id"] for row in old.rows("customer")}
    for number, (name, days) in enumerate(
        (("Eve", 181), ("Eve", 179), ("Eve", 200), ("Cleo", 200)), start=1
    ):
        at = NOON - timedelta(days=days)
        told = {"customer_id": ids[name], "medium": "page", "text": "", "received_at": at}
        reply = add(old.database, Reply, **told)
        kept = documents.keep(b"%PDF- " + str(number % 3).encode(), f"proof-{number}.pdf")
        add(
            old.database,
            Proof,
            customer_id=ids[name],
            reply_id=reply,
            document=kept,
            told_at=at,
        )
        state = "open" if number == 3 else "done"
        add(
            old.database,
            Task,
            key=f"already_paid:{reply}",
            team="finance",
            kind="already_paid",
            title="x",
            state=state,
            created_at=at,
        )
        means = {"customer_id": ids[name], "about": "plan", "currency": "ILS"}
        add(old.database, Means, **means, told_at=NOON - timedelta(days=days // 2))

    gone = apply_retention(
        old.database, Catalogue(), documents=documents, secret=SECRET, now=NOON, batch=1
    )

    assert (gone[Kept.PROOFS], gone[Kept.MEANS]) == (1, 2)
    dropped = [row["file_gone_at"] is not None for row in old.rows("proof")]
    assert dropped == [True, False, False, False]
    found = [documents.find(row["document"]) is not None for row in old.rows("proof")]
    assert found == [True, True, True, True], "the fourth is the same file as the first"
    old.run("UPDATE proof SET file_gone_at = told_at WHERE id = 4")
    old.run("UPDATE proof SET file_gone_at = NULL WHERE id = 1")
    apply_retention(old.database, Catalogue(), documents=documents, secret=SECRET, now=NOON)
    assert documents.find(old.rows("proof")[0]["document"]) is None
