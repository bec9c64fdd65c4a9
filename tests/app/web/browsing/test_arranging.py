"""Another day and smaller parts: agreed on the phone, moved when they do not fit, and only once."""

from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from app.wording.formats import formats_for
from tests.app.web.browsing.people import BROWSING, WALKED, Person, check, phone, plain, visiting
from tests.app.web.people import Payer, Stand, add_plan, one_value

pytestmark = BROWSING

ANOTHER_DAY, IN_PARTS = "I would like to pay on another day", "I would like to pay in parts"
STALE = "Something has changed since you opened this page. Please look again and press once more."


def written(locale: str, day: date) -> str:
    return plain(formats_for(locale).date(day))


@pytest.mark.parametrize("locale", WALKED)
def test_a_link_leads_to_a_promise(
    browser: Browser, served: Stand, payer: Payer, locale: str, tmp_path: Path
) -> None:
    with visiting(browser, served, payer, locale) as person:
        person.follow(ANOTHER_DAY)
        assert person.is_served_in_their_direction()
        person.choose_the(1)
        check(person.page, tmp_path, f"{locale}-promise")
        person.press("Save this day")
        person.reads("We have noted your day.")
        assert written(locale, date(2026, 12, 1)) in person.told()
        assert person.finds("link", ANOTHER_DAY).count() == 0
        check(person.page, tmp_path, f"{locale}-promised")
        assert person.is_served_in_their_direction()
        assert person.taps == 3
    query = "SELECT amount_minor FROM promise WHERE due_on = '2026-12-01' AND state = 'open'"
    assert one_value(served, query) == 124_050


def test_a_day_that_is_not_offered_is_written_below(
    browser: Browser, served: Stand, dana: Payer
) -> None:
    with visiting(browser, served, dana) as person:
        person.follow(ANOTHER_DAY)
        person.choose("Another day, written below")
        person.press("Save this day")
        wrong = person.page.get_by_label("Another day", exact=True)
        assert wrong.get_attribute("aria-invalid") == "true"
        assert wrong.get_attribute("aria-describedby")
        assert person.finds("radio", "Another day, written below").is_checked()
        person.fill("Another day", "2026-12-03")
        person.press("Save this day")
        person.reads("You will pay ₪1,240.50 by 3 December 2026.")
    assert one_value(served, "SELECT count(*) FROM promise WHERE due_on = '2026-12-03'") == 1


@pytest.mark.parametrize("locale", WALKED)
def test_a_link_leads_to_a_plan_whose_second_part_is_moved(
    browser: Browser, served: Stand, payer: Payer, locale: str, tmp_path: Path
) -> None:
    with visiting(browser, served, payer, locale) as person:
        person.follow(IN_PARTS)
        for nth, option in enumerate(person.page.locator("fieldset").all()):
            person.tap(option.locator(".choice").nth((1, 1, 0)[nth]))  # three, fortnightly, today
        check(person.page, tmp_path, f"{locale}-parts")
        person.press("See the days and amounts")
        check(person.page, tmp_path, f"{locale}-parts-seen")
        assert one_value(served, "SELECT count(*) FROM plan") == 0
        person.press("Agree to this plan")
        person.reads("Your plan is agreed. It is shown below.")
        check(person.page, tmp_path, f"{locale}-planned")
        assert person.is_served_in_their_direction()

        person.go(person.page.locator("form.pay button").first)
        person.pays_at_the_gateway()
        person.follow("Back to your page")
        assert written(locale, date(2026, 12, 8)) in person.told()
        person.follow("The next part of my plan does not suit me")
        person.choose("Another day, written below")
        person.fill("Another day", "2026-12-10")
        check(person.page, tmp_path, f"{locale}-plan")
        person.press("Change my plan")
        person.reads("Your plan has been changed.")
        assert written(locale, date(2026, 12, 8)) not in person.told()
        assert written(locale, date(2026, 12, 10)) in person.told()
        check(person.page, tmp_path, f"{locale}-plan-moved")
    parts = "SELECT count(*) FROM instalment WHERE amount_minor = 41350 AND state"
    assert one_value(served, f"{parts} = 'paid' AND due_on = '2026-11-24'") == 1
    assert one_value(served, f"{parts} = 'due' AND due_on = '2026-12-10'") == 1
    assert one_value(served, "SELECT amount_minor FROM payment") == 41_350


def test_a_part_that_is_moved_without_a_day_is_asked_for_it(
    browser: Browser, served: Stand, dana: Payer
) -> None:
    add_plan(served, dana)
    with visiting(browser, served, dana) as person:
        person.follow("The next part of my plan does not suit me")
        person.choose("Another day, written below")
        person.press("Change my plan")
        wrong = person.page.get_by_label("Another day", exact=True)
        assert wrong.get_attribute("aria-invalid") == "true"
    assert one_value(served, "SELECT count(*) FROM instalment WHERE state = 'moved'") == 0


def test_of_two_tabs_the_second_learns_what_was_agreed_in_the_first(
    browser: Browser, served: Stand, dana: Payer
) -> None:
    with phone(browser, served) as context:
        first, second = (Person(context.new_page()) for _ in range(2))
        for tab in (first, second):
            tab.page.goto(dana.path)
            tab.follow(ANOTHER_DAY)
        first.choose_the(0)
        first.press("Save this day")
        first.reads("You will pay ₪1,240.50 by 27 November 2026.")
        second.choose_the(1)
        second.press("Save this day")
        second.reads(STALE)
        second.reads("You have chosen a day already.")
        second.does_not_read("We have noted your day.")
    assert one_value(served, "SELECT count(*) FROM promise") == 1
    assert str(one_value(served, "SELECT due_on FROM promise")) == "2026-11-27"


def test_a_form_that_is_sent_again_as_it_was_acts_once_and_says_thanks(
    browser: Browser, served: Stand, dana: Payer
) -> None:
    with phone(browser, served) as context:
        tabs = [Person(context.new_page()) for _ in range(2)]
        for tab in tabs:
            tab.page.goto(dana.path)
            tab.follow(ANOTHER_DAY)
            tab.choose_the(0)
        for tab in tabs:
            tab.press("Save this day")
            tab.reads("You will pay ₪1,240.50 by 27 November 2026.")
    assert one_value(served, "SELECT count(*) FROM promise") == 1


def test_promising_needs_no_script(browser: Browser, served: Stand, dana: Payer) -> None:
    with visiting(browser, served, dana, java_script_enabled=False) as person:
        person.follow(ANOTHER_DAY)
        person.choose_the(0)
        person.press("Save this day")
        person.reads("You will pay ₪1,240.50 by 27 November 2026.")
    assert one_value(served, "SELECT count(*) FROM promise") == 1
