"""Campaigns in the console: an audience is checked and counted before anybody is written to."""

from collections.abc import Sequence

import pytest
from sqlalchemy import select

from app.console.campaigns import pages
from app.console.rooms import Room
from app.engine.audience_terms import Term, askable, terms_of, text_of
from app.loops.assembly import publish_shipped
from app.store.given import table_of
from app.store.rows import Campaign, Errand
from campaigns.expressions import compile_condition
from campaigns.fact_table import FactType
from tests.app.console.team import Seat, Team, rooms_named
from tests.app.web.people import NOW
from tests.databases import on_both_stores
from tests.factories import add_customer, add_invoice

HEBREW = {"how": "rows", "fact-0": "locale", "sign-0": "==", "value-0": "he",
          "fact-1": "days_past_due", "sign-1": ">=", "value-1": "3"}  # fmt: skip


@pytest.fixture
def rooms() -> Sequence[Room]:
    return rooms_named("campaigns")


@pytest.fixture
def team(team: Team) -> Team:
    """Two customers who owe, one of them in Hebrew; what ships is published."""
    publish_shipped(team.database, NOW, kinds=("journey",))
    for number, language in enumerate(("he", "en")):
        customer = add_customer(team.database, team.creditor_id, f"Dana {number}", locale=language)
        add_invoice(team.database, customer, f"I{number}")
    return team


def told(team: Team, **more: str) -> dict[str, str]:
    return {
        "creditor": str(team.creditor_id), "journey": "consumer_gentle", "name": "gentle",
        "share": "10", "priority": "5", **HEBREW, **more,
    }  # fmt: skip


def campaigns(team: Team) -> list[tuple[str, str | None, float, bool]]:
    table = table_of(Campaign)
    with team.database.read() as session:
        rows = session.connection().execute(select(table).order_by(table.c.id))
        return [(r.name, r.audience, r.control_share, r.active) for r in rows]


@on_both_stores
def test_an_audience_is_counted_with_examples_and_why(team: Team, viewer: Seat) -> None:
    page = viewer.presses("/console/campaigns/preview", told(team)).text

    assert "Dana 0" in page
    assert "Dana 1" not in page
    assert "Language: he" in page
    unread = viewer.presses("/console/campaigns/preview", told(team, **{"value-1": ""}))
    assert "is compared with a number, such as 10." in unread.text
    assert "<b><bdi>1</bdi></b>" in page
    assert campaigns(team) == []


@on_both_stores
def test_a_campaign_is_made_changed_paused_and_goes_on(team: Team, admin: Seat) -> None:
    page = admin.does("/console/campaigns", told(team))
    assert "Dana 0" in page
    assert campaigns(team) == [("gentle", "locale == 'he' and days_past_due >= 3", 0.1, True)]

    admin.does("/console/campaigns/1", {"how": "text", "audience": "balance > 10", "share": "0"})
    page = admin.does("/console/campaigns/1/pause")

    assert campaigns(team) == [("gentle", "balance > 10", 0.0, False)]
    assert "/console/campaigns/1/resume" in page
    admin.does("/console/campaigns/1/resume")
    assert campaigns(team)[0][3] is True


WRONG = [
    ({"how": "text", "audience": "lokale == 'he'"}, "locale"),
    ({"how": "text", "audience": "balance ="}, "column"),
    ({"value-1": "many"}, "is compared with a number, such as 10."),
    ({"share": "200"}, "Between 0 and 100 percent."),
    ({"share": "much"}, "A share and a priority are numbers."),
    ({"journey": "none"}, "No journey"),
    ({"creditor": ""}, "Choose a creditor."),
]


def test_what_is_wrong_is_told_and_what_was_typed_stays(team: Team, admin: Seat) -> None:
    for wrong, says in WRONG:
        answer = admin.presses("/console/campaigns", told(team, **wrong))

        assert answer.status_code == 422
        assert says in answer.text
        assert 'value="gentle"' in answer.text
    assert campaigns(team) == []


def test_who_may_not_run_the_house_makes_and_changes_none(team: Team, agent: Seat) -> None:
    assert agent.presses("/console/campaigns", told(team)).status_code == 403
    assert agent.browser.get("/console/campaigns/new").status_code == 403
    assert "New campaign" not in agent.opens("/console/campaigns")


def test_many_are_counted_in_the_background(
    team: Team, agent: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "LOOKED_AT", 0)
    answer = agent.presses("/console/campaigns/count", told(team))

    assert answer.status_code == 303
    table = table_of(Errand)
    with team.database.read() as session:
        (errand,) = session.connection().execute(select(table)).all()
    assert (errand.kind, errand.creditor_id) == ("audience", team.creditor_id)
    assert errand.parameters["audience"] == "locale == 'he' and days_past_due >= 3"


@pytest.mark.parametrize(
    "audience",
    [
        "locale == 'he'",
        "balance >= 10.5 and kind != 'business'",
        "custom.tier == 'a'",
        "balance > -1",
    ],
)
def test_simple_audiences_go_through_the_form_unchanged(audience: str) -> None:
    kinds = askable({"tier": FactType.TEXT})
    terms = terms_of(audience)

    assert terms is not None
    assert text_of(terms, kinds) == audience
    compile_condition(audience, custom={"tier": FactType.TEXT})


@pytest.mark.parametrize(
    "audience", ["balance > 1 or balance < 5", "not ever_answered", "1 < balance < 5", "balance >"]
)
def test_what_is_more_than_comparisons_stays_a_text(audience: str) -> None:
    assert terms_of(audience) is None


def test_an_empty_audience_is_everybody() -> None:
    assert terms_of(None) == ()
    assert text_of([], {}) == ""
    assert text_of([Term("locale", "==", "it's")], askable({})) == 'locale == "it\'s"'
