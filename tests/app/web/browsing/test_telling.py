"""What customers tell: this is not right, I have paid, I cannot, who I am not, and stop."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.app.intake.proofs.make import photo
from tests.app.web.browsing.people import BROWSING, WALKED, Person, check, phone, visiting
from tests.app.web.people import Payer, Stand, one_value

pytestmark = BROWSING

STALE = "Something has changed since you opened this page. Please look again and press once more."


@pytest.mark.parametrize("locale", WALKED)
def test_one_invoice_is_disputed_and_the_other_paid(
    browser: Browser, served: Stand, payer: Payer, locale: str, tmp_path: Path
) -> None:
    with visiting(browser, served, payer, locale) as person:
        person.follow("Something is wrong with an invoice")
        person.choose_the(0)
        person.choose("I did not get what I ordered")
        check(person.page, tmp_path, f"{locale}-dispute")
        person.press("Send")
        person.reads("We are checking the invoice. You do not need to pay it until we are done.")
        person.reads("We are checking this")
        check(person.page, tmp_path, f"{locale}-disputed")
        person.go(person.page.locator("form.pay button"))
        person.pays_at_the_gateway()
        person.does_not_read("Everything is settled.")
        person.reads("There is nothing to pay at the moment. Thank you!")
        check(person.page, tmp_path, f"{locale}-receipt-disputed")
        person.follow("Back to your page")
        person.reads("We are checking this")
    assert one_value(served, "SELECT kind FROM dispute WHERE state = 'open'") == "not_received"
    assert one_value(served, "SELECT amount_minor FROM payment") == 24_050


@pytest.mark.parametrize("locale", WALKED)
def test_whoever_has_paid_hands_in_a_proof(
    browser: Browser, served: Stand, payer: Payer, locale: str, tmp_path: Path
) -> None:
    (tmp_path / "photo.jpg").write_bytes(photo())
    (tmp_path / "other.jpg").write_bytes(b"MZ no photo")
    with visiting(browser, served, payer, locale) as person:
        person.follow("I have already paid")
        person.fill("When did you pay?", "2026-11-20")
        person.page.select_option("#method", "cash")
        person.hand_over("A photo, a screenshot or a PDF that shows it", tmp_path / "other.jpg")
        person.press("Please check")
        check(person.page, tmp_path, f"{locale}-paid-refused")
        assert person.page.input_value("#paid-on") == "2026-11-20"
        person.hand_over("A photo, a screenshot or a PDF that shows it", tmp_path / "photo.jpg")
        person.press("Please check")
        person.reads("Reminders have stopped while we look for your payment.")
    assert one_value(served, "SELECT method FROM proof WHERE document IS NOT NULL") == "cash"


@pytest.mark.parametrize("locale", WALKED)
def test_whoever_cannot_pay_is_helped(
    browser: Browser, served: Stand, payer: Payer, locale: str, tmp_path: Path
) -> None:
    with visiting(browser, served, payer, locale) as person:
        person.follow("I cannot pay at the moment")
        person.reads("Free advice about debt")
        assert person.page.locator(".advice a").count() > 0
        person.choose("I am going through a hard time")
        person.open("What could you manage each month? (only if you like)")
        person.page.fill("#income", "x")
        person.press("Send")
        check(person.page, tmp_path, f"{locale}-means-refused")
        person.page.fill("#income", "5000")
        person.press("Send")
        person.page.wait_for_url("**done=help**")
        check(person.page, tmp_path, f"{locale}-helped")
    assert one_value(served, "SELECT kind FROM hardship") == "hardship"
    assert one_value(served, "SELECT income_minor FROM means") == 500_000


def test_nobody_is_asked_for_their_means(browser: Browser, served: Stand, dana: Payer) -> None:
    with visiting(browser, served, dana) as person:
        person.follow("I cannot pay at the moment")
        person.choose("More time")
        person.press("Send")
        person.reads("Reminders have stopped.")
        assert person.taps == 3
    assert one_value(served, "SELECT count(*) FROM hardship") == 1
    assert one_value(served, "SELECT count(*) FROM means") == 0


def test_two_messages_of_two_tabs_both_arrive(browser: Browser, served: Stand, dana: Payer) -> None:
    with phone(browser, served) as context:
        tabs = [Person(context.new_page()) for _ in range(2)]
        for tab in tabs:
            tab.page.goto(dana.path)
            tab.follow("Messages with our team")
        for tab, words in zip(tabs, ("My first question", "My other question"), strict=True):
            tab.fill("Your message", words)
            tab.press("Send")
        tabs[1].reads(STALE)
        assert tabs[1].page.get_by_label("Your message").input_value() == "My other question"
        tabs[1].press("Send")
        tabs[1].follow("Messages with our team")
        tabs[1].reads("My first question")
        tabs[1].reads("My other question")


@pytest.mark.parametrize("locale", WALKED)
def test_whoever_wants_no_more_messages_says_so(
    browser: Browser, served: Stand, payer: Payer, locale: str, tmp_path: Path
) -> None:
    with visiting(browser, served, payer, locale) as person:
        person.follow("Do not write to me here any more")
        check(person.page, tmp_path, f"{locale}-stop")
        person.press("Stop messages here")
        person.reads("We will not send reminders here any more.")
        check(person.page, tmp_path, f"{locale}-stopped")
        assert person.taps == 2
    addresses = "SELECT count(DISTINCT address_id) FROM suppression"
    assert one_value(served, f"{addresses} WHERE reason = 'opted_out'") == 1
    assert one_value(served, "SELECT max(address_id) FROM suppression") == payer.address_id


def test_whoever_it_is_not_for_sees_no_more_of_it(
    browser: Browser, served: Stand, dana: Payer
) -> None:
    with visiting(browser, served, dana) as person:
        person.follow("This is not for me")
        person.press("This is not for me")
        person.reads("Sorry for the trouble.")
        person.page.goto(dana.path)
        person.stands_under("This page is closed")
        assert "Dana" not in person.told()
