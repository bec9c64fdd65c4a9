"""A phone of 360 pixels in ten languages: pay, promise, dispute, and no fault for axe to find."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from app.book.offers import add_offer
from campaigns.offers import OfferKind
from tests.app.intake.proofs.make import photo
from tests.app.web.people import (
    NOW,
    Payer,
    Stand,
    add_attempt,
    add_interest,
    add_payer,
    add_plan,
    one_value,
)
from tests.app.web.served import serving
from tests.browsers import with_chromium

PEOPLE = {
    "en": ("Dana Cohen", "Dana"),
    "he": ("דנה כהן", "דנה"),
    "ar": ("سمير حداد", "سمير"),
    "lt": ("Jonas Petraitis", "Jonas"),
    "de": ("Jonas Brandt", "Jonas"),
    "es": ("Lucía Ortega", "Lucía"),
    "fr": ("Élise Marchand", "Élise"),
    "it": ("Giulia Conti", "Giulia"),
    "pl": ("Łucja Zielińska", "Łucja"),
    "ru": ("Анна Смирнова", "Анна"),
}
# One language of each direction and one scheme are tried quickly, all of them when there is time.
SLOW = ("ar", "lt", "de", "es", "fr", "it", "pl", "ru")
LOCALES = ["en", "he", *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW)]
DOTTED = ("en", "he", "ar")  # how a number is written
SCHEMES = ["light", pytest.param("dark", marks=pytest.mark.slow)]

pytestmark = [
    pytest.mark.browser,
    with_chromium,
    pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True),
]


@pytest.fixture
def served(migrated_url: str, tmp_path: Path) -> Iterator[Stand]:
    """The stand behind a real server on a free port."""
    with serving(migrated_url, documents=tmp_path / "documents") as stand:
        yield stand


@contextmanager
def phone(browser: Browser, stand: Stand, *, scheme: str = "light") -> Iterator[Page]:
    """A page on a small phone without scripts, as the pages promise to need none."""
    context = browser.new_context(
        base_url=stand.settings.base_url,
        viewport={"width": 360, "height": 740},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    context.close()
    # The browser reports what the content policy blocked; a refused status is no fault of the page.
    assert [fault for fault in faults if "status of 4" not in fault] == []


def check(page: Page, pictures: Path, name: str) -> None:
    """Nothing for axe to find, nothing wider than the screen, every target large enough."""
    page.screenshot(path=pictures / f"{name}.png", full_page=True)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    small = page.evaluate(
        "[...document.querySelectorAll('button, summary, .choice, .tongues a, .button, input')]"
        ".filter(e => e.checkVisibility() && !['hidden', 'radio', 'checkbox'].includes(e.type)"
        " && e.getBoundingClientRect().height < 44).map(e => e.outerHTML)"
    )
    assert small == []


@pytest.fixture
def payers(served: Stand) -> dict[str, Payer]:
    return {
        locale: add_payer(served, name, locale=locale, given_name=given)
        for locale, (name, given) in PEOPLE.items()
    }


@pytest.mark.parametrize("locale", LOCALES)
def test_the_working_of_a_charge_is_readable(
    browser: Browser, served: Stand, payers: dict[str, Payer], locale: str, tmp_path: Path
) -> None:
    add_interest(served, payers[locale])
    with phone(browser, served) as page:
        page.goto(payers[locale].path)
        page.click("details.why > summary")
        check(page, tmp_path, f"{locale}-charge")
        page.goto(f"{payers[locale].path}/statement")
        check(page, tmp_path, f"{locale}-statement-charge")


@pytest.mark.parametrize("locale", LOCALES)
def test_paying_a_part_takes_a_few_presses(
    browser: Browser, served: Stand, payers: dict[str, Payer], locale: str, tmp_path: Path
) -> None:
    with phone(browser, served) as page:
        page.goto(payers[locale].path)
        page.click(".tongues summary")
        check(page, tmp_path, f"{locale}-page")
        page.click("#pay-ILS > summary")
        page.fill("#amount-ILS", "lots")
        page.click("#pay-ILS button")
        check(page, tmp_path, f"{locale}-refused")
        page.fill("#amount-ILS", "100.50" if locale in DOTTED else "100,50")
        page.click("#pay-ILS button")
        check(page, tmp_path, f"{locale}-checkout")
        page.click("form.pay button >> nth=0")
        page.wait_for_url("**/receipt**")
        check(page, tmp_path, f"{locale}-receipt")

    assert one_value(served, "SELECT amount_minor FROM payment") == 10050


@pytest.mark.parametrize("locale", LOCALES)
def test_promising_and_disputing_take_a_few_presses(
    browser: Browser, served: Stand, payers: dict[str, Payer], locale: str, tmp_path: Path
) -> None:
    with phone(browser, served) as page:
        page.goto(payers[locale].path)
        page.click(".ways a[href*='/dispute']")
        page.click(".choice >> nth=1")
        page.click("fieldset:nth-of-type(2) .choice >> nth=0")
        check(page, tmp_path, f"{locale}-dispute")
        page.click("form button")
        page.wait_for_url("**done=dispute")
        page.click(".ways a[href*='/promise']")
        page.click(".choice >> nth=1")
        check(page, tmp_path, f"{locale}-promise")
        page.click("form button")
        page.wait_for_url("**done=promise")
        check(page, tmp_path, f"{locale}-done")

    assert one_value(served, "SELECT amount_minor FROM promise") == 100_000
    assert one_value(served, "SELECT count(*) FROM dispute") == 1


@pytest.mark.parametrize("locale", LOCALES)
def test_a_proof_is_handed_in_and_help_is_asked_for(
    browser: Browser, served: Stand, payers: dict[str, Payer], locale: str, tmp_path: Path
) -> None:
    (tmp_path / "photo.jpg").write_bytes(photo())
    (tmp_path / "other.jpg").write_bytes(b"MZ no photo")
    with phone(browser, served) as page:
        page.goto(payers[locale].path)
        page.click(".ways a[href*='/paid']")
        page.fill("#paid-on", "2026-11-20")
        page.select_option("#method", "cash")
        page.set_input_files("#file", tmp_path / "other.jpg")
        page.click("form button")
        check(page, tmp_path, f"{locale}-paid-refused")
        assert page.input_value("#paid-on") == "2026-11-20"
        page.set_input_files("#file", tmp_path / "photo.jpg")
        page.click("form button")
        page.wait_for_url("**done=paid")
        page.click(".ways a[href*='/help']")
        page.click(".choice >> nth=0")
        page.click("details.other > summary")
        page.fill("#income", "x")
        page.click("form button")
        check(page, tmp_path, f"{locale}-means-refused")
        page.fill("#income", "5000")
        page.click("form button")
        page.wait_for_url("**done=help")

    assert one_value(served, "SELECT method FROM proof WHERE document IS NOT NULL") == "cash"
    assert one_value(served, "SELECT income_minor FROM means") == 500_000


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_part_of_the_page_is_accessible(
    browser: Browser, served: Stand, payers: dict[str, Payer], scheme: str, tmp_path: Path
) -> None:
    with served.database.write() as session:
        kind, ends_on = OfferKind.THANK_YOU, date(2026, 12, 5)
        add_offer(session, served.creditor_id, kind, "2.5", ends_on=ends_on, by="ada", now=NOW)
    with phone(browser, served, scheme=scheme) as page:
        for locale, payer in payers.items():
            page.goto(payer.path)
            for summary in page.query_selector_all("details:not([open]) > summary"):
                summary.click()
            check(page, tmp_path, f"{locale}-all-{scheme}")
            ways = page.eval_on_selector_all(".ways a", "all => all.map(a => a.pathname)")
            assert len(ways) >= 6
            for path in (
                *ways,
                f"{payer.path}/statement",
                f"{payer.path}/timeline",
                f"{payer.path}/documents/0",
                f"/u/{payer.token}",
                f"/thanks/stop?lang={locale}",
                f"/p/x?lang={locale}",
            ):
                page.goto(path)
                check(page, tmp_path, f"{locale}-{path[1:].replace('/', '-')}-{scheme}")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_outbox_is_accessible(
    browser: Browser, served: Stand, payers: dict[str, Payer], scheme: str, tmp_path: Path
) -> None:
    html = "<!doctype html><html lang=en><head><title>x</title></head><body><p>Hi</p></body></html>"
    for locale, payer in payers.items():
        add_attempt(served, payer, locale=locale, html=html if locale == "en" else None)
    with phone(browser, served, scheme=scheme) as page:
        page.set_viewport_size({"width": 1280, "height": 900})
        for path in ("/", "/outbox", "/outbox/1", "/outbox/2"):
            page.goto(path)
            page.screenshot(path=tmp_path / f"outbox-{path[-1]}.png")
            found = Axe().run(page)
            assert found.violations_count == 0, found.generate_report()


def test_the_page_works_without_scripts_and_in_the_smallest_window(
    browser: Browser, served: Stand, payers: dict[str, Payer], tmp_path: Path
) -> None:
    context = browser.new_context(
        base_url=served.settings.base_url,
        java_script_enabled=False,
        viewport={"width": 320, "height": 480},
    )
    page = context.new_page()
    page.goto(payers["he"].path)
    page.click(".ways a[href*='/help']")
    page.click(".choice >> nth=0")
    page.screenshot(path=tmp_path / "he-320.png", full_page=True)
    page.click("form button")
    page.wait_for_url("**done=help")
    context.close()

    assert one_value(served, "SELECT count(*) FROM hardship") == 1


@pytest.mark.slow
@pytest.mark.parametrize("locale", ["en", "he", "ar", "lt"])
def test_a_card_is_agreed_to_entered_shown_and_revoked(
    browser: Browser, served: Stand, payers: dict[str, Payer], locale: str, tmp_path: Path
) -> None:
    payer = payers[locale]
    add_plan(served, payer)
    with phone(browser, served) as page:
        page.goto(f"{payer.path}?done=parts")
        page.click(".ways a[href*='/card']")
        check(page, tmp_path, f"{locale}-card-offer")
        assert not page.is_checked("input[name=agreed]")
        page.check("input[name=agreed]")
        page.click("form button")
        check(page, tmp_path, f"{locale}-card-page")
        page.click("form.pay button:not(.quiet)")
        check(page, tmp_path, f"{locale}-card-kept")
        page.click(".ways a[href*='/card']")
        assert one_value(served, "SELECT revoked_at FROM mandate") is None
        page.click("form[action$=card_stop] button")
        check(page, tmp_path, f"{locale}-card-stopped")
        assert one_value(served, "SELECT revoked_by FROM mandate") == "page"
