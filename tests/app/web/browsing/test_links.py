"""Links that open nothing, the door without a link, and what one phone keeps of two people."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from app.delivery.dispatch import Addresses
from app.loops.assembly import assemble, publish_shipped
from app.wording.links import token
from app.wording.page_codes import code, code_hash
from channels.sandbox import SandboxSms
from channels.sandbox_ledger import Ledger
from tests.app.web.browsing.people import BROWSING, WALKED, Person, check, phone, visiting
from tests.app.web.people import NOW, Payer, Stand, add_payer, change, one_value

pytestmark = BROWSING

TELLING = re.compile(r"1,240|1,000|A-1\d|Dana|Cohen|Carmel")
CLOSED, SENT = "This page is closed", "If the link was one of ours, a new one is on its way"


def expire(stand: Stand, payer: Payer) -> str:
    change(stand, f"UPDATE link SET expires_at = '2026-11-01' WHERE id = {payer.link_id}")
    return payer.path


def revoke(stand: Stand, payer: Payer) -> str:
    change(stand, f"UPDATE link SET revoked_at = '2026-11-01' WHERE id = {payer.link_id}")
    return payer.path


def tamper(_stand: Stand, payer: Payer) -> str:
    return payer.path[:-1] + ("A" if payer.path[-1] != "A" else "B")


def cut(_stand: Stand, payer: Payer) -> str:
    return payer.path[:-5]


def forge(_stand: Stand, payer: Payer) -> str:
    """The token of the same link at another house."""
    return f"/p/{token(b'the secret of another house, as long', payer.link_id)}"


@pytest.mark.parametrize("spoils", [expire, revoke, tamper, cut, forge])
def test_a_link_that_opens_nothing_tells_nothing_and_offers_a_new_one(
    browser: Browser,
    served: Stand,
    dana: Payer,
    tmp_path: Path,
    spoils: Callable[[Stand, Payer], str],
) -> None:
    publish_shipped(served.database, NOW)
    path = spoils(served, dana)
    with phone(browser, served) as context:
        person = Person(context.new_page())
        for below in ("", "/pay", "/promise", "/statement", "/receipt"):
            opened = person.page.goto(path + below)
            assert opened is not None
            assert opened.status in (404, 405)
            assert not TELLING.search(person.page.content()), below
        person.page.goto(path)
        person.stands_under(CLOSED)
        check(person.page, tmp_path, spoils.__name__)
        person.press("Send me a new link")
        person.reads(SENT)
        assert not TELLING.search(person.page.content())
        check(person.page, tmp_path, "new-link")
    asked = "SELECT count(*) FROM event WHERE kind = 'invoice_asked'"
    ours = spoils in (expire, revoke)
    assert one_value(served, asked) == ours, "whether it was one of ours, nobody outside learns"


def sent_by_now(stand: Stand) -> list[tuple[str, str]]:
    """All that goes out now: to whom, and the words. The browser has a loop of its own on this
    thread, so that deliveries run on another."""
    ledger = Ledger()
    loops = assemble(
        stand.database,
        {("sms", "sandbox"): SandboxSms(ledger)},
        Addresses(stand.settings.base_url, stand.settings.secret),
        stand.clock.now,
    )
    with ThreadPoolExecutor(1) as aside:
        aside.submit(loops.settle, stand.clock.now()).result()
    return [(one.recipient, one.text) for one in ledger.acceptances()]


def test_the_new_link_goes_to_the_number_on_file_and_opens_the_page(
    browser: Browser, served: Stand, dana: Payer
) -> None:
    publish_shipped(served.database, NOW)
    expire(served, dana)
    with visiting(browser, served, dana) as person:
        person.press("Send me a new link")
        person.reads(SENT)
        ((recipient, words),) = sent_by_now(served)
        assert recipient == "+972520000001"
        (link,) = re.findall(rf"{served.settings.base_url}/p/[\w-]+", words)
        assert dana.token not in link
        person.page.goto(link)
        person.stands_under("Hello Dana")
        assert person.finds("button", "Pay ₪1,240.50").is_visible()


def test_an_expired_link_still_says_stop(browser: Browser, served: Stand, dana: Payer) -> None:
    with visiting(browser, served, dana) as person:
        person.follow("Do not write to me here any more")
        expire(served, dana)
        person.press("Stop messages here")
        person.reads("We will not send reminders here any more.")
    assert one_value(served, "SELECT count(*) FROM suppression WHERE reason = 'opted_out'") > 0


def coded(stand: Stand, payer: Payer) -> str:
    """The short code of a payer's message, kept as delivery keeps it."""
    change(stand, f"UPDATE customer SET birth_year = 1984 WHERE id = {payer.customer_id}")
    made = code(stand.settings.secret, payer.link_id)
    kept = code_hash(stand.settings.secret, made)
    change(stand, f"UPDATE link SET code_hash = '{kept}' WHERE id = {payer.link_id}")
    return made


