"""Who sits at a desk, or holds a phone: they press what they can see, in their language."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect

from app.console.app import cookie_name
from app.console.notices import PATH
from app.console.office import DOMAIN
from app.web.catalogues import translations
from tests.app.console.team import Seat, Team
from tests.app.web.browsing.people import show
from tests.browsers import with_chromium

BROWSING: Final = [
    pytest.mark.browser,
    pytest.mark.slow,
    with_chromium,
    pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True),
]
"""The marks of every module here."""
DESK: Final = 1280
PHONE: Final = 360
_ALBUM: Final = os.environ.get("DULY_TEST_ALBUM", "")
"""The folder of the pictures that the docs show (`make pictures`); none are kept without one."""
SHOWN: Final = {
    "en": frozenset(
        "today customers customer why inbox reply call queue journey findings tried templates"
        " template dso stop today-phone customers-phone".split()
    ),
    "he": frozenset("today customer reply journey template dso customer-phone inbox-phone".split()),
}
"""Which of them are kept, by the reader's language."""
Role = Literal["button", "checkbox", "link", "radio", "textbox", "combobox"]


@dataclass(slots=True)
class Desk:
    """Somebody at a page of the console."""

    page: Page
    language: str

    def word(self, text: str) -> str:
        """A text of the console, in their language."""
        return str(translations(self.language, DOMAIN).ugettext(text))

    def finds(self, role: Role, text: str) -> Locator:
        """What they see under this name, to the letter."""
        return self.page.get_by_role(role, name=self.word(text), exact=True)

    def goes(self, path: str) -> None:
        self.page.goto(path)

    def press(self, text: str) -> None:
        """Presses the button of this name, and waits for the page that it leads to."""
        with self.page.expect_navigation():
            self.finds("button", text).first.click()

    def follow(self, text: str) -> None:
        with self.page.expect_navigation():
            self.finds("link", text).first.click()

    def fill(self, text: str, value: str) -> None:
        self.page.get_by_label(self.word(text), exact=True).first.fill(value)

    def open(self, text: str) -> None:
        """Opens the part of the page that is closed under this name."""
        self.page.locator("summary", has_text=self.word(text)).first.click()

    def reads(self, text: str) -> None:
        """The page says this text, in their language, or does so in a moment."""
        expect(self.page.locator("main")).to_contain_text(self.word(text))

    def takes(self, role: Role, text: str, folder: Path) -> Path:
        """The file that the browser puts away when this is pressed."""
        with self.page.expect_download() as download:
            self.finds(role, text).click()
        path = folder / download.value.suggested_filename
        download.value.save_as(path)
        return path

    def sees_focus(self, within: str) -> None:
        """What has the focus lies in here, and is seen to have it."""
        place = self.page.locator(f"{within} :focus-visible, {within}:focus-visible")
        expect(place).to_be_visible()

    def checks(self, folder: Path, name: str) -> None:
        """No fault for axe, nothing wider than the screen; while pictures are drawn, one of it."""
        self.finds_no_fault(name)
        if _ALBUM:
            self.page.screenshot(path=folder / f"{self.language}-{name}.png", full_page=True)

    def shows(self, folder: Path, name: str) -> None:
        """The same; the picture is of what is seen at first, and some are shown in the docs."""
        self.finds_no_fault(name)
        if _ALBUM:
            picture = folder / f"{self.language}-{name}.png"
            self.page.screenshot(path=picture, animations="disabled", caret="hide")
            if name in SHOWN[self.language]:
                show(picture, Path(_ALBUM), colours=160)

    def finds_no_fault(self, name: str) -> None:
        page = self.page
        found = Axe().run(page).response["violations"]
        told = [(each["id"], [node["html"] for node in each["nodes"]]) for each in found]
        assert told == [], f"{name}: {told}"
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{name} is {wide} pixels wider than the screen"


def _is_fault(said: ConsoleMessage) -> bool:
    """A form that is refused is no fault: its page says what to mend."""
    return said.type == "error" and "status of 422" not in said.text


@contextmanager
def sits(
    browser: Browser,
    team: Team,
    seat: Seat,
    *,
    language: str = "en",
    width: int = DESK,
    scheme: Literal["light", "dark"] = "light",
) -> Iterator[Desk]:
    """A browser in which this seat is signed in. `language` is the one of the seat's user. What a
    page's script complains of fails the test."""
    context = browser.new_context(
        base_url=team.settings.base_url,
        viewport={"width": width, "height": 800},
        locale=language,
        color_scheme=scheme,
    )
    context.add_cookies(
        [
            {
                "name": cookie_name(team.settings),
                "value": seat.token,
                "url": f"{team.settings.base_url}{PATH}",
            }
        ]
    )
    page = context.new_page()
    page.set_default_timeout(15_000)
    faults: list[str] = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.on("console", lambda said: faults.append(said.text) if _is_fault(said) else None)
    try:
        yield Desk(page, language)
    finally:
        context.close()
    assert faults == [], faults
