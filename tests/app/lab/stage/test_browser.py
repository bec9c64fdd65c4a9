"""The stage in a real browser: everything that a newcomer may press, at a desk and on a phone."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, FrameLocator, Page, expect

from app.lab.stage.play import Places, Play
from app.lab.stage.walking import Walk, Walking
from app.settings import Settings
from app.store.scratch import scratch_database
from app.web.app import server_config
from tests.app.lab.stage.conftest import TODAY, plain
from tests.browsers import with_chromium

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}

expect.set_options(timeout=30_000)  # a busy machine, not a slow stage

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    with_chromium,
    pytest.mark.timeout(400),
]


@pytest.fixture(scope="module")
def browser(origin: str, browser: Browser) -> Browser:
    """Opened after the stage, which runs loops on this thread while it is made."""
    return browser


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The whole stage behind a real server, with a few walked beside it."""
    folder = tmp_path_factory.mktemp("play")
    database = scratch_database(folder / "walked.sqlite3")
    walking = Walking(Walk(str(database.url), customers=20, days=8, seed=7, today=TODAY))
    with (
        socket.create_server(("127.0.0.1", 0)) as stage,
        socket.create_server(("127.0.0.1", 0)) as thousand,
    ):
        ports = [listening.getsockname()[1] for listening in (stage, thousand)]
        addresses = [f"http://127.0.0.1:{port}" for port in ports]
        places = Places(addresses[0], addresses[1], ports[1])
        play = Play(folder / "story", TODAY, database, walking, places)
        server = uvicorn.Server(server_config(play.web, Settings(log_level="warning")))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [stage, thousand]})
        thread.start()
        walking.start()
        walking.follow(lambda done, total: None)
        while not server.started:
            time.sleep(0.02)
        yield addresses[0]
        server.should_exit = True
        thread.join()
        walking.stop()
        play.close()
        database.dispose()


@contextmanager
def stage(
    browser: Browser,
    origin: str,
    size: dict[str, int],
    *,
    language: str = "en",
    scheme: str = "light",
    scripts: bool = True,
) -> Iterator[Page]:
    """The first tab, started over. Nothing may be blocked or broken meanwhile."""
    context = browser.new_context(
        base_url=origin,
        viewport={"width": size["width"], "height": size["height"]},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",  # axe would see a line that is still fading in
        java_script_enabled=scripts,
    )
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"/?lang={language}")
    page.click(".over button")
    yield page
    context.close()
    assert faults == []


def newest(page: Page) -> str:
    """What the last press brought, as the card above the timeline tells it."""
    return plain(page.locator(".answer").first.inner_text())


def loosely(text: str) -> re.Pattern[str]:
    """The text, whatever marks of direction stand in it."""
    return re.compile("[\u2066-\u2069]*".join(map(re.escape, text)))


def check(page: Page, pictures: Path, name: str) -> None:
    """Nothing for axe to find, and nothing wider than the screen."""
    page.screenshot(path=pictures / f"{name}.png", full_page=True)
    found = Axe().run(page, options={"iframes": False})
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def her_page(page: Page) -> FrameLocator:
    return page.frame_locator("iframe.web")


def test_a_newcomer_plays_her(browser: Browser, origin: str, tmp_path: Path) -> None:
    with stage(browser, origin, DESK) as page:
        page.click("text=Next thing that happens")
        expect(page.locator(".chat")).to_contain_text(loosely("Mayan Water"))
        assert "A word on the due date, by WhatsApp" in newest(page)

        # The link in the message opens her real page on the phone; the timeline follows by itself.
        page.click(".bubble a")
        her_page(page).locator(".ways a[href*='/dispute']").click()
        her_page(page).locator(".choice").nth(0).click()
        her_page(page).locator("fieldset:nth-of-type(2) .choice").nth(0).click()
        her_page(page).locator("main form button").click()
        expect(page.locator("#timeline")).to_contain_text(loosely("Invoice M1007-1 is disputed"))
        her_page(page).locator(".ways a[href*='/promise']").click()
        her_page(page).locator(".choice").nth(1).click()
        her_page(page).locator("main form button").click()
        expect(page.locator("#timeline")).to_contain_text(loosely("A promise: ₪1,000.00"))
        check(page, tmp_path, "promised")

        her_page(page).locator("form.pay button").first.click()
        her_page(page).locator("form[action^='/sandbox/'] button").first.click()
        expect(page.locator("#timeline")).to_contain_text(loosely("A payment: ₪1,000.00"))
        expect(page.locator("#timeline")).to_contain_text(loosely("A receipt, by WhatsApp"))


@pytest.mark.slow
def test_replies_are_taken_for_what_they_are(browser: Browser, origin: str) -> None:
    with stage(browser, origin, DESK) as page:
        page.click("text=Next thing that happens")
        page.fill("#reply", "נו טוב, נראה")
        page.click(".reply button")
        expect(page.locator(".bubble.hers")).to_have_text("נו טוב, נראה")
        assert "A person has to read it" in newest(page)
        page.click("text=Next day")
        assert "a person has to read it first" in newest(page)
        page.click(".hints button >> text=STOP")
        assert "An opt-out, taken at once" in newest(page)


