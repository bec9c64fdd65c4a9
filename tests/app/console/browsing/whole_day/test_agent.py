"""An agent's day, by keys where there are keys: three answers, a promise by telephone, a plan that
is bargained over, a hold that is lifted, and the evidence of one customer."""

from __future__ import annotations

import json
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from app.staff.roles import Role
from tests.app.console.browsing.desks import BROWSING, PHONE, Desk, sits
from tests.app.console.browsing.whole_day.house import House
from tests.app.console.waiting import wished
from tests.app.console.writing import call_wanted

pytestmark = BROWSING

DANGER = "אני לא רוצה לחיות יותר"
HARDSHIP = "خسرت عملي ولا أستطيع الدفع"
UNCLEAR_PROMISE = "אשלם כשתיכנס המשכורת"
NOT_YET_DUE = date(2026, 7, 20)
"""Nobody has written to them, so no cap forbids the call."""


def _steps(desk: Desk, key: str, lines: int) -> None:
    """Walks that many lines by the key; the line is in focus each time."""
    for _ in range(lines):
        desk.page.keyboard.press(key)
        desk.sees_focus("main [data-line]")


def _opens_first(desk: Desk) -> None:
    desk.page.keyboard.press("j")
    with desk.page.expect_navigation():
        desk.page.keyboard.press("Enter")


def _reads_what_is_confided(desk: Desk, words: str) -> None:
    expect(desk.page.locator("main")).not_to_contain_text(words)
    with desk.page.expect_navigation():
        desk.page.keyboard.press("r")
    expect(desk.page.locator(".confided")).to_have_text(words)


def _answers(desk: Desk, key: str) -> None:
    with desk.page.expect_navigation():
        desk.page.keyboard.press(key)
    desk.reads("Answered.")


def _learns_the_keys(desk: Desk) -> None:
    """What `?` opens is left with Escape, and the line is in focus as it was."""
    _steps(desk, "j", 3)
    _steps(desk, "k", 2)
    first = desk.page.locator("tr[data-line]").first
    desk.sees_focus("tr[data-line]:first-child")
    desk.page.keyboard.press("?")
    expect(desk.page.locator("#keys")).to_be_visible()
    desk.page.keyboard.press("j")
    desk.page.keyboard.press("Escape")
    expect(desk.page.locator("#keys")).to_be_hidden()
    expect(first.locator("button")).to_be_focused()


def _answers_three(desk: Desk, album: Path) -> None:
    desk.goes("/console/inbox")
    desk.checks(album, "day-inbox")
    _learns_the_keys(desk)
    desk.goes("/console/inbox")
    _opens_first(desk)
    desk.reads("Somebody may be in danger")
    _reads_what_is_confided(desk, DANGER)
    desk.checks(album, "day-danger")
    expect(desk.page.locator(".offer")).to_have_count(0)
    desk.page.keyboard.press("w")
    desk.page.keyboard.type("אני כאן. אני מתקשרת אליך עכשיו.")
    desk.press("Send the answer")
    desk.reads("Answered.")

    _opens_first(desk)
    _reads_what_is_confided(desk, HARDSHIP)
    desk.checks(album, "day-hardship")
    _answers(desk, "1")

    _opens_first(desk)
    expect(desk.page.locator("main")).to_contain_text(UNCLEAR_PROMISE)
    desk.checks(album, "day-promise")
    _answers(desk, "1")
    desk.reads("Nothing waits to be read.")


def _takes_a_promise_by_telephone(desk: Desk, album: Path) -> None:
    desk.goes("/console/calls")
    desk.checks(album, "day-calls")
    _opens_first(desk)
    desk.page.keyboard.press("1")
    desk.checks(album, "day-call")
    desk.fill("By which day", "2026-06-04")
    desk.press("Note it")
    desk.reads("Nobody is to be called now.")


def _offers_six_parts(desk: Desk, album: Path) -> None:
    desk.goes("/console/queues?queue=plans")
    desk.checks(album, "day-plans")
    _opens_first(desk)
    desk.open("Offer other terms")
    desk.checks(album, "day-plan")
    desk.fill("Instalments", "6")
    desk.fill("First on", "2026-06-10")
    desk.fill("What the customer reads", "Six parts we can do.")
    desk.press("Offer it")
    desk.reads("Offered. The customer may agree to it on their page.")


