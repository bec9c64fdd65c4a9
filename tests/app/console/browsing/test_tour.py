"""One day in the console on the demo's book: an agent, a designer, a manager; and a phone. What
they look at is in the docs (`make pictures`)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import func, select

from app.figures.ticking import Figures
from app.lab.demo import Stage
from app.settings import Settings
from app.staff.roles import Role
from app.store.engines import Database
from app.store.given import table_of
from app.store.migrate import upgrade
from app.store.rows import Case, Customer, Event
from tests.app.console.browsing.desks import PHONE, Desk, sits
from tests.app.console.browsing.test_journeys import EARLIER, TWO_MISTAKES
from tests.app.console.team import Seat, Team, sitting
from tests.app.web.served import a_port, answering
from tests.browsers import with_chromium

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    with_chromium,
    pytest.mark.timeout(600),
    pytest.mark.parametrize("language", ["en", "he"]),
]
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
NAMES = {"en": "Noa Levi", "he": "נועה לוי"}
JOURNEY = "/console/design/journeys/consumer_gentle"
TEMPLATES = "/console/design/templates"


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's book, walked up to eleven in the morning in Haifa and counted."""
    path = tmp_path_factory.mktemp("walked") / "duly.sqlite3"
    with ThreadPoolExecutor(1) as aside:  # the browser's loop runs in this thread
        aside.submit(_walk, f"sqlite:///{path}").result()
    return path


def _walk(url: str) -> None:
    upgrade(url)
    database = Database(url)
    stage = Stage(database, customers=250, days=45, seed=7, today=NOW.date(), scenario="")
    stage.end = NOW
    stage.walk(lambda done, days: None)
    stage.close()
    figures = Figures(database)
    while figures.tick(NOW):
        continue
    database.dispose()


@pytest.fixture
def team(walked: Path, tmp_path: Path) -> Iterator[Team]:
    """The console over a copy of that book, which keeps its demo's secrets."""
    own = shutil.copyfile(walked, tmp_path / "duly.sqlite3")
    kept = Settings()
    with (
        a_port() as (listening, base_url),
        sitting(
            f"sqlite:///{own}",
            at=NOW,
            of_creditor=1,
            base_url=base_url,
            log_level="warning",
            documents=tmp_path / "documents",
            environment=kept.environment,
            secret_key=kept.secret_key,
            gateway_secret=kept.gateway_secret,
        ) as built,
        answering(built.app, built.settings, listening),
    ):
        yield built


def _seat(team: Team, language: str, *roles: Role) -> Seat:
    return team.seat(*roles, name=NAMES[language], language=language)


def _eventful(team: Team, language: str) -> str:
    """The page of the customer of this language who is written to and to whom most has happened."""
    event, customer, case = table_of(Event), table_of(Customer), table_of(Case)
    written_to = select(case.c.customer_id).where(case.c.phase != "closed", case.c.arm != "control")
    kinds = func.count(event.c.kind.distinct())
    most = (
        select(event.c.customer_id)
        .join(customer, customer.c.id == event.c.customer_id)
        .where(customer.c.locale == language, customer.c.id.in_(written_to))
        .group_by(event.c.customer_id)
        .order_by(kinds.desc(), func.count().desc(), event.c.customer_id)
        .limit(1)
    )
    with team.database.read() as session:
        return f"/console/customers/{session.connection().execute(most).scalar_one()}"


def _takes(desk: Desk, path: str, *, line: int) -> None:
    """Takes what stands in this line of a list."""
    desk.goes(path)
    with desk.page.expect_navigation():
        desk.page.locator("tr[data-line] button.plain").nth(line).click()


