"""A page that asks first: who must, what proves it, five tries, and where the new link goes."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from app.engine.catalogue import Catalogue
from app.intake.light_check import Proof, Verdict, answer, is_wanted, plain, proofs_of
from app.intake.page_links import LED_FOR, lead_to, send_new_link
from app.store.rows import Creditor, Customer, Link
from app.wording.links import token
from tests.databases import on_both_stores
from tests.factories import add_campaign, add_creditor, add_customer, add_invoice
from tests.world import SECRET, World

ALL = tuple(Proof)
COLLECTOR = {"role": "third_party_collector", "country": "US", "zone": "America/Chicago"}


@pytest.fixture
def world(migrated_url: str) -> Any:
    made = World(migrated_url)
    yield made
    made.close()


def sent(world: World, **columns: Any) -> tuple[int, int]:
    """A customer who was sent a message with a link: the ids of both."""
    creditor_id = add_creditor(world.database)
    add_campaign(world.database, creditor_id)
    customer_id = add_customer(world.database, creditor_id, phone="+972520001111", **columns)
    add_invoice(world.database, customer_id, "RE-204417", due_on=world.now.date())
    world.loops.settle(world.now)
    (link,) = world.rows("link", "purpose = 'pay'")
    return customer_id, link["id"]


def tried(world: World, link_id: int, given: str, proofs: tuple[Proof, ...] = ALL) -> Verdict:
    with world.database.write() as session:
        link = session.get_one(Link, link_id)
        customer = session.get_one(Customer, link.customer_id)
        return answer(
            session, link=link, customer=customer, proofs=proofs, given=given, now=world.now
        )


def test_the_law_wants_it_of_collectors_and_a_creditor_may_wish_it(world: World) -> None:
    catalogue, found = Catalogue(), {}
    cases: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
        "a collector of a consumer in Illinois": ({}, {}),
        "of a business there": ({}, {"kind": "business"}),
        "the creditor itself": ({"role": "first_party"}, {}),
        "a collector in Haifa": ({"country": "IL"}, {"country": "IL", "region": None}),
        "a buyer of debts in Leeds": ({"role": "debt_buyer"}, {"country": "GB", "region": None}),
        "one who wishes it": ({"role": "first_party", "page_check": ["postcode"]}, {}),
    }
    for number, (name, (house, owes)) in enumerate(cases.items()):
        creditor_id = add_creditor(
            world.database, **{**COLLECTOR, "external_id": f"house-{number}", **house}
        )
        columns = {"country": "US", "region": "IL", **owes}
        customer_id = add_customer(world.database, creditor_id, f"C{number}", **columns)
        with world.database.read() as session:
            catalogue.refresh(session)
            customer = session.get_one(Customer, customer_id)
            creditor = session.get_one(Creditor, creditor_id)
            found[name] = is_wanted(catalogue, customer, creditor, world.now)
    assert [name for name, wanted in found.items() if wanted] == [
        "a collector of a consumer in Illinois",
        "a buyer of debts in Leeds",
        "one who wishes it",
    ]


def test_any_of_what_is_on_file_proves_it_however_it_is_typed(world: World) -> None:
    _, link_id = sent(world, postal={"postcode": "SW1A 1AA"}, birth_year=1984)
    rights = (
        "SW1A 1AA", " sw1a1aa ", "1984", "١٩٨٤", "۱۹۸۴", "4417", "RE-204417", "re 204417", "٤٤١٧",
    )  # fmt: skip
    for right in rights:
        assert tried(world, link_id, "9999") is Verdict.WRONG
        assert tried(world, link_id, right) is Verdict.PROVEN, right
    assert world.rows("link", f"id = {link_id}")[0]["tries"] == 0, "who is right starts anew"
    assert tried(world, link_id, "4417", (Proof.POSTCODE,)) is Verdict.WRONG
    assert tried(world, link_id, "") is Verdict.WRONG


def test_where_the_law_wants_it_the_number_in_the_message_proves_nothing(world: World) -> None:
    customer_id, _ = sent(world, birth_year=1984)
    with world.database.write() as session:
        customer = session.get_one(Customer, customer_id)
        creditor = session.get_one(Creditor, customer.creditor_id)
        wish = proofs_of(session, customer, creditor, by_law=False)
        law = proofs_of(session, customer, creditor, by_law=True)
        customer.birth_year = None
        only = proofs_of(session, customer, creditor, by_law=True)
        creditor.page_check = ["postcode"]
        none = proofs_of(session, customer, creditor, by_law=False)
        session.rollback()
    assert wish == (Proof.BIRTH_YEAR, Proof.INVOICE)
    assert (law, only, none) == ((Proof.BIRTH_YEAR,), (Proof.INVOICE,), ())


@on_both_stores
def test_after_five_wrong_answers_a_new_link_goes_to_the_address_on_file(world: World) -> None:
    customer_id, link_id = sent(world, birth_year=1984)
    said = [tried(world, link_id, f"{year}") for year in range(1985, 1991)]
    assert said == [*[Verdict.WRONG] * 4, Verdict.LOCKED, Verdict.LOCKED]
    assert tried(world, link_id, "1984") is Verdict.LOCKED, "the right answer comes too late"
    (ended,) = world.rows("event", "kind = 'page_link_ended'")
    assert (ended["customer_id"], "1985" in str(ended["payload"])) == (customer_id, False)

    world.loops.settle(world.now)

    fresh = world.rows("link", f"purpose = 'pay' AND id > {link_id}")
    (message,) = world.rows("message", f"id = {fresh[0]['message_id']}")
    assert (message["template"], message["state"]) == ("invoice_link", "accepted")
    assert tried(world, fresh[0]["id"], "1984") is Verdict.PROVEN


def test_a_new_link_goes_once_a_day_and_only_where_the_customer_still_is(world: World) -> None:
    customer_id, link_id = sent(world)
    with world.database.write() as session:
        assert send_new_link(session, link_id, world.now)
    with world.database.write() as session:
        assert not send_new_link(session, link_id, world.now)
        assert not send_new_link(session, link_id + 1000, world.now)
    world.run(f"UPDATE contact_point SET active = {_no(world)} WHERE customer_id = {customer_id}")
    with world.database.write() as session:
        assert not send_new_link(session, link_id, world.now + timedelta(days=2))


def test_one_page_leads_to_another_for_a_day(world: World) -> None:
    customer_id, link_id = sent(world)
    with world.database.write() as session:
        made = [lead_to(session, customer_id, secret=SECRET, now=world.now) for _ in range(2)]
    assert made[0] == made[1] != token(SECRET, link_id)
    (led,) = world.rows("link", "message_id IS NULL")
    assert led["token_hash"] == sha256(made[0].encode()).hexdigest()
    later = world.now + LED_FOR
    with world.database.write() as session:
        assert lead_to(session, customer_id, secret=SECRET, now=later) != made[0]


def test_plain_keeps_letters_and_digits_of_any_script() -> None:
    assert plain(" ＳＷ１A-1aa ") == "sw1a1aa"
    assert plain("٦١٠٠٠-חיפה") == "61000חיפה"
    assert plain("²") == "2"


def _no(world: World) -> str:
    return "0" if world.database.dialect == "sqlite" else "false"
