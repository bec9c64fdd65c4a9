"""A discount on the page: what it is, until when, and what a payment makes of it."""

import re
from datetime import date, timedelta

import pytest
from sqlmodel import Session
from starlette.testclient import TestClient

from app.book.offers import add_offer, end_offer
from app.store.rows import Hold
from campaigns.offers import OfferKind, Situation
from tests.app.web.people import NOW, Payer, Stand, add_payer, change, one_value
from tests.databases import on_both_stores
from tests.factories import add

LAST = date(2026, 12, 5)


@pytest.fixture
def offered(stand: Stand, dana: Payer) -> Payer:
    """A thank-you of 5 % on what is past due: 1,000.00 of the 1,240.50."""
    with stand.database.write() as session:
        thank(session, stand.creditor_id)
    return dana


def thank(session: Session, creditor_id: int, *allows: Situation) -> None:
    kind = OfferKind.THANK_YOU
    add_offer(session, creditor_id, kind, "5", ends_on=LAST, allows=allows, by="ada", now=NOW)


def press(client: TestClient, payer: Payer, share: str, **typed: str) -> str:
    """Presses the button of this share on the page as it is now; answers where it leads."""
    page = client.get(f"{payer.path}?lang=en").text
    forms = re.findall(r"<form[^>]*/pay\">(.*?)</form>", page, re.DOTALL)
    form = next(form for form in forms if f'name="share" value="{share}"' in form)
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
    answer = client.post(f"{payer.path}/pay", data={**fields, **typed})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


@on_both_stores
def test_the_page_tells_the_discount_exactly_and_a_payment_has_it(
    stand: Stand, client: TestClient, offered: Payer
) -> None:
    page = client.get(f"{offered.path}?lang=en").text
    assert "less, if you pay by <bdi>5 December 2026</bdi>" in page
    assert "That is <bdi>5%</bdi> of <bdi>₪1,000.00</bdi>" in page
    assert "Pay <bdi>₪1,190.50</bdi>" in page
    assert "After that day it is <bdi>₪1,240.50</bdi>" in page

    to = press(client, offered, "offer")
    client.post(to.removeprefix(stand.settings.base_url), data={"act": "pay"})

    assert one_value(stand, "SELECT amount_minor FROM payment") == 119_050
    assert one_value(stand, "SELECT sum(open_minor) FROM invoice") == 0
    receipt = client.get(f"{offered.path}/receipt?lang=en").text
    assert "<dt>Discount</dt><dd><bdi>₪50.00</bdi></dd>" in receipt
    assert "Everything is settled." in receipt
    statement = client.get(f"{offered.path}/statement?lang=en").text
    assert "<b>Discount</b>" in statement


def test_a_form_that_names_a_smaller_amount_is_not_taken(
    client: TestClient, stand: Stand, offered: Payer
) -> None:
    page = client.get(f"{offered.path}?lang=en").text
    nonce = re.search(r'name="nonce" value="(\w+)"', page)
    assert nonce
    forged = {"nonce": nonce[1], "lang": "en", "currency": "ILS", "share": "offer", "shown": "100"}

    answer = client.post(f"{offered.path}/pay", data=forged)

    assert answer.status_code == 409
    assert one_value(stand, "SELECT count(*) FROM checkout") == 0


def test_a_part_that_pays_one_invoice_in_full_has_its_discount(
    stand: Stand, client: TestClient, offered: Payer
) -> None:
    to = press(client, offered, "part", amount="950")
    client.post(to.removeprefix(stand.settings.base_url), data={"act": "pay"})

    assert one_value(stand, "SELECT sum(open_minor) FROM invoice") == 24_050
    assert one_value(stand, "SELECT amount_minor FROM reversal WHERE kind = 'discount'") == 5_000


def test_a_checkout_that_was_opened_in_time_keeps_the_word(
    stand: Stand, client: TestClient, offered: Payer
) -> None:
    to = press(client, offered, "offer")
    kind = OfferKind.THANK_YOU
    with stand.database.write() as session:
        end_offer(session, stand.creditor_id, kind, by="ada", now=NOW)
    stand.clock.move_to(NOW + timedelta(minutes=90))

    client.post(to.removeprefix(stand.settings.base_url), data={"act": "pay"})

    assert one_value(stand, "SELECT sum(open_minor) FROM invoice") == 0


def test_after_its_day_the_whole_amount_is_asked_for(
    stand: Stand, client: TestClient, offered: Payer
) -> None:
    stand.clock.move_to(NOW + timedelta(days=12))

    page = client.get(f"{offered.path}?lang=en").text

    assert "if you pay by" not in page
    assert "Pay <bdi>₪1,240.50</bdi>" in page


def test_nobody_in_hardship_is_shown_a_discount_unless_the_creditor_says_so(
    stand: Stand, client: TestClient, offered: Payer
) -> None:
    person = one_value(stand, f"SELECT person_id FROM customer WHERE id = {offered.customer_id}")
    add(stand.database, Hold, person_id=person, kind="hardship", placed_at=NOW, renewed_at=NOW)

    held = client.get(f"{offered.path}?lang=en").text
    with stand.database.write() as session:
        end_offer(session, stand.creditor_id, OfferKind.THANK_YOU, by="ada", now=NOW)
        thank(session, stand.creditor_id, Situation.HARDSHIP)
    allowed = client.get(f"{offered.path}?lang=en").text

    assert "if you pay by" not in held
    assert "if you pay by" in allowed


def test_two_days_are_told_by_what_follows_the_first(stand: Stand, client: TestClient) -> None:
    payer = add_payer(stand)
    with stand.database.write() as session:
        thank(session, stand.creditor_id)
        early = OfferKind.EARLY_PAYMENT
        add_offer(session, stand.creditor_id, early, "10", within_days=365, by="ada", now=NOW)
    change(stand, "UPDATE invoice SET due_on = '2026-11-30' WHERE amount_minor = 24050")

    page = client.get(f"{payer.path}?lang=en").text

    assert "<bdi>₪74.05</bdi> less, if you pay by <bdi>30 November 2026</bdi>" in page
    assert "Rounded up in your favour. After that day it is <bdi>₪1,190.50</bdi>" in page
