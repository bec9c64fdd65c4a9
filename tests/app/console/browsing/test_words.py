"""A designer edits a template in two languages, a second person approves it, and the next message
says it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from app.delivery.calls import Calls
from app.staff.roles import Role
from tests.app.console.browsing.desks import BROWSING, DESK, PHONE, Desk, sits
from tests.app.console.team import Team, sitting
from tests.app.console.words.forms import PATH
from tests.app.delivery.cast import REMINDED, creditor, intend, owing
from tests.app.web.served import a_port, answering
from tests.world import World

pytestmark = BROWSING
NAME = "reminder_first"
HEBREW = "תודה מראש, ושבוע טוב."


@pytest.fixture
def world(migrated_url: str) -> Iterator[World]:
    found = World(migrated_url)
    yield found
    found.close()


@pytest.fixture
def team(world: World, migrated_url: str, tmp_path: Path) -> Iterator[Team]:
    """The console over the world's database, in which the shipped templates are published."""
    with (
        a_port() as (listening, base_url),
        sitting(migrated_url, base_url=base_url, log_level="warning", documents=tmp_path) as built,
        answering(built.app, built.settings, listening),
    ):
        yield built


def text_of(page: Page, key: str) -> str:
    return page.locator(f'[name="t.{key}"]').input_value()


def types(desk: Desk, key: str, source: str) -> None:
    desk.page.locator(f'[name="t.{key}"]').fill(source)


def edits_english(desk: Desk) -> None:
    """Types a variable that is none and a character that is dear, and mends both as it is told."""
    page = desk.page
    desk.goes(f"{PATH}/{NAME}?locale=en&beside=he")
    types(desk, "email.closing", "Thank you in advance, {{ nmae }}")
    expect(page.locator("#xf-email-closing")).to_contain_text("unknown variable nmae")
    types(desk, "email.closing", "Thank you in advance, ")
    desk.open("Variables")
    page.get_by_role("button", name="sender", exact=True).click()
    expect(page.locator('[name="t.email.closing"]')).to_be_focused()
    assert text_of(page, "email.closing") == "Thank you in advance, {{ sender }}"
    expect(page.locator("#xf-email-closing")).to_be_empty()
    frame = page.frame_locator("iframe.narrow")
    expect(frame.locator("body")).to_contain_text("Thank you in advance, Noa")
    sms = text_of(page, "sms")
    types(desk, "sms", sms.replace("View, pay", "5 ₪ less: view, pay"))
    expect(page.locator("#seen mark.dear").first).to_have_text("₪")
    expect(page.locator("#seen")).to_contain_text("NEW SHEQEL SIGN")
    page.get_by_role("button", name="Write ILS instead").first.click()
    expect(page.locator("#seen mark.dear")).to_have_count(0)
    assert "5 ILS less: view, pay" in text_of(page, "sms")
    desk.press("Save the draft")
    desk.reads("The draft is kept.")


def edits_hebrew(desk: Desk) -> None:
    page = desk.page
    page.get_by_role("link", name="עברית").click()
    expect(page.locator('[name="locale"]')).to_have_value("he")
    for form in ("", "@f", "@m"):
        types(desk, f"email.closing{form}", HEBREW)
    expect(page.locator("#seen")).to_contain_text("The checker finds nothing in this language.")
    desk.press("Save the draft")


def test_a_template_is_edited_in_two_languages_and_the_next_message_says_it(
    browser: Browser, team: Team, world: World, tmp_path: Path
) -> None:
    owed = creditor(world, "almond")
    owing(world, owed, "EN1", due_on=REMINDED, locale="en")
    owing(world, owed, "HE1", due_on=REMINDED, locale="he")
    designer = team.seat(Role.DESIGNER, name="Dana Peretz")
    with sits(browser, team, designer) as desk:
        edits_english(desk)
        edits_hebrew(desk)
        desk.follow("What the draft changes")
        desk.checks(tmp_path, "templates-difference")
        desk.press("Submit for approval")
    with sits(browser, team, team.seat(Role.APPROVER, name="Omar Haddad")) as desk:
        desk.goes(f"{PATH}/{NAME}/draft")
        expect(desk.page.locator("main")).to_contain_text(HEBREW)
        desk.press("Approve")
    with sits(browser, team, designer) as desk:
        desk.goes(f"{PATH}/{NAME}/draft")
        desk.open("Publish")
        desk.press("Publish")
        desk.reads("Published.")

    intend(world)
    with Calls() as calls:  # a browser's own loop runs in this thread
        world.carry({}, run=calls.run)
        world.loops.settle(world.now)
    texts = {row["locale"]: row["text"] for row in world.rows("attempt", "medium = 'email'")}
    assert "Thank you in advance, " in texts["en"]
    assert HEBREW in texts["he"]


LOOKS = [("en", DESK, "light"), ("he", DESK, "dark"), ("ar", PHONE, "light"), ("lt", PHONE, "dark")]


@pytest.mark.parametrize(("language", "width", "scheme"), LOOKS)
def test_the_pages_of_templates_are_accessible(
    browser: Browser, team: Team, language: str, width: int, scheme: Literal["light", "dark"],
    tmp_path: Path,
) -> None:  # fmt: skip
    seat = team.seat(Role.ADMIN, name="Noa Levi", language=language)
    with sits(browser, team, seat, language=language, width=width, scheme=scheme) as desk:
        for name, path in {
            "matrix": PATH,
            "template": f"{PATH}/{NAME}",
            "versions": f"{PATH}/{NAME}/versions",
            "new": "/console/design/new-template",
        }.items():
            desk.goes(path)
            desk.checks(tmp_path, f"templates-{name}-{width}-{scheme}")
