"""Rule packs and crisis lines in the console: who answers for them, and since when."""

from collections.abc import Sequence

import pytest

from app.console.rooms import Room
from app.loops.assembly import publish_shipped
from app.staff.roles import Role
from app.store.rows import SignOff
from tests.app.console.team import Seat, Team, rooms_named
from tests.app.web.people import NOW
from tests.databases import on_both_stores

RULES = "/console/rules"


@pytest.fixture
def rooms() -> Sequence[Room]:
    return rooms_named("rules", "languages")


@pytest.fixture
def approver(team: Team) -> Seat:
    publish_shipped(team.database, NOW, kinds=("pack", "template"))
    return team.seat(Role.APPROVER, name="Lina Stone")


@on_both_stores
def test_packs_are_read_signed_and_taken_back(team: Team, approver: Seat) -> None:
    page = approver.opens(RULES)
    assert "Not signed" in page
    told = {"creditor": str(team.creditor_id), "pack-il": "on", "pack-house": "on"}
    refused = approver.presses(f"{RULES}/sign", told)
    assert (refused.status_code, "by whose advice" in refused.text) == (422, True)

    page = approver.does(f"{RULES}/sign", {**told, "note": "read with counsel"})

    assert "read with counsel" in page
    with team.database.read() as session:
        assert session.get_one(SignOff, 1).signed_by == "0@house.example"
    told = {"creditor": str(team.creditor_id), "pack": "il"}
    approver.does(f"{RULES}/withdraw", told)
    with team.database.read() as session:
        rows = [session.get_one(SignOff, number) for number in (1, 2)]
    assert [row.withdrawn_at is not None for row in sorted(rows, key=lambda r: r.pack)] == [
        False, True,
    ]  # fmt: skip


def test_each_rule_tells_its_source_and_since_when(approver: Seat) -> None:
    page = approver.opens(f"{RULES}/il")

    assert "In force" in page
    assert "Source" in page
    assert approver.browser.get(f"{RULES}/nowhere").status_code == 404


@on_both_stores
def test_a_line_that_nobody_read_is_confirmed_and_taken_back(team: Team, approver: Seat) -> None:
    told = {"creditor": str(team.creditor_id), "country": "IT"}
    assert approver.presses(f"{RULES}/crisis/confirm", told).status_code == 422

    page = approver.does(f"{RULES}/crisis/confirm", {**told, "note": "called them today"})

    assert "called them today" in page
    assert "called them today" not in approver.does(f"{RULES}/crisis/withdraw", told)


@pytest.mark.usefixtures("approver")
def test_who_may_not_approve_signs_nothing(agent: Seat) -> None:
    assert "I answer for these" not in agent.opens(RULES)
    for path in ("sign", "withdraw", "crisis/confirm", "crisis/withdraw"):
        assert agent.presses(f"{RULES}/{path}").status_code == 403


def test_languages_tell_what_is_written_and_what_a_creditor_lacks(approver: Seat) -> None:
    page = approver.opens("/console/languages")

    assert "reminder_first" in page
    assert "עברית" in page
    assert "Nothing is missing" in page
