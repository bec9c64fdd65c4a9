"""A designer and whoever approves at their desks: a journey is mended, tried and published while
customers are on it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from app.staff.roles import Role
from tests.app.console.browsing.desks import BROWSING, PHONE, Desk, sits
from tests.app.console.errand_loops import work
from tests.app.console.team import Team
from tests.factories import add_campaign, add_customer, add_invoice
from tests.world import World

pytestmark = BROWSING
PATH = "/console/design/journeys/consumer_gentle"
TEXT = files("campaigns").joinpath("library", "consumer_gentle.yaml").read_text("utf-8")
EARLIER = TEXT.replace("day: 3\n", "day: 2\n", 1)
ONE_MISTAKE = EARLIER.replace("day: 10\n", "day: ten\n", 1)
TWO_MISTAKES = ONE_MISTAKE.replace("send: reminder_first", "send: reminder_frist", 1)


@pytest.fixture
def world(team: Team) -> Iterator[World]:
    """Customers who are on the journey: two of them wait for its first reminder."""
    made = World(str(team.database.url), start=team.clock.now())
    add_campaign(team.database, team.creditor_id)
    for number, late in enumerate((0, 0, 12), 1):
        told = {"phone": f"+97252100000{number}", "locale": "he", "person": f"p{number}"}
        customer_id = add_customer(team.database, team.creditor_id, f"C{number}", **told)
        due_on = (team.clock.now() - timedelta(days=late)).date()
        add_invoice(team.database, customer_id, f"I{number}", due_on=due_on)
    _settle(made)
    yield made
    made.close()


def _settle(world: World) -> None:
    """In a thread of its own: the browser's loop runs in this one."""
    with ThreadPoolExecutor(1) as aside:
        aside.submit(world.loops.settle, world.now).result()


def _types(desk: Desk, text: str, findings: int) -> None:
    """Types, and waits until the checker has answered."""
    desk.page.locator("#text").fill(text)
    expect(desk.page.locator("#found [data-at]")).to_have_count(findings)
    expect(desk.page.locator(".gutter .marked")).to_have_count(findings)


def test_a_journey_is_mended_tried_approved_and_published(
    browser: Browser, team: Team, world: World, tmp_path: Path
) -> None:
    designer = team.seat(Role.DESIGNER, name="Dana Levi")
    approver = team.seat(Role.APPROVER, name="Omer Haddad", language="he")
    with sits(browser, team, designer) as desk:
        desk.goes("/console/design/journeys")
        desk.checks(tmp_path, "journeys")
        desk.page.get_by_role("link", name="consumer_gentle").click()
        expect(desk.page.locator("#step-reminder_first .here b")).to_have_text("2")
        desk.checks(tmp_path, "journey")
        desk.press("Edit")
        _types(desk, TWO_MISTAKES, 2)
        desk.checks(tmp_path, "journey-findings")
        _types(desk, ONE_MISTAKE, 1)
        desk.page.locator("#found [data-goes]").click()
        chosen = "value.slice(selectionStart, selectionEnd)"
        script = f"(({{value, selectionStart, selectionEnd}}) => {chosen})(document.activeElement)"
        assert desk.page.evaluate(script) == "    day: ten"
        _types(desk, EARLIER, 0)
        desk.press("Save")
        desk.reads("The draft is saved.")
        desk.checks(tmp_path, "journey-draft")

        desk.follow("Try it")
        desk.page.locator("select[name=sample]").select_option("he")
        desk.page.get_by_label("First day").fill("2026-06-01")
        desk.page.locator("input[name=days]").fill("12")
        desk.page.locator("input[name=day0]").fill("4")
        desk.page.locator("select[name=what0]").select_option("promises")
        desk.press("Let the days pass")
        desk.reads("How far it is")
        with ThreadPoolExecutor(1) as aside:
            aside.submit(work, team).result()
        said = desk.page.locator(".is-said", has_text="reminder_first")
        said.locator("summary").click()
        expect(said.locator(".bubble")).to_have_attribute("lang", "he")
        expect(said.locator(".bubble")).to_contain_text("דנה לוי")
        desk.reads("The customer promised to pay by")
        desk.checks(tmp_path, "journey-tried")

        desk.goes(f"{PATH}/draft/changes")
        desk.reads("stay where they are")
        desk.checks(tmp_path, "journey-changes")
        desk.press("Submit for approval")
    with sits(browser, team, approver, language="he", width=PHONE) as desk:
        desk.goes(f"{PATH}/draft/changes")
        desk.checks(tmp_path, "journey-approval")
        desk.press("Approve")
        desk.goes(PATH)
        desk.checks(tmp_path, "journey-phone")
        desk.goes(f"{PATH}/try")
        desk.checks(tmp_path, "journey-try-phone")
        desk.goes(f"{PATH}/draft")
        desk.checks(tmp_path, "journey-draft-phone")
    with sits(browser, team, designer, scheme="dark") as desk:
        desk.goes(f"{PATH}/draft/changes")
        desk.open("Publish")
        desk.checks(tmp_path, "journey-publish-dark")
        with desk.page.expect_navigation():
            desk.page.locator("details[open] form button").click()
        desk.reads("The journey is published: it runs from now on.")

    world.clock.move_to(world.now + timedelta(days=2))
    _settle(world)
    messages = world.rows("message", "template = 'reminder_first'")
    assert {row["customer_id"] for row in messages} == {1, 2}


def test_without_its_script_the_text_is_checked_by_a_button(browser: Browser, team: Team) -> None:
    World(str(team.database.url), start=team.clock.now()).close()
    designer = team.seat(Role.DESIGNER)
    designer.does(f"{PATH}/draft")
    context = browser.new_context(base_url=team.settings.base_url, java_script_enabled=False)
    with sits(browser, team, designer) as desk:
        cookies = desk.page.context.cookies()
    context.add_cookies(cookies)  # type: ignore[arg-type]  # what it gave is what it takes
    page = context.new_page()
    page.goto(f"{PATH}/draft")
    page.locator("#text").fill(TWO_MISTAKES)
    page.get_by_role("button", name="Check").click()
    expect(page.locator("#found [data-at]")).to_have_count(2)
    assert page.locator("#text").input_value() == TWO_MISTAKES
    context.close()
