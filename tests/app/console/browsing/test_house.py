"""The first admin comes in, sets up a second factor, invites somebody and reads what was done."""

from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, expect
from starlette.testclient import TestClient

from app.staff.first import first_link
from app.staff.roles import Role
from tests.app.console.browsing.desks import BROWSING, PHONE, Desk, sits
from tests.app.console.team import Seat, Team

pytestmark = BROWSING
PASSWORD = "four plain words do"


def nobody(team: Team) -> Seat:
    """A seat whose cookie opens nothing; the house has no user yet."""
    return Seat(0, "x", TestClient(team.app), team.settings.secret)


def enters(desk: Desk, name: str) -> None:
    """From a page that asks for it."""
    desk.goes("/console/account/second-factor")
    desk.fill("Email", name)
    desk.fill("Password", PASSWORD)
    desk.press("Sign in")


@pytest.mark.parametrize("language", ["en", "he"])
def test_the_house_is_opened_by_its_first_admin(
    browser: Browser, team: Team, language: str, tmp_path: Path
) -> None:
    link = first_link(team.database, team.settings.base_url, team.clock.now())
    assert link is not None
    with sits(browser, team, nobody(team), language=language) as desk:
        desk.page.context.clear_cookies()
        desk.goes(link)
        desk.checks(tmp_path, "welcome")
        desk.fill("Email", "boss@house.example")
        desk.fill("Full name", "Noa Levi")
        desk.page.select_option("#language", language)
        desk.fill("New password", PASSWORD)
        desk.press("Set password")
        desk.checks(tmp_path, "sign-in")
        enters(desk, "boss@house.example")
        desk.checks(tmp_path, "second-factor")
        secret = desk.page.locator("code.secret").inner_text()
        codes = pyotp.TOTP(secret)
        desk.fill("Code", codes.at(int(team.clock.now().timestamp()) - 30))
        desk.fill("Your password", PASSWORD)
        desk.press("Turn on")
        desk.checks(tmp_path, "recovery-codes")
        expect(desk.page.locator("#codes")).to_contain_text("-")

        desk.open("My account")
        desk.press("Sign out")
        enters(desk, "boss@house.example")
        desk.checks(tmp_path, "code")
        desk.fill("Code", codes.at(team.clock.now()))
        desk.press("Go on")

        desk.goes("/console/users")
        desk.open("Invite somebody")
        desk.fill("Email", "eli@house.example")
        desk.fill("Full name", "Eli Bar")
        desk.checks(tmp_path, "users")
        desk.press("Invite")
        desk.reads("A link to hand over")
        desk.checks(tmp_path, "link")
        desk.goes("/console/audit")
        expect(desk.page.locator("main")).to_contain_text("Eli Bar")
        desk.checks(tmp_path, "audit")
        desk.follow("Verify")
        desk.checks(tmp_path, "verified")


@pytest.mark.parametrize("language", ["en", "he"])
def test_machines_are_run_from_a_phone(
    browser: Browser, team: Team, language: str, tmp_path: Path
) -> None:
    seat = team.seat(Role.ADMIN, name="Noa Levi", language=language)
    with sits(browser, team, seat, language=language, width=PHONE) as desk:
        desk.goes("/console/machines")
        desk.open("Make a key")
        desk.fill("For", "erp")
        desk.page.locator("[name='scope_book:read']").check()
        desk.checks(tmp_path, "machines-phone")
        desk.press("Make the key")
        expect(desk.page.locator("#secret")).to_contain_text("duly_")
        desk.checks(tmp_path, "key-phone")
        desk.goes("/console/machines")
        desk.open("Add an address")
        desk.fill("Address", "http://127.0.0.1:9/duly")
        desk.press("Add")
        desk.follow("I have kept it")
        desk.press("Send a test")
        desk.reads("The test got no answer. Check the address, and that it can be reached.")
        desk.checks(tmp_path, "webhook-phone")
