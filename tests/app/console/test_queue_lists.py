"""The lists of the queues: what a line tells, and what is done with several at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape
from typing import Any

import pytest
from sqlalchemy import Row

from app.console.queues.lists import PICK
from app.console.rooms import Room
from app.lab.bench.plans import taken_down, whole_tables
from app.store.given import table_of
from app.store.rows import Task
from tests.app.console.team import Seat, rooms_named
from tests.app.console.team import Team as House
from tests.app.console.waiting import (
    acted,
    at,
    complained,
    customer,
    disputed,
    entry,
    give,
    promised,
    rows,
    seen_on,
    wished,
)
from tests.databases import on_both_stores


@pytest.fixture
def rooms() -> Sequence[Room]:
    return rooms_named("queues")


def tasks_of(team: House) -> dict[str, Row[Any]]:
    with team.database.read() as session:
        return {row.kind: row for row in session.connection().execute(table_of(Task).select())}


def test_an_agent_takes_and_moves_what_they_picked(team: House, agent: Seat) -> None:
    ids = [give(team, f"t:{n}") for n in range(3)]
    page = agent.opens("/console/queues?team=service")
    picks = dict(re.findall(rf'name="({PICK}\d+)" value="([^"]*)"', page))
    assert set(picks) == {f"{PICK}{one}" for one in ids}
    picked = {name: picks[name] for name in sorted(picks)[:2]}

    told = agent.does("/console/queues/bulk", {**picked, "act": "take", "f-team": "service"})

    assert "Taken: 2." in told
    assert len(rows(team, "task", "owner IS NOT NULL")) == 2
    again = agent.does("/console/queues/bulk", {**picks, "act": "move", "team": "sales"})
    assert "Moved: 1. Changed meanwhile by others: 2." in unescape(again)
    assert acted(team) == ["tasks.take", "tasks.move"]


def test_those_that_are_picked_get_a_deadline_but_what_the_law_dates(
    team: House, agent: Seat
) -> None:
    """A day that has passed is none, and who is late is told of it anew."""
    give(team, "t:1", customer(team))
    complained(team)
    with team.database.write() as session:
        change = {"escalated_at": team.clock.now()}
        session.connection().execute(table_of(Task).update().values(change))
    before = tasks_of(team)
    page = agent.opens("/console/queues")
    picks = {
        name: unescape(seen)
        for name, seen in re.findall(rf'name="({PICK}\d+)" value="([^"]*)"', page)
    }

    for day in ("2020-01-01", "", "soon"):
        late = agent.presses("/console/queues/bulk", {**picks, "act": "date", "due": day})
        assert late.status_code == 422
        assert "Choose a later day." in late.text
    told = agent.does("/console/queues/bulk", {**picks, "act": "date", "due": "2027-02-01"})

    assert "Dated: 1. Left, as others changed them or the law dates them: 1." in unescape(told)
    after = tasks_of(team)
    assert after["wrong_person"].due_at.isoformat() == "2027-02-01T15:00:00+00:00"
    assert after["wrong_person"].escalated_at is None
    assert after["complaint"].due_at == before["complaint"].due_at
    assert acted(team) == ["tasks.date"]


def test_an_act_on_nothing_or_for_nobody_is_refused(team: House, agent: Seat) -> None:
    give(team, "t:1")

    for fields in ({}, {"act": "take"}, {"act": "give", "pick-1": "open|service|"}):
        assert agent.presses("/console/queues/bulk", fields).status_code == 422

    assert acted(team) == []


def test_places_and_filters_that_make_no_sense_show_the_list(team: House, agent: Seat) -> None:
    give(team, "t:1")
    for query in (
        "after=~x",
        "after=2026~1",
        "queue=nope",
        "team=x&creditor=y&owner=z",
    ):
        agent.opens(f"/console/queues?{query}")
    agent.opens("/console/queues/tasks/99", 404)
    agent.opens("/console/queues/tasks/99999999999", 404)
    agent.opens("/console/queues/rejects/9", 404)


@on_both_stores
def test_no_list_reads_a_whole_table(team: House, agent: Seat) -> None:
    whose = customer(team)
    promised(team, whose, days=0)
    entry(team)
    disputed(team, whose)
    growing = {"task", "promise", "bank_entry", "dispute", "customer", "task_question", "halt"}
    for path in ("", "?queue=disputes", "?team=collections", "/promises", "/bank"):
        with taken_down(team.database) as statements:
            agent.opens(f"/console/queues{path}")
        assert whole_tables(team.database, statements, growing) == set(), path


def test_a_list_tells_what_its_tasks_are_about(team: House, agent: Seat) -> None:
    whose = customer(team)
    wished(team, whose)
    disputed(team, whose)
    for queue, told in (("disputes", "₪240.50"), ("plans", "₪1,240.50")):
        page = unescape(agent.opens(f"/console/queues?queue={queue}"))
        assert told in page
    disputes = unescape(agent.opens("/console/queues?queue=disputes"))
    assert "INV-1" in disputes
    assert "The amount is wrong" in disputes


def test_one_task_gets_a_deadline_and_one_that_the_law_dates_is_offered_none(
    team: House, agent: Seat
) -> None:
    path = f"/console/queues/tasks/{give(team, 't:1', customer(team))}"
    complained(team)
    seen = seen_on(agent.opens(path))

    assert agent.presses(f"{path}/date", {"seen": seen, "due": "2020-01-01"}).status_code == 422
    told = agent.does(f"{path}/date", {"seen": seen, "due": "2027-02-01"})

    assert "It has another deadline." in told
    assert tasks_of(team)["wrong_person"].due_at.isoformat() == "2027-02-01T15:00:00+00:00"
    assert "/date" not in agent.opens(at(team, "complaint"))
