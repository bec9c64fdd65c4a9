"""A session is good for whoever holds its token, for a day at most, and not when left alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.staff.roles import Right, Role
from app.staff.sessions import (
    IDLE,
    LASTS,
    SEEN_NOTED_EVERY,
    end_session,
    end_sessions,
    let_go,
    note_seen,
    open_session,
    sessions_of,
    signed_in,
    visitor_of,
)
from app.staff.visitor import Visitor
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import StaffSession, StaffUser
from tests.app.staff.make import add_user
from tests.databases import on_both_stores
from tests.factories import NOON

_SESSION, _USER = table_of(StaffSession), table_of(StaffUser)


def enter(database: Database, user_id: int, device: str = "Firefox") -> str:
    with database.write() as session:
        return open_session(session, user_id, device=device, now=NOON)


def seen(database: Database, token: str, after: timedelta = timedelta()) -> Visitor | None:
    with database.read() as session:
        return visitor_of(session, token, NOON + after)


@on_both_stores
def test_a_token_tells_who_it_is_and_what_they_may(database: Database) -> None:
    user_id = add_user(database, "eli@house.example", Role.AGENT)

    found = seen(database, enter(database, user_id))

    assert found == Visitor(
        user_id, "Eli", "eli@house.example", "en", "UTC", frozenset({Right.LOOK, Right.ACT})
    )


def test_the_token_itself_is_nowhere(database: Database) -> None:
    token = enter(database, add_user(database))

    with database.read() as session:
        row = session.connection().execute(select(_SESSION)).one()
    assert len(token) == 43
    assert token not in map(str, row)
    assert seen(database, row.digest) is None


@pytest.mark.parametrize("token", ["", "x", "x" * 5000, "\x00"])
def test_any_other_token_is_nobody(database: Database, token: str) -> None:
    enter(database, add_user(database))

    assert seen(database, token) is None


def test_it_ends_when_left_alone(database: Database) -> None:
    token = enter(database, add_user(database))

    assert seen(database, token, IDLE - timedelta(seconds=1)) is not None
    assert seen(database, token, IDLE) is None


def test_it_goes_on_while_it_is_used_and_ends_with_the_day(database: Database) -> None:
    token = enter(database, add_user(database))
    at = timedelta()
    while at < LASTS:
        with database.write() as session:
            found = signed_in(session, token, NOON + at)
            assert found is not None
            note_seen(session, found.id, NOON + at)
        at += IDLE / 2

    assert seen(database, token, LASTS) is None


def test_that_it_was_seen_is_noted_now_and_then(database: Database) -> None:
    token = enter(database, add_user(database))
    with database.read() as session:
        found = signed_in(session, token, NOON)

    assert found is not None
    assert not found.is_unnoted(NOON)
    assert found.is_unnoted(NOON + SEEN_NOTED_EVERY)


def test_a_disabled_user_is_out_at_once(database: Database) -> None:
    token = enter(database, add_user(database))
    with database.write() as session:
        session.connection().execute(update(_USER).values(disabled_at=NOON))

    assert seen(database, token) is None


@on_both_stores
def test_one_device_or_all_others_can_be_signed_out(database: Database) -> None:
    ada, ben = add_user(database), add_user(database, "ben@house.example")
    tokens = [enter(database, ada, device) for device in ("phone", "desk", "home")]
    other = enter(database, ben)
    with database.write() as session:
        home, desk, phone = (row.id for row in sessions_of(session, ada, NOON))
        assert not end_session(session, ben, phone, NOON)  # not theirs
        assert end_session(session, ada, phone, NOON)
        assert not end_session(session, ada, phone, NOON)
        assert end_sessions(session, ada, NOON, but=desk) == 1

    assert [seen(database, token) is not None for token in (*tokens, other)] == [
        False, True, False, True,
    ]  # fmt: skip
    assert home != desk


@on_both_stores
def test_what_is_long_over_is_let_go(database: Database) -> None:
    user_id = add_user(database)
    enter(database, user_id)
    with database.write() as session:
        let_go(session, user_id, NOON + timedelta(days=90))
        kept = session.connection().execute(select(_SESSION)).all()
        let_go(session, user_id, NOON + timedelta(days=91))
        left = session.connection().execute(select(_SESSION)).all()

    assert (len(kept), len(left)) == (1, 0)
