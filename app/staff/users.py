"""Users: making, changing, disabling. There is always an admin who can sign in.

Each function changes rows alone; whoever calls it notes the act.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Row, Update, select, update
from sqlmodel import Session

from app.book.addresses import canonical_email
from app.book.errors import AddressError
from app.staff.roles import Role, kept_roles
from app.staff.sessions import end_sessions
from app.store.bulk import insert_new
from app.store.given import table_of
from app.store.rows import StaffUser
from campaigns.calendar import zone_of

LANGUAGES: Final = ("en", "he", "ar", "lt")
"""What the console speaks."""
_LONGEST: Final = 200
_USER = table_of(StaffUser)


class UserFault(StrEnum):
    """Why a user cannot be made or changed as told."""

    NO_MAILBOX = "no_mailbox"
    TAKEN = "taken"
    NAME = "name"
    LANGUAGE = "language"
    ZONE = "zone"
    NO_ROLE = "no_role"
    LAST_ADMIN = "last_admin"
    UNKNOWN = "unknown"


_WHY: Final = {
    UserFault.NO_MAILBOX: "That is no e-mail address; write it like name@house.example.",
    UserFault.TAKEN: "There is a user with that e-mail already; change that one, or give another.",
    UserFault.NAME: f"A name has 1 to {_LONGEST} letters.",
    UserFault.LANGUAGE: f"The console speaks {', '.join(LANGUAGES)}; choose one.",
    UserFault.ZONE: "That is no time zone; write it like Asia/Jerusalem.",
    UserFault.NO_ROLE: "A user without a role can do nothing; give at least one.",
    UserFault.LAST_ADMIN: "Nobody else could run the house then: make another admin, who has set a"
    " password, first.",
    UserFault.UNKNOWN: "There is no such user.",
}


class UserRefused(ValueError):
    """A user that cannot be made or changed as told. Says why, and what to do."""

    def __init__(self, fault: UserFault) -> None:
        super().__init__(_WHY[fault])
        self.fault = fault


def make_user(
    session: Session,
    *,
    sign_in: str,
    name: str,
    roles: Iterable[Role],
    by: str,
    now: datetime,
    language: str = "en",
    zone: str = "UTC",
    password: str | None = None,
) -> int:
    """Makes a user, who has no `password` (a hash) before a link has set it. Raises
    `UserRefused`."""
    folded = folded_sign_in(sign_in)
    row = {
        "sign_in": folded,
        "name": _named(name),
        "roles": _told(roles),
        "language": _spoken(language),
        "zone": _known_zone(zone),
        "password": password,
        "created_at": now,
        "created_by": by,
    }
    made = insert_new(session, StaffUser, [row], unique="sign_in")
    if folded not in made:
        raise UserRefused(UserFault.TAKEN)
    return made[folded]


def set_roles(session: Session, user_id: int, roles: Iterable[Role]) -> None:
    """Raises `UserRefused` where nobody could run the house afterwards. What a user may do is
    asked anew with every page, so it counts at once."""
    told = _told(roles)
    if Role.ADMIN not in told:
        _leave_an_admin(session, user_id)
    _set(session, user_id, roles=told)


def set_profile(session: Session, user_id: int, *, name: str, language: str, zone: str) -> None:
    """Raises `UserRefused`."""
    _set(session, user_id, name=_named(name), language=_spoken(language), zone=_known_zone(zone))


def disable_user(session: Session, user_id: int, *, by: str, now: datetime) -> bool:
    """Keeps a user out and ends their sessions. Answers whether they could come in before. Raises
    `UserRefused` for the last admin."""
    _leave_an_admin(session, user_id)
    keeping = _one(user_id).where(_USER.c.disabled_at.is_(None))
    done = session.connection().execute(keeping.values(disabled_at=now, disabled_by=by))
    end_sessions(session, user_id, now)
    return done.rowcount == 1


def enable_user(session: Session, user_id: int) -> bool:
    """Lets a user in again. Answers whether they were kept out."""
    letting = _one(user_id).where(_USER.c.disabled_at.is_not(None))
    done = session.connection().execute(letting.values(disabled_at=None, disabled_by=None))
    return done.rowcount == 1


def all_users(session: Session) -> Sequence[Row[Any]]:
    """Every user there ever was, by name. A house has tens of them."""
    query = select(_USER).order_by(_USER.c.name, _USER.c.id)
    return session.connection().execute(query).all()


def user_of(session: Session, user_id: int) -> Row[Any] | None:
    return session.connection().execute(select(_USER).where(_USER.c.id == user_id)).first()


def user_called(session: Session, sign_in: str) -> Row[Any] | None:
    """The user who signs in by this name, however it is written."""
    try:
        folded = folded_sign_in(sign_in)
    except UserRefused:
        return None
    return session.connection().execute(select(_USER).where(_USER.c.sign_in == folded)).first()


def folded_sign_in(text: str) -> str:
    """The one way of writing an e-mail that somebody signs in with. Raises `UserRefused`."""
    composed = unicodedata.normalize("NFKC", text).strip()
    try:
        return canonical_email(composed).casefold()
    except AddressError:
        raise UserRefused(UserFault.NO_MAILBOX) from None


def roles_of(row: Any) -> frozenset[Role]:
    """The roles of a user's row."""
    return kept_roles(row.roles)


def _leave_an_admin(session: Session, user_id: int) -> None:
    """All users are locked, in order, so that no two admins can take each other's place away."""
    query = select(_USER).order_by(_USER.c.id).with_for_update(key_share=True)
    others = [row for row in session.connection().execute(query) if row.id != user_id]
    if not any(_can_run(row) for row in others):
        raise UserRefused(UserFault.LAST_ADMIN)


def _can_run(row: Any) -> bool:
    is_open = row.disabled_at is None and row.password is not None
    return is_open and Role.ADMIN in kept_roles(row.roles)


def _set(session: Session, user_id: int, **values: Any) -> None:
    if session.connection().execute(_one(user_id).values(**values)).rowcount != 1:
        raise UserRefused(UserFault.UNKNOWN)


def _one(user_id: int) -> Update:
    return update(_USER).where(_USER.c.id == user_id)


def _told(roles: Iterable[Role]) -> list[str]:
    asked = set(roles)
    if not asked:
        raise UserRefused(UserFault.NO_ROLE)
    return [str(role) for role in Role if role in asked]


def _named(text: str) -> str:
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name or not name.isprintable() or len(name) > _LONGEST:
        raise UserRefused(UserFault.NAME)
    return name


def _spoken(language: str) -> str:
    if language not in LANGUAGES:
        raise UserRefused(UserFault.LANGUAGE)
    return language


def _known_zone(name: str) -> str:
    if zone_of(name) is None:
        raise UserRefused(UserFault.ZONE)
    return name
