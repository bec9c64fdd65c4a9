"""The second factor of a user: set up, asked for, taken off."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlmodel import Session

from app.staff import totp
from app.store.given import table_of
from app.store.rows import StaffUser

_USER = table_of(StaffUser)

log = logging.getLogger(__name__)


class CodeRefused(ValueError):
    """The code is not the app's of this half minute, or was taken before."""

    def __init__(self) -> None:
        super().__init__("That is not the code that the app shows now; wait for the next one.")


def turn_on(
    session: Session, user_id: int, secret: str, code: str, *, key: bytes, now: datetime
) -> tuple[str, ...]:
    """From now on codes by `secret` are asked for; answers the recovery codes, which are shown
    once. `code` shows that the app is set up. Raises `CodeRefused`."""
    step = totp.step_of(secret, code, now, after=0) if totp.is_secret(secret) else None
    if step is None:
        raise CodeRefused
    codes = totp.recovery_codes()
    _set(
        session,
        user_id,
        totp=totp.seal(secret, user_id, key),
        totp_step=step,
        recovery=[totp.recovery_hash(each, user_id) for each in codes],
    )
    return codes


def turn_off(session: Session, user_id: int) -> None:
    """Asks this user for no codes any more."""
    _set(session, user_id, totp=None, totp_step=0, recovery=[])


def renew_codes(session: Session, user_id: int) -> tuple[str, ...]:
    """New recovery codes; those before are good for nothing any more."""
    codes = totp.recovery_codes()
    _set(session, user_id, recovery=[totp.recovery_hash(each, user_id) for each in codes])
    return codes


def take_code(session: Session, user_id: int, code: str, *, key: bytes, now: datetime) -> bool:
    """Whether this is a code of this user's app, or a recovery code: each counts once. Where the
    app's secret cannot be read any more, recovery codes still count."""
    row = _locked(session, user_id)
    if row is None or row.totp is None:
        return False
    step = _step_of(row, code, key, now)
    if step is not None:
        _set(session, user_id, totp_step=step)
        return True
    hashed = totp.recovery_hash(code, user_id)
    if hashed not in row.recovery:
        return False
    _set(session, user_id, recovery=[each for each in row.recovery if each != hashed])
    return True


def unreadable(session: Session, key: bytes) -> int:
    """How many users' apps were set up under another installation secret."""
    query = select(_USER.c.id, _USER.c.totp).where(_USER.c.totp.is_not(None))
    rows = session.connection().execute(query).all()
    return sum(not _can_read(row, key) for row in rows)


def _can_read(row: Any, key: bytes) -> bool:
    try:
        totp.unseal(row.totp, row.id, key)
    except totp.Unsealable:
        return False
    return True


def _step_of(row: Row[Any], code: str, key: bytes, now: datetime) -> int | None:
    try:
        secret = totp.unseal(row.totp, row.id, key)
    except totp.Unsealable:
        log.warning("the second factor of user %d was set up under another secret", row.id)
        return None
    return totp.step_of(secret, code, now, after=row.totp_step)


def _locked(session: Session, user_id: int) -> Row[Any] | None:
    """Of two who bring the same code, one is first."""
    query = select(_USER).where(_USER.c.id == user_id).with_for_update(key_share=True)
    return session.connection().execute(query).first()


def _set(session: Session, user_id: int, **values: Any) -> None:
    session.connection().execute(update(_USER).where(_USER.c.id == user_id).values(**values))
