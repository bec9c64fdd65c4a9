"""The rooms of design and of rules speak the reader's language, their findings too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.loops.assembly import publish_shipped
from app.staff.roles import Role
from tests.app.console.latin import english_in
from tests.app.console.team import Seat, Team, sitting
from tests.app.console.wordings import library_texts, shipped_packs
from tests.app.console.words.forms import form_of
from tests.app.web.people import NOW
from tests.factories import add_campaign

JOURNEYS, TEMPLATES = "/console/design/journeys", "/console/design/templates"
JOURNEY, TEMPLATE = f"{JOURNEYS}/consumer_gentle", f"{TEMPLATES}/reminder_first"
BROKEN = """\
journey: consumer_gentle
title: 12
subject: customer
steps:
  - id: first
    day: 3
    send: reminder_frist
    when: balnce > 5
  - id: second
    day: x
    task: [a]
"""
PAGES = (
    JOURNEYS, JOURNEY, f"{JOURNEY}/draft", f"{JOURNEY}/draft/changes", f"{JOURNEY}/try",
    TEMPLATES, TEMPLATE, "/console/campaigns", "/console/campaigns/1", "/console/campaigns/new",
    "/console/senders", "/console/senders/new", "/console/senders/check", "/console/rules",
    "/console/rules/crisis", "/console/languages",
)  # fmt: skip
LATIN = frozenset({"Inbound Parse"})
"""Names that are longer than two words, and are the same everywhere."""


@pytest.fixture
def team(migrated_url: str, tmp_path: Path) -> Iterator[Team]:
    with sitting(migrated_url, sandbox_ledger=tmp_path / "ledger.sqlite3") as built:
        publish_shipped(built.database, NOW)
        add_campaign(built.database, built.creditor_id)
        yield built


def left_on(page: str, language: str) -> list[str]:
    return [run for run in english_in(page, language) if run not in LATIN]


@pytest.mark.parametrize("language", ["he", "ar"])
def test_no_page_of_design_and_rules_is_left_in_english(team: Team, language: str) -> None:
    seat = team.seat(*Role, language=language)
    assert seat.presses(f"{JOURNEY}/draft").status_code == 303
    packs = [f"/console/rules/{pack.name}" for pack in shipped_packs()]
    pages = {path: seat.opens(path) for path in (*PAGES, *packs)}
    pages |= {f"refused at {path}": page for path, page in refused(team, seat)}
    pages["journey checked"], pages["template checked"] = broken_journey(seat), broken_words(seat)
    pages |= {f"not YAML: {text}": page for text, page in no_yaml(seat)}
    pages |= {f"no template: {text}": page for text, page in misread(seat)}

    found = {path: left_on(page, language) for path, page in pages.items()}

    assert {path: runs for path, runs in found.items() if runs} == {}
    titles = [text for text in library_texts() if text[0].isupper()]
    for path in (JOURNEYS, JOURNEY, f"{JOURNEY}/try"):
        drawn = pages[path].partition('<aside class="flow">')[0]
        assert [title for title in titles if title in drawn] == [], path


def broken_journey(seat: Seat) -> str:
    """What the checker says of a journey with many faults."""
    seen = re.findall(r'name="(draft|seen)" value="(\d+)"', seat.opens(f"{JOURNEY}/draft"))
    page = seat.presses(f"{JOURNEY}/draft/check", {**dict(seen), "text": BROKEN}).text
    assert page.count("data-at=") >= 5
    assert '<code dir="auto">reminder_first</code>' in page
    return page


def no_yaml(seat: Seat) -> Iterator[tuple[str, str]]:
    """What a parser says of a journey that it cannot read, in our words or set apart."""
    for text in ("a: b: c\n", "a\nb: 1\n", "a: [1\n", 'a: "1\n', "a: @b\n", "a: [1 b: 2]]\n"):
        seen = re.findall(r'name="(draft|seen)" value="(\d+)"', seat.opens(f"{JOURNEY}/draft"))
        page = seat.presses(f"{JOURNEY}/draft/check", {**dict(seen), "text": text}).text
        assert "data-at=" in page
        yield text, page


def misread(seat: Seat) -> Iterator[tuple[str, str]]:
    """The same of the words of a template."""
    for text in ("{{ total ", "{% foo %}", "{{ total } }}", "{% if name %}a", "{{ 1 $ }}"):
        form = form_of(seat, "reminder_first")
        form["t.sms"] = text
        page = seat.does(f"{TEMPLATE}/save", form)
        assert 'class="fault"' in page
        yield text, page


def broken_words(seat: Seat) -> str:
    """What the checker says of a text with many faults."""
    form = form_of(seat, "reminder_first")
    form["t.sms"] = "You must pay your debt now or else {{ totl }}"
    page = seat.does(f"{TEMPLATE}/save", form)
    assert page.count('class="fault"') >= 3
    return page


def refused(team: Team, seat: Seat) -> Iterator[tuple[str, str]]:
    """The pages that say what cannot be of a sender and of an audience."""
    told = {"creditor": str(team.creditor_id), "medium": "sms", "per_second": "99999"}
    campaign = {"name": "x", "creditor": str(team.creditor_id), "journey": "consumer_gentle",
                "how": "text", "audience": "balnce > 5", "share": "0", "priority": "1"}  # fmt: skip
    for path, fields in (
        ("/console/senders", told),
        ("/console/senders/allow", {"address": "nobody"}),
        ("/console/senders/test", {"medium": "sms", "to": "+37061234567"}),
        ("/console/campaigns", campaign),
    ):
        answer = seat.presses(path, fields)
        assert answer.status_code == 422
        yield path, answer.text


def test_english_is_found_where_it_is_left() -> None:
    """The look itself: it sees a sentence, and passes over what is marked."""
    page = """<p>שלום the book is old</p><p lang="en">the law of the land</p>
              <code>a b c d</code><p>SMS דרך Twilio</p><img alt="this is a picture">"""

    assert english_in(page, "he") == ["the book is old", "this is a picture"]
