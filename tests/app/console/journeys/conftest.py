"""A console in which the shipped journeys are published, and who may do what with them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.loops.assembly import publish_shipped
from app.staff.roles import Role
from tests.app.console.team import Seat, Team, rooms_named, sitting
from tests.factories import add_campaign


@pytest.fixture
def team(migrated_url: str, tmp_path: Path) -> Iterator[Team]:
    rooms = rooms_named("journeys")
    with sitting(migrated_url, rooms=rooms, documents=tmp_path / "documents") as built:
        publish_shipped(built.database, built.clock.now(), kinds=("journey", "template"))
        add_campaign(built.database, built.creditor_id)
        yield built


@pytest.fixture
def designer(team: Team) -> Seat:
    return team.seat(Role.DESIGNER, name="Dana Levi")


@pytest.fixture
def approver(team: Team) -> Seat:
    return team.seat(Role.APPROVER, name="Omer Haddad")
