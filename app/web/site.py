"""What every router is given: settings, store, clock, gateway, pages. Nothing is global."""

from __future__ import annotations

from dataclasses import dataclass

from app.clock import Clock
from app.engine.catalogue import Catalogue
from app.payments.gateway import Gateway
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
    gateway: Gateway
    pages: Pages
    documents: Documents
    catalogue: Catalogue
