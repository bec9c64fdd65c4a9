"""Those of ours by name: what colleagues call whoever did something, and who may be given work."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from markupsafe import Markup, escape
from sqlmodel import Session

from app.staff.roles import Right, rights_of
from app.staff.users import all_users, roles_of
from app.store.engines import Database
from app.wording.bidi import cleaned


def colleagues(session: Session) -> Mapping[str, str]:
    """Who may be given work: the name of each, in its order, by what they sign in with."""
    return {
        row.sign_in: row.name
        for row in all_users(session)
        if row.disabled_at is None and Right.ACT in rights_of(roles_of(row))
    }


class Names:
    """Calls whoever signs in so by their name, also once they are gone. Whoever is none of our
    users, such as the command line's, stays as noted. The names are read when a page first asks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def __call__(self, by: str) -> Markup:
        return Markup(f"<bdi>{escape(cleaned(self._names.get(by, by)))}</bdi>")

    @cached_property
    def _names(self) -> Mapping[str, str]:
        with self._database.glance() as session:
            return {row.sign_in: row.name for row in all_users(session)}
