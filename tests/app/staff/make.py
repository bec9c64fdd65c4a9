"""Users for tests: plain rows, with passwords that are quickly hashed."""

from __future__ import annotations

from pwdlib.hashers.argon2 import Argon2Hasher

from app.staff.roles import Role, rights_of
from app.staff.visitor import Visitor
from app.store.bulk import insert_returning_ids
from app.store.engines import Database
from app.store.rows import StaffUser
from tests.factories import NOON


def add_user(
    database: Database, sign_in: str = "ada@house.example", *roles: Role, password: str | None = "x"
) -> int:
    """A user who may do what these roles grant; an admin unless told otherwise."""
    row = {
        "sign_in": sign_in,
        "name": sign_in.partition("@")[0].title(),
        "roles": [str(role) for role in roles or (Role.ADMIN,)],
        "password": password,
        "created_at": NOON,
        "created_by": "a test",
    }
    with database.write() as session:
        return insert_returning_ids(session, StaffUser, [row])[0]


def quick_hash(password: str) -> str:
    """A hash that is quickly made, and quickly verified: its cost is written in it."""
    return Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1).hash(password)


def visitor(user_id: int = 1, *roles: Role, by: str = "ada@house.example") -> Visitor:
    rights = rights_of(roles or (Role.ADMIN,))
    return Visitor(user_id, by.partition("@")[0].title(), by, "en", "UTC", rights)
