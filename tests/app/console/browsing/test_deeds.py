"""An agent holds many and takes it back, enters a dispute from the phone, asks finance."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from app.staff.roles import Role
from app.store.given import table_of
from app.store.rows import Hold, Task
from tests.app.console.browsing.desks import BROWSING, sits
from tests.app.console.customers.lively import Lively
from tests.app.console.errand_loops import work

pytestmark = [*BROWSING, pytest.mark.parametrize("language", ["en", "he"])]


def held(lived: Lively) -> list[bool]:
    holds = table_of(Hold)
    with lived.team.database.read() as session:
        rows = session.connection().execute(select(holds.c.released_at)).scalars()
        return [at is None for at in rows]


def test_many_are_held_by_the_keyboard_and_that_is_taken_back(
    browser: Browser,
    lived: Lively,
    tmp_path: Path,
    language: str,
) -> None:
    seat = lived.team.seat(Role.AGENT, name="Noa Levi", language=language)
    with sits(browser, lived.team, seat, language=language) as desk:
        page = desk.page
        desk.goes("/console/customers")
        page.keyboard.press("j")
        page.keyboard.press("x")
        page.keyboard.press("j")
        page.keyboard.press("x")
        expect(page.locator("tbody input:checked")).to_have_count(2)
        desk.checks(tmp_path, "customers-ticked")
        desk.press("Hold …")
        desk.reads("those that are ticked")
        desk.fill("Reason", "flood")
        desk.finds("checkbox", "I have read what will happen").check()
        desk.checks(tmp_path, "many-hold")
        desk.press("Begin now")
        work(lived.team)
        page.reload()
        desk.reads("What came of it")
        assert held(lived) == [True, True]

        desk.open("Undo all of it")
        desk.press("Release what it held")
        work(lived.team)
        assert held(lived) == [False, False]
        page.reload()
        desk.checks(tmp_path, "many-undone")


def test_a_dispute_comes_by_phone_and_finance_is_asked(
    browser: Browser,
    lived: Lively,
    tmp_path: Path,
    language: str,
) -> None:
    seat = lived.team.seat(Role.AGENT, name="Noa Levi", language=language)
    with sits(browser, lived.team, seat, language=language) as desk:
        desk.goes(f"/console/customers/{lived.dana}")
        desk.open("Enter a dispute")
        desk.fill("How much of it", "99999")
        desk.finds("button", "Put on record").first.click()
        desk.reads("Write less than what is open of it, or leave it empty for all of it.")
        desk.fill("How much of it", "240.50")
        desk.press("Put on record")
        desk.reads("The dispute is on record: nobody asks for that invoice.")

        desk.open("Ask another team")
        desk.fill("Question", "May they have until August?")
        desk.press("Ask")
        desk.reads("Asked. The answer comes back here.")
        with lived.team.database.read() as session:
            tasks = table_of(Task)
            kind = select(tasks.c.id).where(tasks.c.kind == "question")
            asked = session.connection().execute(kind).scalar_one()
        desk.goes(f"/console/queues/tasks/{asked}")
        desk.fill("Your answer", "Until the tenth")
        desk.press("Send the answer")

        desk.goes(f"/console/customers/{lived.dana}")
        expect(desk.page.locator("#asked")).to_contain_text("Until the tenth")
        desk.checks(tmp_path, "case-asked")
