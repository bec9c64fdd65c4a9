"""The first admin of a new house: whoever starts it is given a link, once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session

from app.staff.links import Purpose, address_of, make_link
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import StaffUser

_USER = table_of(StaffUser)


def is_empty(session: Session) -> bool:
    """Whether nobody was ever made a user."""
    return session.connection().execute(select(_USER.c.id).limit(1)).first() is None


def first_link(database: Database, origin: str, now: datetime) -> str | None:
    """Where the first admin sets name and password; None once there is a user. A link that was
    told before is good for nothing any more."""
    with database.read() as session:
        if not is_empty(session):
            return None
    with database.write() as session:
        token = make_link(session, None, Purpose.FIRST_ADMIN, by="duly", now=now)
    return address_of(origin, token)
