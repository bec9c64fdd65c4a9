"""Who signs in: the users of seats, with a password."""

from __future__ import annotations

from sqlalchemy import select, update

from app.store.given import table_of
from app.store.rows import ActLine, StaffUser
from tests.app.console.team import Seat, Team
from tests.app.staff.make import quick_hash

PASSWORD = "four plain words do"
_USER, _LINE = table_of(StaffUser), table_of(ActLine)


def with_password(team: Team, seat: Seat) -> str:
    """Gives the user of a seat a password; answers the name that they sign in with."""
    with team.database.write() as session:
        chosen = _USER.c.id == seat.user_id
        setting = update(_USER).where(chosen).values(password=quick_hash(PASSWORD))
        session.connection().execute(setting)
        name = session.connection().scalar(select(_USER.c.sign_in).where(chosen))
    return str(name)


def acts(team: Team) -> list[str]:
    with team.database.read() as session:
        ordered = select(_LINE.c.act).order_by(_LINE.c.number)
        return list(session.connection().execute(ordered).scalars())
