"""The audit trail as a page: who did what, when, about what; as CSV; verified."""

from __future__ import annotations

import csv
import re
from datetime import timedelta
from io import StringIO
from urllib.parse import quote

import pytest
from sqlalchemy import select, text, update

from app.console.audit.lines import as_csv, known_acts, listing
from app.console.lists import Asked
from app.staff.acts import note_act
from app.staff.roles import Role
from app.store.given import table_of
from app.store.rows import ActLine
from tests.app.console.team import Seat, Team
from tests.app.figures.lives import Lives
from tests.app.web.people import NOW
from tests.databases import on_both_stores

_LINE = table_of(ActLine)


@pytest.fixture
def trail(team: Team, admin: Seat) -> Team:
    """Nine lines: three a day, at noon of Jerusalem, by three people."""
    with team.database.write() as session:
        for number in range(9):
            note_act(
                session,
                ("ada@house.example", "ben@house.example", "op")[number % 3],
                ("hold_placed", "hold_released", "roles_changed")[number % 3],
                about=(("dunning_case", "dunning_case", "user")[number % 3], number // 3 + 1),
                detail={"days": number},
                now=NOW + timedelta(days=number // 3),
            )
    return team


def numbers(team: Team, asked: Asked, zone: str = "Asia/Jerusalem") -> list[int]:
    with team.database.read() as session:
        return [row.number for row in listing(zone).read(session, asked).rows]


def day(offset: int) -> str:
    return (NOW + timedelta(days=offset)).date().isoformat()


FOUND: list[tuple[Asked, list[int]]] = [
    ({}, [9, 8, 7, 6, 5, 4, 3, 2, 1]),
    ({"by": "Ada@house.example "}, [7, 4, 1]),
    ({"act": "hold_released"}, [8, 5, 2]),
    ({"about": "dunning_case"}, [8, 7, 5, 4, 2, 1]),
    ({"about": "dunning_case 2"}, [5, 4]),
    ({"about": "dunning_case x"}, [9, 8, 7, 6, 5, 4, 3, 2, 1]),
    ({"from": day(1)}, [9, 8, 7, 6, 5, 4]),
    ({"to": day(1)}, [6, 5, 4, 3, 2, 1]),
    ({"from": day(1), "to": day(1), "by": "op"}, [6]),
    ({"from": day(9)}, []),
    ({"to": day(-9)}, []),
    ({"from": "yesterday"}, [9, 8, 7, 6, 5, 4, 3, 2, 1]),
]


@on_both_stores
def test_lines_are_found_by_who_what_when_and_about(trail: Team) -> None:
    assert [numbers(trail, asked) for asked, _ in FOUND] == [found for _, found in FOUND]


@pytest.mark.parametrize("language", ["en", "he", "ar", "lt"])
def test_what_it_concerns_is_typed_as_the_field_shows_it(team: Team, language: str) -> None:
    with team.database.write() as session:
        note_act(session, "op", "hold_placed", about=("dunning_case", 7), now=NOW)
        note_act(session, "op", "hold_placed", about=("dunning_case", 8), now=NOW)
    reader = team.seat(Role.ADMIN, language=language)
    shown = re.search(
        'name="about" value="" placeholder="([^"]+ 7)"', reader.opens("/console/audit")
    )
    assert shown

    for typed, lines in ((shown[1], 1), (shown[1].removesuffix(" 7").casefold(), 2)):
        assert reader.opens(f"/console/audit?about={quote(typed)}").count("<tr data-line") == lines


@on_both_stores
def test_a_customers_number_finds_what_was_done_to_them_and_their_cases(trail: Team) -> None:
    lives = Lives(trail.database, name="everest")
    _, second = lives.customers
    with trail.database.write() as session:
        note_act(session, "op", "note_written", about=("customer", second), now=NOW)

    # Their case is the second that there is.
    assert numbers(trail, {"about": "everest-1"}) == [10, 5, 4]
    assert numbers(trail, {"about": "nobody"}) == []


def test_a_day_is_that_of_the_reader(trail: Team) -> None:
    with trail.database.write() as session:
        late = NOW.replace(hour=23, minute=30) + timedelta(days=5)
        note_act(session, "op", "late", now=late)
    asked = {"from": late.date().isoformat(), "to": late.date().isoformat()}

    assert numbers(trail, asked, "UTC") == [10]
    assert numbers(trail, asked, "Asia/Jerusalem") == []


@on_both_stores
def test_the_acts_on_record_are_known(trail: Team) -> None:
    with trail.database.read() as session:
        assert known_acts(session) == ["hold_placed", "hold_released", "roles_changed"]


def test_the_page_shows_who_did_what_and_leads_there(trail: Team, admin: Seat) -> None:
    page = admin.opens(f"/console/audit?act=roles_changed&by={quote('op')}")

    assert "changed the roles of <bdi>#3</bdi>" in page
    assert "hold_placed</code>" not in page
    assert '<dt><code dir="ltr">days</code></dt><dd><bdi dir="ltr">8</bdi></dd>' in page


def test_nothing_found_says_what_would_be(team: Team, admin: Seat) -> None:
    assert "No line fits." in admin.opens("/console/audit?act=never")


def test_the_table_holds_every_line_that_the_filters_leave(trail: Team, admin: Seat) -> None:
    answer = admin.browser.get("/console/audit/lines.csv?about=Case")

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(StringIO(answer.text)))
    assert [row["number"] for row in rows] == ["8", "7", "5", "4", "2", "1"]
    assert rows[0]["detail"] == '{"days": 7}'
    assert len(rows[0]["digest"]) == 64


def test_a_long_table_is_read_page_by_page(trail: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.console.audit.lines.AT_ONCE", 4)
    told = "".join(as_csv(trail.database, "UTC", {}))

    assert [line.split(",")[0] for line in told.splitlines()[1:]] == [
        str(n) for n in range(9, 0, -1)
    ]


def test_a_cell_is_no_formula(team: Team) -> None:
    with team.database.write() as session:
        note_act(session, "=cmd()", "done", now=NOW)

    assert "'=cmd()" in "".join(as_csv(team.database, "UTC", {}))


def test_a_whole_trail_is_said_to_be_so_with_its_last_digest(trail: Team, admin: Seat) -> None:
    with trail.database.read() as session:
        newest = select(_LINE.c.digest).order_by(_LINE.c.number.desc()).limit(1)
        digest = session.connection().scalar(newest)

    page = admin.opens("/console/audit/verify")

    assert "The trail is whole" in page
    assert str(digest) in page


def test_a_changed_and_a_removed_line_are_named(trail: Team, admin: Seat) -> None:
    with trail.database.write() as session:
        session.connection().execute(update(_LINE).where(_LINE.c.number == 2).values(by="eve"))
        session.connection().execute(text("DELETE FROM act_line WHERE number IN (5, 6)"))

    page = admin.opens("/console/audit/verify")

    assert "The trail is broken" in page
    assert '<b class="number">2</b> changed' in page
    assert '<b class="number">5–6</b> was removed' in page
