"""Where an answer leads and what its headers say is ours, whatever a caller writes."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from fastapi.routing import iter_route_contexts
from httpx2 import Response
from starlette.testclient import TestClient

from app.wording.page_codes import code, code_hash
from tests.app.web.people import Payer, Stand, change
from tests.app.web.security.forms import forms_of, same_form
from tests.app.web.security.neighbours import leaving

ELSEWHERE = (
    "//evil.example", "https://evil.example", "/\\evil.example", "https:evil.example",
    "en//evil.example", "\t//evil.example", "@evil.example",
)  # fmt: skip
BREAK = "en\r\nX-Evil: 1\r\nSet-Cookie: evil=1"
NAMES = ("lang", "back", "next", "to", "done", "c", "look", "period", "return_url", "url", "token")
FORWARDED = {
    "host": "evil.example",
    "x-forwarded-host": "evil.example",
    "x-forwarded-proto": "evil",
    "x-forwarded-server": "evil.example",
    "x-original-url": "//evil.example",
    "x-rewrite-url": "//evil.example",
    "forwarded": "host=evil.example;proto=https",
    "x-http-method-override": "POST",
}


def leads_home(answer: Response) -> bool:
    """Whether a redirect stays here, as a browser reads it; true for what is none."""
    to = answer.headers.get("location", "/")
    return bool(re.match(r"/(?![/\\])|http://testserver/(sandbox|p)/", to))


def told(answer: Response) -> str:
    return "\n".join(f"{name}: {value}" for name, value in answer.headers.items())


def addresses(stand: Stand, payer: Payer) -> Iterator[tuple[str, str]]:
    """Each route once, filled in, with its method."""
    filled = {
        "token": payer.token, "invoice": "1", "creditor": "carmel", "what": "stop",
        "name": "pages.css", "digest": "0" * 16, "attempt_id": "1", "session_id": "x",
    }  # fmt: skip
    for route in iter_route_contexts(stand.app.routes):
        for method in sorted((route.methods or set()) - {"HEAD"}):
            path = re.sub(r"\{(\w+)\}", lambda found: filled[found[1]], str(route.path))
            yield method, path


@pytest.mark.parametrize("evil", [*ELSEWHERE, BREAK])
def test_no_address_and_no_field_leads_elsewhere_or_breaks_a_header(
    stand: Stand, client: TestClient, dana: Payer, evil: str
) -> None:
    said = dict.fromkeys(NAMES, evil)
    seen = redirects = 0
    for method, path in (*addresses(stand, dana), ("POST", leaving(stand, dana))):
        if path.endswith("/wrong-person"):
            continue  # it would end the page
        answer = client.request(method, path, params=said, data=said if method == "POST" else None)
        assert leads_home(answer), (method, path, answer.headers["location"])
        assert "evil" not in told(answer).partition("filename")[0], (method, path)
        seen += 1
        redirects += 300 <= answer.status_code < 400
    assert seen > 50
    assert redirects > 3


def test_no_form_that_is_taken_leads_elsewhere(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    taken = 0
    for page, known in forms_of(client, dana):
        if known.name == "wrong-person":
            continue
        form = same_form(client, dana, page, known)
        data = form.filled(lang="//evil.example", to=BREAK, back="//evil.example")
        answer = client.post(form.action, data=data, headers=FORWARDED | {"host": "testserver"})
        assert leads_home(answer), form.name
        assert "evil" not in told(answer), form.name
        taken += answer.status_code == 303
    assert taken > 8


def test_the_door_leads_to_the_page_alone(stand: Stand, client: TestClient, dana: Payer) -> None:
    change(stand, "UPDATE customer SET birth_year = 1984")
    typed = code(stand.settings.secret, dana.link_id)
    kept = code_hash(stand.settings.secret, typed)
    change(stand, f"UPDATE link SET code_hash = '{kept}' WHERE id = {dana.link_id}")
    data = {"code": typed, "answer": "1984", "to": "//evil.example"}
    for lang in ("//evil.example", "he&done=promise", "he#x", BREAK, ""):
        answer = client.post("/c", params={"lang": lang}, data=data)
        assert (answer.status_code, answer.headers["location"]) == (303, dana.path), lang
    answer = client.post("/c?lang=he", data=data)
    assert answer.headers["location"] == f"{dana.path}?lang=he"


def test_who_calls_by_another_name_is_answered_as_ever(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    for method, path in addresses(stand, dana):
        if method != "GET":
            continue
        answer = client.get(path, headers=FORWARDED)
        assert "evil" not in answer.text, path
        assert "evil" not in told(answer), path


ASTRAY = (
        "//evil.example", "//evil.example/", "//evil.example/%2e%2e", "/\\evil.example",
        "/%2f%2fevil.example/", "/p//evil.example/prove", "/p/%2F%2Fevil.example/prove",
        "/thanks/stop/", "/c/carmel//", "/static/pages.css/",
)  # fmt: skip


def test_a_slash_too_many_leads_nowhere(client: TestClient) -> None:
    for path in ASTRAY:
        answer = client.get(f"http://testserver{path}", headers={"host": "evil.example"})
        assert answer.status_code == 404, path
        assert "location" not in answer.headers, path


def test_the_door_may_be_typed_with_a_slash_at_its_end(client: TestClient) -> None:
    for path in ("/c/", "/c/carmel/"):
        assert 'name="code"' in client.get(path).text
        assert client.post(path, data={"code": "x"}).status_code == 422


@pytest.mark.parametrize("to", ["//evil.example", "../accounts", "accounts/", "plan", BREAK])
def test_the_question_leads_to_the_page_it_was_asked_for_alone(
    stand: Stand, client: TestClient, dana: Payer, to: str
) -> None:
    change(stand, """UPDATE creditor SET page_check = '["birth_year"]'""")
    change(stand, "UPDATE customer SET birth_year = 1984")
    data = {"answer": "1984", "to": to, "lang": "//evil.example"}
    led = client.post(f"{dana.path}/prove", data=data)
    assert (led.status_code, led.headers["location"].partition("?")[0]) == (303, dana.path)
    assert "evil" not in told(led)


def test_no_cookie_is_set_before_it_is_needed(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    for method, path in addresses(stand, dana):
        if method == "GET":
            assert "set-cookie" not in client.get(path).headers, path
    for page, form in forms_of(client, dana):
        data = same_form(client, dana, page, form).filled() if form.name != "stop" else {}
        assert "set-cookie" not in client.post(form.action, data=data).headers, form.name
        if form.name == "wrong-person":
            break
    assert client.post(f"{dana.path}/prove", data={"answer": "no"}).cookies == {}