def _agrees_on_their_page(browser: Browser, link: str) -> None:
    page = browser.new_page(viewport={"width": PHONE, "height": 800})
    page.goto(link)
    with page.expect_navigation():
        page.locator("a[href*='parts=6']").click()
    with page.expect_navigation():
        page.locator("form[action$='/parts'] button").click()
    page.close()


def _finds_and_holds(desk: Desk, album: Path) -> None:
    page = desk.page
    page.keyboard.press("/")
    page.keyboard.type("לוי נועם")
    page.keyboard.press("Enter")
    expect(page.locator("tr[data-line]")).to_have_count(1)
    desk.checks(album, "day-found")
    _opens_first(desk)
    desk.open("Hold")
    desk.checks(album, "day-customer")
    desk.fill("Reason", "בחופשה")
    desk.press("Place the hold")
    desk.reads("Held: nobody writes.")
    placed = page.locator("li", has_text="בחופשה")
    placed.locator("summary").click()
    desk.checks(album, "day-held")
    with page.expect_navigation():
        placed.locator("button").click()
    desk.reads("Released: the cases are decided again.")


def _takes_the_evidence(desk: Desk, folder: Path) -> tuple[dict[str, Any], str]:
    desk.open("Evidence")
    path = desk.takes("button", "Download", folder)
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == ["evidence.json", "evidence.html"]
        told = json.loads(archive.read("evidence.json"))
        return told, archive.read("evidence.html").decode("utf-8")


def _proves(told: dict[str, Any], page: str, language: str) -> None:
    """The file tells what was said by whom, in order, and nothing that opens their page."""
    assert [each["category"] for each in told["attempts"]] == ["reminder", "receipt", "receipt"]
    assert not any("/p/" in each["text"] for each in told["attempts"])
    assert [each["text"] for each in told["replies"]] == [UNCLEAR_PROMISE]
    (answer,) = told["answers"]
    assert answer["written_by"] == "Noa Levi"
    (hold,) = [each for each in told["holds"] if each["kind"] == "staff"]
    assert hold["why"] == "בחופשה"
    assert hold["placed_at"] <= hold["released_at"]
    kinds = [each["kind"] for each in told["events"]]
    told_in_order = ["message_accepted", "text_received", "message_answered", "hold_released"]
    assert sorted(told_in_order, key=kinds.index) == told_in_order
    assert told["trail"]["broken"] == []
    assert told["trail"]["head"]["number"] == len(told["trail"]["lines"])
    assert f'<html lang="{language}"' in page
    for words in (UNCLEAR_PROMISE, "בחופשה", answer["words"]):
        assert words in page


@pytest.mark.parametrize("language", ["en", "he"])
def test_an_agent_answers_calls_bargains_holds_and_proves(
    browser: Browser, house: House, language: str, tmp_path: Path
) -> None:
    dana, omar = house.owes("דנה כהן"), house.owes("Omar Haddad", locale="ar")
    noam, plans = house.owes("נועם לוי"), house.owes("Rita Stone", locale="en")
    house.owes("Ben Katz", NOT_YET_DUE, locale="en")
    call_wanted(house.team.database, 5)
    house.passes(minutes=1)
    wished(house.team, 4)
    for phone, words in ((noam, UNCLEAR_PROMISE), (omar, HARDSHIP), (dana, DANGER)):
        house.hears(phone, words)
    seat = house.team.seat(Role.AGENT, name="Noa Levi", language=language)
    with sits(browser, house.team, seat, language=language) as desk:
        _answers_three(desk, tmp_path)
        _takes_a_promise_by_telephone(desk, tmp_path)
        _offers_six_parts(desk, tmp_path)
        house.passes(minutes=5)
        _agrees_on_their_page(browser, house.link(plans))
        house.passes(minutes=5)
        _finds_and_holds(desk, tmp_path)
        told, page = _takes_the_evidence(desk, tmp_path)
        desk.goes("/console/customers/4")
        desk.reads("Plan")
        desk.checks(tmp_path, "day-plan-runs")
    _proves(told, page, language)
    promises = house.world.rows("promise", "made_by = 'staff'")
    assert [(row["customer_id"], row["amount_minor"]) for row in promises] == [(5, 124_050)]
    assert len(house.world.rows("instalment")) == 6
