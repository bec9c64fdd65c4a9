"""Whoever did something is told by the name that colleagues know, wherever it stands."""

from __future__ import annotations

from app.console.colleagues import Names, colleagues
from app.staff.roles import Role
from app.store.rows import Errand, StaffUser
from tests.app.console.team import Team
from tests.app.web.people import NOW
from tests.factories import add


def test_errands_name_who_began_and_stopped_them(team: Team) -> None:
    team.seat(Role.AGENT, name="Noa Levi")
    seat = team.seat(Role.AGENT, name="Bo Stein")
    number = add(
        team.database,
        Errand,
        kind="export",
        state="cancelled",
        asked_by="0@house.example",
        cancel_asked_by="1@house.example",
        lane="quick",
        parameters={"export": "open-invoices", "type": "csv", "filters": {}},
        created_at=NOW,
        ended_at=NOW,
    )
    listed, one = seat.opens("/console/errands"), seat.opens(f"/console/errands/{number}")
    assert "<bdi>Noa Levi</bdi>" in listed
    assert "<bdi>Noa Levi</bdi>" in one
    assert "<bdi>Bo Stein</bdi>" in one
    assert "@house.example" not in listed + one


def test_who_has_gone_is_named_and_is_given_no_work(team: Team) -> None:
    team.seat(Role.AGENT, name="Noa <Levi>")
    with team.database.write() as session:
        session.get_one(StaffUser, 1).disabled_at = NOW
    team.seat(Role.VIEWER, name="Val")
    team.seat(Role.AGENT, name="Bo")
    called = Names(team.database)
    assert called("0@house.example") == "<bdi>Noa &lt;Levi&gt;</bdi>"
    assert called("operator") == "<bdi>operator</bdi>", "the command line has no name but this"
    with team.database.read() as session:
        assert colleagues(session) == {"2@house.example": "Bo"}
