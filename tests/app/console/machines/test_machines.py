"""Keys and webhooks: made, tried, ended by an administrator; each secret is shown once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

import pytest
from aiohttp import web
from sqlalchemy import select, update
from starlette.testclient import TestClient

from app.api.keys import caller_of
from app.api.scopes import Scope
from app.api.webhooks.endpoints import secret_of_endpoint
from app.console.rooms import Room
from app.lab.served import served
from app.payments.standard_webhooks import ensure_signed
from app.staff.roles import Role
from app.store.bulk import insert_rows
from app.store.given import rows_by_id, table_of
from app.store.journal import Happened, record
from app.store.rows import Creditor, Endpoint, EndpointCall
from tests.app.console.signing_in.people import acts
from tests.app.console.team import Seat, Team, sitting
from tests.app.web.people import NOW, ORIGIN

_ENDPOINT, _CREDITOR = table_of(Endpoint), table_of(Creditor)
KEY = {"name": "erp", "scope_book:read": "1", "scope_events:read": "1", "creditor": "", "days": ""}
Heard = list[tuple[bytes, dict[str, str]]]


def secret_in(page: str) -> str:
    found = re.search(r'id="secret"[^>]*>([^<]+)<', page)
    assert found is not None, page
    return found[1]


def caller(team: Team, secret: str) -> set[Scope] | None:
    with team.database.read() as session:
        found = caller_of(session, secret, team.clock.now())
    return set(found.scopes) if found else None


def test_a_key_is_made_shown_once_and_may_what_was_ticked(team: Team, admin: Seat) -> None:
    shown = admin.presses("/console/machines/keys", KEY)
    secret = secret_in(shown.text)

    assert caller(team, secret) == {Scope.BOOK_READ, Scope.EVENTS_READ}
    page = admin.opens("/console/machines")
    assert secret not in page
    assert secret[:11] in page
    assert acts(team) == ["api_key_made"]


def test_a_key_that_cannot_be_says_why_and_keeps_what_was_typed(team: Team, admin: Seat) -> None:
    nothing = {"scope_book:read": None, "scope_events:read": None}
    wrong: list[tuple[Mapping[str, str | None], str]] = [
        ({"name": " "}, "name"),
        ({"name": "x" * 101}, "name"),
        (nothing, "scopes"),
        ({"days": "0"}, "days"),
        ({"days": "soon"}, "days"),
        ({"days": "9" * 30}, "days"),
        ({"creditor": "nobody"}, "creditor"),
    ]
    for changed, field in wrong:
        form = {name: value for name, value in {**KEY, **changed}.items() if value is not None}
        answer = admin.presses("/console/machines/keys", form)

        assert answer.status_code == 422
        assert f'id="{field}-fault"' in answer.text
        is_kept = 'name="scope_book:read" value="1" checked' in answer.text
        assert is_kept == ("scope_book:read" in form)
    assert acts(team) == []


def test_a_key_is_replaced_with_time_to_change_and_revoked_at_once(team: Team, admin: Seat) -> None:
    with team.database.read() as session:
        creditor = session.connection().scalar(select(_CREDITOR.c.external_id))
    made = admin.presses("/console/machines/keys", {**KEY, "creditor": creditor, "days": "30"})
    old = secret_in(made.text)
    new = secret_in(admin.presses("/console/machines/keys/1/rotate").text)
    assert caller(team, old) == caller(team, new) == {Scope.BOOK_READ, Scope.EVENTS_READ}
    team.clock.move_to(NOW + timedelta(hours=24))
    assert caller(team, old) is None

    admin = team.seat(Role.ADMIN)
    assert "good for nothing" in admin.does("/console/machines/keys/2/revoke")

    assert caller(team, new) is None
    assert admin.presses("/console/machines/keys/2/revoke").status_code == 409
    assert admin.presses("/console/machines/keys/1/rotate").status_code == 409
    assert "Keys that have ended" in admin.opens("/console/machines")
    assert acts(team) == ["api_key_made", "api_key_replaced", "api_key_revoked"]


@pytest.fixture
def heard() -> Heard:
    return []


@pytest.fixture
def ear(heard: Heard) -> Iterator[str]:
    """An address that takes what it is told."""

    async def take(request: web.Request) -> web.Response:
        named = {name.lower(): value for name, value in request.headers.items()}
        heard.append((await request.read(), named))
        return web.Response(status=int(request.query.get("answer", "204")))

    app = web.Application()
    app.router.add_post("/duly", take)
    with served(app) as origin:
        yield f"{origin}/duly"


def test_an_address_is_added_and_tried_with_its_own_secret(
    team: Team, admin: Seat, ear: str, heard: Heard
) -> None:
    form = {"url": ear, "kinds": "promise_made payment_received", "creditor": ""}
    secret = secret_in(admin.presses("/console/machines/webhooks", form).text)

    page = admin.does("/console/machines/webhooks/1/test")

    assert "It answered 204 after" in page
    assert secret not in page
    ((body, headers),) = heard
    ensure_signed(body, headers, secret=secret, now=NOW)
    assert json.loads(body)["type"] == "duly_test"
    assert acts(team) == ["webhook_added", "webhook_tested"]


def test_a_test_that_fails_says_so(team: Team, admin: Seat, ear: str) -> None:
    failing = ((f"{ear}?answer=500", "it answered 500"), ("http://127.0.0.1:9/duly", "no answer"))
    for number, (url, said) in enumerate(failing, 1):
        admin.presses("/console/machines/webhooks", {"url": url, "kinds": ""})

        page = admin.does(f"/console/machines/webhooks/{number}/test")

        assert said in page
        assert 'class="said bad"' in page


def test_an_address_that_cannot_be_says_why(team: Team, admin: Seat) -> None:
    for url, kinds, field in (
        ("http://erp.example/duly", "", "url"),
        ("https://10.0.0.1/duly", "", "url"),
        ("https://user@erp.example/", "", "url"),
        ("", "", "url"),
        ("https://erp.example/", "Promise-Made", "kinds"),
    ):
        answer = admin.presses("/console/machines/webhooks", {"url": url, "kinds": kinds})

        assert answer.status_code == 422
        assert f'id="{field}-fault"' in answer.text
    assert acts(team) == []


def added(team: Team, admin: Seat) -> str:
    admin.presses("/console/machines/webhooks", {"url": "https://erp.example/duly", "kinds": ""})
    return "/console/machines/webhooks/1"


def test_an_address_is_paused_goes_on_and_ends(team: Team, admin: Seat) -> None:
    place = added(team, admin)

    def state() -> str:
        with team.database.read() as session:
            return str(rows_by_id(session, Endpoint, [1])[1].state)

    assert f'action="{place}/resume"' in admin.does(f"{place}/pause")
    assert state() == "paused"
    admin.does(f"{place}/resume")
    assert state() == "active"
    admin.does(f"{place}/end")
    assert state() == "ended"
    for act in ("pause", "resume", "end", "test", "secret"):
        assert admin.presses(f"{place}/{act}").status_code == 409
    assert admin.presses(f"{place}/replay", {"since": "2026-01-01"}).status_code == 409
    assert acts(team) == ["webhook_added", "webhook_paused", "webhook_resumed", "webhook_ended"]


def test_a_new_secret_is_another(team: Team, admin: Seat) -> None:
    secret = secret_in(admin.presses(f"{added(team, admin)}/secret").text)

    assert secret == secret_of_endpoint(team.settings.secret, 1, 2)


def test_all_that_happened_since_a_day_is_told_again(team: Team, admin: Seat) -> None:
    place = added(team, admin)
    for since in ("", "yesterday", (NOW + timedelta(days=2)).date().isoformat()):
        answer = admin.presses(f"{place}/replay", {"since": since})
        assert (answer.status_code, 'id="since-fault"' in answer.text) == (422, True)

    admin.does(f"{place}/replay", {"since": NOW.date().isoformat()})

    with team.database.read() as session:
        row = rows_by_id(session, Endpoint, [1])[1]
    assert row.replay_since.date() <= NOW.date()
    assert acts(team)[-1] == "webhook_replayed"


def test_the_log_tells_what_was_answered(team: Team, admin: Seat) -> None:
    place = added(team, admin)
    with team.database.write() as session:
        for kind in ("first_thing", "second_thing"):
            record(session, [Happened(kind, NOW)], now=NOW)
        rows = [
            {"endpoint_id": 1, "event_id": 1, "state": "told", "tries": 1, "due_at": NOW,
             "told_at": NOW, "status": 200, "took_ms": 31},
            {"endpoint_id": 1, "event_id": 2, "state": "waiting", "tries": 3, "due_at": NOW,
             "status": 503, "problem": "it answered 503"},
        ]  # fmt: skip
        for row in rows:
            insert_rows(session, EndpointCall, [row])
        session.connection().execute(update(_ENDPOINT).values(failing_since=NOW))

    page = admin.opens(place)
    waiting = admin.opens(f"{place}?state=waiting")

    assert page.index("second_thing") < page.index("first_thing")
    assert "it answered 503" in page
    assert "Failing" in page
    assert "first_thing" not in waiting


def test_who_is_not_there_is_not_found(team: Team, admin: Seat) -> None:
    assert admin.browser.get("/console/machines/webhooks/9").status_code == 404
    assert admin.presses("/console/machines/webhooks/9/test").status_code == 404
    assert admin.presses("/console/machines/keys/9/rotate").status_code == 409


def test_a_key_opens_the_api(migrated_url: str, rooms: Sequence[Room]) -> None:
    with sitting(migrated_url, rooms=rooms, programs=True) as team:
        admin = team.seat(Role.ADMIN)
        secret = secret_in(admin.presses("/console/machines/keys", KEY).text)
        api = TestClient(team.app, base_url=ORIGIN)

        told = api.get("/api/v1/customers", headers={"authorization": f"Bearer {secret}"})

        assert told.status_code == 200
