"""Lists that leave as files, and one act on many."""

import csv
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from app.errands.kinds import Kind, Lane
from app.intake.concerned import stop_customer
from app.intake.holds import place_hold
from app.intake.tasks import Team, give_task
from app.store.given import table_of
from app.store.rows import Hold, Task
from campaigns.vocabulary import HoldKind
from tests.app.book.make import a_creditor, a_customer, an_invoice
from tests.app.errands.house import House, all_of
from tests.databases import on_both_stores

_HOLD, _TASK = table_of(Hold), table_of(Task)


def done(house: House, kind: Kind, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    number = house.wants(kind, parameters=parameters)
    all_of(house.worker(Lane.QUICK))
    return house.errand(number)


@pytest.fixture
def book(house: House) -> list[int]:
    """Three customers of one creditor, who owe."""
    with house.database.write() as session:
        creditor = a_creditor(session)
        customers = [
            a_customer(session, creditor, name="=1+1", external_id=f"C{n}") for n in range(3)
        ]
        for customer in customers:
            an_invoice(session, customer, 12345)
    return customers


@on_both_stores
def test_a_list_leaves_as_csv_with_no_formula_in_it(house: House, book: list[int]) -> None:
    errand = done(house, Kind.EXPORT, {"export": "open-invoices", "type": "csv"})

    (path,) = house.means.files.paths(errand["result_file"])
    with path.open(encoding="utf-8-sig", newline="") as stream:
        header, *lines = csv.reader(stream)
    assert path.name == "open-invoices-2026-09-07.csv"
    assert header[:3] == ["creditor", "customer", "name"]
    assert [line[1] for line in lines] == ["C0", "C1", "C2"]
    assert {(line[2], line[7]) for line in lines} == {("'=1+1", "123.45")}
    assert errand["result"] == {"rows": len(book)}


def test_a_list_leaves_as_a_sheet_with_no_formula_in_it(house: House, book: list[int]) -> None:
    errand = done(house, Kind.EXPORT, {"export": "open-invoices", "type": "xlsx"})

    (path,) = house.means.files.paths(errand["result_file"])
    sheet = load_workbook(path).worksheets[0]
    cells = [[(cell.value, cell.data_type) for cell in row] for row in sheet.iter_rows(min_row=2)]
    assert len(cells) == len(book)
    assert cells[0][2] == ("=1+1", "s")
    assert cells[0][7] == (123.45, "n")
    assert cells[0][6][1] == "n"


def test_a_list_that_is_none_is_told(house: House) -> None:
    errand = done(house, Kind.EXPORT, {"export": "secrets", "type": "csv"})

    assert (errand["state"], errand["error"]) == ("failed", "There is no list `secrets` to export.")


def holds_in(house: House) -> list[Any]:
    with house.database.read() as session:
        return list(session.connection().execute(select(_HOLD).order_by(_HOLD.c.id)).all())


@on_both_stores
def test_many_are_held_and_that_is_taken_back_and_nothing_else(
    house: House, book: list[int]
) -> None:
    until, before = house.now + timedelta(days=3), house.now + timedelta(days=1)
    with house.database.write() as session:
        own = place_hold(
            session, stop_customer(session, book[0]), HoldKind.STAFF, until=before, why="away",
            now=house.now,
        )  # fmt: skip
    asked = {"selection": "customers", "filters": {"ids": book[:2]}, "why": "flood", "of": 2}

    errand = done(house, Kind.HOLD, {**asked, "until": until.isoformat()})

    assert (errand["result"], errand["of"]) == ({"looked": 2, "changed": 2}, 2)
    placed = [hold for hold in holds_in(house) if hold.id != own]
    assert [(h.customer_id, h.kind, h.until, h.why) for h in placed] == [
        (customer, "staff", until, "flood (dana)") for customer in book[:2]
    ]

    taken = {"selection": "holds-of-errand", "filters": {"errand": errand["id"]}}
    assert done(house, Kind.RELEASE, taken)["result"]["changed"] == 2

    left = [(hold.id, hold.until) for hold in holds_in(house) if hold.released_at is None]
    assert left == [(own, before)]


@on_both_stores
def test_a_hold_of_many_that_was_killed_goes_on_and_holds_nobody_twice(
    house: House, book: list[int]
) -> None:
    until = (house.now + timedelta(days=3)).isoformat()
    filters = {"ids": book}
    parameters = {"selection": "customers", "filters": filters, "why": "x", "until": until}
    number = house.wants(Kind.HOLD, parameters=parameters)
    house.worker(Lane.QUICK).tick(house.now)  # one batch, and no end
    house.now += timedelta(minutes=5)

    all_of(house.worker(Lane.QUICK))

    errand = house.errand(number)
    assert (errand["state"], errand["result"]) == ("done", {"looked": 3, "changed": 3})
    assert len(holds_in(house)) == 3


@on_both_stores
def test_what_a_law_holds_is_not_released_with_the_rest(house: House, book: list[int]) -> None:
    with house.database.write() as session:
        concerned = stop_customer(session, book[0])
        for kind in (HoldKind.CEASE, HoldKind.STAFF):
            place_hold(session, concerned, kind, until=None, why="x", now=house.now)

    errand = done(house, Kind.RELEASE, {"selection": "staff-holds", "filters": {"ids": book}})

    assert errand["result"] == {"looked": 1, "changed": 1}
    assert [h.kind for h in holds_in(house) if h.released_at is None] == ["cease"]


@on_both_stores
def test_many_tasks_are_given_to_one_and_a_day_of_the_law_is_not_moved(house: House) -> None:
    kinds = ((Team.FINANCE, "x"), (Team.FINANCE, "complaint"), (Team.SERVICE, "x"))
    with house.database.write() as session:
        for number, (team, kind) in enumerate(kinds):
            give_task(
                session, key=f"t{number}", team=team, kind=kind, title="t", now=house.now,
                due_in=timedelta(days=1),
            )  # fmt: skip
    was, due = house.now + timedelta(days=1), house.now + timedelta(days=9)
    filters = {"team": "finance", "owner": "nobody", "by": "dana", "now": house.now.isoformat()}
    told = {"owner": "lina", "team": "sales", "due": due.isoformat()}

    errand = done(house, Kind.ASSIGN, {"selection": "queued-tasks", "filters": filters, **told})

    assert errand["result"] == {"looked": 2, "changed": 2}
    with house.database.read() as session:
        query = select(_TASK.c.owner, _TASK.c.team, _TASK.c.due_at).order_by(_TASK.c.id)
        found = [tuple(row) for row in session.connection().execute(query)]
    assert found == [("lina", "sales", due), ("lina", "sales", was), (None, "service", was)]
