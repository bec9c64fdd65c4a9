"""The way in: a first admin, a password, a code; and the way out."""

from __future__ import annotations

import re

import pyotp
import pytest
from starlette.testclient import TestClient

from app.console.signing_in.desks import place_after
from app.staff.first import first_link
from app.staff.links import Purpose, make_link
from app.staff.roles import Role
from app.staff.second_factor import turn_on
from app.staff.sessions import signed_in
from app.staff.totp import new_secret
from tests.app.console.signing_in.people import PASSWORD, acts, with_password
from tests.app.console.team import Seat, Team, sitting
from tests.app.web.people import NOW, ORIGIN


@pytest.fixture
def stranger(team: Team) -> TestClient:
    """A browser in which nobody is signed in."""
    return TestClient(team.app, base_url=ORIGIN, follow_redirects=False)


def test_a_password_opens_the_page_that_was_asked_for(
    team: Team, agent: Seat, stranger: TestClient
) -> None:
    name = with_password(team, agent)
    asked = stranger.get("/console/account")
    assert asked.status_code == 303
    page = stranger.get(asked.headers["location"]).text
    after = re.search(r'name="after" value="([^"]*)"', page)
    assert after is not None

    form = {"name": name.upper(), "password": PASSWORD, "after": after[1]}
    answer = stranger.post("/console/sign-in", data=form)

    assert (answer.status_code, answer.headers["location"]) == (303, "/console/account")
    assert "Noa Levi" in stranger.get("/console/account").text


@pytest.mark.parametrize(
    ("origin", "cookie"),
    [
        ("https://pay.example", r"__Secure-duly=[\w-]{43}; HttpOnly; .*SameSite=strict; Secure"),
        ("http://127.0.0.1:8000", r"duly=[\w-]{43}; HttpOnly; .*SameSite=strict"),
    ],
)
def test_the_cookie_is_for_the_console_alone(migrated_url: str, origin: str, cookie: str) -> None:
    with sitting(migrated_url, base_url=origin) as team:
        name = with_password(team, team.seat(Role.VIEWER))
        browser = TestClient(team.app, base_url=origin, follow_redirects=False)
        form = {"name": name, "password": PASSWORD}
        given = browser.post("/console/sign-in", data=form).headers["set-cookie"]

    assert re.fullmatch(cookie, given.replace("Path=/console; ", ""))
    assert "Path=/console;" in given


def test_a_wrong_password_is_said_at_the_form_and_nothing_is_lost(
    team: Team, agent: Seat, stranger: TestClient
) -> None:
    name = with_password(team, agent)

    answers = [
        stranger.post("/console/sign-in", data={"name": given, "password": "nothing right"})
        for given in (name, "nobody@house.example", "")
    ]

    assert [answer.status_code for answer in answers] == [422] * 3
    assert f'value="{name}"' in answers[0].text
    told = {re.search(r'role="alert">([^<]*)', answer.text)[1] for answer in answers}  # type: ignore[index]  # each tells one
    assert told == {"The email or the password is wrong."}


