"""No fault for axe to find on any page, in any language, light or dark, on a small phone."""

from datetime import date, timedelta
from itertools import product
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from app.book.offers import add_offer
from app.book.pay_accounts import read_account, set_account
from app.intake.staff_answers import answer_reply
from campaigns.offers import OfferKind
from tests.app.web.browsing.people import BROWSING, PEOPLE, Person, check, phone, visiting
from tests.app.web.people import (
    NOW,
    Payer,
    Stand,
    add_attempt,
    add_interest,
    add_payer,
    add_plan,
    change,
    one_value,
)

pytestmark = BROWSING

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
LOOKS = [*product(PEOPLE, SCHEMES[:1]), *product(("en", "he"), SCHEMES[1:])]
"""Words and lengths change with the language, colours with the scheme and the direction."""


@pytest.mark.parametrize(("locale", "scheme"), LOOKS)
def test_every_part_of_the_page_is_accessible(
    browser: Browser,
    served: Stand,
    payer: Payer,
    locale: str,
    scheme: Scheme,
    tmp_path: Path,
) -> None:
    add_interest(served, payer)
    with served.database.write() as session:
        kind, ends_on = OfferKind.THANK_YOU, date(2026, 12, 5)
        add_offer(session, served.creditor_id, kind, "2.5", ends_on=ends_on, by="ada", now=NOW)
    with visiting(browser, served, payer, locale, scheme=scheme) as person:
        page = person.page
        for summary in page.query_selector_all("details:not([open]) > summary"):
            summary.click()
        check(page, tmp_path, f"{locale}-all-{scheme}")
        ways = page.eval_on_selector_all(
            "main a[href^='/p/']:not([href*='.csv']):not([href*='.pdf'])",
            "all => all.map(a => a.pathname)",
        )
        assert len(ways) >= 10
        for path in (
            *ways,
            f"{payer.path}/check",
            f"{payer.path}/documents/0",
            f"/u/{payer.token}",
            f"/thanks/stop?lang={locale}",
            f"/p/x?lang={locale}",
            f"/c/carmel?lang={locale}",
        ):
            page.goto(path)
            assert person.is_served_in_their_direction(), path
            check(page, tmp_path, f"{locale}-{_name(path, payer)}-{scheme}")
        page.goto(payer.path)
        person.go(page.locator("form.pay button"))
        person.pays_at_the_gateway()
        check(page, tmp_path, f"{locale}-receipt-paid-{scheme}")


def _name(path: str, payer: Payer) -> str:
    """A picture's: the last word of a page of theirs, or what else it is."""
    named = {f"/u/{payer.token}": "leave", "/p/x": "ended", "/c/carmel": "door"}
    bare = path.partition("?")[0]
    return named.get(bare, bare.removeprefix(f"{payer.path}/").strip("/").replace("/", "-"))


@pytest.mark.parametrize(("locale", "scheme"), LOOKS)
def test_what_only_some_customers_see_is_accessible(
    browser: Browser,
    served: Stand,
    payer: Payer,
    locale: str,
    scheme: Scheme,
    tmp_path: Path,
) -> None:
    """A plan that is chosen, asked for, running and changed; a payment that waits and that is
    declined; the question first, rightly and wrongly answered; nothing left to pay."""
    with visiting(browser, served, payer, locale, scheme=scheme) as person:

        def see(name: str, path: str = "") -> None:
            if path:
                person.page.goto(path)
            check(person.page, tmp_path, f"{locale}-{name}-{scheme}")

        chosen = f"{payer.path}/parts?currency=ILS&rhythm=monthly&first=2026-11-24&lang={locale}"
        see("parts-holds", f"{chosen}&parts=3")
        see("parts-asked", f"{chosen}&parts=9")
        see("parts-refused", f"{chosen}&parts=amount&each=x")
        see("promise-refused", f"{payer.path}/promise?day=other&lang={locale}")
        person.page.goto(payer.path)
        person.go(person.page.locator("form.pay button"))
        see("gateway")
        see("receipt-waits", f"{payer.path}/receipt?lang={locale}")
        person.page.go_back()
        person.press("Let the bank decline it")
        see("receipt-declined")
        add_plan(served, payer)
        see("planned", f"{payer.path}?done=parts")
        for way in ("plan", "card", "timeline"):
            see(way, f"{payer.path}/{way}")
        change(served, "UPDATE customer SET birth_year = 1984")
        change(served, """UPDATE creditor SET page_check = '["birth_year", "invoice"]'""")
        see("asked", payer.path)
        person.fill("Your answer", "1066")
        person.press("Continue")
        see("asked-again")
        person.fill("Your answer", "1984")
        person.press("Continue")
        change(served, f"UPDATE customer SET ledger_changed_at = '{NOW - timedelta(days=1)}'")
        change(served, "UPDATE invoice SET open_minor = 0")
        see("settled", f"{payer.path}?done=preferences")
        see("accounts", f"{payer.path}/accounts")


