"""The team of the console's tests, on both stores; and one seat for each role."""

from collections.abc import Iterator, Sequence

import pytest

from app.console.rooms import ROOMS, Room
from app.staff.roles import Role
from tests.app.console.team import Seat, Team, sitting


@pytest.fixture
def rooms() -> Sequence[Room]:
    """The rooms that are built. Making them takes longer than most tests: whoever stays in some
    names those."""
    return ROOMS


@pytest.fixture
def team(migrated_url: str, rooms: Sequence[Room]) -> Iterator[Team]:
    with sitting(migrated_url, rooms=rooms) as built:
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
