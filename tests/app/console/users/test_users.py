"""Users and roles: an administrator invites, changes and keeps out; nobody else may."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqlalchemy import select, update
from starlette.testclient import TestClient

from app.staff.roles import Role
from app.staff.users import user_called
from app.store.given import table_of
from app.store.rows import ActLine, StaffUser
from tests.app.console.signing_in.people import PASSWORD, acts, with_password
from tests.app.console.team import Seat, Team
from tests.app.web.people import ORIGIN

_USER, _LINE = table_of(StaffUser), table_of(ActLine)
INVITED = {
    "sign_in": "Eli@House.example", "name": "Eli Bar", "language": "he", "zone": "Asia/Jerusalem",
    "role_agent": "1", "role_designer": "1",
}  # fmt: skip


def roles_of(team: Team, user_id: int) -> list[str]:
    with team.database.read() as session:
        chosen = select(_USER.c.roles).where(_USER.c.id == user_id)
        return list(session.connection().execute(chosen).scalar_one())


def test_somebody_is_invited_and_comes_in_by_the_link(team: Team, admin: Seat) -> None:
    shown = admin.presses("/console/users", INVITED)
    link = re.search(rf'id="link"[^>]*>{ORIGIN}(/console/welcome/[\w-]+)<', shown.text)
    assert link is not None

    stranger = TestClient(team.app, base_url=ORIGIN, follow_redirects=False)
    assert stranger.post(link[1], data={"password": PASSWORD}).status_code == 303
    entered = {"name": "eli@house.example", "password": PASSWORD, "after": "/console/account"}
    assert stranger.post("/console/sign-in", data=entered).status_code == 303
    page = stranger.get("/console/account").text

    assert "Eli Bar" in page
    assert '<html lang="he"' in page
    assert acts(team)[0] == "user_invited"
    with team.database.read() as session:
        row = user_called(session, "eli@house.example")
        (line,) = session.connection().execute(select(_LINE).where(_LINE.c.act == "user_invited"))
    assert row is not None
    assert row.roles == ["agent", "designer"]
    assert line.detail == {"user": row.id, "roles": ["agent", "designer"]}
    assert "/console/welcome/" not in admin.opens(f"/console/users/{row.id}")


def test_a_bad_invitation_says_where_and_keeps_what_was_typed(team: Team, admin: Seat) -> None:
    wrong: list[tuple[Mapping[str, str | None], str]] = [
        ({"sign_in": "eli"}, "sign_in"),
        ({"sign_in": "0@house.example"}, "sign_in"),
        ({"name": ""}, "name"),
        ({"zone": "?"}, "zone"),
        ({"role_agent": None, "role_designer": None}, "roles"),
    ]
    for changed, field in wrong:
        form = {name: value for name, value in {**INVITED, **changed}.items() if value is not None}
        answer = admin.presses("/console/users", form)

        assert answer.status_code == 422
        assert f'id="{field}-fault"' in answer.text
        assert all(f'value="{form[name]}"' in answer.text for name in ("sign_in", "name"))
        is_kept = 'name="role_designer" value="1" checked' in answer.text
        assert is_kept == ("role_designer" in form)
    assert acts(team) == []


def test_roles_count_at_once(team: Team, admin: Seat, agent: Seat) -> None:
    assert agent.browser.get("/console/users").status_code == 403

    page = admin.does(f"/console/users/{agent.user_id}/roles", {"role_admin": "1"})

    assert "They count at once" in page
    assert agent.opens("/console/users")
    assert acts(team) == ["roles_changed"]


def test_the_last_admin_cannot_be_lost(team: Team, admin: Seat, agent: Seat) -> None:
    with_password(team, admin)
    for path, form in (
        (f"{admin.user_id}/roles", {"role_agent": "1"}),
        (f"{admin.user_id}/disable", {}),
    ):
        answer = admin.presses(f"/console/users/{path}", form)
        assert answer.status_code == 422
        assert "Nobody else could run the house" in answer.text
    assert roles_of(team, admin.user_id) == ["admin"]
    assert acts(team) == []


def test_somebody_is_kept_out_and_let_in_again(team: Team, admin: Seat, agent: Seat) -> None:
    with_password(team, admin)
    page = admin.does(f"/console/users/{agent.user_id}/disable")

    assert f'action="/console/users/{agent.user_id}/enable"' in page
    assert agent.browser.get("/console/account").status_code == 303
    assert admin.presses(f"/console/users/{agent.user_id}/link").status_code == 404
    assert "They can come in again" in admin.does(f"/console/users/{agent.user_id}/enable")
    assert acts(team) == ["user_disabled", "user_enabled"]


def test_everywhere_is_signed_out_by_one_press(team: Team, admin: Seat, agent: Seat) -> None:
    assert "Signed in now" in admin.opens(f"/console/users/{agent.user_id}")
    admin.does(f"/console/users/{agent.user_id}/sign-out")

    assert agent.browser.get("/console/account").status_code == 303


def test_a_lost_phone_is_forgotten_with_the_link(team: Team, admin: Seat, agent: Seat) -> None:
    with team.database.write() as session:
        session.connection().execute(update(_USER).values(totp="sealed", password="x"))
    shown = admin.presses(f"/console/users/{agent.user_id}/link", {"drop": "1"})

    assert shown.status_code == 200
    with team.database.read() as session:
        chosen = select(_USER.c.totp).where(_USER.c.id == agent.user_id)
        assert session.connection().execute(chosen).scalar_one() is None


def test_who_is_not_there_is_not_found(team: Team, admin: Seat) -> None:
    with_password(team, team.seat(Role.ADMIN))
    assert admin.browser.get("/console/users/999").status_code == 404
    for act in ("roles", "link", "disable", "enable", "sign-out"):
        answer = admin.presses(f"/console/users/999/{act}", {"role_admin": "1"})
        assert answer.status_code == 404
    assert acts(team) == []
