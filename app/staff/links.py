"""Links that set a password, once: for the first admin, who is invited, who forgot theirs.

A link is 256 random bits and known here by its hash. Opening it changes nothing; setting the
password uses it up.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Row, select, update
from sqlmodel import Session

from app.staff.sessions import digest_of
from app.store.bulk import insert_rows
from app.store.given import table_of
from app.store.rows import SignInLink

_LINK = table_of(SignInLink)


class Purpose(StrEnum):
    FIRST_ADMIN = "first_admin"
    INVITED = "invited"
    FORGOTTEN = "forgotten"


LASTS: Final = {
    Purpose.FIRST_ADMIN: timedelta(hours=24),
    Purpose.INVITED: timedelta(days=7),
    Purpose.FORGOTTEN: timedelta(hours=24),
}
"""An invitation may lie over a week's leave; the others are waited for."""


def make_link(
    session: Session, user_id: int | None, purpose: Purpose, *, by: str, now: datetime
) -> str:
    """Makes a link and answers its token, which is shown once. Links that were made before, for
    the same user, are good for nothing any more."""
    whose = _LINK.c.user_id.is_(None) if user_id is None else _LINK.c.user_id == user_id
    voiding = update(_LINK).where(whose, _LINK.c.used_at.is_(None), _LINK.c.expires_at > now)
    session.connection().execute(voiding.values(expires_at=now))
    token = secrets.token_urlsafe(32)
    row = {
        "user_id": user_id,
        "digest": digest_of(token),
        "purpose": str(purpose),
        "created_at": now,
        "created_by": by,
        "expires_at": now + LASTS[purpose],
    }
    insert_rows(session, SignInLink, [row])
    return token


def link_of(session: Session, token: str, now: datetime) -> Row[Any] | None:
    """The link with this token, while it is good."""
    query = select(_LINK).where(
        _LINK.c.digest == digest_of(token), _LINK.c.used_at.is_(None), _LINK.c.expires_at > now
    )
    return session.connection().execute(query).first()


def use_link(session: Session, link_id: int, now: datetime) -> bool:
    """Uses a link up. Answers whether it was still good: of two who use it, one is told so."""
    using = update(_LINK).where(
        _LINK.c.id == link_id, _LINK.c.used_at.is_(None), _LINK.c.expires_at > now
    )
    return session.connection().execute(using.values(used_at=now)).rowcount == 1


def address_of(origin: str, token: str) -> str:
    """Where a link leads."""
    return f"{origin}/console/welcome/{token}"
