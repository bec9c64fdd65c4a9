"""Roles and states of users, in the words of the team."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from app.console.door import Visit
from app.console.office import Office
from app.staff.roles import Role
from app.staff.users import roles_of
from app.web.catalogues import N_

NAMES: Final = {
    Role.VIEWER: N_("Viewer"),
    Role.AGENT: N_("Agent"),
    Role.DESIGNER: N_("Designer"),
    Role.APPROVER: N_("Approver"),
    Role.ADMIN: N_("Administrator"),
}
MAY: Final = {
    Role.VIEWER: N_("Looks at everything."),
    Role.AGENT: N_("Also holds, answers, takes promises and decides plans."),
    Role.DESIGNER: N_("Also drafts journeys and templates."),
    Role.APPROVER: N_("Also acts, and approves what others drafted."),
    Role.ADMIN: N_("May do everything, and runs settings, users, keys and webhooks."),
}
_FIELD: Final = "role_"


@dataclass(frozen=True, slots=True)
class Shown:
    """A role as a form shows it."""

    field: str
    name: str
    may: str
    is_chosen: bool


def shown_roles(office: Office, visit: Visit, chosen: frozenset[Role]) -> list[Shown]:
    return [
        Shown(
            f"{_FIELD}{role}",
            office.say(visit, NAMES[role]),
            office.say(visit, MAY[role]),
            role in chosen,
        )
        for role in Role
    ]


def chosen_roles(visit: Visit) -> frozenset[Role]:
    """The roles whose boxes are ticked."""
    return frozenset(role for role in Role if f"{_FIELD}{role}" in visit.typed)


def names_of(office: Office, visit: Visit, row: Any) -> list[str]:
    """What a user's row says they are, from the least to the most."""
    held = roles_of(row)
    return [office.say(visit, NAMES[role]) for role in Role if role in held]
