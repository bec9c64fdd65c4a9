"""The rooms of the console, in the order in which the menu shows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.console import campaigns, creditors, errands, imports, languages, rules, senders
from app.staff.roles import Right
from app.web.catalogues import N_

if TYPE_CHECKING:
    from fastapi import APIRouter

    from app.console.office import Office


@dataclass(frozen=True, slots=True)
class Room:
    """One entry of the menu. `name` is what pages hand to `office.page`."""

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
    Room("imports", N_("Imports"), "/console/book/imports", HOUSE, imports.router),
    Room("campaigns", N_("Campaigns"), "/console/campaigns", HOUSE, campaigns.router),
    Room("creditors", N_("Creditors"), "/console/creditors", HOUSE, creditors.router),
    Room("senders", N_("Senders"), "/console/senders", HOUSE, senders.router),
    Room("rules", N_("Rule packs"), "/console/rules", HOUSE, rules.router),
    Room("languages", N_("Languages"), "/console/languages", HOUSE, languages.router),
    Room("errands", N_("Background work"), "/console/errands", HOUSE, errands.router),
)

LARGEST: Final[Mapping[str, int]] = {
    "/console/creditors/*/logo": creditors.LARGEST_LOGO + 64 * 1024,
    "/console/book/imports": imports.LARGEST_UPLOAD + 1024 * 1024,  # what a form needs beside it
}
"""What rooms take in that is larger than a form, in bytes, by path: see `app.web.shield.Shield`."""
