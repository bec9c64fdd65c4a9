"""The page of a customer: found, read in four languages, and never a word written by reading it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlmodel import SQLModel

from app.console.office import DOMAIN
from app.intake.clicks import note_click
from app.intake.concerned import stop_customer
from app.staff.roles import Role
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import Link
from app.web.catalogues import translations
from tests.app.console.customers.lively import Lively, lively, plain

LANGUAGES = ("en", "he", "ar", "lt")


@pytest.fixture(scope="module")
def book(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lively]:
    """One for all: reading it changes nothing, and a test says so."""
    file = tmp_path_factory.mktemp("customers") / "duly.sqlite3"
    shutil.copy(sqlite_template, file)
    with lively(f"sqlite:///{file}") as built:
        yield built


def rows_of(database: Database) -> dict[str, int]:
    with database.read() as session:
        return {
            table.name: session.connection().scalar(select(func.count()).select_from(table)) or 0
            for table in SQLModel.metadata.sorted_tables
        }


def linked(page: str, pattern: str) -> list[str]:
    return sorted(set(re.findall(rf'href="({pattern})"', page)))


def test_what_happened_is_told_and_reading_it_writes_nothing(book: Lively) -> None:
    with book.team.database.write() as session:
        link = session.connection().scalar(select(table_of(Link).c.id))
        stop_customer(session, book.dana)
        note_click(session, link or 0, book.world.now)
    seat = book.team.seat(Role.VIEWER)
    before = rows_of(book.team.database)
    page = seat.opens(f"/console/customers/{book.dana}")
    pages = [
        seat.opens(path)
        for path in linked(page, r"/console/(?:why|customers)/[a-z0-9/-]+\d+")
        if path != f"/console/customers/{book.dana}"
    ]

    assert "Sent by email: reminder first" in plain(page)
    assert "Step reminder first is due." in plain(page)
    assert "A case was opened: consumer gentle" in plain(page)
    assert "The customer opened their page" in page
    assert "Accepted by the provider; waits for a sign of delivery." in page
    assert "₪1,240.50" in page
    assert "dana@home.example" in page
    assert re.search(r"reminder second</bdi> by SMS", page)
    seen = next(each for each in pages if "As it was seen" in each or "iframe" in each)
    assert "Recipient" in seen
    why = next(each for each in pages if "Rules that were asked" in each)
    assert "Version of the person's data" in why
    assert "What the rules say now" in why
    assert rows_of(book.team.database) == before
    for each in (page, *pages):
        assert not re.search(r'href="/(p|u)/', each)
        assert "{{link:" not in each


def test_a_timeline_can_be_narrowed_and_read_page_by_page(book: Lively) -> None:
    seat = book.team.seat(Role.VIEWER)
    here = f"/console/customers/{book.dana}"
    messages = seat.opens(f"{here}?kind=messages")
    journey = seat.opens(f"{here}?kind=journey")
    tasks = seat.opens(f"{here}?kind=tasks")

    assert "Sent by" in messages
    assert "A case was opened" not in messages
    assert "A case was opened" in journey
    assert "Nothing of that kind is on record." in tasks
    assert "A case was opened" in seat.opens(f"{here}?kind=nonsense&after=nonsense")


def test_who_cannot_be_reached_is_told_with_the_reason(book: Lively) -> None:
    page = book.team.seat(Role.VIEWER).opens(f"/console/customers/{book.jonas}")

    assert "No address or number is known for this customer." in page
    assert "A task for service" in plain(page)


def test_a_viewer_is_offered_nothing_and_nobody_is_found_where_nobody_is(book: Lively) -> None:
    seat = book.team.seat(Role.VIEWER)
    page = seat.opens(f"/console/customers/{book.dana}")
    main = page[page.index("<main") : page.index("<dialog")]

    assert "<form" not in main.replace('<form class="filters"', "")
    for path in ("customers/999", "why/message/999", "why/refusal/999", "why/case/999"):
        seat.opens(f"/console/{path}", 404)
    seat.opens(f"/console/customers/{book.jonas}/messages/1", 404)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_of_the_room_speaks_the_language_of_its_reader(
    book: Lively, language: str
) -> None:
    seat = book.team.seat(Role.AGENT, language=language)
    say = translations(language, DOMAIN).ugettext
    for path, told in (
        ("/console/customers", "Where it stands"),
        ("/console/customers?q=כהן", "Found by"),
        ("/console/customers?q=nobody", "Nobody was found."),
        ("/console/customers?language=lt", "Save this view"),
        (f"/console/customers/{book.dana}", "What comes next"),
        (f"/console/customers/{book.dana}/messages/1", "On their own clock"),
        ("/console/why/message/1", "What the rules say now"),
    ):
        page = seat.opens(path)
        assert f'<html lang="{language}"' in page
        assert say(told) in page, (path, told)
