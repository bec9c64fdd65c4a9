"""A manager reads how things stand and how they went, and takes the figures away."""

import csv
import io
from pathlib import Path
from typing import Literal

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, expect

from app.console.figures.reports import REPORTS
from app.staff.roles import Role
from tests.app.console.browsing.desks import BROWSING, DESK, PHONE, sits
from tests.app.console.figures.busy import fill
from tests.app.console.team import Team
from tests.app.figures.lives import Lives
from tests.app.web.people import NOW
from tests.factories import add_campaign

pytestmark = BROWSING
PAGES = {
    "today": "/console/",
    "reports": "/console/reports",
    "messages": "/console/messages",
    "payments": "/console/payments",
    "invoices": "/console/invoices",
    "happened": "/console/happened?what=replies",
    "held": "/console/happened?what=held",
    "waiting": "/console/messages?state=waiting",
    **{slug: f"/console/reports/{slug}" for slug in REPORTS},
}


@pytest.mark.parametrize("language", ["en", "he"])
def test_a_manager_reads_dso_opens_a_list_and_takes_the_figures_away(
    browser: Browser, team: Team, language: str, tmp_path: Path
) -> None:
    fill(team.database, team.creditor_id)
    lives = Lives(team.database, name="everest", created_at=NOW)
    lives.send(lives.customers[0], NOW)
    manager = team.seat(Role.VIEWER, name="Dana Katz", language=language)
    with sits(browser, team, manager, language=language) as desk:
        desk.goes("/console/")
        desk.follow("Reports")
        desk.follow("Days sales outstanding")
        expect(desk.page.locator("svg.chart title").first).to_have_text(
            desk.word("Days sales outstanding")
        )
        shown = desk.page.locator("table tbody tr").last.locator("td").first.inner_text()
        table = desk.takes("link", "Download CSV", tmp_path).read_text("utf-8-sig")
        assert list(csv.reader(io.StringIO(table)))[-1][1] == shown.strip()
        book = load_workbook(desk.takes("link", "Download Excel", tmp_path))
        assert isinstance(book.worksheets[0]["B2"].value, float)
        desk.goes("/console/")
        line = desk.page.locator("a.line", has_text=desk.word("SMS")).first
        with desk.page.expect_navigation():
            line.click()
        desk.reads("Messages that were sent")
        assert desk.page.locator("tbody tr").count() == 1


@pytest.mark.parametrize(
    ("language", "width", "scheme"), [("en", DESK, "light"), ("he", PHONE, "dark")]
)
def test_every_page_of_figures_is_accessible_when_it_is_full(
    browser: Browser,
    team: Team,
    language: str,
    width: int,
    scheme: Literal["light", "dark"],
    tmp_path: Path,
) -> None:
    fill(team.database, team.creditor_id)
    add_campaign(team.database, team.creditor_id)
    seat = team.seat(Role.VIEWER, language=language)
    with sits(browser, team, seat, language=language, width=width, scheme=scheme) as desk:
        for name, path in PAGES.items():
            desk.goes(path)
            desk.checks(tmp_path, f"{name}-{width}")
