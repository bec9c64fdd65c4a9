"""What came by phone or letter is put on record, and other teams are asked."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlmodel import SQLModel

from app.staff.roles import Role
from app.store.given import table_of
from app.store.rows import ActLine, Dispute, Hold, Invoice, SpecialNote, Task
from tests.app.console.customers.lively import Book, plain


def rows(book: Book, model: type[SQLModel]) -> list[Any]:
    table = table_of(model)
    with book.team.database.read() as session:
        return list(session.connection().execute(select(table).order_by(table.c.id)).all())


def test_a_dispute_by_phone_carves_the_invoice_out(book: Book) -> None:
    seat = book.team.seat(Role.AGENT)
    here = f"/console/customers/{book.dana}"
    invoice, other = rows(book, Invoice)
    told = {"invoice": str(invoice.id), "about": "wrong_amount", "contested": "240.50"}
    for changed, words in (
        ({"invoice": str(other.id)}, "Choose the invoice."),
        ({"about": "taste"}, "Choose one of the list."),
        ({"contested": "12x"}, "Write the amount in figures only"),
        ({"contested": "9999"}, "Write less than what is open of it"),
    ):
        answer = seat.presses(f"{here}/dispute", {**told, **changed})
        assert (answer.status_code, words in answer.text) == (422, True), words
    assert rows(book, Dispute) == []

    page = seat.does(f"{here}/dispute", {**told, "dispute_words": "Half of it never came"})

    (dispute,) = rows(book, Dispute)
    assert (dispute.invoice_id, dispute.kind, dispute.state) == (invoice.id, "wrong_amount", "open")
    assert (dispute.contested_minor, dispute.words) == (24_050, "Half of it never came")
    assert "They contest ₪240.50 of it." in plain(page)
    (task,) = rows(book, Task)
    assert "₪240.50" in plain(seat.opens(f"/console/queues/tasks/{task.id}"))
    assert [line.act for line in rows(book, ActLine)] == ["dispute_entered"]


def test_all_of_an_invoice_is_no_part_of_it(book: Book) -> None:
    seat = book.team.seat(Role.AGENT)
    invoice = rows(book, Invoice)[0]
    told = {"invoice": str(invoice.id), "about": "other", "contested": "1240.50"}

    seat.does(f"/console/customers/{book.dana}/dispute", told)

    assert rows(book, Dispute)[0].contested_minor is None


def test_a_hardship_by_phone_holds_and_its_reason_stands_on_a_note(book: Book) -> None:
    seat = book.team.seat(Role.AGENT)
    here = f"/console/customers/{book.dana}/hardship"
    assert seat.presses(here, {"cause": "luck"}).status_code == 422

    page = seat.does(here, {"cause": "illness", "hardship_words": "She is in hospital"})

    (hold,), (note,) = rows(book, Hold), rows(book, SpecialNote)
    assert (hold.kind, hold.until is None) == ("hardship", False)
    assert (note.kind, note.words) == ("illness", "She is in hospital")
    assert "hospital" not in page
    assert [task.team for task in rows(book, Task)] == ["care"]


def test_another_team_is_asked_and_its_answer_comes_back(book: Book) -> None:
    seat = book.team.seat(Role.AGENT, name="Noa Levi")
    here = f"/console/customers/{book.dana}"
    told = {"of_team": "collections", "to_team": "finance", "days": "2"}
    empty = seat.presses(f"{here}/ask", {**told, "question": " "})
    assert (empty.status_code, "Write what you want to ask." in empty.text) == (422, True)
    nobody = seat.presses(f"{here}/ask", {**told, "to_team": "cooks", "question": "x"})
    assert "Choose a team and a day." in nobody.text

    page = seat.does(f"{here}/ask", {**told, "question": "May they have until August?"})

    assert "Asked of finance" in plain(page)
    assert page.count("May they have until August?") == 2  # in the timeline, and beside it
    own, asked = rows(book, Task)
    assert (own.team, own.owner, own.kind) == ("collections", "0@house.example", "asked")
    assert (asked.team, asked.kind) == ("finance", "question")

    seat.does(f"/console/queues/tasks/{asked.id}/answer", {"words": "Until the tenth"})

    page = seat.opens(here)
    assert "Answered by finance" in plain(page)
    assert page.count("Until the tenth") == 2
    assert "Until the tenth" in seat.opens(f"/console/queues/tasks/{own.id}")
    assert "Answered" in seat.opens("/console/queues?owner=me")
