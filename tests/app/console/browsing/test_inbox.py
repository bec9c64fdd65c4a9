"""An agent at the inbox and the call desk: three answers by keys, a promise by telephone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from app.hearing.intents import Intent
from app.staff.roles import Role
from tests.app.console.browsing.desks import BROWSING, PHONE, Desk, sits
from tests.app.console.team import Team, sitting
from tests.app.console.writing import scene_of, to_call
from tests.app.intake.make import Scene
from tests.app.intake.saying import says
from tests.app.web.served import a_port, answering
from tests.factories import NOON, add_customer, add_invoice

pytestmark = BROWSING

TEXTS = (
    (Intent.PROMISE, "I will pay, when the salary comes"),
    (Intent.DISPUTE, "הסכום לא נכון, לא הסכמתי לזה"),
    (Intent.UNCLEAR, "What is this about?"),
)


@pytest.fixture
def team(migrated_url: str, tmp_path: Path) -> Iterator[Team]:
    documents = tmp_path / "documents"
    with (
        a_port() as (listening, base_url),
        sitting(
            migrated_url, at=NOON, base_url=base_url, log_level="warning", documents=documents
        ) as built,
        answering(built.app, built.settings, listening),
    ):
        yield built


@pytest.fixture
def scene(team: Team) -> Scene:
    made = scene_of(team, locale="he", name="דנה לוי")
    for number, (intent, text) in enumerate(TEXTS):
        says(made, intent, key=f"sandbox:{number}", text=text)
    other = add_customer(team.database, team.creditor_id, "C2", phone="+972500000200", locale="en")
    add_invoice(team.database, other, "INV-9", amount=48_000)
    to_call(made, customer_id=other)
    return made


def _answers_by_keys(desk: Desk) -> None:
    """The next text of the list: taken, and answered by its first key."""
    page = desk.page
    page.keyboard.press("j")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator(".offer").first).to_be_visible()
    with page.expect_navigation():
        page.keyboard.press("1")
    expect(page.locator(".said")).to_contain_text(desk.word("Answered."))


@pytest.mark.parametrize("language", ["en", "he"])
def test_an_agent_answers_three_by_keys_and_takes_a_promise_by_telephone(
    browser: Browser, team: Team, scene: Scene, language: str, tmp_path: Path
) -> None:
    seat = team.seat(Role.AGENT, name="Noa Levi", language=language)
    with sits(browser, team, seat, language=language) as desk:
        desk.goes("/console/inbox")
        desk.checks(tmp_path, "inbox")
        desk.page.locator("tr[data-line] button").first.click()
        desk.checks(tmp_path, "inbox-text")
        desk.goes("/console/inbox")
        for _ in TEXTS:
            _answers_by_keys(desk)
        desk.reads("Nothing waits to be read.")
        desk.goes("/console/calls")
        desk.checks(tmp_path, "calls")
        desk.page.keyboard.press("j")
        with desk.page.expect_navigation():
            desk.page.keyboard.press("Enter")
        desk.page.keyboard.press("1")
        desk.checks(tmp_path, "call")
        desk.fill("By which day", "2026-06-04")
        desk.press("Note it")
        desk.reads("Nobody is to be called now.")

    assert [row["written_by"] for row in scene.rows("staff_answer")] == ["Noa Levi"] * 3
    (promise,) = scene.rows("promise")
    assert (promise["made_by"], promise["amount_minor"]) == ("staff", 48_000)


@pytest.mark.parametrize("language", ["en", "he", "ar", "lt"])
def test_a_text_and_a_call_fit_on_a_phone(
    browser: Browser, team: Team, scene: Scene, language: str, tmp_path: Path
) -> None:
    seat = team.seat(Role.AGENT, name="Noa Levi", language=language)
    says(scene, Intent.SELF_HARM, key="sandbox:danger", text="a secret")
    with sits(browser, team, seat, language=language, width=PHONE, scheme="dark") as desk:
        desk.goes("/console/inbox")
        desk.checks(tmp_path, "inbox-phone")
        desk.page.locator("tr[data-line] button").first.click()
        desk.checks(tmp_path, "danger-phone")
        desk.goes("/console/calls")
        desk.checks(tmp_path, "calls-phone")
        desk.page.locator("tr[data-line] button").first.click()
        desk.page.keyboard.press("1")
        desk.checks(tmp_path, "call-phone")
