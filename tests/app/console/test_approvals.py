"""A message that waits for somebody's word: seen, approved, given back; by approvers alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest

from app.console.queues.lists import PICK
from app.staff.roles import Role
from app.store.publishing import current
from app.store.rows import Draft, DraftEvent
from tests.app.console.team import Seat, Team, sitting
from tests.app.console.waiting import acted
from tests.app.delivery.approvals import creditor, waiting
from tests.app.delivery.cast import intend, owing
from tests.databases import on_both_stores
from tests.factories import NOON, add, add_invoice
from tests.world import World

HOME = "/console/queues/approvals"


@pytest.fixture
def team(migrated_url: str) -> Iterator[Team]:
    with sitting(migrated_url, at=NOON) as built:
        yield built


@pytest.fixture
def world(team: Team) -> World:
    return World(team.settings.database_url)


@pytest.fixture
def approver(team: Team) -> Seat:
    return team.seat(Role.APPROVER, name="Dana Peretz")


def _asked(world: World) -> str:
    """The page of the first message that waits."""
    task = world.rows("task", "kind = 'message_approval'")[0]
    return f"{HOME}/{task['id']}"


def _seen(page: str) -> str:
    found = re.search(r'name="seen" value="([^"]*)"', page)
    assert found is not None
    return found[1]


@on_both_stores
def test_an_approver_sees_it_and_lets_it_go(world: World, team: Team, approver: Seat) -> None:
    waiting(world)
    path = _asked(world)
    assert path in approver.opens("/console/queues?queue=approvals")
    page = unescape(approver.opens(path))
    for told in ("INV-C1", "c1-2@people.example", "reminder_first", "Finance", 'data-key="a"'):
        assert told in page
    assert "INV-C1" in approver.opens(f"{path}/mail")

    told = approver.does(f"{path}/approve", {"seen": _seen(page)})

    assert "Approved: it goes as soon as" in told
    assert path not in told
    assert acted(team) == ["message_approved"]
    world.loops.settle(world.now)
    assert len(world.accepted()) == 1
    again = approver.presses(f"{path}/approve", {"seen": _seen(page)})
    assert (again.status_code, "decided this already" in again.text) == (422, True)
    assert "Approved" in approver.opens(path)


def test_it_is_given_back_with_a_reason_that_the_team_reads(
    world: World, team: Team, approver: Seat
) -> None:
    waiting(world)
    path = _asked(world)
    assert approver.presses(f"{path}/refuse", {"note": "  "}).status_code == 422

    approver.does(f"{path}/refuse", {"note": "She pays on Friday."})

    assert acted(team) == ["message_refused"]
    (task,) = world.rows("task", "kind = 'message_refused'")
    read = approver.opens(f"/console/queues/tasks/{task['id']}")
    assert "She pays on Friday." in read
    assert "Not approved by" in approver.opens(path)


def test_what_changed_while_they_looked_is_shown_anew(world: World, approver: Seat) -> None:
    customer_id = waiting(world)
    path = _asked(world)
    seen = _seen(approver.opens(path))
    add_invoice(world.database, customer_id, "INV-9", due_on=NOON.date())

    answer = approver.presses(f"{path}/approve", {"seen": seen})

    assert answer.status_code == 422
    assert "INV-9" in answer.text
    assert _seen(answer.text) != seen
    approver.does(f"{path}/approve", {"seen": _seen(answer.text)})


def test_what_came_back_says_what_changed(world: World, approver: Seat) -> None:
    customer_id = waiting(world)
    path = _asked(world)
    approver.does(f"{path}/approve", {"seen": _seen(approver.opens(path))})
    add_invoice(world.database, customer_id, "INV-9", due_on=NOON.date())
    world.loops.settle(world.now)

    page = approver.opens(path)

    assert "Since it was approved, this has changed:" in page
    assert "the amount" in page
    assert path in approver.opens("/console/queues?queue=approvals")


def test_others_look_and_decide_nothing(world: World, agent: Seat, viewer: Seat) -> None:
    waiting(world)
    path = _asked(world)

    for seat in (agent, viewer):
        page = seat.opens(path)
        assert "INV-C1" in page
        assert f"{path}/approve" not in page
        assert seat.presses(f"{path}/approve", {"seen": "x"}).status_code == 403
        assert seat.presses(f"{path}/alike", {"pick-1": "x"}).status_code == 403


def test_whoever_wrote_the_words_does_not_approve_what_they_say(
    world: World, team: Team, approver: Seat
) -> None:
    waiting(world)
    with world.database.read() as session:
        digest = current(session, "template")["reminder_first"]
    (user,) = world.rows("staff_user")
    wrote = {"at": NOON, "revision": 1, "content_hash": digest, "note": ""}
    draft = add(
        world.database, Draft, kind="template", name="reminder_first", content="{}", base="{}",
        state="published", revision=1, author=user["sign_in"], begun_at=NOON,
        edited_by=user["sign_in"], edited_at=NOON, note="", published_hash=digest, closed_at=NOON,
    )  # fmt: skip
    add(world.database, DraftEvent, draft_id=draft, act="saved", who=user["sign_in"], **wrote)
    path = _asked(world)

    answer = approver.presses(f"{path}/approve", {"seen": _seen(approver.opens(path))})

    assert (answer.status_code, "You wrote these words" in answer.text) == (422, True)
    assert acted(team) == []
    assert world.rows("message_approval") == []


def test_alike_ones_are_approved_together_each_as_it_was_seen(
    world: World, team: Team, approver: Seat
) -> None:
    creditor_id = creditor(world)
    customers = [owing(world, creditor_id, f"A{number}") for number in range(3)]
    intend(world)
    path = _asked(world)
    page = approver.opens(f"{path}/alike")
    picks = dict(re.findall(rf'name="({PICK}\d+)" value="([^"]*)"', page))
    assert len(picks) == 3
    add_invoice(world.database, customers[1], "INV-9", due_on=NOON.date())
    assert approver.presses(f"{path}/alike").status_code == 422

    told = unescape(approver.does(f"{path}/alike", picks))

    assert "Approved: 2. Changed or decided meanwhile: 1." in told
    assert acted(team) == ["messages_approved"]
    assert len(world.rows("message_approval")) == 2
    world.loops.settle(world.now)
    assert len(world.accepted()) == 2


@pytest.mark.parametrize("language", ["he", "ar", "lt"])
def test_it_is_said_in_each_language(world: World, team: Team, language: str) -> None:
    waiting(world)
    seat = team.seat(Role.APPROVER, language=language)

    assert "INV-C1" in seat.opens(_asked(world))
    assert "INV-C1" in seat.opens(f"{_asked(world)}/alike")
