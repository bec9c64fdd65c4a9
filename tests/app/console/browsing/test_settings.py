"""An agent brings in a book and mends what stayed out; an admin chooses a colour and is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest
from playwright.sync_api import Browser, expect

from app.loops.assembly import publish_shipped
from app.staff.roles import Role
from tests.app.console.browsing.desks import BROWSING, DESK, PHONE, Desk, sits
from tests.app.console.errand_loops import work
from tests.app.console.team import Team

pytestmark = BROWSING

FEED = """\
customer no,name,total,invoice,due date
C1,Dana Levi,100.50,I1,2026-09-01
C2,Omar Haddad,12x,I2,2026-09-01
C3,Lina Stone,30.00,I3,2026-09-02
"""


@contextmanager
def working(team: Team) -> Iterator[None]:
    """The loops of errands, while somebody sits at a page."""
    over = Event()

    def run() -> None:
        while not over.wait(0.2):
            work(team)

    thread = Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def chooses(desk: Desk, column: str, field: str) -> None:
    name = desk.word("What %(column)s is") % {"column": column}
    desk.page.get_by_role("combobox", name=name).select_option(field)


@pytest.mark.parametrize("language", ["en", "he"])
def test_a_book_comes_in_and_what_stayed_out_is_mended(
    browser: Browser, team: Team, language: str, tmp_path: Path
) -> None:
    feed = tmp_path / "open-items.csv"
    feed.write_text(FEED, "utf-8")
    seat = team.seat(Role.AGENT, name="Noa Levi", language=language)
    with working(team), sits(browser, team, seat, language=language) as desk:
        desk.goes("/console/book/imports")
        desk.page.locator("#files").set_input_files(feed)
        desk.press("Look at it")
        chooses(desk, "total", "")
        desk.press("Check again")
        wanted = desk.word("No column is “%(field)s”, and it is needed.")
        amount = desk.word("Invoice: amount")
        expect(desk.page.get_by_role("alert").first).to_have_text(wanted % {"field": amount})
        chooses(desk, "total", "invoice.amount")
        desk.page.locator("[name='creditor.external_id']").fill("north")
        desk.page.locator("[name='creditor.currency']").fill("ILS")
        desk.press("Check again")
        desk.reads("If it is taken in")
        desk.checks(tmp_path, "import-check")
        desk.open("Bring it into the book")
        desk.press("Bring it into the book")
        desk.reads("Mend what stayed out")
        desk.checks(tmp_path, "import-done")
        desk.follow("Mend what stayed out")
        cell = desk.page.locator("[name='cell-2']")
        expect(cell).to_have_value("12x")
        desk.checks(tmp_path, "import-rejects")
        cell.fill("12.00")
        desk.press("Take it again")
        desk.reads("All rows of this file are mended or left out.")


def test_a_colour_with_too_little_contrast_is_told_at_once(
    browser: Browser, team: Team, tmp_path: Path
) -> None:
    seat = team.seat(Role.ADMIN, name="Rūta Kazlauskienė")
    with sits(browser, team, seat, width=PHONE) as desk:
        desk.goes(f"/console/creditors/{team.creditor_id}")
        desk.page.locator("#colour").fill("#ffee00")
        desk.reads("Mind the contrast")
        desk.press("Take this colour")
        desk.reads("Pages and mails have this colour now.")
        desk.reads("Mind the contrast")
        desk.checks(tmp_path, "creditor")


@pytest.mark.parametrize(
    ("width", "places"),
    [
        (
            PHONE,
            (
                "senders/check", "rules", "rules/il", "rules/crisis", "audit", "languages",
                "design/templates", "reports/dso", "reports/outcomes",
            ),
        ),
        (DESK, ("campaigns", "languages", "design/templates", "audit")),
    ],
)  # fmt: skip
def test_no_table_of_the_house_has_to_be_pushed_aside(
    browser: Browser, team: Team, width: int, places: tuple[str, ...]
) -> None:
    publish_shipped(team.database, team.clock.now())
    seat = team.seat(Role.ADMIN, Role.APPROVER, name="Rūta Kazlauskienė")
    with sits(browser, team, seat, width=width) as desk:
        for place in places:
            desk.goes(f"/console/{place}?creditor={team.creditor_id}")
            for table in desk.page.locator(".scroll").all():
                hidden = table.evaluate("each => each.scrollWidth - each.clientWidth")
                assert hidden <= 0, f"{hidden} pixels of {place} are out of sight"