@pytest.mark.parametrize(("locale", "scheme"), LOOKS)
def test_what_was_said_and_agreed_is_accessible(
    browser: Browser,
    served: Stand,
    payer: Payer,
    locale: str,
    scheme: Scheme,
    tmp_path: Path,
) -> None:
    """A message and its answer, a call, an account for transfers, a dispute and a promise."""
    into = read_account(holder="Carmel Water", number="12-345-678901", bank="Bank Leumi")
    with served.database.write() as session:
        assert set_account(session, "carmel", "ILS", into)
    with visiting(browser, served, payer, locale, scheme=scheme) as person:

        def see(name: str, path: str = "") -> None:
            if path:
                person.page.goto(f"{payer.path}{path}")
            check(person.page, tmp_path, f"{locale}-{name}-{scheme}")

        see("transfer", "/transfer")
        person.page.goto(f"{payer.path}/thread")
        person.fill("Your message", "https://example.com/" + 40 * "long")
        person.press("Send")
        with served.database.write() as session:
            answer_reply(session, 1, "It is gone.\nSorry!", by="Noa Levi", now=NOW)
        see("answered", "?done=message")
        see("answer", "/answer")
        person.page.goto(f"{payer.path}/call")
        person.page.select_option("#slot", index=1)
        person.press("Call me at this time")
        see("call-agreed")
        see("call", "/call")
        person.page.goto(f"{payer.path}/dispute")
        person.choose_the(0)
        person.tap(person.page.locator("fieldset").nth(1).locator(".choice").first)
        person.press("Send")
        person.page.goto(f"{payer.path}/promise")
        person.choose_the(0)
        person.press("Save this day")
        see("agreed")
        see("timeline", "/timeline")
        see("statement", "/statement?period=all")


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.slow)])
def test_the_outbox_is_accessible(
    browser: Browser,
    served: Stand,
    scheme: Scheme,
    tmp_path: Path,
) -> None:
    html = "<!doctype html><html lang=en><head><title>x</title></head><body><p>Hi</p></body></html>"
    for locale in ("en", "he"):
        payer = add_payer(served, PEOPLE[locale][0], locale=locale)
        add_attempt(served, payer, locale=locale, html=html if locale == "en" else None)
    with phone(browser, served, scheme=scheme) as context:
        page = context.new_page()
        page.set_viewport_size({"width": 1280, "height": 900})
        for path in ("/", "/outbox", "/outbox/1", "/outbox/2"):
            page.goto(path)
            found = Axe().run(page)
            assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("locale", ["he"])
def test_the_page_works_in_the_smallest_window_without_scripts(
    browser: Browser, served: Stand, payer: Payer, locale: str, tmp_path: Path
) -> None:
    smallest = {"width": 320, "height": 480}
    with phone(browser, served, java_script_enabled=False, viewport=smallest) as context:
        person = Person(context.new_page(), locale)
        person.page.goto(payer.path)
        person.follow("I cannot pay at the moment")
        person.choose_the(0)
        person.press("Send")
        person.page.wait_for_url("**done=help")
    assert one_value(served, "SELECT count(*) FROM hardship") == 1


@pytest.mark.slow
@pytest.mark.parametrize("locale", ["en", "he", "ar", "lt"])
def test_a_card_is_agreed_to_entered_shown_and_revoked(
    browser: Browser, served: Stand, payer: Payer, locale: str, tmp_path: Path
) -> None:
    add_plan(served, payer)
    with visiting(browser, served, payer, locale) as person:
        page = person.page
        person.go(page.locator(".ways a[href*='/card']"))
        check(page, tmp_path, f"{locale}-card-offer")
        assert not page.is_checked("input[name=agreed]")
        page.check("input[name=agreed]")
        person.go(page.locator("form button"))
        check(page, tmp_path, f"{locale}-card-page")
        person.go(page.locator("form.pay button:not(.quiet)"))
        check(page, tmp_path, f"{locale}-card-kept")
        person.go(page.locator(".ways a[href*='/card']"))
        assert one_value(served, "SELECT revoked_at FROM mandate") is None
        person.go(page.locator("form[action$=card_stop] button"))
        check(page, tmp_path, f"{locale}-card-stopped")
        assert one_value(served, "SELECT revoked_by FROM mandate") == "page"
