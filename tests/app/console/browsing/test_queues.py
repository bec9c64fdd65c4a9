"""The queues as their people find them: an agent decides, finance answers, a row is mended."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from app.staff.roles import Role
from tests.app.console.browsing.desks import BROWSING, DESK, PHONE, sits
from tests.app.console.team import Team
from tests.app.console.waiting import (
    at,
    complained,
    customer,
    disputed,
    entry,
    give,
    left_out,
    promised,
    reported,
    rows,
    wished,
)
from tests.app.delivery.approvals import waiting
from tests.world import World

pytestmark = BROWSING


@pytest.mark.parametrize(("language", "width"), [("en", DESK), ("he", DESK), ("ar", PHONE)])
def test_what_waits_is_accessible_in_every_queue(
    browser: Browser, team: Team, language: str, width: int, tmp_path: Path
) -> None:
    whose = customer(team)
    promised(team, whose, days=0)
    disputed(team, whose)
    reported(team, whose)
    complained(team)
    entry(team)
    left_out(team, tmp_path)
    give(team, "t:1", whose)
    paths = {
        "queues": "/console/queues",
        "promises": "/console/queues/promises",
        "bank": "/console/queues/bank",
        "entry": "/console/queues/bank/1",
        "rejects": "/console/queues/rejects/1",
        "dispute": at(team, "dispute"),
        "hardship": at(team, "hardship"),
        "complaint": at(team, "complaint"),
        "stop": "/console/stop",
    }
    seat = team.seat(Role.ADMIN, name="Noa Levi", language=language)
    with sits(browser, team, seat, language=language, width=width) as desk:
        for name, path in paths.items():
            desk.goes(path)
            desk.checks(tmp_path, f"queues-{name}-{width}")


def test_an_agent_asks_finance_decides_a_plan_and_mends_a_row(
    browser: Browser, team: Team, tmp_path: Path
) -> None:
    wished(team, customer(team))
    left_out(team, tmp_path)
    noa, dan = team.seat(Role.AGENT, name="Noa Levi"), team.seat(Role.AGENT, name="Dan Katz")
    with sits(browser, team, noa) as agent, sits(browser, team, dan) as finance:
        agent.goes("/console/queues?queue=plans")
        agent.follow("A plan outside of the limits")
        with agent.page.expect_navigation():
            agent.page.keyboard.press("t")
        agent.reads("It is yours.")
        agent.open("Ask another team")
        agent.fill("Question", "May they have ten parts?")
        agent.press("Ask")
        agent.reads("Asked, waits for an answer")

        finance.goes("/console/queues?team=finance")
        finance.follow("A question of another team")
        finance.reads("May they have ten parts?")
        finance.fill("Your answer", "Yes, ten are fine.")
        finance.press("Send the answer")

        agent.goes(at(team, "plan_wished"))
        agent.reads("Yes, ten are fine.")
        agent.checks(tmp_path, "queues-plan")
        agent.open("Agree")
        agent.press("Agree")
        agent.reads("The plan is agreed. The customer is told.")

        finance.goes("/console/queues?queue=rejects")
        finance.follow("Rows of a file stayed out")
        finance.fill("amount", "20.50")
        finance.press("Take it again")
        finance.reads("The row is in the book.")
    assert len(rows(team, "instalment")) == 10
    assert rows(team, "invoice", "number = 'I2'")[0]["open_minor"] == 2_050


def test_everything_is_stopped_with_one_press_and_a_reason(
    browser: Browser, team: Team, tmp_path: Path
) -> None:
    approver = team.seat(Role.APPROVER, name="Noa Levi")
    with sits(browser, team, approver) as desk:
        desk.goes("/console/stop")
        desk.open("Stop everything")
        desk.fill("Why", "Prices are wrong")
        desk.press("Stop everything now")
        desk.reads("Stopped. Nothing of it leaves any more; what waits is kept.")
        desk.checks(tmp_path, "stop-stopped")
        desk.open("Let it go on")
        desk.press("Let it go on")
        desk.reads("Nothing is stopped.")


@pytest.mark.parametrize(("language", "width"), [("en", DESK), ("he", PHONE)])
def test_an_approver_lets_a_message_go_by_one_key(
    browser: Browser, team: Team, language: str, width: int, tmp_path: Path
) -> None:
    now = team.clock.now()
    waiting(World(team.settings.database_url, start=now), due_on=now.date())
    (asked,) = rows(team, "task", "kind = 'message_approval'")
    path = f"/console/queues/approvals/{asked['id']}"
    dana = team.seat(Role.APPROVER, name="Dana Peretz", language=language)
    with sits(browser, team, dana, language=language, width=width) as desk:
        desk.goes(f"{path}/alike")
        desk.checks(tmp_path, f"queues-alike-{width}")
        desk.goes(path)
        desk.checks(tmp_path, f"queues-approval-{width}")
        with desk.page.expect_navigation():
            desk.page.keyboard.press("a")
    (decided,) = rows(team, "message_approval")
    assert decided["outcome"] == "approved"
