"""The team of the console's tests, on both stores; and one seat for each role."""

from collections.abc import Iterator

import pytest

from app.staff.roles import Role
from tests.app.console.team import Seat, Team, sitting


@pytest.fixture
def team(migrated_url: str) -> Iterator[Team]:
    with sitting(migrated_url) as built:
        yield built


@pytest.fixture
def agent(team: Team) -> Seat:
    return team.seat(Role.AGENT, name="Noa Levi")


@pytest.fixture
def viewer(team: Team) -> Seat:
    return team.seat(Role.VIEWER, name="Omar Haddad")


@pytest.fixture
def admin(team: Team) -> Seat:
    return team.seat(Role.ADMIN, name="Rūta Kazlauskienė")
