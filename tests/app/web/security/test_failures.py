"""Whatever fails, the answer has every header, tells nothing and keeps no cookie."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from app.web.closed import MISSES
from app.web.door import TRIES
from tests.app.web.people import Payer, Stand, change
from tests.app.web.security.forms import Form
from tests.app.web.security.neighbours import form_on

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; base-uri 'none';"
    " form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex, nofollow, noarchive",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "content-security-policy": POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
HALF = b"\r\n".join(
    (b"--x", b'Content-Disposition: form-data; name="words"', b"", b"+2AA-", b"--x--", b"")
)
"""A field in a code that can write the half of a pair of characters."""
DATA = ("Dana", "Cohen", "1,240", "A-11", "Noa")


def is_shielded(answer: Response) -> None:
    """Asserts that an answer has what every page promises."""
    told = answer.headers
    assert {name: told.get(name) for name in HEADERS} == HEADERS
    assert "set-cookie" not in told
    assert "server" not in told
    if told.get("content-type", "").startswith("text/html") and answer.text:
        assert "<title>Secure page</title>" in answer.text
        assert "<script" not in answer.text


def _long() -> Iterator[bytes]:
    yield from [b"x" * 50_000] * 8


def _fields(count: int) -> dict[str, str]:
    return {f"field{number}": "" for number in range(count)}


def _many(client: TestClient, path: str, times: int) -> Response:
    for _ in range(times):
        client.post(path, data={"code": "22222-22222", "answer": "1"})
    return client.post(path, data={"code": "22222-22222", "answer": "1"})


def _guesses(client: TestClient) -> Response:
    for number in range(MISSES):
        client.get(f"/p/{number:022}")
    return client.get(f"/p/{'x' * 22}")


def _refused(client: TestClient, payer: Payer, **typed: str) -> Response:
    form: Form = form_on(client, payer, "/promise", "promise")
    return client.post(form.action, data=form.filled(**typed))


Fails = Callable[[TestClient, Payer], Response]
FAILURES: dict[str, tuple[int, Fails]] = {
    "a field too long": (400, lambda c, p: c.post(f"{p.path}/help", data={"words": "x" * 3000})),
    "a field too many": (400, lambda c, p: c.post(f"{p.path}/help", data=_fields(1001))),
    "a field of nothing": (400, lambda c, p: c.post(f"{p.path}/help", data={"words": "a\0b"})),
    "a broken form": (400, lambda c, p: c.post(
        f"{p.path}/help", content=b"x", headers={"content-type": "multipart/form-data"})),
    "half a letter": (400, lambda c, p: c.post(
        f"{p.path}/help", content=HALF,
        headers={"content-type": "multipart/form-data; boundary=x; charset=utf-7"})),
    "a machine": (403, lambda c, p: c.post(f"{p.path}/thread", headers={"user-agent": "curl/8"})),
    "another site": (403, lambda c, p: c.post(
        f"{p.path}/thread", headers={"sec-fetch-site": "cross-site"})),
    "no link": (404, lambda c, p: c.get(f"/p/{'x' * 22}")),
    "no such page": (404, lambda c, p: c.get("/wp-login.php")),
    "no such document": (404, lambda c, p: c.get(f"{p.path}/documents/99")),
    "no such way": (404, lambda c, p: c.get(f"{p.path}/nothing")),
    "a method that is none": (405, lambda c, p: c.put(p.path)),
    "a page that is posted": (405, lambda c, p: c.post(p.path)),
    "options": (405, lambda c, p: c.options(f"{p.path}/promise")),
    "an outdated form": (409, lambda c, p: _refused(c, p, nonce="old")),
    "too large": (413, lambda c, p: c.post(f"{p.path}/help", content=b"x" * 300_000)),
    "too large, by and by": (413, lambda c, p: c.post(
        f"{p.path}/help", content=_long(),
        headers={"content-type": "application/x-www-form-urlencoded"})),
    "no length": (413, lambda c, p: c.post(
        f"{p.path}/help", content=b"x", headers={"content-length": "1e3"})),
    "refused": (422, lambda c, p: _refused(c, p, day="2020-01-01")),
    "no code": (422, lambda c, p: c.post("/c", data={"code": "x"})),
    "too many codes": (429, lambda c, p: _many(c, "/c", TRIES)),
    "too many links": (429, lambda c, p: _guesses(c)),
    "broken": (500, lambda c, p: c.get(f"{p.path}/check")),
}  # fmt: skip


OWN_PAGE = ("an outdated form", "refused", "no such document")
"""The customer's own page, with what is wrong on it."""


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failure_has_every_header_and_tells_nothing(
    stand: Stand, client: TestClient, dana: Payer, failure: str
) -> None:
    status, fails = FAILURES[failure]
    if status == 500:
        change(stand, "UPDATE creditor SET zone = 'Nowhere/Land'")

    answer = fails(client, dana)

    assert answer.status_code == status
    is_shielded(answer)
    if failure not in OWN_PAGE:
        assert not [word for word in DATA if word in answer.text]
    if status == 429:
        assert 0 < int(answer.headers["retry-after"]) <= 60
    if status == 405:
        assert "GET" in answer.headers["allow"]


def test_every_page_is_shielded(client: TestClient, dana: Payer) -> None:
    for page in ("", "/promise", "/statement", "/thread", "/check", "/receipt"):
        is_shielded(client.get(dana.path + page))
    for path in ("/c", "/thanks/stop", "/healthz", "/robots.txt"):
        is_shielded(client.get(path))
