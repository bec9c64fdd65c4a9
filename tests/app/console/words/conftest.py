"""The team in a house where the shipped journeys and templates are published."""

from collections.abc import Iterator

import pytest

from app.loops.assembly import publish_shipped
from app.staff.roles import Role
from tests.app.console.team import Seat, Team, rooms_named, sitting
from tests.app.web.people import NOW


@pytest.fixture
def team(migrated_url: str) -> Iterator[Team]:
    with sitting(migrated_url, rooms=rooms_named("words")) as built:
        publish_shipped(built.database, NOW)
        yield built


@pytest.fixture
def designer(team: Team) -> Seat:
    return team.seat(Role.DESIGNER, name="Dana Peretz")


@pytest.fixture
def approver(team: Team) -> Seat:
    return team.seat(Role.APPROVER, name="Omar Haddad")