def test_too_many_tries_are_told_to_wait(team: Team, agent: Seat, stranger: TestClient) -> None:
    name = with_password(team, agent)
    form = {"name": name, "password": "nothing right"}

    answers = [stranger.post("/console/sign-in", data=form) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert "Try again in 2 seconds" in answers[-1].text


def test_failed_tries_are_told_to_whom_they_were_against(
    team: Team, agent: Seat, stranger: TestClient
) -> None:
    name = with_password(team, agent)
    stranger.post("/console/sign-in", data={"name": name, "password": "nothing right"})
    form = {"name": name, "password": PASSWORD, "after": "/console/account"}
    stranger.post("/console/sign-in", data=form)

    assert "failed. Tries: 1" in stranger.get("/console/account").text


def test_the_second_factor_is_asked_for(team: Team, agent: Seat, stranger: TestClient) -> None:
    name, secret = with_password(team, agent), new_secret()
    code = pyotp.TOTP(secret).at(NOW)
    before = pyotp.TOTP(secret).at(int(NOW.timestamp()) - 30)
    with team.database.write() as session:
        turn_on(session, agent.user_id, secret, before, key=team.settings.secret, now=NOW)

    form = {"name": name, "password": PASSWORD, "after": "/console/account"}
    half_way = stranger.post("/console/sign-in", data=form)
    assert half_way.status_code == 200
    assert "set-cookie" not in half_way.headers
    ticket = re.search(r'name="ticket" value="([^"]*)"', half_way.text)
    assert ticket is not None
    form = {"ticket": ticket[1], "after": "/console/account", "code": "000000"}
    assert stranger.post("/console/sign-in/code", data=form).status_code == 422
    answer = stranger.post("/console/sign-in/code", data={**form, "code": code})

    assert (answer.status_code, answer.headers["location"]) == (303, "/console/account")
    assert stranger.get("/console/account").status_code == 200


def test_the_first_admin_comes_by_the_link_that_serve_prints(
    team: Team, stranger: TestClient
) -> None:
    link = first_link(team.database, "", NOW)
    assert link is not None
    stranger.headers["accept-language"] = "he-IL,he;q=0.9"
    page = stranger.get(link).text
    assert '<html lang="he" dir="rtl">' in page
    form = {
        "sign_in": "boss@house.example", "name": "The Boss", "language": "he",
        "zone": "Asia/Jerusalem", "password": "short",
    }  # fmt: skip
    refused = stranger.post(link, data=form)
    assert refused.status_code == 422
    assert 'id="password-fault"' in refused.text
    assert 'value="The Boss"' in refused.text
    assert 'value="short"' not in refused.text
    refused = stranger.post(link, data={**form, "password": PASSWORD, "sign_in": "boss"})
    assert 'id="sign_in-fault"' in refused.text

    taken = stranger.post(link, data={**form, "password": PASSWORD})

    assert (taken.status_code, taken.headers["location"]) == (303, "/console/sign-in?set=1")
    assert stranger.get(link).status_code == 410
    assert stranger.post(link, data={**form, "password": PASSWORD}).status_code == 410
    entered = {"name": "boss@house.example", "password": PASSWORD}
    assert stranger.post("/console/sign-in", data=entered).status_code == 303
    assert acts(team) == ["first_admin_made", "signed_in"]


def test_a_link_sets_a_new_password(team: Team, agent: Seat, stranger: TestClient) -> None:
    with team.database.write() as session:
        token = make_link(session, agent.user_id, Purpose.FORGOTTEN, by="op", now=NOW)
    link = f"/console/welcome/{token}"
    assert stranger.get(link).status_code == 200
    assert stranger.get(link).status_code == 200  # looking at it uses nothing up

    assert stranger.post(link, data={"password": PASSWORD}).status_code == 303
    assert agent.browser.get("/console/account").status_code == 303  # who was in is out
    assert stranger.get("/console/welcome/x").status_code == 410


def test_another_site_signs_nobody_in(team: Team, agent: Seat, stranger: TestClient) -> None:
    form = {"name": with_password(team, agent), "password": PASSWORD}
    answer = stranger.post("/console/sign-in", data=form, headers={"sec-fetch-site": "cross-site"})

    assert answer.status_code == 403
    assert acts(team) == []


def test_a_console_with_an_address_of_its_own_knows_its_forms_and_keeps_its_cookie_to_https(
    migrated_url: str,
) -> None:
    desk = "https://desk.example"
    with sitting(migrated_url, console_url=desk) as team:
        behind = TestClient(team.app, base_url="https://10.0.0.7", follow_redirects=False)
        form = {"name": with_password(team, team.seat(Role.AGENT)), "password": PASSWORD}
        pages = behind.post("/console/sign-in", data=form, headers={"origin": ORIGIN})
        own = behind.post("/console/sign-in", data=form, headers={"origin": desk})

    assert (pages.status_code, own.status_code) == (403, 303)
    assert own.headers["set-cookie"].startswith("__Secure-duly=")
    assert "Secure" in own.headers["set-cookie"]


def test_who_follows_a_link_of_a_mailbox_is_led_on_and_brings_the_session(
    team: Team, stranger: TestClient
) -> None:
    """Browsers keep the strict cookie back from what another site leads to."""
    wanted = "/console/account?a=1&b=%22%3E"
    first = stranger.get(wanted, headers={"sec-fetch-site": "cross-site"})
    again = stranger.get(wanted, headers={"sec-fetch-site": "same-origin"})

    assert first.status_code == 200
    assert 'content="0;url=/console/account?a=1&amp;b=%22%3E"' in first.text
    assert again.headers["location"].startswith("/console/sign-in?next=")


def test_signing_out_ends_the_session_itself(team: Team, agent: Seat) -> None:
    answer = agent.presses("/console/sign-out")

    assert answer.headers["location"] == "/console/sign-in"
    assert 'duly=""' in answer.headers["set-cookie"]
    with team.database.read() as session:
        assert signed_in(session, agent.token, team.clock.now()) is None
    assert acts(team) == ["signed_out"]


@pytest.mark.parametrize(
    ("wished", "place"),
    [
        ("/console/customers?q=a b", "/console/customers?q=a b"),
        ("", "/console/"),
        ("https://evil.example/console/", "/console/"),
        ("//evil.example/console/", "/console/"),
        ("/console/../p/x", "/console/"),
        ("/console\\@evil.example", "/console/"),
        ("/console/\r\nset-cookie: x", "/console/"),
        ("javascript:alert(1)", "/console/"),
        ("/outbox", "/console/"),
    ],
)
def test_nobody_is_led_anywhere_else(wished: str, place: str) -> None:
    assert place_after(wished) == place


def test_a_seat_of_every_role_has_an_account(team: Team) -> None:
    for role in Role:
        assert "About me" in team.seat(role).opens("/console/account")
