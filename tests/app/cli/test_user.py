"""`duly user`: users are made, changed and kept out where there is no browser."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from app.staff.links import link_of
from app.staff.totp import seal
from app.store.bulk import update_rows
from app.store.engines import Database
from app.store.rows import StaffUser
from tests.app.cli.conftest import Duly
from tests.app.staff.make import add_user

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


def add(duly: Duly, *roles: str, sign_in: str = "Ada@House.example") -> str:
    told = [part for role in roles for part in ("--role", role)]
    ended = duly("user", "add", sign_in, "--name", "Ada Lev", *told, "--by", "op")
    assert ended.code == 0, ended.err
    return ended.out.strip()


def test_a_user_is_made_and_gets_a_link_that_is_good(
    with_database: Duly, migrated_url: str
) -> None:
    link = add(with_database, "agent", "designer")

    assert link.startswith("http://127.0.0.1:8000/console/welcome/")
    database = Database(migrated_url)
    with database.read() as session:
        found = link_of(session, link.rpartition("/")[2], database.now())
    database.dispose()
    assert found is not None
    assert found.purpose == "invited"
    listed = with_database("user", "list")
    assert listed.out == "ada@house.example: Ada Lev, agent designer, invited, no password yet\n"
    (told,) = with_database("user", "list", "--json").json["users"]
    assert (told["sign_in"], told["created_by"]) == ("ada@house.example", "op")
    assert "password" not in told


def test_a_new_link_voids_the_one_before(with_database: Duly, migrated_url: str) -> None:
    before = add(with_database, "agent")
    ended = with_database("user", "link", "ada@house.example", "--drop-second-factor")

    assert ended.code == 0
    database = Database(migrated_url)
    with database.read() as session:
        good = [
            link_of(session, link.strip().rpartition("/")[2], database.now()) is not None
            for link in (before, ended.out)
        ]
    database.dispose()
    assert good == [False, True]


def test_roles_are_changed_and_users_kept_out(with_database: Duly, migrated_url: str) -> None:
    add(with_database, "agent")
    database = Database(migrated_url)
    add_user(database, "boss@house.example")

    assert with_database("user", "roles", "ada@house.example", "approver", "viewer").code == 0
    assert with_database("user", "disable", "ada@house.example").code == 0
    assert "viewer approver, disabled" in with_database("user", "list").out
    assert with_database("user", "enable", "ada@house.example").code == 0
    with database.read() as session:
        query = text("SELECT act FROM act_line ORDER BY number")
        acts = session.connection().execute(query).scalars().all()
    database.dispose()
    assert acts == ["user_invited", "roles_changed", "user_disabled", "user_enabled"]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["disable", "boss@house.example"], "make another admin"),
        (["roles", "boss@house.example", "viewer"], "make another admin"),
        (["roles", "boss@house.example", "emperor"], "'emperor' is no role"),
        (["link", "nobody@house.example"], "There is no user nobody@house.example"),
        (
            ["add", "boss@house.example", "--name", "B", "--role", "agent"],
            "with that e-mail already",
        ),
    ],
)
def test_what_cannot_be_is_said_and_leaves_nothing(
    with_database: Duly, migrated_url: str, arguments: list[str], why: str
) -> None:
    database = Database(migrated_url)
    add_user(database, "boss@house.example")

    ended = with_database("user", *arguments)

    assert (ended.code, ended.out) == (2, "")
    assert why in ended.err
    with database.read() as session:
        assert session.connection().scalar(text("SELECT count(*) FROM act_line")) == 0
    database.dispose()


def test_check_names_an_act_that_was_changed(with_database: Duly, migrated_url: str) -> None:
    add(with_database, "agent")
    assert with_database("check", "--json").json["acts"]["violations"] == 0
    database = Database(migrated_url)
    with database.write() as session:
        session.connection().execute(text("UPDATE act_line SET by = 'eve'"))
    database.dispose()

    ended = with_database("check")

    assert ended.code == 1
    assert "act 1: changed" in ended.out


def test_the_doctor_tells_of_codes_under_another_secret(
    with_database: Duly, migrated_url: str
) -> None:
    def told() -> str:
        lines = with_database("doctor").out.splitlines()
        return next(line for line in lines if line[5:].startswith("users:"))

    assert told().startswith("ok   users: nobody can come into the console yet")
    database = Database(migrated_url)
    user_id = add_user(database)
    assert told() == "ok   users: 1 can come into the console"
    with database.write() as session:
        update_rows(session, StaffUser, [{"id": user_id, "totp": seal("A", user_id, b"other")}])
    database.dispose()

    assert told().startswith("FAIL users: 1 users' codes are kept under another DULY_SECRET_KEY")
