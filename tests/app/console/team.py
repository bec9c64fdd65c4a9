"""Who sits in the tests of the console: one creditor, the whole console, a seat for each role."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import FastAPI
from httpx2 import Response
from starlette.testclient import TestClient

from app.clock import VirtualClock
from app.console.app import cookie_name, create_console
from app.console.door import KEY_FIELD, form_key
from app.console.notices import PATH
from app.console.rooms import LARGEST, ROOMS, Room
from app.payments.choice import Gateways
from app.payments.sandbox_gateway import SandboxGateway
from app.settings import Settings
from app.staff.roles import Role
from app.staff.sessions import open_session
from app.store.engines import Database
from app.store.rows import StaffUser
from app.web.app import create_app
from tests.app.web.people import GATEWAY_SECRET, NOW, ORIGIN, SECRET
from tests.databases import opened
from tests.factories import add, add_creditor


@dataclass(frozen=True)
class Seat:
    """Somebody who is signed in, and their browser. Forms are pressed with their session's key."""

    user_id: int
    token: str
    browser: TestClient
    secret: bytes

    @property
    def key(self) -> str:
        return form_key(self.secret, self.token)

    def opens(self, path: str, status: int = 200) -> str:
        """The page at this path; its answer must be this one."""
        answer = self.browser.get(path)
        assert answer.status_code == status, (answer.status_code, path, answer.text[:500])
        return answer.text

    def presses(self, path: str, fields: Mapping[str, Any] | None = None, **more: Any) -> Response:
        """Sends a form; more are httpx's own options, such as `files`."""
        return self.browser.post(path, data={KEY_FIELD: self.key, **(fields or {})}, **more)

    def does(self, path: str, fields: Mapping[str, Any] | None = None, **more: Any) -> str:
        """Presses a form that is taken, and answers the page that it leads to."""
        answer = self.presses(path, fields, **more)
        assert answer.status_code == 303, (answer.status_code, path, answer.text[:800])
        return self.opens(answer.headers["location"])


@dataclass(frozen=True)
class Team:
    """One console over one database, beside the customers' pages."""

    database: Database
    clock: VirtualClock
    settings: Settings
    app: FastAPI
    console: FastAPI
    creditor_id: int

    def seat(
        self, *roles: Role, name: str = "", language: str = "en", zone: str = "Asia/Jerusalem"
    ) -> Seat:
        """A new user with these roles, signed in."""
        made = name or "-".join(roles) or "nobody"
        with self.database.read() as session:
            number = len(session.connection().execute(StaffUser.__table__.select()).all())  # type: ignore[attr-defined]  # SQLModel makes it
        user_id = add(
            self.database,
            StaffUser,
            sign_in=f"{number}@house.example",
            name=made,
            roles=[str(role) for role in roles],
            language=language,
            zone=zone,
            created_at=NOW,
            created_by="tests",
        )
        with self.database.write() as session:
            token = open_session(session, user_id, device="tests", now=self.clock.now())
        browser = TestClient(self.app, base_url=ORIGIN, follow_redirects=False)
        browser.cookies.set(cookie_name(self.settings), token, path=PATH)
        return Seat(user_id, token, browser, self.settings.secret)


def rooms_named(*names: str) -> Sequence[Room]:
    """These rooms alone: whoever stays in them need not wait until all are built."""
    found = [room for room in ROOMS if room.name in names]
    assert len(found) == len(names), names
    return found


@contextmanager
def sitting(
    url: str,
    *,
    rooms: Sequence[Room] = ROOMS,
    welcome: Callable[[], str] | None = None,
    at: datetime = NOW,
    programs: bool = False,
    of_creditor: int | None = None,
    **changed: Any,
) -> Iterator[Team]:
    """Builds the team's console on a migrated database at this instant, and takes it down again.
    An empty one gets a creditor; of one that is filled already, name it. The API is there with
    `programs`."""
    settings = Settings(
        **{
            "environment": "test",
            "database_url": url,
            "secret_key": SECRET,
            "gateway_secret": GATEWAY_SECRET,
            "base_url": ORIGIN,
            **changed,
        }
    )
    database, clock = opened(url), VirtualClock(at)
    gateway = SandboxGateway(secret=GATEWAY_SECRET, base_url=f"{settings.base_url}/sandbox")
    gateways = Gateways.of(gateway, [gateway])
    console = create_console(settings, database, clock, gateways, rooms=rooms, welcome=welcome)
    app = create_app(
        settings,
        database,
        clock,
        gateways,
        beside={PATH: console},
        larger=LARGEST,
        programs=programs,
    )
    creditor_id = of_creditor or add_creditor(database)
    try:
        yield Team(database, clock, settings, app, console, creditor_id)
    finally:
        gateway.close()
        database.dispose()
