"""What one of ours may do in the console. Rights are what routes ask for; roles grant them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """A user has a set of them."""

    VIEWER = "viewer"
    AGENT = "agent"
    DESIGNER = "designer"
    APPROVER = "approver"
    ADMIN = "admin"


class Right(StrEnum):
    """`RUN` is what runs the house: settings, users, keys."""

    LOOK = "look"
    ACT = "act"
    DESIGN = "design"
    APPROVE = "approve"
    RUN = "run"


GRANTED: Final[Mapping[Role, frozenset[Right]]] = {
    Role.VIEWER: frozenset({Right.LOOK}),
    Role.AGENT: frozenset({Right.LOOK, Right.ACT}),
    Role.DESIGNER: frozenset({Right.LOOK, Right.DESIGN}),
    Role.APPROVER: frozenset({Right.LOOK, Right.ACT, Right.APPROVE}),
    Role.ADMIN: frozenset(Right),
}


class UnknownRole(ValueError):
    """A word that names no role. Says which there are."""


def rights_of(roles: Iterable[Role]) -> frozenset[Right]:
    """All that these roles grant together; nothing without a role."""
    return frozenset[Right]().union(*(GRANTED[role] for role in roles))


def read_roles(words: Iterable[str]) -> frozenset[Role]:
    """The roles that these words name. Raises `UnknownRole`."""
    known = {str(role): role for role in Role}
    asked = [word.strip().lower() for word in words]
    for word in asked:
        if word not in known:
            raise UnknownRole(f"{word!r} is no role; there are {', '.join(known)}.")
    return frozenset(known[word] for word in asked)


def kept_roles(words: Iterable[str]) -> frozenset[Role]:
    """The roles of a row. One that this version does not know grants nothing."""
    known = {str(role): role for role in Role}
    return frozenset(known[word] for word in words if word in known)
