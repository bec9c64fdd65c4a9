"""Users are made, changed and kept out; somebody can always run the house."""

from __future__ import annotations

from threading import Barrier, Thread

import pytest

from app.staff.roles import Role
from app.staff.sessions import open_session, visitor_of
from app.staff.users import (
    UserRefused,
    all_users,
    disable_user,
    enable_user,
    folded_sign_in,
    make_user,
    set_profile,
    set_roles,
    user_called,
    user_of,
)
from app.store.engines import Database
from tests.app.staff.make import add_user
from tests.databases import on_both_stores
from tests.factories import NOON


def make(database: Database, sign_in: str = "ada@house.example", **given: str) -> int:
    with database.write() as session:
        told = {"name": "Ada Lev", **given}
        return make_user(session, sign_in=sign_in, roles=[Role.AGENT], by="op", now=NOON, **told)


@on_both_stores
def test_a_user_is_found_however_the_name_is_written(database: Database) -> None:
    user_id = make(database, " Ada@House.Example", language="he", zone="Asia/Jerusalem")

    with database.read() as session:
        row = user_called(session, "ADA@house.EXAMPLE ")
        assert user_called(session, "ada") is None
    assert row is not None
    assert (row.id, row.sign_in, row.name, row.roles) == (
        user_id, "ada@house.example", "Ada Lev", ["agent"],
    )  # fmt: skip
    assert (row.language, row.zone, row.password) == ("he", "Asia/Jerusalem", None)


@on_both_stores
def test_one_name_is_one_user(database: Database) -> None:
    make(database)
    with pytest.raises(UserRefused, match="with that e-mail already"):
        make(database, "ADA@house.example")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"sign_in": "ada"}, "no e-mail address"),
        ({"name": " "}, "1 to 200 letters"),
        ({"name": "a\u202eb"}, "1 to 200 letters"),
        ({"language": "xx"}, "speaks en, he, ar, lt"),
        ({"zone": "Mars/Base"}, "no time zone"),
    ],
)
def test_what_is_wrong_is_said(database: Database, given: dict[str, str], why: str) -> None:
    with pytest.raises(UserRefused, match=why):
        make(database, **given)


def test_a_user_without_a_role_is_none(database: Database) -> None:
    with database.write() as session, pytest.raises(UserRefused, match="at least one"):
        make_user(session, sign_in="a@b.example", name="A", roles=[], by="op", now=NOON)


def test_letters_that_look_alike_in_width_are_one_name() -> None:
    assert folded_sign_in("ａｄａ@house.example") == "ada@house.example"


@on_both_stores
def test_a_disabled_user_is_out_until_enabled(database: Database) -> None:
    add_user(database, "boss@house.example")
    user_id = add_user(database, "eli@house.example", Role.AGENT)
    with database.write() as session:
        token = open_session(session, user_id, device="", now=NOON)
        assert disable_user(session, user_id, by="boss", now=NOON)
        assert not disable_user(session, user_id, by="boss", now=NOON)
        assert visitor_of(session, token, NOON) is None
        assert enable_user(session, user_id)
        assert not enable_user(session, user_id)
        assert visitor_of(session, token, NOON) is None  # the session has ended all the same
        assert user_of(session, user_id) is not None


@pytest.mark.parametrize(
    "others",
    [
        [],
        [("agent@house.example", Role.AGENT, "x")],
        [("invited@house.example", Role.ADMIN, None)],
    ],
)
def test_the_last_admin_stays(
    database: Database, others: list[tuple[str, Role, str | None]]
) -> None:
    boss = add_user(database, "boss@house.example")
    for sign_in, role, password in others:
        add_user(database, sign_in, role, password=password)
    with database.write() as session:
        with pytest.raises(UserRefused, match="make another admin"):
            disable_user(session, boss, by="boss", now=NOON)
        with pytest.raises(UserRefused, match="make another admin"):
            set_roles(session, boss, [Role.AGENT])
        set_roles(session, boss, [Role.ADMIN, Role.AGENT])
        assert [row.roles for row in all_users(session) if row.id == boss] == [["agent", "admin"]]


@on_both_stores
def test_two_admins_cannot_take_each_others_place(database: Database) -> None:
    ids = [add_user(database, f"{name}@house.example") for name in ("left", "right")]
    start, refused = Barrier(2), []

    def demote(user_id: int) -> None:
        start.wait()
        try:
            with database.write() as session:
                set_roles(session, user_id, [Role.VIEWER])
        except UserRefused as problem:
            refused.append(problem)

    threads = [Thread(target=demote, args=(user_id,)) for user_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert len(refused) == 1
    with database.read() as session:
        assert sorted(row.roles[0] for row in all_users(session)) == ["admin", "viewer"]


def test_a_profile_is_changed_or_refused_whole(database: Database) -> None:
    user_id = add_user(database)
    with database.write() as session:
        set_profile(session, user_id, name=" Ada  Lev ", language="lt", zone="Europe/Vilnius")
        with pytest.raises(UserRefused):
            set_profile(session, user_id, name="X", language="lt", zone="?")
        with pytest.raises(UserRefused, match="no such user"):
            set_profile(session, 99, name="X", language="lt", zone="UTC")
        row = user_of(session, user_id)
    assert row is not None
    assert (row.name, row.language, row.zone) == ("Ada Lev", "lt", "Europe/Vilnius")