@pytest.mark.parametrize("locale", WALKED)
def test_the_code_of_a_message_and_an_answer_lead_to_the_page(
    browser: Browser, served: Stand, payer: Payer, locale: str, tmp_path: Path
) -> None:
    typed = coded(served, payer).lower().replace("-", " ")
    with phone(browser, served, locale=locale) as context:
        person = Person(context.new_page(), locale)
        person.page.goto("/c/carmel")
        assert person.is_served_in_their_direction()
        check(person.page, tmp_path, f"{locale}-door")
        person.fill("The code from the message", typed)
        person.fill("Your answer", "1985")
        person.press("Continue")
        check(person.page, tmp_path, f"{locale}-door-refused")
        assert not TELLING.search(person.told().replace("Carmel Water", ""))
        person.fill("Your answer", "1984")
        person.press("Continue")
        assert person.page.url.partition("?")[0].endswith(payer.path)
        assert person.page.locator("form.pay button").is_visible()


def test_two_customers_on_one_phone_never_see_each_other(
    browser: Browser, served: Stand, dana: Payer
) -> None:
    """One number, one browser, and both have just been at their pages."""
    avi = add_payer(served, "Avi Levi", given_name="Avi", birth_year=1990)
    change(served, f"UPDATE customer SET birth_year = 1984 WHERE id = {dana.customer_id}")
    change(served, f"UPDATE contact_point SET address_id = {dana.address_id}"
                   f" WHERE customer_id = {avi.customer_id} AND medium = 'sms'")  # fmt: skip
    change(served, f"UPDATE message SET address_id = {dana.address_id}")
    own = {dana: re.compile(r"Dana|A-1\d"), avi: re.compile(r"Avi|A-3\d")}
    years = {dana: "1984", avi: "1990"}
    with phone(browser, served) as context:
        person = Person(context.new_page())
        for payer, other in ((dana, avi), (avi, dana), (dana, avi)):
            person.page.goto(payer.path)
            assert own[payer].search(person.told())
            for below in ("", "/timeline", "/statement?period=all", "/dispute", "/thread"):
                person.page.goto(payer.path + below)
                assert not own[other].search(person.page.content()), below
            person.page.goto(f"{payer.path}/accounts")
            if person.finds("button", "Continue").count():
                person.fill("Your answer", years[other])
                person.press("Continue")
                person.reads("That did not match.")
                person.fill("Your answer", years[payer])
                person.press("Continue")
            person.stands_under("All your accounts with us")
            assert not own[other].search(person.page.content())
        person.page.goto(avi.path)
        person.press("Pay ₪1,240.50")
        person.pays_at_the_gateway()
        person.page.goto(f"{dana.path}/receipt?c=1")
        person.reads("Nothing has been paid through this page.")
        person.page.goto(dana.path)
        assert person.finds("button", "Pay ₪1,240.50").is_visible()
    assert one_value(served, "SELECT customer_id FROM payment") == avi.customer_id
