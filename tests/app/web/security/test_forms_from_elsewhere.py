"""A form acts only as its own page made it, for its own customer, and pressed on our own site."""

from __future__ import annotations

import re

import pytest
from fastapi.routing import iter_route_contexts
from starlette.testclient import TestClient

from app.web.elsewhere import is_from_elsewhere
from app.web.machines import ALWAYS_TAKEN
from tests.app.web.people import ORIGIN, Payer, Stand, add_payer, change, whole
from tests.app.web.security.forms import Form, forms_of
from tests.app.web.security.neighbours import add_plan, form_on, give_way

NEVER_STALE = frozenset({"help", "stop", "wrong-person"})


@pytest.mark.parametrize(
    ("headers", "elsewhere"),
    [
        ({}, False),
        ({"origin": "null"}, False),
        ({"origin": ORIGIN}, False),
        ({"origin": "https://pay.example", "host": "pay.example"}, False),
        ({"origin": "https://evil.example", "host": "pay.example"}, True),
        ({"origin": "https://pay.example.evil.example", "host": "pay.example"}, True),
        ({"origin": "http://[", "host": "pay.example"}, True),
        ({"sec-fetch-site": "same-origin", "origin": "null"}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"sec-fetch-site": "cross-site"}, True),
        ({"sec-fetch-site": "Cross-Site", "origin": ORIGIN}, True),
        ({"sec-fetch-site": "same-site"}, True),
        ({"sec-fetch-site": ""}, True),
    ],
)
def test_browsers_say_where_a_form_was_pressed(headers: dict[str, str], elsewhere: bool) -> None:
    assert is_from_elsewhere(headers, ORIGIN) is elsewhere


def posted(stand: Stand) -> list[str]:
    """Every route of customers that takes a form."""
    return [
        str(route.path)
        for route in iter_route_contexts(stand.app.routes)
        if "POST" in (route.methods or ()) and re.match(r"/p/|/c\b", str(route.path))
    ]


@pytest.mark.parametrize(
    "headers", [{"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}]
)
def test_no_form_of_another_site_is_taken_but_those_that_stop_us(
    stand: Stand, client: TestClient, dana: Payer, headers: dict[str, str]
) -> None:
    before, paths = whole(stand), posted(stand)
    for pattern in paths:
        path = pattern.replace("{token}", dana.token).replace("{creditor}", "carmel")
        if path.endswith(ALWAYS_TAKEN):
            continue
        answer = client.post(path, headers=headers, data={"answer": "1", "code": "22222-22222"})
        assert answer.status_code == 403, path
        assert "Nothing was changed." in answer.text
    assert whole(stand) == before
    assert len(paths) > 20
    for path in (f"{dana.path}/help", f"{dana.path}/stop"):
        data = {"kind": "more_time"}
        assert client.post(path, headers=headers, data=data).status_code == 303, path


@pytest.mark.parametrize(
    "headers", [{}, {"origin": "null"}, {"sec-fetch-site": "same-origin", "origin": "null"}]
)
def test_a_form_of_ours_is_taken_whatever_an_old_browser_leaves_out(
    client: TestClient, dana: Payer, headers: dict[str, str]
) -> None:
    form = form_on(client, dana, "/promise", "promise")
    assert client.post(form.action, data=form.filled(), headers=headers).status_code == 303


def test_another_site_cannot_use_up_the_tries_of_its_visitors(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    change(stand, """UPDATE creditor SET page_check = '["birth_year"]'""")
    change(stand, "UPDATE customer SET birth_year = 1984")
    theirs = {"sec-fetch-site": "cross-site"}
    for _ in range(30):
        client.post("/c", data={"code": "22222-22222", "answer": "1"}, headers=theirs)
        client.post(f"{dana.path}/prove", data={"answer": "no"}, headers=theirs)

    assert client.post("/c", data={"code": "x", "answer": "1"}).status_code == 422
    assert client.post(f"{dana.path}/prove", data={"answer": "1984"}).status_code == 303


@pytest.mark.parametrize("kind", ["plainly", "in parts"])
def test_every_form_needs_the_nonce_that_its_own_page_gave_it_last(
    stand: Stand, client: TestClient, dana: Payer, kind: str
) -> None:
    other = add_payer(stand, "Somebody Else")
    give_way(stand, dana)
    if kind == "in parts":
        add_plan(stand, dana, 124_050)
    forms = [form for _, form in forms_of(client, dana) if form.name not in NEVER_STALE]
    foreign = form_on(client, other, "/promise", "promise").fields["nonce"].sent
    before = whole(stand)

    for form in forms:
        swapped = next(each for each in forms if each.name != form.name)
        for nonce in ("", "0" * 32, foreign, swapped.fields["nonce"].sent, "\U0001f600"):
            answer = client.post(form.action, data=form.filled(nonce=nonce))
            assert answer.status_code == 409, (form.name, nonce)
        nameless = form.filled()
        del nameless["nonce"]
        assert client.post(form.action, data=nameless).status_code == 409, form.name
        assert client.post(_of(form, other), data=form.filled()).status_code in (409, 422)
    assert whole(stand) == before
    assert len({form.name for form in forms}) >= {"plainly": 10, "in parts": 8}[kind]

    change(stand, "UPDATE customer SET ledger_revision = ledger_revision + 1")
    before = whole(stand)
    for form in forms:
        assert client.post(form.action, data=form.filled()).status_code == 409, form.name
    assert whole(stand) == before


def _of(form: Form, payer: Payer) -> str:
    """The same form on somebody else's page."""
    return f"{payer.path}/{form.name}"
