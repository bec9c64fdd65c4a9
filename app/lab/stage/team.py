"""Who sits in the demo's console: one user of every role, whom this machine lets in at once."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Final

from app.clock import Clock
from app.staff.roles import Role
from app.staff.sessions import open_session, visitor_of
from app.staff.users import make_user, user_called
from app.store.engines import Database

SIGN_IN: Final = "demo@duly.example"
NAME: Final = "Noa Levi"


def welcome(database: Database, clock: Clock) -> Callable[[], str]:
    """Answers the token of a session of the demo's user; a new one when the last is over."""
    one_at_a_time, tokens = Lock(), [""]

    def token() -> str:
        with one_at_a_time:
            now = clock.now()
            with database.read() as session:
                is_good = tokens[0] and visitor_of(session, tokens[0], now) is not None
            if not is_good:
                tokens[0] = _opened(database, clock)
            return tokens[0]

    return token


def _opened(database: Database, clock: Clock) -> str:
    now = clock.now()
    with database.write() as session:
        known = user_called(session, SIGN_IN)
        user_id = known.id if known else None
        if user_id is None:
            zone = "Asia/Jerusalem"
            user_id = make_user(
                session, sign_in=SIGN_IN, name=NAME, roles=list(Role), by="demo", now=now, zone=zone
            )
        return open_session(session, user_id, device="the demo", now=now)
