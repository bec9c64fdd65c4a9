"""The stop button: one press and a reason; every page says so; lifting is for approvers."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from app.console.rooms import Room
from app.delivery.halts import halt_of, halts_in_force, standing_stops
from app.lab.bench.plans import explained, taken_down
from app.staff.roles import Role
from tests.app.console.team import Seat, Team, rooms_named
from tests.databases import on_both_stores

EVERYTHING = {"why": "Prices are wrong"}


@pytest.fixture
def rooms() -> Sequence[Room]:
    return rooms_named("stop", "queues", "customers")


@on_both_stores
def test_one_press_stops_everything_and_every_page_says_so(team: Team, agent: Seat) -> None:
    assert "Nothing is stopped." in agent.opens("/console/stop")

    page = agent.does("/console/stop", EVERYTHING)

    assert "Prices are wrong" in page
    with team.database.read() as session:
        assert halt_of(halts_in_force(session), team.creditor_id, "sms") is not None
        (stop,) = standing_stops(session)
    assert (stop.creditor, stop.medium, stop.why) == (None, None, "Prices are wrong")
    assert "Sending is stopped." in agent.opens("/console/queues")
    approver = team.seat(Role.APPROVER)
    assert "Nothing is stopped." in approver.does(f"/console/stop/{stop.id}/lift")
    assert "Sending is stopped." not in agent.opens("/console/queues")


def test_a_part_is_stopped_and_only_that(team: Team, agent: Seat) -> None:
    agent.does("/console/stop", {**EVERYTHING, "creditor": str(team.creditor_id), "medium": "sms"})

    with team.database.read() as session:
        halts = halts_in_force(session)
    assert halt_of(halts, team.creditor_id, "sms") is not None
    assert halt_of(halts, team.creditor_id, "email") is None


def test_a_stop_has_a_reason_and_a_scope_that_there_is(team: Team, agent: Seat) -> None:
    for fields in (
        {},
        {"why": " "},
        {**EVERYTHING, "medium": "fax"},
        {"why": "x", "creditor": "y"},
    ):
        assert agent.presses("/console/stop", fields).status_code == 422
    with team.database.read() as session:
        assert standing_stops(session) == ()


def test_lifting_is_for_approvers_and_stopping_for_all_who_act(
    team: Team, agent: Seat, viewer: Seat
) -> None:
    assert viewer.presses("/console/stop", EVERYTHING).status_code == 403
    agent.does("/console/stop", EVERYTHING)
    assert agent.presses("/console/stop/1/lift").status_code == 403
    assert "Let it go on" not in agent.opens("/console/stop")
    admin = team.seat(Role.ADMIN)
    admin.does("/console/stop", {"why": "all of it", "medium": "email"})
    assert "Nothing is stopped." in admin.does("/console/stop/lift")


@on_both_stores
def test_what_is_stopped_is_asked_of_an_index(team: Team) -> None:
    with taken_down(team.database) as statements, team.database.read() as session:
        standing_stops(session)
    (statement,) = statements
    assert "ix_halt_in_force" in " ".join(explained(team.database, statement))
