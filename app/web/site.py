"""What every router is given: settings, store, clock, gateways, pages. Nothing is global."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request

from app.clock import Clock
from app.engine.catalogue import Catalogue
from app.payments.choice import Gateways
from app.settings import Settings
from app.store.documents import Documents
from app.store.engines import Database
from app.web.pages import Pages


@dataclass(frozen=True, slots=True)
class Site:
    """The parts of one running app."""

    settings: Settings
    database: Database
    clock: Clock
    gateways: Gateways
    pages: Pages
    documents: Documents
    catalogue: Catalogue
    for_people: Callable[[Request], Awaitable[None]]
    """What routes depend on whose forms no machine may press."""
