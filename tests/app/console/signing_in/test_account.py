"""Everybody's own account: what they change, and what an open browser does not give away."""

from __future__ import annotations

import re

import pyotp
import pytest
from sqlalchemy import select

from app.console.signing_in.devices import device_of
from app.staff.sessions import open_session
from app.staff.users import user_of
from app.store.given import table_of
from app.store.rows import StaffSession
from tests.app.console.signing_in.people import PASSWORD, acts, with_password
from tests.app.console.team import Seat, Team
from tests.app.web.people import NOW

OTHER = "quite other words"
_SESSION = table_of(StaffSession)


def test_a_name_and_a_language_are_changed(team: Team, agent: Seat) -> None:
    form = {"name": "Noa Lev", "language": "he", "zone": "Asia/Jerusalem"}
    page = agent.does("/console/account", form)

    assert '<html lang="he" dir="rtl">' in page
    assert "Noa Lev" in page
    assert acts(team) == ["profile_changed"]


def test_what_is_wrong_is_said_at_its_field(team: Team, agent: Seat) -> None:
    for field, value in (("name", " "), ("language", "xx"), ("zone", "Mars/Base")):
        form = {"name": "Other", "language": "lt", "zone": "UTC", field: value}
        answer = agent.presses("/console/account", form)

        assert answer.status_code == 422
        assert f'id="{field}-fault"' in answer.text
    assert acts(team) == []


def test_a_password_is_changed_by_the_old_one(team: Team, agent: Seat) -> None:
    with_password(team, agent)
    with team.database.write() as session:
        open_session(session, agent.user_id, device="Phone", now=NOW)

    wrong = agent.presses("/console/account/password", {"old": "no", "password": OTHER})
    weak = agent.presses("/console/account/password", {"old": PASSWORD, "password": "short"})
    page = agent.does("/console/account/password", {"old": PASSWORD, "password": OTHER})

    assert (wrong.status_code, 'id="old-fault"' in wrong.text) == (422, True)
    assert (weak.status_code, 'id="password-fault"' in weak.text) == (422, True)
    assert "Your password is changed" in page
    assert "Phone" not in page
    assert acts(team) == ["password_changed"]


def test_devices_are_shown_and_signed_out(team: Team, agent: Seat, viewer: Seat) -> None:
    with team.database.write() as session:
        for device in ("Phone", "Laptop", "<b>Kiosk"):
            open_session(session, agent.user_id, device=device, now=NOW)
        found = select(_SESSION.c.id).where(_SESSION.c.device == "Phone")
        phone = session.connection().scalar(found)
    page = agent.opens("/console/account")
    assert all(device in page for device in ("Phone", "Laptop", "&lt;b&gt;Kiosk"))

    assert viewer.presses(f"/console/account/sessions/{phone}/end").status_code == 404
    assert "Phone" not in agent.does(f"/console/account/sessions/{phone}/end")
    page = agent.does("/console/account/sessions/end-others")

    assert "Laptop" not in page
    assert acts(team) == ["session_ended", "sessions_ended"]


def test_a_second_factor_is_set_up_and_taken_off(team: Team, agent: Seat) -> None:
    with_password(team, agent)
    page = agent.opens("/console/account/second-factor")
    secret = re.search(r'name="secret" value="([A-Z2-7]{32})"', page)
    assert secret is not None
    assert 'src="data:image/svg+xml' in page
    code = pyotp.TOTP(secret[1]).at(NOW)
    form = {"secret": secret[1], "code": code, "old": PASSWORD}

    place = "/console/account/second-factor"
    not_theirs = agent.presses(place, {**form, "old": "no"})
    not_now = agent.presses(place, {**form, "code": "12345"})
    shown = agent.presses(place, form)

    assert (not_theirs.status_code, 'id="old-fault"' in not_theirs.text) == (422, True)
    assert secret[1] in not_theirs.text
    assert (not_now.status_code, 'id="code-fault"' in not_now.text) == (422, True)
    codes = re.findall(r"^([A-Z2-7]{4}(?:-[A-Z2-7]{4}){3})$", shown.text.replace(">", ">\n"), re.M)
    assert (shown.status_code, len(codes)) == (200, 8)
    page = agent.opens(place)
    assert "Recovery codes left: 8" in page
    assert secret[1] not in page
    with team.database.read() as session:
        row = user_of(session, agent.user_id)
    assert row is not None
    assert secret[1] not in str(row.totp)

    anew = agent.presses(f"{place}/codes", {"old": PASSWORD})
    assert anew.status_code == 200
    assert codes[0] not in anew.text
    assert agent.presses(f"{place}/off", {"old": "no"}).status_code == 422
    assert "No code is asked for" in agent.does(f"{place}/off", {"old": PASSWORD})
    assert acts(team) == ["second_factor_on", "recovery_codes_made", "second_factor_off"]


def test_a_password_is_not_guessed_from_an_open_browser(team: Team, agent: Seat) -> None:
    with_password(team, agent)

    place = "/console/account/second-factor/off"
    answers = [agent.presses(place, {"old": "no"}).status_code for _ in range(6)]

    assert answers == [422] * 5 + [429]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36", "Chrome, Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140 Safari/537 Edg/140", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU OS 18_0 like Mac OS X) Safari", "Safari, iPhone"),
        ("Mozilla/5.0 (Android 15; Mobile) Gecko/140.0 Firefox/140.0", "Firefox, Android"),
        ("curl/8", "curl/8"),
        ("", ""),
    ],
)
def test_a_browser_is_called_as_people_call_it(name: str, shown: str) -> None:
    assert device_of(name) == shown
