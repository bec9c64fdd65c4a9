"""From the link to the receipt: a few taps, once, and only the provider's word counts."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.app.web.browsing.people import BROWSING, PEOPLE, WALKED, Person, check, visiting
from tests.app.web.people import Payer, Stand, add_interest, add_plan, change

pytestmark = BROWSING

MOST_TAPS = 4
ALL = "Pay ₪1,240.50"
DOTTED = ("en", "he", "ar")  # how a number is written
PAID = "Your payment has arrived. Thank you!"
WAITS = "We are waiting for confirmation"


def paid(stand: Stand) -> list[int]:
    with stand.database.read() as session:
        query = "SELECT amount_minor FROM payment ORDER BY id"
        return list(session.connection().exec_driver_sql(query).scalars())


@pytest.mark.parametrize("locale", PEOPLE)
def test_a_link_leads_to_a_receipt(
    browser: Browser, served: Stand, payer: Payer, locale: str, tmp_path: Path
) -> None:
    with visiting(browser, served, payer, locale) as person:
        assert person.is_served_in_their_direction()
        person.go(person.page.locator("form.pay button"))
        check(person.page, tmp_path, f"{locale}-checkout")
        assert person.is_served_in_their_direction()
        person.pays_at_the_gateway()
        check(person.page, tmp_path, f"{locale}-receipt")

        person.stands_under(PAID)
        person.reads("Everything is settled.")
        assert person.is_served_in_their_direction()
        assert person.taps <= MOST_TAPS
    assert paid(served) == [124_050]


@pytest.mark.parametrize("locale", WALKED)
def test_a_part_of_it_is_paid(
    browser: Browser, served: Stand, payer: Payer, locale: str, tmp_path: Path
) -> None:
    with visiting(browser, served, payer, locale) as person:
        person.open("Pay a part of it")
        person.fill("How much do you want to pay now?", "lots")
        person.press("Continue to payment")
        check(person.page, tmp_path, f"{locale}-refused")
        written = "100.50" if locale in DOTTED else "100,50"
        person.fill("How much do you want to pay now?", written)
        person.press("Continue to payment")
        person.pays_at_the_gateway()
        check(person.page, tmp_path, f"{locale}-receipt-part")

        person.stands_under(PAID)
        person.does_not_read("Everything is settled.")
    assert paid(served) == [10_050]


def pays_all(person: Person) -> None:
    person.press(ALL)


def pays_a_part(person: Person) -> None:
    person.open("Pay a part of it")
    person.fill("How much do you want to pay now?", "240.50")
    person.press("Continue to payment")


def pays_the_next_part(person: Person) -> None:
    person.press("Pay the next part: ₪620.25")


def pays_one_invoice(person: Person) -> None:
    person.follow("Pay only some of the invoices")
    person.choose_the(1)
    person.press("Continue to payment")


@pytest.mark.parametrize("pays", [pays_all, pays_a_part, pays_the_next_part, pays_one_invoice])
def test_no_way_to_a_receipt_takes_more_than_four_taps(
    browser: Browser, served: Stand, dana: Payer, pays: Callable[[Person], None]
) -> None:
    """The question who it is, and the provider's own page, count for themselves."""
    change(served, "UPDATE customer SET birth_year = 1984")
    change(served, """UPDATE creditor SET page_check = '["birth_year"]'""")
    if pays is pays_the_next_part:
        add_plan(served, dana)
    with visiting(browser, served, dana) as person:
        person.fill("Your answer", "1984")
        person.press("Continue")
        person.taps = 0
        pays(person)
        person.pays_at_the_gateway()
        person.stands_under(PAID)
        assert 1 <= person.taps <= MOST_TAPS
    assert len(paid(served)) == 1


def test_the_receipt_waits_for_the_providers_word_and_comes_by_itself(
    browser: Browser, served: Stand, dana: Payer
) -> None:
    with visiting(browser, served, dana) as person:
        person.press(ALL)
        # As a provider sends payers back before its callback has come.
        back = person.page.context.new_page()
        back.goto(f"{dana.path}/receipt?lang=en")
        assert WAITS in back.locator("h1").inner_text()
        assert "you do not need to pay again" in back.locator("main").inner_text()
        assert paid(served) == []
        person.pays_at_the_gateway()
        expect(back.locator("h1")).to_have_text(PAID, timeout=15_000)
    assert paid(served) == [124_050]


def test_a_declined_payment_says_so_and_can_be_tried_again(
    browser: Browser, served: Stand, dana: Payer
) -> None:
    with visiting(browser, served, dana) as person:
        person.press(ALL)
        person.press("Let the bank decline it")
        person.stands_under("The payment did not go through")
        person.reads("Nothing was taken. You can try again, use another card, or pay on"
                            " another day.")  # fmt: skip
        person.follow("Back to your page")
        person.press(ALL)
        person.pays_at_the_gateway()
        person.stands_under(PAID)
    assert paid(served) == [124_050]


def test_whoever_goes_back_after_paying_pays_nothing_twice(
    browser: Browser, served: Stand, dana: Payer
) -> None:
    with visiting(browser, served, dana) as person:
        person.press(ALL)
        person.pays_at_the_gateway()
        person.page.go_back()
        assert "/sandbox/pay/" in person.page.url
        person.reads("This payment page has ended.")
        assert person.finds("button", "Pay").count() == 0
        person.page.go_back()
        assert person.page.url.endswith(dana.path)
        person.reads("There is nothing to pay at the moment. Thank you!")
        assert "1,240.50" not in person.told()
        assert person.page.locator("form.pay").count() == 0
    assert paid(served) == [124_050]


def test_of_two_tabs_the_second_learns_that_the_first_has_paid(
    browser: Browser, served: Stand, dana: Payer
) -> None:
    with visiting(browser, served, dana) as first:
        second = Person(first.page.context.new_page())
        second.page.goto(dana.path)
        first.press(ALL)
        first.pays_at_the_gateway()
        second.press(ALL)
        second.reads("Something has changed since you opened this page. Please look again"
                            " and press once more.")  # fmt: skip
        second.reads("There is nothing to pay at the moment. Thank you!")
        assert second.page.locator("form.pay").count() == 0
    assert paid(served) == [124_050]


def test_of_two_tabs_at_the_provider_one_can_be_paid(
    browser: Browser, served: Stand, dana: Payer
) -> None:
    with visiting(browser, served, dana) as first:
        second = Person(first.page.context.new_page())
        second.page.goto(dana.path)
        first.press(ALL)
        second.open("Pay a part of it")
        second.fill("How much do you want to pay now?", "240.50")
        second.press("Continue to payment")
        assert "₪240.50" in second.told()
        first.press("Pay")
        first.stands_under("The payment did not go through")
        second.pays_at_the_gateway()
        second.stands_under(PAID)
    assert paid(served) == [24_050]


def test_paying_needs_no_script(browser: Browser, served: Stand, dana: Payer) -> None:
    with visiting(browser, served, dana, java_script_enabled=False) as person:
        person.press(ALL)
        person.pays_at_the_gateway()
        person.stands_under(PAID)
    assert paid(served) == [124_050]


@pytest.mark.parametrize("locale", WALKED)
def test_the_working_of_a_charge_is_readable(
    browser: Browser, served: Stand, payer: Payer, locale: str, tmp_path: Path
) -> None:
    add_interest(served, payer)
    with visiting(browser, served, payer, locale) as person:
        person.open("Why?")
        check(person.page, tmp_path, f"{locale}-charge")
        person.page.goto(f"{payer.path}/statement")
        check(person.page, tmp_path, f"{locale}-statement-charge")
