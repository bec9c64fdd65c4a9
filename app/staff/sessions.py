"""Who is signed in with which browser. A token is 256 random bits and known here by its hash."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Row, Select, bindparam, delete, select, update
from sqlmodel import Session

from app.staff.roles import kept_roles, rights_of
from app.staff.visitor import Visitor
from app.store.bulk import insert_rows
from app.store.given import table_of
from app.store.rows import StaffSession, StaffUser

IDLE: Final = timedelta(hours=1)
"""A browser left alone for longer is asked anew (NIST SP 800-63B-4, 2.2.3: at most an hour)."""
LASTS: Final = timedelta(hours=12)
"""A working day, however busy: who has signed in elsewhere and forgot it is out the next morning
(the same section allows 24 hours)."""
SEEN_NOTED_EVERY: Final = timedelta(minutes=1)
"""Not with every page: each note is a transaction that writes."""
KEPT: Final = timedelta(days=90)
"""So long an ended session stays on record, for who asks where they were signed in."""

LATELY: Final = timedelta(days=7)
"""A page that was left open over a weekend is still somebody's."""

_DEVICE: Final = 200
_SESSION, _USER = table_of(StaffSession), table_of(StaffUser)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that is good now."""

    id: int
    visitor: Visitor
    seen_at: datetime

    def is_unnoted(self, now: datetime) -> bool:
        """Whether it is time to note that it was seen: see `note_seen`."""
        return self.seen_at + SEEN_NOTED_EVERY <= now


def open_session(session: Session, user_id: int, *, device: str, now: datetime) -> str:
    """Opens a session and answers its token, which is for the cookie alone."""
    token = secrets.token_urlsafe(32)
    row = {
        "user_id": user_id,
        "digest": digest_of(token),
        "device": device[:_DEVICE],
        "created_at": now,
        "seen_at": now,
        "expires_at": now + LASTS,
    }
    insert_rows(session, StaffSession, [row])
    return token


def visitor_of(session: Session, token: str, now: datetime) -> Visitor | None:
    """Whose token this is; None for one that is unknown, idle, over, or of a disabled user."""
    found = signed_in(session, token, now)
    return found.visitor if found else None


def signed_in(session: Session, token: str, now: datetime) -> SignedIn | None:
    """The same with its session, for who notes that it was seen. Only reads."""
    row = session.connection().execute(_FOUND, {"digest": digest_of(token)}).first()
    if row is None or not is_good(row, now) or row.disabled_at is not None:
        return None
    visitor = Visitor(
        user_id=row.user_id,
        name=row.name,
        by=row.sign_in,
        language=row.language,
        zone=row.zone,
        rights=rights_of(kept_roles(row.roles)),
    )
    return SignedIn(row.session_id, visitor, row.seen_at)


def is_good(row: Any, now: datetime) -> bool:
    """Whether a row of sessions has neither ended, nor run out, nor been left alone."""
    return row.ended_at is None and now < row.expires_at and now < row.seen_at + IDLE


def note_seen(session: Session, session_id: int, now: datetime) -> None:
    """Notes that a session is in use, so that it is not idle."""
    noting = update(_SESSION).where(_SESSION.c.id == session_id, _SESSION.c.seen_at < now)
    session.connection().execute(noting.values(seen_at=now))


def sessions_of(session: Session, user_id: int, now: datetime) -> Sequence[Row[Any]]:
    """The sessions of a user that are good now, the last seen first."""
    query = (
        select(_SESSION)
        .where(
            _SESSION.c.user_id == user_id,
            _SESSION.c.ended_at.is_(None),
            _SESSION.c.expires_at > now,
            _SESSION.c.seen_at > now - IDLE,
        )
        .order_by(_SESSION.c.seen_at.desc(), _SESSION.c.id.desc())
    )
    return session.connection().execute(query).all()


def lately_open(session: Session, now: datetime) -> Sequence[Row[Any]]:
    """User and digest of the sessions that are open or were within `LATELY`."""
    query: Select[Any] = select(_SESSION.c.user_id, _SESSION.c.digest)
    lately = query.where(_SESSION.c.expires_at > now - LATELY)
    return session.connection().execute(lately).all()


def end_session(session: Session, user_id: int, session_id: int, now: datetime) -> bool:
    """Ends a session of this user. Answers whether it was still going."""
    ending = update(_SESSION).where(
        _SESSION.c.id == session_id, _SESSION.c.user_id == user_id, _SESSION.c.ended_at.is_(None)
    )
    return session.connection().execute(ending.values(ended_at=now)).rowcount == 1


def end_sessions(session: Session, user_id: int, now: datetime, *, but: int | None = None) -> int:
    """Ends all sessions of a user, `but` one. Answers how many were still going."""
    ending = update(_SESSION).where(_SESSION.c.user_id == user_id, _SESSION.c.ended_at.is_(None))
    if but is not None:
        ending = ending.where(_SESSION.c.id != but)
    return session.connection().execute(ending.values(ended_at=now)).rowcount


def let_go(session: Session, user_id: int, now: datetime) -> None:
    """Deletes what is long over of a user's sessions."""
    old = delete(_SESSION).where(_SESSION.c.user_id == user_id, _SESSION.c.expires_at < now - KEPT)
    session.connection().execute(old)


def digest_of(token: str) -> str:
    return sha256(token.encode()).hexdigest()


_FOUND = (
    select(
        _SESSION.c.id.label("session_id"),
        _SESSION.c.user_id,
        _SESSION.c.seen_at,
        _SESSION.c.expires_at,
        _SESSION.c.ended_at,
        _USER.c.name,
        _USER.c.sign_in,
        _USER.c.language,
        _USER.c.zone,
        _USER.c.roles,
        _USER.c.disabled_at,
    )
    .join(_USER, _USER.c.id == _SESSION.c.user_id)
    .where(_SESSION.c.digest == bindparam("digest"))
)
