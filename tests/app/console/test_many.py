"""One act on many: said first, done in the background, taken back as a whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from app.staff.roles import Role
from app.store.given import table_of
from app.store.rows import ActLine, Customer, Errand, Hold, Task
from campaigns.vocabulary import HoldKind
from tests.app.console.customers.lively import Lively, lively, plain
from tests.app.console.errand_loops import work
from tests.app.console.team import Seat

HOLD = {"of": "customers", "act": "hold", "who": "all"}
TOLD = {"until": "2026-12-01", "why": "flood", "sure": "yes"}


@pytest.fixture
def book(migrated_url: str, tmp_path: Path) -> Iterator[Lively]:
    with lively(migrated_url, documents=tmp_path / "documents") as built:
        yield built


def rows(book: Lively, model: Any) -> list[Any]:
    table = table_of(model)
    with book.team.database.read() as session:
        return list(session.connection().execute(select(table).order_by(table.c.id)).all())


def between(seat: Seat, **asked: str) -> str:
    return seat.opens(f"/console/many?{urlencode(asked)}")


def number_of(seat: Seat, fields: dict[str, str]) -> str:
    """The page of the errand that a form begins."""
    answer = seat.presses("/console/many", fields)
    assert answer.status_code == 303, answer.text[:500]
    return str(answer.headers["location"])


def test_all_that_a_list_finds_are_held_and_that_is_taken_back(book: Lively) -> None:
    seat = book.team.seat(Role.AGENT)
    counts = r'<b class="number"><bdi>(\d+)</bdi></b>'
    assert re.findall(counts, between(seat, language="he", **HOLD)) == ["1"]

    place = number_of(seat, {**HOLD, "f-language": "he", **TOLD})
    work(book.team)

    (hold,) = rows(book, Hold)
    assert (hold.customer_id, hold.kind) == (book.dana, HoldKind.STAFF)
    assert hold.until.isoformat() == "2026-12-01T22:00:00+00:00"
    story = plain(seat.opens(f"/console/customers/{book.dana}"))
    assert "On hold: by the team" in story
    assert "flood" in story

    page = seat.opens(place)
    assert 'action="/console/errands/1/undo"' in page
    seat.does("/console/errands/1/undo")
    work(book.team)
    assert rows(book, Hold)[0].released_at is not None
    assert "/undo" not in seat.opens(place)
    assert [row.act for row in rows(book, ActLine)] == ["customers_held", "hold_of_many_undone"]


def test_nothing_begins_before_it_was_said_and_read(book: Lively) -> None:
    seat = book.team.seat(Role.AGENT)
    for changed, words in (
        ({"until": "2020-01-01"}, "Choose a day from tomorrow on, within 90 days."),
        ({"why": " "}, "Write why: it stands on each of them."),
        ({"sure": ""}, "Tick that you have read what will happen."),
    ):
        answer = seat.presses("/console/many", {**HOLD, **TOLD, **changed})
        assert (answer.status_code, words in answer.text) == (422, True), words
    nobody = seat.presses("/console/many", {**HOLD, **TOLD, "who": "picked"})
    assert (nobody.status_code, "Nobody was ticked." in nobody.text) == (422, True)
    none = seat.presses("/console/many", {**HOLD, **TOLD, "f-language": "ar"})
    assert "There is nothing of that kind among them." in none.text
    assert seat.browser.get("/console/many?of=customers&act=erase").status_code == 404
    assert (rows(book, Errand), rows(book, ActLine)) == ([], [])


def test_those_that_are_ticked_are_held_and_their_tasks_given(book: Lively) -> None:
    seat = book.team.seat(Role.AGENT)
    listed = seat.opens("/console/customers")
    assert f'name="pick-{book.jonas}"' in listed
    picked = {**HOLD, "who": "picked", f"pick-{book.jonas}": "1"}

    number_of(seat, {**picked, **TOLD})
    work(book.team)
    assert [hold.customer_id for hold in rows(book, Hold)] == [book.jonas]

    seat.does(
        f"/console/customers/{book.jonas}/note", {"words": "She says she wants to kill myself"}
    )
    give = {**picked, "act": "give", "sure": "yes"}
    assert "Choose a colleague, a team or a day." in seat.presses("/console/many", give).text
    number_of(seat, {**give, "to": "0@house.example", "team": "care"})
    work(book.team)
    owners = {row.owner for row in rows(book, Task) if row.customer_id == book.jonas}
    assert owners == {"0@house.example"}


def test_those_that_a_search_found_are_ticked_and_never_all_of_the_book(book: Lively) -> None:
    seat = book.team.seat(Role.AGENT)
    with book.team.database.read() as session:
        number = session.get_one(Customer, book.jonas).external_id
    found = seat.opens(f"/console/customers?q={number}")
    assert f'name="pick-{book.jonas}"' in found
    assert 'value="all"' not in found
    asked = {"of": "found", "act": "hold", "q": number}

    page = between(seat, **asked, **{f"pick-{book.jonas}": "1"})
    assert f'href="/console/customers?q={number}"' in page
    nobody = seat.presses("/console/many", {**asked, **TOLD, "who": "all"})
    assert "Nobody was ticked." in nobody.text
    number_of(seat, {**asked, **TOLD, f"pick-{book.jonas}": "1"})
    work(book.team)

    assert [hold.customer_id for hold in rows(book, Hold)] == [book.jonas]
    assert f'name="pick-{book.jonas}"' not in book.team.seat(Role.VIEWER).opens(
        f"/console/customers?q={number}"
    )


def test_a_queue_is_given_as_its_list_shows_it(book: Lively) -> None:
    seat = book.team.seat(Role.AGENT)
    for customer in (book.dana, book.jonas):
        seat.does(f"/console/customers/{customer}/note", {"words": "wants to kill myself"})
    mine = {"of": "tasks", "act": "give", "who": "all", "f-team": "care", "sure": "yes"}
    first = rows(book, Task)[0]
    seat.does(
        f"/console/queues/tasks/{first.id}/take",
        {"seen": f"open|{first.team}|"},
    )

    number_of(seat, {**mine, "f-owner": "nobody", "due": "2026-12-09"})
    work(book.team)

    changed = [row.id for row in rows(book, Task) if row.due_at and row.due_at.day == 9]
    left = [row.id for row in rows(book, Task) if row.team == "care" and row.owner is None]
    assert changed == left != []
    assert first.id not in changed


def test_a_viewer_begins_nothing(book: Lively) -> None:
    seat = book.team.seat(Role.VIEWER)
    assert 'name="pick-' not in seat.opens("/console/customers")
    assert seat.browser.get(f"/console/many?{urlencode(HOLD)}").status_code == 403
    assert seat.presses("/console/many", {**HOLD, **TOLD}).status_code == 403
    assert seat.presses("/console/errands/1/undo").status_code == 403
