"""Rooms in which nothing is yet: they say what would be there, and lead on whoever may do it."""

import re
from collections.abc import Iterator

import pytest

from app.staff.roles import Role
from tests.app.console.team import Team, rooms_named, sitting


@pytest.fixture
def team(migrated_url: str) -> Iterator[Team]:
    with sitting(migrated_url, rooms=rooms_named("customers", "queues")) as built:
        yield built


@pytest.mark.parametrize("path", ["/console/customers", "/console/queues/bank"])
def test_an_empty_room_leads_on_those_who_may_act(team: Team, path: str) -> None:
    def onward(role: Role) -> list[str]:
        page = team.seat(role).opens(path)
        (empty,) = re.findall(r'<div class="empty">.*?</div>', page, re.DOTALL)
        return re.findall(r'href="([^"]+)"', empty)

    assert "/console/book/imports" in onward(Role.AGENT)
    assert onward(Role.VIEWER) == []


def test_filters_that_leave_nothing_are_taken_away_at_once(team: Team) -> None:
    page = team.seat(Role.VIEWER).opens("/console/customers?over=900")

    (empty,) = re.findall(r'<div class="empty">.*?</div>', page, re.DOTALL)
    assert 'href="/console/customers"' in empty