@pytest.mark.slow
def test_time_law_and_providers_are_tried(browser: Browser, origin: str, tmp_path: Path) -> None:
    with stage(browser, origin, DESK) as page:
        page.click("text=Try at")
        assert "Outside the allowed hours" in newest(page)
        check(page, tmp_path, "asked")
        page.click("text=The provider is down")
        page.click("text=Next thing that happens")
        assert "does not answer" in newest(page)
        page.click("text=The provider is down: mend it")
        page.click("text=Next thing that happens")
        assert "A word on the due date, by WhatsApp" in newest(page)
        page.click("text=She pays while a message is leaving")
        assert "stopped it" in newest(page)
        expect(page.locator("#timeline")).to_contain_text(loosely("Paid before it could be sent."))
        page.locator(".line.sent summary").first.click()
        expect(page.locator(".line.sent dl").first).to_contain_text(loosely("Clock of the gate"))
        check(page, tmp_path, "crossed")


@pytest.mark.slow
def test_her_language_her_medium_and_our_words_are_changed(
    browser: Browser, origin: str, tmp_path: Path
) -> None:
    with stage(browser, origin, DESK) as page:
        page.click("button[name=locale][value=en]")
        page.click("button[name=medium][value=sms]")
        expect(page.locator("blockquote.next")).to_contain_text(loosely("Hi Shira"))
        page.click("text=Change these words")
        words = page.locator("textarea[name=sms]")
        words.fill(words.input_value().replace("Hi", "Good morning,"))
        page.click("text=Publish the words")
        expect(page.locator("blockquote.next")).to_contain_text(loosely("Good morning, Shira"))
        page.click("text=Next thing that happens")
        expect(page.locator(".chat")).to_contain_text(loosely("Good morning, Shira"))

        page.click("text=Change this step")
        step = page.locator("#step")
        step.fill(step.input_value().replace("day: 3", "dai: 1"))
        page.click("text=Publish the step")
        expect(page.locator(".boxes")).to_contain_text(loosely("Line 2:"))
        check(page, tmp_path, "refused")
        step.fill(step.input_value().replace("dai: 1", "day: 1"))
        page.click("text=Publish the step")
        expect(page.locator(".ahead")).to_contain_text(loosely("The first reminder, by SMS"))
        page.click("text=Next day")
        assert "The first reminder, by SMS" in newest(page)
        page.click("text=Back to what ships")
        assert "As it ships" in newest(page)


def test_it_works_without_scripts_on_a_phone_in_hebrew(
    browser: Browser, origin: str, tmp_path: Path
) -> None:
    with stage(browser, origin, PHONE, language="he", scripts=False) as page:
        page.click(".thumb >> text=הדבר הבא")
        page.screenshot(path=tmp_path / "he-phone.png")
        assert page.locator("html").get_attribute("dir") == "rtl"
        assert "מילה ביום התשלום" in newest(page)
        page.click(".bubble a")
        her_page(page).locator(".ways a[href*='/promise']").click()
        her_page(page).locator(".choice").nth(1).click()
        her_page(page).locator("main form button").click()
        her_page(page).locator("text=תודה").first.wait_for()
        page.reload()
        expect(page.locator("#timeline")).to_contain_text(loosely("הבטחה:"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "language", "scheme"),
    [(DESK, "en", "light"), (DESK, "he", "dark"), (PHONE, "en", "dark"), (PHONE, "he", "light")],
    ids=["desk-en", "desk-he", "phone-en", "phone-he"],
)
def test_every_view_is_accessible(
    browser: Browser,
    origin: str,
    size: dict[str, int],
    language: str,
    scheme: str,
    tmp_path: Path,
) -> None:
    with stage(browser, origin, size, language=language, scheme=scheme) as page:
        page.click(".thumb form:nth-child(2) button" if size is PHONE else ".go-on .go >> nth=1")
        for path in ("/", "/?on=email", "/?on=sms", "/thousand", "/thousand/customer/1"):
            page.goto(f"{path}{'&' if '?' in path else '?'}lang={language}")
            check(page, tmp_path, f"{language}-{scheme}-{path.strip('/?').replace('/', '-')}")


@pytest.mark.slow
def test_the_thousand_are_looked_through(browser: Browser, origin: str) -> None:
    with stage(browser, origin, DESK) as page:
        page.click("text=The thousand")
        page.click(".reasons a >> nth=0")
        expect(page.locator(".picked")).to_be_visible()
        page.click("text=everybody")
        page.click(".map td a >> nth=0")
        expect(page.locator(".picked")).to_be_visible()
        page.click(".who a >> nth=0")
        expect(page.locator(".line").first).to_be_visible()
        page.click("text=Back to all of them")
        page.fill("#name", "M10000")
        page.click("text=Find")
        expect(page.locator(".who a")).to_have_count(1)
