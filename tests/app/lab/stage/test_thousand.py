"""The thousand: walked in a process of their own, mapped, listed, opened one by one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select
from starlette.testclient import TestClient

from app.lab.result import DemoResult
from app.lab.stage import thousand, thousand_web
from app.lab.stage.look import DOMAIN
from app.lab.stage.thousand import Wanted
from app.lab.stage.walking import Walk, WalkFailed, Walking
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import Message
from app.store.scratch import scratch_database
from app.web.pages import Pages

TODAY = date(2026, 6, 30)
DAYS = 12
SECRET = b"a secret of the tests, 32 bytes long"
_MESSAGE = table_of(Message)


@dataclass(frozen=True)
class Walked:
    walking: Walking
    database: Database
    result: DemoResult
    told: list[tuple[int, int]]


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walked]:
    path = tmp_path_factory.mktemp("thousand") / "walked.sqlite3"
    database = scratch_database(path)
    walking = Walking(Walk(f"sqlite:///{path}", customers=50, days=DAYS, seed=7, today=TODAY))
    told: list[tuple[int, int]] = []
    walking.start()
    result = walking.follow(lambda done, total: told.append((done, total)))
    yield Walked(walking, database, result, told)
    walking.stop()
    database.dispose()


@pytest.fixture
def browser(walked: Walked) -> Iterator[TestClient]:
    app = FastAPI()
    app.include_router(
        thousand_web.router(
            Pages(DOMAIN),
            walked.database,
            walked.walking,
            origin="http://127.0.0.1:8001",
            secret=SECRET,
        )
    )
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield client


@pytest.mark.slow
def test_the_walk_tells_how_far_it_is_and_what_came_of_it(walked: Walked) -> None:
    assert walked.told[-1] == (DAYS, DAYS)
    assert walked.result.customers == 50
    assert walked.result.sent > 0
    assert not walked.walking.is_running


def test_a_walk_that_cannot_be_done_says_so() -> None:
    walking = Walking(Walk("sqlite:///nowhere/none.sqlite3", 3, 3, 7, TODAY))
    walking.start()
    with pytest.raises(WalkFailed, match="OperationalError"):
        walking.follow(lambda done, total: None)
    walking.stop()


def test_a_walk_that_is_ended_says_so(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("ended") / "walked.sqlite3"
    scratch_database(path).dispose()
    walking = Walking(Walk(f"sqlite:///{path}", 1000, 60, 7, TODAY))
    walking.start()
    walking.stop()
    with pytest.raises(WalkFailed, match="ended"):
        walking.follow(lambda done, total: None)


def test_the_map_counts_every_message_that_left(walked: Walked) -> None:
    days = thousand.span(TODAY, DAYS)
    with walked.database.read() as session:
        fields = thousand.map_of(session, days)

    assert days[0] == date(2026, 6, 18)
    assert days[-1] == date(2026, 6, 29)
    counted = {medium: sum(f.count for f in fields[medium]) for medium in ("email", "sms")}
    assert counted == {medium: walked.result.by_medium[medium] for medium in counted}
    for row in fields.values():
        assert {f.shade for f in row if f.count == 0} <= {0}
        assert all(1 <= f.shade <= 6 for f in row if f.count)


def test_reasons_are_counted_as_the_summary_counts_them(walked: Walked) -> None:
    with walked.database.read() as session:
        held = {one.reason: one for one in thousand.held_of(session)}

    unsaid = {reason: one.unsaid for reason, one in held.items() if one.unsaid}
    assert unsaid == dict(walked.result.not_sent)
    assert held["outside_hours"].waited == walked.result.moved["outside_hours"]


def test_the_list_holds_those_to_whom_it_happened(walked: Walked) -> None:
    with walked.database.read() as session:
        everybody, total = thousand.met(session, Wanted())
        control, some = thousand.met(session, Wanted(outcome="control"))
        held, few = thousand.met(session, Wanted(reason="outside_hours"))
        counts = thousand.outcomes_of(session)
        rest, _ = thousand.met(session, Wanted(after=everybody[-1].id))

    assert total == 50
    assert len(everybody) == thousand.PAGE
    assert len(rest) == 50 - thousand.PAGE
    assert some == counts["control"] == len(control) < 50
    assert 0 < few == len(held) <= 50


def test_a_field_of_the_map_lists_as_many_as_it_says_at_most(walked: Walked) -> None:
    days = thousand.span(TODAY, DAYS)
    with walked.database.read() as session:
        for row, fields in thousand.map_of(session, days).items():
            busiest = max(fields, key=lambda f: f.count)
            if busiest.count:
                _, total = thousand.met(session, Wanted(row=row, day=str(busiest.day)))
                assert 0 < total <= busiest.count


def test_somebody_is_found_by_number_and_by_a_part_of_the_name(walked: Walked) -> None:
    with walked.database.read() as session:
        (found, *_), _ = thousand.met(session, Wanted(name="M10000"))
        by_name, _ = thousand.met(session, Wanted(name=found.name[:4]))
        nobody, none = thousand.met(session, Wanted(name="100%"))

    assert found.id in {one.id for one in by_name}
    assert (nobody, none) == ([], 0)


@pytest.mark.parametrize("language", ["en", "he"])
def test_the_tab_shows_the_map_the_reasons_and_the_list(browser: TestClient, language: str) -> None:
    html = browser.get(f"/thousand?lang={language}&row=email&day=2026-06-20").text

    assert 'class="map"' in html
    assert "M10000" in browser.get(f"/thousand?lang={language}").text
    assert "http-equiv" not in html  # nothing to wait for: the walk is over


def test_each_of_them_has_a_timeline_with_reasons(browser: TestClient, walked: Walked) -> None:
    with walked.database.read() as session:
        query = select(_MESSAGE.c.customer_id).group_by(_MESSAGE.c.customer_id)
        customer = session.connection().scalar(query.order_by(func.count().desc()).limit(1))
    for language in ("en", "he"):
        html = browser.get(f"/thousand/customer/{customer}?lang={language}").text
        assert html.count('class="line') > 3
        assert "/stage/write" not in html  # it is only read
    assert browser.get("/thousand/customer/987654").status_code == 404


def test_every_timeline_of_the_walk_can_be_told(walked: Walked) -> None:
    from zoneinfo import ZoneInfo

    from app.lab.stage.timeline import lines
    from app.lab.stage.voice import Voice
    from app.records.history import read_history

    with walked.database.read() as session:
        for one in thousand.met(session, Wanted())[0]:
            history = read_history(session, one.id)
            assert history is not None
            for language in ("en", "he"):
                for line in lines(history, Voice(language, ZoneInfo(history.zone))):
                    assert line.what
                    assert line.why
                    assert "«" not in line.what + line.why
