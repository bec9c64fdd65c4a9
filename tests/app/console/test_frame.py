"""The frame that all rooms stand in: who is let in, what an act leaves, what a page says."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated

import pytest
from fastapi import APIRouter, Request
from sqlalchemy import select
from sqlmodel import Session
from starlette.responses import Response
from starlette.testclient import TestClient

from app.console.app import POLICY, cookie_name
from app.console.door import Visit, acts, looks
from app.console.lists import Asked, Listing, Sort
from app.console.notices import PATH
from app.console.office import Office
from app.console.rooms import WORK, Room
from app.staff.roles import Right, Role
from app.staff.sessions import end_sessions, open_session
from app.store.given import table_of
from app.store.rows import ActLine, Customer
from tests.app.console.team import Seat, Team, sitting
from tests.app.web.people import ORIGIN
from tests.factories import add_customer

SECRET_WORD = "what only this error says"


def _router(office: Office) -> APIRouter:
    routes = APIRouter()

    @routes.get("/sample")
    def shown(visit: Annotated[Visit, looks()]) -> Response:
        return office.page(visit, "console/base.html", room="sample")

    @routes.post("/sample/act")
    def done(visit: Annotated[Visit, acts(Right.ACT)]) -> Response:
        with office.act(visit, "sample_done", about=("sample", 7)):
            pass
        return office.back("/console/sample", "Next page", undo="/console/sample/undo")

    @routes.post("/sample/silent")
    def silent(_: Annotated[Visit, acts(Right.ACT)]) -> Response:
        return office.back("/console/sample")

    @routes.post("/sample/look")
    def looked(visit: Annotated[Visit, looks()]) -> Response:
        return Response(visit.typed.get("words", ""))

    @routes.get("/sample/broken")
    def broken(_: Annotated[Visit, looks()]) -> Response:
        raise RuntimeError(SECRET_WORD)

    @routes.get("/sample/run")
    def run(_: Annotated[Visit, looks(Right.RUN)], request: Request) -> Response:
        return Response(request.method)

    return routes


SAMPLE = Room("sample", "Rooms", "/console/sample", WORK, _router)
CELLAR = Room("cellar", "Keys", "/console/cellar", WORK, lambda _: APIRouter(), Right.RUN)


@pytest.fixture
def team(migrated_url: str) -> Iterator[Team]:
    with sitting(migrated_url, rooms=(SAMPLE, CELLAR)) as built:
        yield built


def _acts(team: Team) -> list[tuple[str, str, int | None]]:
    line = table_of(ActLine)
    with team.database.read() as session:
        rows = session.connection().execute(select(line).order_by(line.c.number)).all()
    return [(row.act, row.by, row.about_id) for row in rows]


def test_a_stranger_is_led_to_the_sign_in_and_back(team: Team) -> None:
    seat = team.seat(Role.VIEWER)
    seat.browser.cookies.clear()

    answer = seat.browser.get("/console/sample?state=open&q=a b")

    assert answer.status_code == 303
    assert answer.headers["location"] == (
        "/console/sign-in?next=/console/sample%3Fstate%3Dopen%26q%3Da%2520b"
    )


def test_a_part_of_a_page_leads_a_stranger_to_the_sign_in_too(team: Team) -> None:
    seat = team.seat(Role.VIEWER)
    seat.browser.cookies.clear()

    answer = seat.browser.get("/console/sample", headers={"hx-request": "true"})

    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/console/sign-in")


@pytest.mark.parametrize("language", ["en", "he", "ar", "lt"])
def test_the_frame_speaks_the_language_of_its_reader(team: Team, language: str) -> None:
    page = team.seat(Role.VIEWER, language=language).opens("/console/sample")

    assert f'<html lang="{language}"' in page
    assert f'dir="{"rtl" if language in {"he", "ar"} else "ltr"}"' in page
    assert "Skip to the content" not in page or language == "en"


def test_the_path_alone_leads_to_the_first_page(team: Team) -> None:
    answer = team.seat(Role.VIEWER).browser.get("/console")
    assert (answer.status_code, answer.headers["location"]) == (307, "/console/")


def test_the_menu_shows_only_rooms_that_its_reader_may_enter(team: Team) -> None:
    assert "/console/cellar" not in team.seat(Role.AGENT).opens("/console/sample")
    assert "/console/cellar" in team.seat(Role.ADMIN).opens("/console/sample")


def test_an_act_leaves_a_line_and_the_next_page_says_so_once(team: Team) -> None:
    seat = team.seat(Role.AGENT)

    page = seat.does("/console/sample/act")

    assert _acts(team) == [("sample_done", "0@house.example", 7)]
    assert re.search(r'class="said" role="status"><p>Next page</p>', page)
    assert 'action="/console/sample/undo"' in page
    assert 'class="said"' not in seat.opens("/console/sample")


def test_what_the_next_page_says_cannot_be_forged(team: Team) -> None:
    seat = team.seat(Role.AGENT)
    seat.browser.cookies.set("duly_said", "WyJIZWxsbyIse30sIiIsZmFsc2Vd.0000", path="/console")

    assert 'class="said"' not in seat.opens("/console/sample")


def test_an_act_that_leaves_no_line_is_not_answered_as_done(team: Team) -> None:
    answer = team.seat(Role.AGENT).presses("/console/sample/silent")

    assert answer.status_code == 500
    assert "Something broke here" in answer.text


def test_a_form_without_the_key_of_its_session_does_nothing(team: Team) -> None:
    seat, other = team.seat(Role.AGENT), team.seat(Role.AGENT)

    answers = [
        seat.browser.post("/console/sample/act"),
        seat.browser.post("/console/sample/act", data={"key": other.key}),
        seat.browser.post("/console/sample/look", data={"words": "a"}),
    ]

    assert [answer.status_code for answer in answers] == [409, 409, 409]
    assert _acts(team) == []


def test_what_was_typed_when_a_session_ended_is_sent_again(team: Team) -> None:
    seat, path = team.seat(Role.AGENT), "/console/sample/act"
    typed = {"words": "\n<b>long</b> words"}
    seat.browser.cookies.clear()

    answer = seat.presses(path, typed)

    assert answer.status_code == 401
    assert "Sign in beside this page" in answer.text
    assert (
        '<textarea name="words" hidden>\n\n&lt;b&gt;long&lt;/b&gt; words</textarea>' in answer.text
    )
    again = _signs_in(team, seat.user_id)
    answer = again.presses(path, {**typed, "key": seat.key})
    assert answer.status_code == 409
    assert f'name="key" value="{again.key}"' in answer.text
    assert _acts(team) == []
    assert again.presses(path, typed).status_code == 303


def test_what_was_typed_is_not_sent_by_the_next_person_at_the_desk(team: Team) -> None:
    seat, path = team.seat(Role.AGENT), "/console/sample/act"
    with team.database.write() as session:
        end_sessions(session, seat.user_id, team.clock.now())
    kept = seat.presses(path, {"words": "long words"})
    assert f'name="key" value="{seat.key}"' in kept.text

    other = team.seat(Role.ADMIN)
    answer = other.presses(path, {"words": "long words", "key": seat.key})

    assert answer.status_code == 409
    assert "Somebody else wrote this" in answer.text
    assert "long words" not in answer.text
    assert other.key not in answer.text
    assert _acts(team) == []
    assert "long words" in _signs_in(team, seat.user_id).presses(
        path, {"words": "long words", "key": seat.key}
    ).text  # fmt: skip


def _signs_in(team: Team, user_id: int) -> Seat:
    """The same user with a session of today."""
    with team.database.write() as session:
        token = open_session(session, user_id, device="tests", now=team.clock.now())
    browser = TestClient(team.app, base_url=ORIGIN, follow_redirects=False)
    browser.cookies.set(cookie_name(team.settings), token, path=PATH)
    return Seat(user_id, token, browser, team.settings.secret)


def test_only_what_a_page_of_ours_sent_is_kept_and_no_password(team: Team) -> None:
    seat, path = team.seat(Role.AGENT), "/console/sample/act"

    answers = [
        seat.browser.post(path, data={"words": "bait"}, headers={"sec-fetch-site": "cross-site"}),
        seat.browser.post(path, data={"new_password": "bait"}),
    ]

    assert [(answer.status_code, "bait" in answer.text) for answer in answers] == [(409, False)] * 2


def test_who_writes_stays_on_their_page_when_the_session_ends(team: Team) -> None:
    seat = team.seat(Role.AGENT)
    seat.browser.cookies.clear()

    answer = seat.presses("/console/sample/act", {"words": "a"}, headers={"hx-request": "true"})

    assert answer.status_code == 401
    assert "hx-redirect" not in answer.headers


def test_who_may_not_is_told_so_and_nothing_happens(team: Team) -> None:
    answer = team.seat(Role.VIEWER, language="he").presses("/console/sample/act")

    assert answer.status_code == 403
    assert "אין לך הרשאה" in answer.text
    assert _acts(team) == []


def test_what_breaks_is_told_without_a_word_of_it(team: Team) -> None:
    answer = team.seat(Role.VIEWER).browser.get("/console/sample/broken")

    assert answer.status_code == 500
    assert SECRET_WORD not in answer.text
    assert answer.headers["content-security-policy"] == POLICY


def test_a_session_that_was_left_alone_is_over(team: Team) -> None:
    seat = team.seat(Role.VIEWER)
    seat.opens("/console/sample")
    team.clock.move_to(team.clock.now() + timedelta(hours=2))

    assert seat.browser.get("/console/sample").status_code == 303


def test_a_session_in_use_stays_open(team: Team) -> None:
    seat = team.seat(Role.VIEWER)
    for _ in range(4):
        team.clock.move_to(team.clock.now() + timedelta(minutes=40))
        seat.opens("/console/sample")


@pytest.mark.parametrize("words", ["a\x00b", "x" * 600_000])
def test_what_no_form_of_ours_would_send_is_refused(team: Team, words: str) -> None:
    answer = team.seat(Role.AGENT).presses("/console/sample/look", {"words": words})

    assert answer.status_code in {400, 413}


_CUSTOMER = table_of(Customer)
LISTING = Listing(
    select(_CUSTOMER.c.id, _CUSTOMER.c.external_id),
    {"oldest": Sort((_CUSTOMER.c.id,)), "newest": Sort((_CUSTOMER.c.id,), descending=True)},
    {"locale": lambda told: _CUSTOMER.c.locale == told},
    page=3,
)


def _walk(session: Session, asked: Asked) -> list[list[int]]:
    """The ids of each page, as somebody reads them who goes on and on."""
    pages = []
    while True:
        listed = LISTING.read(session, asked)
        pages.append([row.id for row in listed.rows])
        if not listed.older:
            return pages
        asked = dict(pair.split("=", 1) for pair in listed.older[1:].split("&"))


def test_a_list_is_read_page_by_page_in_both_orders(team: Team) -> None:
    ids = [
        add_customer(team.database, team.creditor_id, f"c-{n}", locale="he" if n % 2 else "en")
        for n in range(8)
    ]
    with team.database.read() as session:
        assert _walk(session, {}) == [ids[:3], ids[3:6], ids[6:]]
        assert _walk(session, {"sort": "newest"}) == [ids[:4:-1], ids[4:1:-1], ids[1::-1]]
        assert _walk(session, {"locale": "he"}) == [ids[1:7:2], [ids[7]]]


@pytest.mark.parametrize("place", ["x", "%%%", "WzEsMl0", "WyJhIl0", "bnVsbA", "W251bGxd", "é"])
def test_a_place_that_nobody_wrote_is_the_first_page(team: Team, place: str) -> None:
    first = add_customer(team.database, team.creditor_id, "c-1")
    with team.database.read() as session:
        listed = LISTING.read(session, {"after": place, "sort": "nonsense", "locale": ""})

    assert [row.id for row in listed.rows] == [first]


def test_a_demo_lets_everybody_in_at_once(migrated_url: str) -> None:
    tokens: list[str] = []
    with sitting(migrated_url, rooms=(SAMPLE,), welcome=lambda: tokens[0]) as team:
        seat = team.seat(Role.ADMIN)
        tokens.append(seat.token)
        seat.browser.cookies.clear()

        answer = seat.browser.get("/console/sample?a=b")

        assert (answer.status_code, answer.headers["location"]) == (303, "/console/sample?a=b")
        assert "httponly; path=/console; samesite=strict" in answer.headers["set-cookie"].lower()
        assert seat.browser.get("/console/sample?a=b").status_code == 200


def test_a_demo_whose_session_is_over_does_not_lead_round_in_a_circle(migrated_url: str) -> None:
    with sitting(migrated_url, rooms=(SAMPLE,), welcome=lambda: "of nobody") as team:
        browser = team.seat(Role.ADMIN).browser
        browser.cookies.clear()
        browser.get("/console/sample")

        assert browser.get("/console/sample").headers["location"].startswith("/console/sign-in?")
