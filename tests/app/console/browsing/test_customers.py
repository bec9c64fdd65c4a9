"""An agent finds a customer in Hebrew, holds, releases, takes a promise, exports evidence."""

import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from app.staff.roles import Role
from tests.app.console.browsing.desks import BROWSING, DESK, PHONE, sits
from tests.app.console.customers.lively import Lively

pytestmark = BROWSING
_OPEN_ALL = "document.querySelectorAll('main details').forEach((each) => { each.open = true })"


def test_an_agent_acts_for_a_customer_on_the_phone(
    browser: Browser, lived: Lively, tmp_path: Path
) -> None:
    seat = lived.team.seat(Role.AGENT, name="נועה לוי", language="he")
    with sits(browser, lived.team, seat, language="he") as desk:
        page = desk.page
        desk.goes("/console/customers")
        page.keyboard.press("/")
        page.keyboard.type("כהנ דנ")  # beginnings, in another order, without a final letter
        page.keyboard.press("Enter")
        page.get_by_role("link", name="דָּנָה כהן").click()
        desk.reads("What comes next")

        desk.open("Hold")
        page.get_by_label(desk.word("Reason"), exact=True).fill("בחופשה")
        desk.press("Place the hold")
        desk.reads("Held: nobody writes.")
        desk.press("Undo")
        desk.reads("Released: the cases are decided again.")

        desk.open("Promise by phone")
        page.get_by_label(desk.word("Amount"), exact=True).fill("9999")
        page.get_by_label(desk.word("Pays by"), exact=True).fill("2026-12-01")
        desk.press("Take the promise")
        desk.reads("That is more than what is open.")
        expect(page.get_by_label(desk.word("Amount"), exact=True)).to_have_value("9999")
        page.get_by_label(desk.word("Amount"), exact=True).fill("1240.50")
        desk.press("Take the promise")
        desk.reads("The promise is on record: nobody reminds.")

        desk.open("Evidence")
        with page.expect_download() as taken:
            desk.finds("button", "Download").click()
        file = tmp_path / "evidence.zip"
        taken.value.save_as(file)
        assert "evidence.json" in zipfile.ZipFile(file).namelist()

        desk.follow("Why?")
        desk.reads("What the rules say now")


@pytest.mark.parametrize("language", ["en", "he"])
@pytest.mark.parametrize("width", [DESK, PHONE])
def test_every_page_of_the_room_is_accessible(
    browser: Browser, lived: Lively, tmp_path: Path, language: str, width: int
) -> None:
    seat = lived.team.seat(Role.ADMIN, name="Noa Levi", language=language)
    here = f"/console/customers/{lived.dana}"
    with sits(browser, lived.team, seat, language=language, width=width) as desk:
        for name, path in (
            ("customers", "/console/customers?language=he"),
            ("customers-found", "/console/customers?q=כהן"),
            ("customer", here),
            ("customer-message", f"{here}/messages/1"),
            ("customer-why", "/console/why/message/1"),
        ):
            desk.goes(path)
            if name == "customer":
                desk.page.evaluate(_OPEN_ALL)
            desk.checks(tmp_path, f"{name}-{width}")
