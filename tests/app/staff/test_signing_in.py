"""Signing in: what opens the door, what does not, and how long guessing takes."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pyotp
import pytest
from sqlalchemy import select, update

from app.staff import passwords
from app.staff.acts import verify_acts
from app.staff.first import first_link
from app.staff.links import LASTS, Purpose, link_of, make_link
from app.staff.own_password import Done, LinkRefused, Newcomer, change_own, set_by_link
from app.staff.passwords import PasswordRefused
from app.staff.roles import Right, Role
from app.staff.second_factor import renew_codes, turn_off, turn_on
from app.staff.sessions import signed_in, visitor_of
from app.staff.signing_in import (
    HALF_WAY,
    Answer,
    CodeNeeded,
    Desk,
    NotRight,
    NotYet,
    Welcome,
    bring_code,
    sign_in,
)
from app.staff.totp import new_secret
from app.staff.tries import OF_A_NAME, OF_AN_ADDRESS
from app.staff.users import UserRefused, disable_user, user_of
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import ActLine, SignInTry, StaffUser
from tests.app.staff.make import add_user, quick_hash
from tests.databases import on_both_stores
from tests.factories import NOON

SECRET = b"an installation's secret of 32 b"
PASSWORD = "four plain words do"
_USER, _LINE, _TRY = table_of(StaffUser), table_of(ActLine), table_of(SignInTry)


@pytest.fixture
def ada(database: Database) -> int:
    add_user(database, "boss@house.example", Role.ADMIN)
    add_user(database, "invited@house.example", Role.AGENT, password=None)
    kept = quick_hash(PASSWORD)
    return add_user(database, "ada@house.example", Role.AGENT, password=kept)


def desk(database: Database, address: str = "192.0.2.1", secret: bytes = SECRET) -> Desk:
    return Desk(database, secret, address, "Firefox")


def enter(
    at: Desk, name: str = "Ada@house.example", password: str = PASSWORD, now: datetime = NOON
) -> Answer:
    return asyncio.run(sign_in(at, name, password, now))


def acts(database: Database) -> list[str]:
    with database.read() as session:
        assert verify_acts(session).broken == ()
        return list(
            session.connection().execute(select(_LINE.c.act).order_by(_LINE.c.number)).scalars()
        )


def with_app(database: Database, user_id: int) -> tuple[str, tuple[str, ...]]:
    """A second factor that was set up long ago, and its recovery codes."""
    secret, then = new_secret(), NOON - timedelta(days=9)
    with database.write() as session:
        code = pyotp.TOTP(secret).at(then)
        return secret, turn_on(session, user_id, secret, code, key=SECRET, now=then)


@on_both_stores
def test_name_and_password_open_the_door(database: Database, ada: int) -> None:
    answer = enter(desk(database))

    assert isinstance(answer, Welcome)
    assert answer.token not in repr(answer)
    with database.read() as session:
        found = visitor_of(session, answer.token, NOON)
    assert found is not None
    assert (found.user_id, found.may(Right.ACT), found.may(Right.RUN)) == (ada, True, False)
    assert acts(database) == ["signed_in"]


@on_both_stores
@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("ada@house.example", "four plain words don't"),
        ("nobody@house.example", PASSWORD),
        ("", ""),
        ("invited@house.example", "x"),
        ("x" * 9000, "y" * 9000),
    ],
)
def test_what_is_wrong_is_not_told(database: Database, ada: int, name: str, password: str) -> None:
    assert enter(desk(database), name, password) == NotRight()


def test_who_is_kept_out_is_as_good_as_unknown(database: Database, ada: int) -> None:
    with database.write() as session:
        disable_user(session, ada, by="boss", now=NOON)

    assert enter(desk(database)) == NotRight()


def test_wrong_tries_are_on_record_and_told_at_the_next_good_one(
    database: Database, ada: int
) -> None:
    for _ in range(2):
        enter(desk(database), password="wrong")
    enter(desk(database), "stranger@house.example")

    answer = enter(desk(database))

    assert isinstance(answer, Welcome)
    assert answer.failed == 2
    assert acts(database) == ["sign_in_failed", "sign_in_failed", "signed_in"]
    again = enter(desk(database))
    assert isinstance(again, Welcome)
    assert again.failed == 0


@on_both_stores
def test_guessing_waits_longer_each_time_from_wherever(database: Database, ada: int) -> None:
    for number in range(OF_A_NAME.free + 1):
        assert enter(desk(database, f"192.0.2.{number}"), password="wrong") == NotRight()

    first = enter(desk(database, "198.51.100.1"))
    assert first == NotYet(NOON + timedelta(seconds=2))
    later = NOON + timedelta(seconds=2)
    assert enter(desk(database), password="wrong", now=later) == NotRight()
    assert enter(desk(database), now=later) == NotYet(later + timedelta(seconds=4))
    assert isinstance(enter(desk(database), now=later + timedelta(seconds=4)), Welcome)


def test_a_name_that_nobody_has_waits_as_long(database: Database, ada: int) -> None:
    for _ in range(OF_A_NAME.free + 1):
        enter(desk(database), "nobody@house.example")

    assert enter(desk(database), "NOBODY@house.example") == NotYet(NOON + timedelta(seconds=2))
    assert isinstance(enter(desk(database)), Welcome)  # others are let in


def test_many_at_once_are_not_looked_at_either(database: Database, ada: int) -> None:
    async def flood() -> list[Answer]:
        at = desk(database)
        tries = (sign_in(at, "ada@house.example", "wrong", NOON) for _ in range(12))
        return list(await asyncio.gather(*tries))

    answers = asyncio.run(flood())
    assert answers.count(NotRight()) == OF_A_NAME.free + 1


def test_an_address_is_held_to_all_that_it_tries(
    database: Database, ada: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = desk(database)
    for number in range(OF_AN_ADDRESS.free + 1):
        with database.write() as session:
            from app.staff.tries import take_try

            assert take_try(session, [at.by_name(f"{number}"), at.by_address()], NOON) is None

    assert enter(at) == NotYet(NOON + timedelta(seconds=2))
    assert isinstance(enter(desk(database, "198.51.100.1")), Welcome)


def test_no_address_and_no_name_is_kept(database: Database, ada: int) -> None:
    enter(desk(database), "stranger@house.example", "wrong")

    with database.read() as session:
        rows = session.connection().execute(select(_TRY)).all()
    assert len(rows) == 2
    assert all(len(row.key) == 64 for row in rows)


@pytest.mark.parametrize("limit", [OF_A_NAME, OF_AN_ADDRESS])
def test_waits_grow_and_end(limit: object) -> None:
    assert isinstance(limit, type(OF_A_NAME))
    waits = [limit.wait(failures) for failures in range(200)]

    assert waits == sorted(waits)
    assert waits[limit.free] == timedelta()
    assert waits[limit.free + 1] == timedelta(seconds=2)
    assert waits[-1] == limit.longest


def test_old_tries_are_forgotten(database: Database, ada: int) -> None:
    for _ in range(OF_A_NAME.free + 1):
        enter(desk(database), password="wrong")
    later = NOON + timedelta(days=1, seconds=1)
    enter(desk(database, "198.51.100.1"), "other@house.example", "wrong", later)

    with database.read() as session:
        rows = session.connection().execute(select(_TRY)).all()
    assert {row.at for row in rows} == {later}


@on_both_stores
def test_a_second_factor_is_asked_for_and_each_code_counts_once(
    database: Database, ada: int
) -> None:
    secret, _ = with_app(database, ada)
    code = pyotp.TOTP(secret).at(NOON)
    half_way = enter(desk(database))
    assert isinstance(half_way, CodeNeeded)

    def bring(code: str, ticket: str = half_way.ticket, now: datetime = NOON) -> Answer:
        return asyncio.run(bring_code(desk(database), ticket, code, now))

    assert bring("000000" if code != "000000" else "000001") == NotRight()
    assert bring(code, ticket=half_way.ticket[:-1] + "x") == NotRight()
    assert bring(code, ticket="٣.1.x") == NotRight()
    assert bring(code, now=NOON + HALF_WAY) == NotRight()
    assert isinstance(bring(code), Welcome)
    assert bring(code) == NotRight()
    assert acts(database) == ["sign_in_failed", "signed_in", "sign_in_failed"]


def test_codes_cannot_be_guessed_between_right_passwords(database: Database, ada: int) -> None:
    with_app(database, ada)
    answers = []
    for _ in range(OF_A_NAME.free + 2):
        half_way = enter(desk(database))
        assert isinstance(half_way, CodeNeeded)
        answers.append(asyncio.run(bring_code(desk(database), half_way.ticket, "", NOON)))

    assert answers[:-1] == [NotRight()] * (OF_A_NAME.free + 1)
    assert answers[-1] == NotYet(NOON + timedelta(seconds=2))


def test_a_recovery_code_stands_in_once_also_under_a_new_secret(
    database: Database, ada: int
) -> None:
    _, codes = with_app(database, ada)
    moved = desk(database, secret=b"another installation's secret ..")

    def bring(code: str) -> Answer:
        half_way = enter(moved)
        assert isinstance(half_way, CodeNeeded)
        return asyncio.run(bring_code(moved, half_way.ticket, code, NOON))

    assert isinstance(bring(codes[0].lower()), Welcome)
    assert bring(codes[0]) == NotRight()
    with database.write() as session:
        (fresh, *_) = renew_codes(session, ada)
    assert bring(codes[1]) == NotRight()
    assert isinstance(bring(fresh), Welcome)


def test_a_ticket_ends_with_the_second_factor_it_was_for(database: Database, ada: int) -> None:
    secret, _ = with_app(database, ada)
    half_way = enter(desk(database))
    assert isinstance(half_way, CodeNeeded)
    with database.write() as session:
        turn_off(session, ada)

    code = pyotp.TOTP(secret).at(NOON)
    assert asyncio.run(bring_code(desk(database), half_way.ticket, code, NOON)) == NotRight()
    assert isinstance(enter(desk(database)), Welcome)


def test_the_first_admin_comes_by_a_link_once(database: Database) -> None:
    before = first_link(database, "https://pay.example", NOON)
    link = first_link(database, "https://pay.example", NOON)
    assert before is not None
    assert link is not None
    assert link.startswith("https://pay.example/console/welcome/")
    token = link.rpartition("/")[2]
    who = Newcomer("Boss@house.example", "The Boss", "he", "Asia/Jerusalem")

    def come(token: str, password: str = PASSWORD, who: Newcomer | None = who) -> Done:
        return asyncio.run(set_by_link(desk(database), token, password, NOON, newcomer=who))

    with pytest.raises(LinkRefused):
        come(before.rpartition("/")[2])
    with pytest.raises(LinkRefused):
        come(token, who=None)
    with pytest.raises(PasswordRefused):
        come(token, "short")
    with pytest.raises(UserRefused):
        come(token, who=Newcomer("boss", "Boss", "en", "UTC"))
    done = come(token)
    with pytest.raises(LinkRefused):
        come(token)
    assert first_link(database, "https://pay.example", NOON) is None
    answer = enter(desk(database), "boss@house.example")
    assert isinstance(answer, Welcome)
    with database.read() as session:
        found = visitor_of(session, answer.token, NOON)
    assert found is not None
    assert (found.user_id, found.language, found.rights) == (done.user_id, "he", frozenset(Right))
    assert acts(database) == ["first_admin_made", "signed_in"]


@on_both_stores
def test_a_first_link_makes_no_second_admin(database: Database) -> None:
    link = first_link(database, "https://pay.example", NOON)
    assert link is not None
    add_user(database)

    who = Newcomer("eve@house.example", "Eve", "en", "UTC")
    with pytest.raises(LinkRefused):
        asyncio.run(
            set_by_link(desk(database), link.rpartition("/")[2], PASSWORD, NOON, newcomer=who)
        )


@on_both_stores
def test_a_link_sets_a_password_once_and_ends_sessions(database: Database, ada: int) -> None:
    answer = enter(desk(database))
    assert isinstance(answer, Welcome)
    with database.write() as session:
        old = make_link(session, ada, Purpose.FORGOTTEN, by="op", now=NOON)
        token = make_link(session, ada, Purpose.FORGOTTEN, by="op", now=NOON)
        assert link_of(session, old, NOON) is None
        assert link_of(session, token, NOON + LASTS[Purpose.FORGOTTEN]) is None

    asyncio.run(set_by_link(desk(database), token, "quite another four", NOON))

    with pytest.raises(LinkRefused):
        asyncio.run(set_by_link(desk(database), token, "quite another five", NOON))
    with database.read() as session:
        assert visitor_of(session, answer.token, NOON) is None
    assert enter(desk(database)) == NotRight()
    assert isinstance(enter(desk(database), password="quite another four"), Welcome)


def test_a_link_of_one_who_is_kept_out_opens_nothing(database: Database, ada: int) -> None:
    with database.write() as session:
        token = make_link(session, ada, Purpose.INVITED, by="op", now=NOON)
        session.connection().execute(update(_USER).values(disabled_at=NOON))

    with pytest.raises(LinkRefused):
        asyncio.run(set_by_link(desk(database), token, PASSWORD, NOON))


def test_who_is_signed_in_changes_the_password_by_the_old_one(database: Database, ada: int) -> None:
    here, there = enter(desk(database)), enter(desk(database))
    assert isinstance(here, Welcome)
    assert isinstance(there, Welcome)
    with database.read() as session:
        found = signed_in(session, here.token, NOON)
    assert found is not None

    def change(old: str, new: str) -> object:
        return asyncio.run(change_own(desk(database), found, old, new, NOON))

    with pytest.raises(PasswordRefused):
        change(PASSWORD, "ada ada ada ada")
    assert change("wrong", "quite another four") == NotRight()
    assert change(PASSWORD, "quite another four") == Done(ada, "ada@house.example")
    with database.read() as session:
        assert visitor_of(session, here.token, NOON) is not None
        assert visitor_of(session, there.token, NOON) is None
        row = user_of(session, ada)
    assert row is not None
    assert asyncio.run(passwords.is_right("quite another four", row.password))
    assert acts(database)[-1] == "password_changed"
