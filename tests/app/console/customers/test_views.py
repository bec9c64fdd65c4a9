"""Saved views: a list under a name, one's own or everybody's."""

from __future__ import annotations

import re

from httpx2 import Response

from app.console.views import LONGEST_NAME, MOST
from app.staff.roles import Role
from tests.app.console.customers.lively import Book
from tests.app.console.team import Seat

LIST = "/console/customers"


def save(seat: Seat, name: str, query: str = "?language=he&after=xyz", **more: str) -> Response:
    fields = {"room": "customers", "name": name, "query": query, **more}
    return seat.presses("/console/views", fields)


def test_a_view_is_its_owners_until_it_is_shared(book: Book) -> None:
    agent, other = book.team.seat(Role.AGENT), book.team.seat(Role.AGENT)
    answer = save(agent, " In  Hebrew ")
    assert answer.headers["location"] == f"{LIST}?language=he"
    save(agent, "Long overdue", "?over=60", shared="yes")

    mine, theirs = agent.opens(LIST), other.opens(LIST)
    assert f'href="{LIST}?language=he"><bdi>In Hebrew</bdi>' in mine
    assert "In Hebrew" not in theirs
    assert "Long overdue" in theirs
    ids = re.findall(r"/console/views/(\d+)/delete", mine)
    assert re.findall(r"/console/views/(\d+)/delete", theirs) == []
    assert [other.presses(f"/console/views/{id_}/delete").status_code for id_ in ids] == [404, 404]
    for id_ in ids:
        agent.does(f"/console/views/{id_}/delete")
    assert "In Hebrew" not in agent.opens(LIST)


def test_a_view_of_the_same_name_is_replaced(book: Book) -> None:
    seat = book.team.seat(Role.VIEWER)
    save(seat, "Mine", "?over=60")
    save(seat, "Mine", "?over=90", shared="yes")  # a viewer's stay their own

    page = seat.opens(LIST)
    assert f'href="{LIST}?over=90"' in page
    assert f'href="{LIST}?over=60"' not in page
    assert "shared" not in page


def test_what_is_no_view_is_refused(book: Book) -> None:
    seat = book.team.seat(Role.AGENT)
    assert save(seat, "").status_code == 400
    assert save(seat, "x" * (LONGEST_NAME + 1)).status_code == 400
    assert save(seat, "x", room="nowhere").status_code == 400
    for at in range(MOST):
        assert save(seat, f"view {at}").status_code == 303
    assert save(seat, "one too many").status_code == 400
    assert save(seat, "view 7").status_code == 303
