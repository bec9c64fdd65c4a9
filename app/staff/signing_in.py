"""Signing in: a password, and a code where a second factor is set up.

What is wrong is never told apart: an unknown name takes as long as a wrong password, and sounds
the same. No transaction is open while a password is hashed.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from anyio.to_thread import run_sync
from sqlalchemy import Row, update
from sqlmodel import Session

from app.staff import passwords, tries
from app.staff.acts import note_act
from app.staff.second_factor import take_code
from app.staff.sessions import let_go, open_session
from app.staff.tries import OF_A_NAME, OF_AN_ADDRESS, Counted
from app.staff.users import UserRefused, folded_sign_in, user_called, user_of
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import StaffUser

HALF_WAY: Final = timedelta(minutes=5)
"""So long after the password a code may be brought."""

_USER = table_of(StaffUser)


@dataclass(frozen=True, slots=True)
class Welcome:
    """`token` is for the cookie; `failed` counts the wrong tries since the last good one."""

    user_id: int
    token: str = field(repr=False)
    failed: int = 0


@dataclass(frozen=True, slots=True)
class CodeNeeded:
    """The password was right. `ticket` comes back with the code, within `HALF_WAY`."""

    ticket: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NotRight:
    """Name, password, code or ticket: one of them."""


@dataclass(frozen=True, slots=True)
class NotYet:
    """There were too many tries; nothing was looked at."""

    until: datetime


Answer = Welcome | CodeNeeded | NotRight | NotYet


@dataclass(frozen=True, slots=True)
class Desk:
    """Where one signs in: tries are counted by `address` (a network); `secret` is the
    installation's."""

    database: Database
    secret: bytes = field(repr=False)
    address: str
    device: str

    def by_address(self) -> Counted:
        return tries.counted_by(self.secret, "address", self.address, OF_AN_ADDRESS)

    def by_name(self, sign_in: str) -> Counted:
        return tries.counted_by(self.secret, "name", sign_in, OF_A_NAME)

    def by_user(self, user_id: int) -> Counted:
        """Codes are counted apart: the right password before them forgives none."""
        return tries.counted_by(self.secret, "code", str(user_id), OF_A_NAME)


async def sign_in(desk: Desk, name: str, password: str, now: datetime) -> Answer:
    """Looks at a name and a password."""
    counted = desk.by_name(_folded(name))
    until, row = await run_sync(_begin, desk, counted, name, now)
    if until is not None:
        return NotYet(until)
    is_open = row is not None and row.disabled_at is None
    is_right = await passwords.is_right(password, row.password if row and is_open else None)
    return await run_sync(_after_password, desk, counted, row, is_right, now)


async def bring_code(desk: Desk, ticket: str, code: str, now: datetime) -> Answer:
    """Looks at a code of the app, or a recovery code, after `CodeNeeded`."""
    return await run_sync(_after_code, desk, ticket, code, now)


def _begin(
    desk: Desk, counted: Counted, name: str, now: datetime
) -> tuple[datetime | None, Row[Any] | None]:
    with desk.database.write() as session:
        tries.clear_old(session, now)
        until = tries.take_try(session, (counted, desk.by_address()), now)
        return until, None if until else user_called(session, name)


def _after_password(
    desk: Desk, counted: Counted, row: Row[Any] | None, is_right: bool, now: datetime
) -> Answer:
    with desk.database.write() as session:
        if row is None or not is_right:
            if row is not None:
                _note_failure(session, row, "password", now)
            return NotRight()
        tries.forgive(session, counted, now)
        tries.take_back(session, desk.by_address(), now)
        if row.totp is not None:
            return CodeNeeded(_ticket(desk.secret, row, now + HALF_WAY))
        return _enter(session, desk, row, "password", now)


def _after_code(desk: Desk, ticket: str, code: str, now: datetime) -> Answer:
    with desk.database.write() as session:
        row = _of_ticket(session, desk.secret, ticket, now)
        if row is None:
            return NotRight()
        counted = desk.by_user(row.id)
        until = tries.take_try(session, (counted, desk.by_address()), now)
        if until is not None:
            return NotYet(until)
        if not take_code(session, row.id, code, key=desk.secret, now=now):
            _note_failure(session, row, "code", now)
            return NotRight()
        tries.forgive(session, counted, now)
        tries.take_back(session, desk.by_address(), now)
        return _enter(session, desk, row, "code", now)


def _enter(session: Session, desk: Desk, row: Row[Any], by: str, now: datetime) -> Welcome:
    let_go(session, row.id, now)
    token = open_session(session, row.id, device=desk.device, now=now)
    noting = update(_USER).where(_USER.c.id == row.id)
    session.connection().execute(noting.values(failed=0, signed_in_at=now))
    note_act(session, row.sign_in, "signed_in", about=("user", row.id), detail={"by": by}, now=now)
    return Welcome(row.id, token, row.failed)


def _note_failure(session: Session, row: Row[Any], what: str, now: datetime) -> None:
    counting = update(_USER).where(_USER.c.id == row.id).values(failed=_USER.c.failed + 1)
    session.connection().execute(counting)
    detail = {"wrong": what}
    note_act(session, "somebody", "sign_in_failed", about=("user", row.id), detail=detail, now=now)


def _folded(name: str) -> str:
    """Tries of what is no e-mail are counted together, too."""
    try:
        return folded_sign_in(name)
    except UserRefused:
        return ""


def _ticket(secret: bytes, row: Row[Any], until: datetime) -> str:
    body = f"{row.id}.{int(until.timestamp())}"
    return f"{body}.{_mac(secret, body, row)}"


def _of_ticket(session: Session, secret: bytes, ticket: str, now: datetime) -> Row[Any] | None:
    """Whose ticket this is: void once the password or the second factor is another."""
    body, _, mac = ticket.rpartition(".")
    user_id, _, until = body.partition(".")
    is_plain = ticket.isascii() and user_id.isdecimal() and until.isdecimal()
    if not is_plain or len(ticket) > 100 or int(until) <= now.timestamp():
        return None
    row = user_of(session, int(user_id))
    if row is None or row.disabled_at is not None:
        return None
    return row if hmac.compare_digest(mac, _mac(secret, body, row)) else None


def _mac(secret: bytes, body: str, row: Row[Any]) -> str:
    told = f"duly/half-way/{body}/{row.password}/{row.totp}"
    return hmac.digest(secret, told.encode(), "sha256").hex()
