"""A designer writes a journey and its words in two languages, and mends what the checker finds;
somebody else approves; it is published while customers are on their way, and nobody is written to
twice or forgotten."""

from __future__ import annotations

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from app.staff.roles import Role
from tests.app.console.browsing.desks import BROWSING, Desk, sits
from tests.app.console.browsing.whole_day.house import House
from tests.app.console.errand_loops import work
from tests.factories import NOON

pytestmark = BROWSING

JOURNEY = "/console/design/journeys/consumer_gentle"
WORDS = "/console/design/templates/reminder_first"
TEXT = files("campaigns").joinpath("library", "consumer_gentle.yaml").read_text("utf-8")
EARLIER = TEXT.replace("day: 3\n", "day: 2\n", 1)
MISTAKEN = EARLIER.replace("day: 10\n", "day: ten\n", 1)
ADDED = {"en": "Have a good week.", "he": "שבוע טוב."}


def _types_the_journey(desk: Desk, text: str, findings: int) -> None:
    """Types, and is told by the checker without losing the place."""
    place = desk.page.locator("#text")
    place.fill(text)
    expect(desk.page.locator("#found [data-at]")).to_have_count(findings)
    expect(place).to_be_focused()


def _writes_the_journey(desk: Desk, album: Path) -> None:
    desk.goes("/console/design/journeys")
    desk.checks(album, "day-journeys")
    desk.page.get_by_role("link", name="consumer_gentle").click()
    desk.press("Edit")
    _types_the_journey(desk, MISTAKEN, 1)
    desk.checks(album, "day-journey-finding")
    _types_the_journey(desk, EARLIER, 0)
    desk.press("Save")
    desk.reads("The draft is saved.")


def _tries_it(desk: Desk, album: Path, house: House, name: str) -> None:
    """On a customer of the book, found by their name; in the background."""
    page = desk.page
    desk.follow("Try it")
    page.locator("input[name=whom][value=customer]").check()
    page.locator("#q").fill(name)
    page.get_by_label(desk.word("First day")).fill("2026-06-01")
    page.locator("input[name=days]").fill("6")
    desk.press("Let the days pass")
    if page.locator("#q").count():
        desk.press("Let the days pass")
    desk.reads("How far it is")
    with ThreadPoolExecutor(1) as aside:
        aside.submit(work, house.team).result()
    said = page.locator(".is-said", has_text="reminder_first")
    said.locator("summary").click()
    expect(said.locator(".bubble")).to_have_attribute("lang", "he")
    expect(said.locator(".bubble")).to_contain_text(name)
    desk.checks(album, "day-tried")


def _writes_the_words(desk: Desk, album: Path) -> None:
    page = desk.page
    for language, words in ADDED.items():
        desk.goes(f"{WORDS}?locale={language}&beside=none")
        boxes = page.locator('[name="t.sms"], [name^="t.sms@"]')
        for box in boxes.all():
            kept = box.input_value()
            if language == "en":
                box.fill(f"{kept} {{{{ nmae }}}}")
                expect(page.locator("#xf-sms")).to_contain_text("nmae")
                expect(box).to_be_focused()
                desk.checks(album, "day-words-finding")
            box.fill(f"{kept}\n{words}")
        expect(page.locator("#seen")).to_contain_text(
            desk.word("The checker finds nothing in this language.")
        )
        desk.press("Save the draft")
        desk.reads("The draft is kept.")
    desk.checks(album, "day-words")


def _submits(desk: Desk, path: str) -> None:
    desk.goes(path)
    desk.press("Submit for approval")


def _approves(desk: Desk, path: str, name: str, album: Path) -> None:
    desk.goes(path)
    desk.checks(album, name)
    desk.press("Approve")


def _publishes(desk: Desk, path: str) -> None:
    desk.goes(path)
    desk.open("Publish")
    with desk.page.expect_navigation():
        desk.page.locator("details[open] form button").click()


def _said_to_each(house: House) -> dict[int, list[str]]:
    """By customer the templates, in order. What no receipt tells of goes once by another medium."""
    found: dict[int, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in house.world.rows("message", "state = 'accepted'"):
        media = found[row["customer_id"]][row["template"]]
        assert row["medium"] not in media, row
        media.add(row["medium"])
    return {customer_id: list(said) for customer_id, said in found.items()}


def _texts_with(house: House, words: str) -> set[tuple[int, str]]:
    """To whom which template said these words by SMS."""
    said = {row["id"]: (row["customer_id"], row["template"]) for row in house.world.rows("message")}
    texts = house.world.rows("attempt", "state = 'accepted' AND medium = 'sms'")
    return {said[row["message_id"]] for row in texts if words in row["text"]}


@pytest.mark.parametrize("language", ["en", "he"])
def test_a_journey_and_its_words_are_written_tried_approved_and_published(
    browser: Browser, house: House, language: str, tmp_path: Path
) -> None:
    today = NOON.date()
    house.owes("דנה כהן", today)
    house.owes("Rita Stone", today, locale="en")
    house.owes("נועם לוי", today - timedelta(days=3))
    house.owes("Ben Katz", today - timedelta(days=12), locale="en")
    house.passes(minutes=1)
    designer = house.team.seat(Role.DESIGNER, name="Dana Peretz", language=language)
    approver = house.team.seat(Role.APPROVER, name="Omar Haddad", language=language)
    drafts = (f"{JOURNEY}/draft/changes", f"{WORDS}/draft")
    with sits(browser, house.team, designer, language=language) as desk:
        _writes_the_journey(desk, tmp_path)
        _tries_it(desk, tmp_path, house, "דנה כהן")
        _writes_the_words(desk, tmp_path)
        for path in drafts:
            _submits(desk, path)
        with sits(browser, house.team, approver, language=language) as other:
            for at, path in enumerate(drafts):
                _approves(other, path, f"day-approval-{at}", tmp_path)
        for path in drafts:
            _publishes(desk, path)

    (before,) = {row["journey_hash"] for row in house.world.rows("dunning_case")}
    for _ in range(12):
        house.passes(days=1)
    assert _said_to_each(house) == {
        1: ["due_today", "reminder_first", "reminder_second"],
        2: ["due_today", "reminder_first", "reminder_second"],
        3: ["reminder_first", "reminder_second"],
        4: ["reminder_second", "reminder_third"],
    }
    assert _texts_with(house, ADDED["he"]) == {(1, "reminder_first")}
    assert _texts_with(house, ADDED["en"]) == {(2, "reminder_first")}
    cases = house.world.rows("dunning_case")
    assert [(row["phase"], row["look_at"] > str(house.world.now)) for row in cases] == [
        ("ready", True)
    ] * 4
    (after,) = {row["journey_hash"] for row in cases}
    assert after != before
