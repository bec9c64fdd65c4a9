"""Who is signed in, for as long as one request takes."""

from __future__ import annotations

from dataclasses import dataclass

from app.staff.roles import Right


@dataclass(frozen=True, slots=True)
class Visitor:
    """`by` is the name they sign in with: it goes into the `by` of what they do."""

    user_id: int
    name: str
    by: str
    language: str
    zone: str
    rights: frozenset[Right]

    def may(self, right: Right) -> bool:
        return right in self.rights
