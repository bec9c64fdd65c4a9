"""Every act that the code base writes is a sentence in each language, and no detail is lost."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from app.console.audit.telling import Telling
from app.console.audit.words import ACTS, SAID_IF
from app.console.office import DOMAIN
from app.console.sentences import Sentences
from app.staff.acts import note_act
from app.store.given import table_of
from app.store.rows import ActLine, Customer, Hold, StaffUser
from app.web.catalogues import languages, translations
from tests.app.console.audit import acts_in_code
from tests.app.console.team import Seat, Team
from tests.app.web.people import NOW
from tests.factories import add, add_customer

_LINE, _USER = table_of(ActLine), table_of(StaffUser)
_WITH_NAME = select(_LINE, _USER.c.name).outerjoin(_USER, _USER.c.id == _LINE.c.user_id)
DETAIL = {
    "kind": "staff", "medium": "sms", "locale": "he", "links": 2, "cases": 3, "outcome": "promise",
    "answer": "looking", "intent": "promise", "tasks": 2, "late": 0, "team": "finance", "parts": 3,
    "until": "2026-12-03", "help": "pause", "days": 14, "gateway": "stripe", "country": "IL",
    "stops": 1, "version": 2, "sequence": 2, "scopes": ["tasks:read"], "since": "2026-12-03",
    "roles": ["agent"], "before": ["viewer"], "purpose": "invited", "by": "code", "wrong": "code",
    "ended": 1, "steps": 2, "creditor": 7, **dict.fromkeys(SAID_IF.values(), True),
}  # fmt: skip


def test_each_act_that_the_code_writes_has_its_sentence_and_none_is_left_over() -> None:
    written = acts_in_code.patterns()

    assert [code for code in written if not any(re.fullmatch(code, act) for act in ACTS)] == []
    assert [act for act in ACTS if not any(re.fullmatch(code, act) for code in written)] == []


def told(team: Team, language: str) -> list[str]:
    say = translations(language, DOMAIN).gettext
    with team.database.read() as session:
        lines = session.connection().execute(_WITH_NAME.order_by(_LINE.c.number)).all()
        telling = Telling(session, Sentences(say, language, "UTC"), lines, may=lambda _: True)
        return [str(telling.sentence(line)) for line in lines]


@pytest.mark.parametrize("language", languages(DOMAIN))
def test_each_is_a_sentence_with_all_that_its_detail_tells(team: Team, language: str) -> None:
    with team.database.write() as session:
        for act in ACTS:
            note_act(session, "op", act, about=("creditor", 7), detail=DETAIL, now=NOW)

    for act, sentence in zip(ACTS, told(team, language), strict=True):
        assert sentence.endswith("."), act
        assert "%(" not in sentence, act
        assert "…" not in sentence, act
        clauses = [text for text in ACTS[act][1:] if "amount" not in text and "why" not in text]
        said = [text for text in clauses if "packs" not in text]
        assert sentence.count(". ") >= len(said), act


def test_names_and_terms_are_looked_up_for_the_page(team: Team) -> None:
    whose = add_customer(team.database, team.creditor_id)
    with team.database.read() as session:
        person = session.get_one(Customer, whose).person_id
    terms = {"until": NOW, "why": "waits for her insurance"}
    hold = add(
        team.database, Hold, person_id=person, customer_id=whose, kind="staff", placed_at=NOW,
        renewed_at=NOW, **terms,
    )  # fmt: skip
    with team.database.write() as session:
        detail = {"hold": hold, "kind": "staff"}
        note_act(session, "Dana", "hold_placed", about=("customer", whose), detail=detail, now=NOW)

    (sentence,) = told(team, "en")

    who = '<bdi><a href="/console/customers/1">Customer C1</a></bdi>'
    assert sentence.startswith(f"<bdi>Dana</bdi> held all cases of {who}.")
    assert "Until <bdi>" in sentence
    assert "Why: <bdi>waits for her insurance</bdi>." in sentence


def test_what_is_gone_is_told_by_its_number(team: Team) -> None:
    with team.database.write() as session:
        note_act(session, "Dana", "campaign_paused", about=("campaign", 404), now=NOW)

    assert told(team, "en") == ["<bdi>Dana</bdi> paused the campaign <bdi>#404</bdi>."]


def test_no_detail_is_lost_of_an_act_of_another_version(team: Team, admin: Seat) -> None:
    with team.database.write() as session:
        note_act(session, "op", "act_of_old", detail=DETAIL, now=NOW)

    page = admin.opens("/console/audit?act=act_of_old")

    assert '<code dir="ltr">act_of_old</code></td>' in page
    for name in DETAIL:
        assert f'<dt><code dir="ltr">{name}</code></dt>' in page
