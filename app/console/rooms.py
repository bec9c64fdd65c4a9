"""The rooms of the console, in the order in which the menu shows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.console import (
    audit,
    calls,
    campaigns,
    creditors,
    errands,
    imports,
    inbox,
    journeys,
    languages,
    machines,
    many,
    queues,
    rules,
    senders,
    signing_in,
    stopping,
    users,
    words,
)
from app.console.customers import room as customers
from app.console.figures import pages, today
from app.staff.roles import Right
from app.web.catalogues import N_

if TYPE_CHECKING:
    from fastapi import APIRouter

    from app.console.office import Office


@dataclass(frozen=True, slots=True)
class Room:
    """One entry of the menu. `name` is what pages hand to `office.page`; without a `group` it
    stands in no menu."""

    name: str
    title: str
    path: str
    group: str
    router: Callable[[Office], APIRouter]
    right: Right = Right.LOOK


WORK: Final = N_("Work")
DESIGN: Final = N_("Design")
FIGURES: Final = N_("Figures")
HOUSE: Final = N_("House")

ROOMS: Final[tuple[Room, ...]] = (
    Room("today", N_("Today"), "/console/", WORK, today.router),
    Room("customers", N_("Customers and cases"), "/console/customers", WORK, customers.router),
    Room("inbox", N_("Inbox"), "/console/inbox", WORK, inbox.router),
    Room("calls", N_("Call desk"), "/console/calls", WORK, calls.router),
    Room("queues", N_("Queues"), "/console/queues", WORK, queues.router),
    Room("stop", N_("Stop button"), "/console/stop", WORK, stopping.router),
    Room("journeys", N_("Journeys"), "/console/design/journeys", DESIGN, journeys.router),
    Room("words", N_("Templates"), "/console/design/templates", DESIGN, words.router),
    Room("reports", N_("Reports"), "/console/reports", FIGURES, pages.router),
    Room("imports", N_("Imports"), "/console/book/imports", HOUSE, imports.router),
    Room("campaigns", N_("Campaigns"), "/console/campaigns", HOUSE, campaigns.router),
    Room("creditors", N_("Creditors"), "/console/creditors", HOUSE, creditors.router),
    Room("senders", N_("Senders"), "/console/senders", HOUSE, senders.router),
    Room("rules", N_("Rule packs"), "/console/rules", HOUSE, rules.router),
    Room("languages", N_("Languages"), "/console/languages", HOUSE, languages.router),
    Room("errands", N_("Background work"), "/console/errands", HOUSE, errands.router),
    Room("users", N_("Users and roles"), "/console/users", HOUSE, users.router, Right.RUN),
    Room("machines", N_("Machines"), "/console/machines", HOUSE, machines.router, Right.RUN),
    Room("audit", N_("Audit"), "/console/audit", HOUSE, audit.router, Right.RUN),
    Room("many", N_("Acts on many"), "/console/many", "", many.router, Right.ACT),
    Room("account", N_("My account"), "/console/account", "", signing_in.router),
)

LARGEST: Final[Mapping[str, int]] = {
    "/console/creditors/*/logo": creditors.LARGEST_LOGO + 64 * 1024,
    "/console/book/imports": imports.LARGEST_UPLOAD + 1024 * 1024,  # what a form needs beside it
}
"""What rooms take in that is larger than a form, in bytes, by path: see `app.web.shield.Shield`."""
