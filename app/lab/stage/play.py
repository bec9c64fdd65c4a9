"""The stage put together: one story, the thousand beside it, and one server for both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from starlette.types import ASGIApp

from app.clock import SystemClock
from app.console.app import create_console
from app.console.notices import PATH
from app.console.rooms import LARGEST
from app.lab.stage import thousand_web
from app.lab.stage.front import Front
from app.lab.stage.look import DOMAIN
from app.lab.stage.story import Story
from app.lab.stage.team import welcome
from app.lab.stage.walking import Walking
from app.lab.stage.web import stage_app
from app.payments.choice import Gateways
from app.payments.sandbox_gateway import SandboxGateway
from app.settings import Settings
from app.store.engines import Database
from app.web.app import create_app
from app.web.pages import Pages


@dataclass(frozen=True, slots=True)
class Places:
    """Where the stage and the pages of the thousand are: the addresses, and the second's port."""

    stage: str
    thousand: str
    port: int


class Play:
    """All of it. `folder` is an empty one for the story; `database` is what `walking` fills."""

    def __init__(
        self, folder: Path, today: date, database: Database, walking: Walking, places: Places
    ) -> None:
        self.story = Story(folder, today, _settings(places.stage))
        settings = _settings(places.thousand)
        self._gateway = SandboxGateway(
            secret=settings.gateway_secret.get_secret_value(),
            base_url=f"{places.thousand}/sandbox",
        )
        pages = Pages(DOMAIN)
        tab = thousand_web.router(
            pages, database, walking, origin=places.thousand, secret=settings.secret
        )
        gateways, clock = Gateways.of(self._gateway), SystemClock()
        console = create_console(
            settings, database, clock, gateways, welcome=welcome(database, clock)
        )
        theirs = create_app(
            settings, database, clock, gateways, beside={PATH: console}, larger=LARGEST
        )
        self.web: ASGIApp = Front(
            stage_app(self.story, pages, tab),
            self.story.web,
            self.story.heard,
            {places.port: theirs},
        )

    def close(self) -> None:
        self._gateway.close()
        self.story.close()


def _settings(origin: str) -> Settings:
    return Settings(base_url=origin, log_level="warning")
