"""Who reads a mail along: on the envelope and on record, and nobody who wants no mail."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date

import pytest

from app.store.rows import Consent, Contact, Suppression
from tests.factories import (
    NOON,
    add,
    add_address,
    add_campaign,
    add_creditor,
    add_customer,
    add_invoice,
)
from tests.world import World

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
OWNER = "noa.levi@carmel.example"


@pytest.fixture
def world(migrated_url: str) -> Iterator[World]:
    made = World(migrated_url)
    yield made
    made.close()


def a_firm(world: World, *, phone: str | None = None) -> tuple[int, int]:
    """A firm that owes something, with its payables; and the address that reads along."""
    creditor = add_creditor(world.database)
    add_campaign(world.database, creditor)
    firm = add_customer(world.database, creditor, phone=phone, kind="business")
    add_invoice(world.database, firm, due_on=date(2026, 6, 1))
    added = [
        (add(world.database, Contact, customer_id=firm, name=role, role=role), mail)
        for role, mail in (("payables", "payables@mill.example"), ("copy", OWNER))
    ]
    address = 0
    for contact, mail in added:
        address = add_address(world.database, firm, "email", mail, ("email",))
        with world.database.write() as session:
            session.connection().exec_driver_sql(
                f"UPDATE contact_point SET contact_id = {contact} WHERE address_id = {address}"
            )
    return firm, address


def copied(world: World) -> list[str]:
    world.loops.settle(world.now)
    (attempt,) = world.rows("attempt")
    kept = json.loads(attempt["copied_to"])
    assert kept == world.ledger.copies(attempt["provider_id"])
    return list(kept)


def test_a_copy_goes_along_and_counts_as_no_contact_of_its_own(world: World) -> None:
    a_firm(world)

    assert copied(world) == [OWNER]
    assert world.rows("attempt")[0]["recipient"] == "payables@mill.example"
    points = {row["medium"]: row["asked"] for row in world.rows("contact_point", "asked > 0")}
    assert points == {"email": 1}


def test_who_opted_out_gets_no_copy(world: World) -> None:
    _, address = a_firm(world)
    add(world.database, Suppression, address_id=address, reason="opted_out", at=NOON)

    assert copied(world) == []


def test_a_firm_that_withdrew_its_consent_gets_neither_mail_nor_copy(world: World) -> None:
    firm, _ = a_firm(world)
    withdrawn = {"medium": "email", "given": False, "source": "page", "method": "written"}
    add(world.database, Consent, customer_id=firm, at=NOON, **withdrawn)

    world.loops.settle(world.now)

    assert world.rows("attempt") == []


def test_a_text_has_no_copy(world: World) -> None:
    a_firm(world, phone="+972520001009")
    with world.database.write() as session:
        session.connection().exec_driver_sql("UPDATE customer SET preferred_medium = 'sms'")

    assert copied(world) == []
    assert world.rows("attempt")[0]["medium"] == "sms"
