"""The rooms of the console, in the order in which the menu shows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.console import journeys
from app.console.customers import room as customers
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
    Room("customers", N_("Customers and cases"), "/console/customers", WORK, customers.router),
    Room("journeys", N_("Journeys"), "/console/design/journeys", DESIGN, journeys.router),
)

LARGEST: Final[Mapping[str, int]] = {}
"""What rooms take in that is larger than a form, in bytes, by path: see `app.web.shield.Shield`."""
