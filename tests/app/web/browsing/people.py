"""Who holds the phone: they tap what they can see, in the words of their language."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from app.web.catalogues import translations
from app.wording.formats import formats_for
from tests.app.web.people import Payer, Stand
from tests.browsers import with_chromium

PEOPLE: Final = {
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
WALKED: Final = ("en", "he", "ar", "lt")
"""The languages that each way is walked in: three scripts, both directions, four kinds of plurals.
In all of `PEOPLE` a customer walks from the link to a receipt, and every page is looked at."""
WIDTH: Final = 360
BROWSING: Final = [
    pytest.mark.browser,
    pytest.mark.slow,
    with_chromium,
    pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True),
]
"""The marks of every module here."""
_ALBUM: Final = os.environ.get("DULY_TEST_ALBUM", "")
"""The folder of the pictures that the docs show (`make pictures`); none are kept without one."""
SHOWN: Final = (
    "all", "invoices", "promise", "parts", "parts-holds", "dispute", "paid", "help", "thread",
    "call", "preferences", "stop", "check", "asked", "gateway", "receipt-waits", "receipt-paid",
    "planned", "plan", "timeline", "statement", "ended", "door",
)  # fmt: skip
_SHOWN: Final = frozenset(
    f"{locale}-{name}-light" for locale in ("en", "he", "ar", "lt") for name in SHOWN if _ALBUM
)
Role = Literal["button", "checkbox", "link", "radio", "textbox"]


@dataclass(slots=True)
class Person:
    """Somebody at a page. `taps` counts how often they have touched the screen."""

    page: Page
    language: str = "en"
    taps: int = field(default=0, init=False)

    def word(self, text: str) -> str:
        """A text of the pages, in their language."""
        return str(translations(self.language).ugettext(text))

    def finds(self, role: Role, text: str) -> Locator:
        """What they see under this name, to the letter."""
        return self.page.get_by_role(role, name=self.word(text), exact=True)

    def tap(self, target: Locator) -> None:
        target.tap()
        self.taps += 1

    def go(self, target: Locator) -> None:
        """Taps what leads to a page, and waits for it."""
        with self.page.expect_navigation():
            self.tap(target)

    def press(self, text: str) -> None:
        """Taps the button of this name: each of them sends a form."""
        self.go(self.finds("button", text))

    def follow(self, text: str) -> None:
        """Taps the link of this name."""
        self.go(self.finds("link", text))

    def choose(self, text: str) -> None:
        """Taps the option of this name."""
        self.tap(self.finds("radio", text))

    def choose_the(self, nth: int) -> None:
        """Taps an option of the page by its place, from 0."""
        self.tap(self.page.locator(".choice").nth(nth))

    def open(self, text: str) -> None:
        """Taps the part of the page that is closed under this name."""
        self.tap(self.page.locator("summary", has_text=self.word(text)))

    def fill(self, text: str, value: str) -> None:
        """Taps the field of this name and types; a day as the phone's own calendar gives it."""
        field_ = self.page.get_by_label(self.word(text), exact=True)
        self.tap(field_)
        field_.fill(value)
        field_.press("Escape")  # the calendar closes by itself once a day is chosen

    def hand_over(self, text: str, file: Path) -> None:
        """Taps the field of this name and chooses a file of the phone."""
        with self.page.expect_file_chooser() as chooser:
            self.tap(self.page.get_by_label(self.word(text), exact=True))
        chooser.value.set_files(file)

    def reads(self, text: str) -> None:
        """The page says this text, in their language, or does so in a moment."""
        expect(self.page.locator("main")).to_contain_text(self.word(text))

    def does_not_read(self, text: str) -> None:
        expect(self.page.locator("main")).not_to_contain_text(self.word(text))

    def told(self) -> str:
        """All that the page says, each blank the same and without marks of direction."""
        return plain(self.page.locator("main").inner_text())

    def stands_under(self, text: str) -> None:
        """The page has this heading, or has it in a moment."""
        expect(self.page.locator("h1")).to_have_text(self.word(text))

    def pays_at_the_gateway(self) -> None:
        """Taps on the provider's own page, which is not ours and counts for itself."""
        assert "/sandbox/pay/" in self.page.url
        with self.page.expect_navigation():
            self.finds("button", "Pay").tap()
        assert "/receipt" in self.page.url

    def is_served_in_their_direction(self) -> bool:
        """The page, and how its text really runs."""
        wanted = "rtl" if formats_for(self.language).rtl else "ltr"
        told = self.page.evaluate(
            "[document.documentElement.lang, document.dir,"
            " getComputedStyle(document.body).direction]"
        )
        return bool(told == [self.language, wanted, wanted])


def plain(text: str) -> str:
    """A text as it is read aloud: blanks alike, no marks of direction."""
    kept = (c for c in text if c not in "\u200e\u200f\u2066\u2067\u2068\u2069")
    return " ".join("".join(kept).split())


@contextmanager
def phone(
    browser: Browser, stand: Stand, *, scheme: Literal["light", "dark"] = "light", **options: Any
) -> Iterator[BrowserContext]:
    """A small phone, and what its browser keeps. At the end no page of it may have complained."""
    context = browser.new_context(
        base_url=stand.settings.base_url,
        color_scheme=scheme,
        has_touch=True,
        is_mobile=True,
        **{"viewport": {"width": WIDTH, "height": 740}, **options},
    )
    faults: list[str] = []
    context.on("console", lambda message: faults.append(message.text))
    context.on("weberror", lambda error: faults.append(str(error.error)))
    try:
        yield context
    finally:
        context.close()
    # The browser reports what the content policy blocked; a refused status is no fault of the page.
    assert [fault for fault in faults if "status of 4" not in fault] == []


@contextmanager
def visiting(
    browser: Browser, stand: Stand, payer: Payer, language: str = "en", **options: Any
) -> Iterator[Person]:
    """A customer who has just opened the link of their message."""
    with phone(browser, stand, **options) as context:
        person = Person(context.new_page(), language)
        person.page.goto(payer.path)
        yield person


def show(picture: Path, album: Path, *, colours: int = 64) -> None:
    """Keeps a picture for the docs, in as few bytes as it can be read with. Colours that are rare
    are kept too: a figure that is late is red."""
    album.mkdir(parents=True, exist_ok=True)
    with Image.open(picture) as opened:
        few = opened.convert("RGB").quantize(colours, method=Image.Quantize.MAXCOVERAGE)
        few.save(album / picture.name, optimize=True)


def check(page: Page, pictures: Path, name: str) -> None:
    """Nothing for axe to find, nothing wider than the screen, every target large enough, headings
    that go down step by step."""
    if name in _SHOWN:
        page.screenshot(path=pictures / f"{name}.png", full_page=True)
        show(pictures / f"{name}.png", Path(_ALBUM))
    found = Axe().run(page)
    assert found.violations_count == 0, f"{name}: {found.generate_report()}"
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH, name
    small = page.evaluate(
        "[...document.querySelectorAll('button, summary, .choice, .tongues a, .button, input')]"
        ".filter(e => e.checkVisibility() && !['hidden', 'radio', 'checkbox'].includes(e.type)"
        " && e.getBoundingClientRect().height < 44).map(e => e.outerHTML)"
    )
    assert small == [], name
    levels = page.eval_on_selector_all(
        "h1, h2, h3, h4", "all => all.filter(e => e.checkVisibility()).map(e => +e.tagName[1])"
    )
    assert levels[:1] == [1], name
    assert levels.count(1) == 1, name
    assert all(b - a <= 1 for a, b in pairwise(levels)), (name, levels)
