"""A user sets their password: by a link, or by the one that they have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from anyio.to_thread import run_sync
from sqlalchemy import update
from sqlmodel import Session

from app.staff import passwords, tries
from app.staff.acts import note_act
from app.staff.first import is_empty
from app.staff.links import Purpose, link_of, use_link
from app.staff.roles import Role
from app.staff.sessions import SignedIn, end_sessions
from app.staff.signing_in import Desk, NotRight, NotYet
from app.staff.users import folded_sign_in, make_user, user_of
from app.staff.visitor import Visitor
from app.store.given import table_of
from app.store.rows import StaffUser

_USER = table_of(StaffUser)


class LinkRefused(ValueError):
    """The link was used, has run out, or there is no such link."""

    def __init__(self) -> None:
        super().__init__("This link is not good any more; ask for a new one.")


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Who becomes the first admin."""

    sign_in: str
    name: str
    language: str
    zone: str


@dataclass(frozen=True, slots=True)
class Done:
    """The password is set."""

    user_id: int
    sign_in: str


async def set_by_link(
    desk: Desk, token: str, password: str, now: datetime, *, newcomer: Newcomer | None = None
) -> Done:
    """Sets the password of whom the link is for, ends their sessions and uses the link up. The link
    of the first admin makes the `newcomer` one.

    Raises `LinkRefused`, `UserRefused` and `PasswordRefused`; the link stays good after the last
    two.
    """
    sign_in = await run_sync(partial(_holder, desk, token, newcomer, now))
    passwords.ensure_strong(password, sign_in)
    hashed = await passwords.hashed(password)
    return await run_sync(partial(_set_by_link, desk, token, hashed, newcomer, now))


async def is_themselves(
    desk: Desk, visitor: Visitor, password: str, now: datetime
) -> NotRight | NotYet | None:
    """None if this is the password of who is signed in; counted as at signing in. Asked before what
    a browser that somebody left open must not give away."""
    counted = desk.by_name(visitor.by)
    until, kept = await run_sync(partial(_try_of, desk, counted, visitor.user_id, now))
    if until is not None:
        return NotYet(until)
    if not await passwords.is_right(password, kept):
        return NotRight()
    await run_sync(partial(_forgive, desk, counted, now))
    return None


async def change_own(
    desk: Desk, found: SignedIn, old: str, new: str, now: datetime
) -> Done | NotRight | NotYet:
    """Changes the password of who is signed in and ends their other sessions. Raises
    `PasswordRefused`."""
    passwords.ensure_strong(new, found.visitor.by)
    refused = await is_themselves(desk, found.visitor, old, now)
    if refused is not None:
        return refused
    hashed = await passwords.hashed(new)
    return await run_sync(partial(_change, desk, found, hashed, now))


def _holder(desk: Desk, token: str, newcomer: Newcomer | None, now: datetime) -> str:
    """The name that the link's holder will sign in with."""
    with desk.database.read() as session:
        link = link_of(session, token, now)
        if link is None or (link.user_id is None) != (newcomer is not None):
            raise LinkRefused
        if newcomer is not None:
            if not is_empty(session):
                raise LinkRefused
            return folded_sign_in(newcomer.sign_in)
        user = user_of(session, link.user_id)
        if user is None or user.disabled_at is not None:
            raise LinkRefused
        return str(user.sign_in)


def _set_by_link(
    desk: Desk, token: str, hashed: str, newcomer: Newcomer | None, now: datetime
) -> Done:
    with desk.database.write() as session:
        link = link_of(session, token, now)
        if link is None or not use_link(session, link.id, now):
            raise LinkRefused
        user_id = link.user_id if newcomer is None else _make_first(session, newcomer, now)
        _set(session, user_id, hashed)
        end_sessions(session, user_id, now)
        user = user_of(session, user_id)
        assert user is not None
        tries.forgive(session, desk.by_name(user.sign_in), now)
        act = "first_admin_made" if newcomer else "password_set"
        detail = {"purpose": link.purpose}
        note_act(session, user.sign_in, act, about=("user", user_id), detail=detail, now=now)
        return Done(user_id, user.sign_in)


def _make_first(session: Session, newcomer: Newcomer, now: datetime) -> int:
    if not is_empty(session):
        raise LinkRefused
    return make_user(
        session,
        sign_in=newcomer.sign_in,
        name=newcomer.name,
        roles=(Role.ADMIN,),
        by=str(Purpose.FIRST_ADMIN),
        now=now,
        language=newcomer.language,
        zone=newcomer.zone,
    )


def _try_of(
    desk: Desk, counted: tries.Counted, user_id: int, now: datetime
) -> tuple[datetime | None, str | None]:
    with desk.database.write() as session:
        until = tries.take_try(session, (counted, desk.by_address()), now)
        user = user_of(session, user_id)
        return until, user.password if user else None


def _forgive(desk: Desk, counted: tries.Counted, now: datetime) -> None:
    with desk.database.write() as session:
        tries.forgive(session, counted, now)
        tries.take_back(session, desk.by_address(), now)


def _change(desk: Desk, found: SignedIn, hashed: str, now: datetime) -> Done:
    visitor = found.visitor
    with desk.database.write() as session:
        _set(session, visitor.user_id, hashed)
        end_sessions(session, visitor.user_id, now, but=found.id)
        note_act(session, visitor, "password_changed", about=("user", visitor.user_id), now=now)
        return Done(visitor.user_id, visitor.by)


def _set(session: Session, user_id: int, hashed: str) -> None:
    setting = update(_USER).where(_USER.c.id == user_id).values(password=hashed)
    session.connection().execute(setting)
