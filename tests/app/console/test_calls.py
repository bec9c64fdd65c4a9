"""The call desk as its pages are pressed: taken, spoken, noted."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from app.console.notices import PATH
from app.intake.phone.outcomes import CallOutcome
from app.staff.roles import Role
from tests.app.console.team import Seat, Team, rooms_named, sitting
from tests.app.console.writing import scene_of, to_call
from tests.app.intake.make import PHONE, Scene
from tests.databases import on_both_stores
from tests.factories import NOON

HOME = f"{PATH}/calls"


@pytest.fixture
def team(migrated_url: str) -> Iterator[Team]:
    with sitting(migrated_url, rooms=rooms_named("calls"), at=NOON) as built:
        yield built


@pytest.fixture
def scene(team: Team) -> Scene:
    made = scene_of(team, locale="he")
    made.run("UPDATE attempt SET state = 'void'")
    return made


def _takes(seat: Seat, task_id: int) -> tuple[str, str]:
    """The page, and the fence of its forms."""
    page = seat.does(f"{HOME}/{task_id}/take")
    found = re.search(r'name="fence" value="(\d+)"', page)
    assert found is not None
    return page, found[1]


@on_both_stores
def test_the_list_says_whom_and_why_and_the_page_what_to_say(scene: Scene, agent: Seat) -> None:
    task_id = to_call(scene)
    listed = agent.opens(HOME)
    assert "Customer C1" in listed
    assert "reacted to 0 of 0 messages" in listed
    assert "Customer C1" in agent.opens(f"{HOME}?language=he")
    assert "Customer C1" not in agent.opens(f"{HOME}?language=lt")
    assert PHONE not in listed + agent.opens(f"{HOME}/{task_id}")

    page, _ = _takes(agent, task_id)

    assert PHONE in page
    assert "שלום, שמי \u2068Noa Levi\u2069" in page
    assert "Good day, my name is \u2068Noa Levi\u2069" in page
    assert "Somebody is in danger" in page
    assert "Somebody is working on it" in agent.opens(HOME)


def test_a_promise_by_telephone_is_taken_or_refused_at_its_field(scene: Scene, agent: Seat) -> None:
    task_id = to_call(scene)
    _, fence = _takes(agent, task_id)
    path = f"{HOME}/{task_id}/ended"
    told = {"outcome": "promise", "fence": fence, "amount": "1240.50", "on": "2026-06-04"}
    for changed, fault in (
        ({"amount": "99999"}, "more than is open"),
        ({"amount": "a lot"}, "in figures"),
        ({"amount": ""}, "how much they promise"),
        ({"on": ""}, "Choose the day"),
        ({"on": "2027-06-04"}, "later than the creditor"),
        ({"on": "soon"}, "as it stands in a calendar"),
        ({"outcome": "who knows"}, "Choose how the call ended"),
    ):
        refused = agent.presses(path, {**told, **changed})
        assert refused.status_code == 422
        assert fault in refused.text
    assert scene.rows("phone_call") == []

    page = agent.does(path, told)

    assert "Noted: Promises to pay." in page
    assert "Nobody is to be called now" in page
    assert [row["amount_minor"] for row in scene.rows("promise")] == [124_050]
    assert len(scene.rows("act_line", "act = 'call_ended'")) == 1


def test_every_outcome_can_be_noted(scene: Scene, agent: Seat) -> None:
    fields = {
        "promise": {"amount": "1240.50", "on": "2026-06-04"},
        "dispute": {f"invoice-{scene.small}": "on", "about": "wrong_amount"},
    }
    task_id = to_call(scene, kind="call_me")
    slots = re.findall(r'<option value="(\d{8}T\d{4}Z)"', _takes(agent, task_id)[0])
    fields["call_back"] = {"slot": slots[0]}
    for outcome in CallOutcome:
        scene.run("DELETE FROM phone_call")
        for table in ("hold", "suppression", "call_wish"):
            scene.run(f"DELETE FROM {table}")
        scene.run("UPDATE task SET state = 'done'")
        scene.run(f"UPDATE task SET state = 'open' WHERE id = {task_id}")
        _, fence = _takes(agent, task_id)
        more = fields.get(str(outcome), {})
        agent.does(f"{HOME}/{task_id}/ended", {"outcome": str(outcome), "fence": fence, **more})
        assert [row["outcome"] for row in scene.rows("phone_call")] == [str(outcome)]


def test_two_do_not_call_the_same_customer(scene: Scene, agent: Seat, team: Team) -> None:
    task_id = to_call(scene)
    _, fence = _takes(agent, task_id)
    other = team.seat(Role.AGENT, name="Dan Cohen")

    answer = other.presses(f"{HOME}/{task_id}/take")
    page = answer.text

    assert answer.status_code == 422
    assert "<bdi>Noa Levi</bdi> is working on it until" in page
    assert PHONE not in page
    refused = other.presses(f"{HOME}/{task_id}/ended", {"outcome": "refuses", "fence": fence})
    assert refused.status_code == 422
    agent.does(f"{HOME}/{task_id}/give-back")
    _takes(other, task_id)
    late = agent.presses(f"{HOME}/{task_id}/ended", {"outcome": "refuses", "fence": fence})
    assert late.status_code == 422
    assert scene.rows("phone_call") == []


def test_a_call_that_is_over_says_so(scene: Scene, agent: Seat) -> None:
    task_id = to_call(scene)
    _, fence = _takes(agent, task_id)
    told = {"outcome": "refuses", "fence": fence}
    agent.does(f"{HOME}/{task_id}/ended", told)

    assert agent.presses(f"{HOME}/{task_id}/ended", told).status_code == 422
    assert "no longer to be made" in agent.presses(f"{HOME}/{task_id}/take").text
    assert agent.opens(f"{HOME}/{task_id}", 404)


def test_who_may_not_be_called_now_stands_apart_with_why(scene: Scene, agent: Seat) -> None:
    scene.run("UPDATE contact_point SET active = (1 = 0)")
    to_call(scene)

    page = agent.opens(HOME)

    assert "Nobody is to be called now" in page
    assert "One call waits" in page
    assert "No number in use" in page


def test_a_viewer_reads_and_may_do_nothing(scene: Scene, viewer: Seat) -> None:
    task_id = to_call(scene)

    page = viewer.opens(HOME) + viewer.opens(f"{HOME}/{task_id}")

    assert f"{HOME}/{task_id}/take" not in page
    for act in ("take", "give-back", "ended"):
        assert viewer.presses(f"{HOME}/{task_id}/{act}").status_code == 403