def test_an_agents_day(browser: Browser, team: Team, language: str, tmp_path: Path) -> None:
    with sits(browser, team, _seat(team, language, Role.AGENT), language=language) as desk:
        desk.goes("/console/")
        desk.shows(tmp_path, "today")
        desk.goes("/console/customers?language=he&over=3")
        desk.shows(tmp_path, "customers")
        here = _eventful(team, language)
        desk.goes(here)
        desk.shows(tmp_path, "customer")
        desk.page.locator("main .timeline a[href*='/why/']").first.click()
        desk.shows(tmp_path, "why")
        desk.goes("/console/inbox")
        desk.shows(tmp_path, "inbox")
        _takes(desk, "/console/inbox", line=2)
        expect(desk.page.locator(".offer").first).to_be_visible()
        desk.shows(tmp_path, "reply")
        with desk.page.expect_navigation():
            desk.page.keyboard.press("1")
        desk.reads("Answered.")
        _takes(desk, "/console/calls", line=0)
        desk.shows(tmp_path, "call")
        desk.goes("/console/queues?queue=disputes")
        desk.shows(tmp_path, "queue")


def test_a_designers_day(browser: Browser, team: Team, language: str, tmp_path: Path) -> None:
    with sits(browser, team, _seat(team, language, Role.DESIGNER), language=language) as desk:
        page = desk.page
        desk.goes(JOURNEY)
        desk.shows(tmp_path, "journey")
        desk.press("Edit")
        page.locator("#text").fill(TWO_MISTAKES)
        expect(page.locator("#found [data-at]")).to_have_count(2)
        desk.shows(tmp_path, "findings")
        page.locator("#text").fill(EARLIER)
        expect(page.locator("#found [data-at]")).to_have_count(0)
        desk.press("Save")
        desk.goes(f"{JOURNEY}/draft/changes")
        desk.shows(tmp_path, "changes")
        desk.goes(f"{JOURNEY}/try")
        page.locator("select[name=sample]").select_option("he")
        page.locator("input[name=days]").fill("16")
        page.set_default_timeout(60_000)  # the days are walked by the real loops
        desk.press("Let the days pass")
        desk.shows(tmp_path, "tried")
        desk.goes(TEMPLATES)
        desk.shows(tmp_path, "templates")
        beside = "en" if language == "he" else "he"
        desk.goes(f"{TEMPLATES}/reminder_first?locale={language}&beside={beside}")
        sms = page.locator('[name="t.sms"]')
        sms.fill(f"{sms.input_value()} 5 ₪")
        expect(page.locator("#seen")).to_contain_text("₪")
        desk.shows(tmp_path, "template")


def test_a_managers_day(browser: Browser, team: Team, language: str, tmp_path: Path) -> None:
    seat = _seat(team, language, Role.ADMIN)
    with sits(browser, team, seat, language=language) as desk:
        for name in ("dso", "outcomes"):
            desk.goes(f"/console/reports/{name}?currency=ILS")
            desk.shows(tmp_path, name)
        desk.goes("/console/creditors/1")
        desk.shows(tmp_path, "creditor")
        desk.goes("/console/stop")
        desk.open("Stop everything")
        desk.shows(tmp_path, "stop")


def test_all_of_it_on_a_phone(browser: Browser, team: Team, language: str, tmp_path: Path) -> None:
    seat = _seat(team, language, Role.AGENT)
    with sits(browser, team, seat, language=language, width=PHONE) as desk:
        for name, path in {
            "today": "/console/",
            "customers": "/console/customers?language=he&over=3",
            "customer": _eventful(team, language),
            "inbox": "/console/inbox",
        }.items():
            desk.goes(path)
            desk.shows(tmp_path, f"{name}-phone")


def test_filters_are_folded_on_a_phone_and_taken_away_one_by_one(
    browser: Browser, team: Team, language: str
) -> None:
    seat = _seat(team, language, Role.AGENT)
    with sits(browser, team, seat, language=language, width=PHONE) as desk:
        desk.goes("/console/customers?language=he&over=3")
        chosen = desk.page.locator(".narrowed a")
        expect(desk.page.locator("select[name=language]")).to_be_hidden()
        expect(chosen).to_have_count(2)
        with desk.page.expect_navigation():
            chosen.first.click()
        expect(chosen).to_have_count(1)
        assert "language" not in desk.page.url
        desk.open("Filters")
        desk.page.locator("select[name=language]").select_option("ar")
        desk.press("Show")
        expect(chosen).to_have_count(2)
