"""The frame in a real browser: keys, and the menu on a phone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from app.staff.roles import Role
from tests.app.console.browsing.desks import BROWSING, PHONE, sits
from tests.app.console.team import Team, sitting
from tests.app.console.test_frame import CELLAR, SAMPLE
from tests.app.web.served import a_port, answering

pytestmark = BROWSING


@pytest.fixture
def team(migrated_url: str) -> Iterator[Team]:
    with (
        a_port() as (listening, base_url),
        sitting(
            migrated_url, rooms=(SAMPLE, CELLAR), base_url=base_url, log_level="warning"
        ) as built,
        answering(built.app, built.settings, listening),
    ):
        yield built


def test_keys_search_and_tell_of_themselves(browser: Browser, team: Team) -> None:
    with sits(browser, team, team.seat(Role.AGENT)) as desk:
        desk.goes("/console/sample")
        desk.page.keyboard.press("/")
        expect(desk.page.locator("#search")).to_be_focused()
        desk.page.keyboard.press("?")  # is typed, and opens nothing
        expect(desk.page.locator("#search")).to_have_value("?")
        desk.page.keyboard.press("Escape")
        desk.page.keyboard.press("?")
        expect(desk.page.locator("#keys")).to_be_visible()


def test_the_menu_is_folded_on_a_phone(browser: Browser, team: Team) -> None:
    with sits(browser, team, team.seat(Role.AGENT), width=PHONE) as desk:
        desk.goes("/console/sample")
        expect(desk.finds("link", "Rooms")).to_be_hidden()
        desk.open("Menu")
        expect(desk.finds("link", "Rooms")).to_be_visible()
