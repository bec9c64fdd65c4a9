"""Looking changes nothing, shows only one's own, and leaves with every header."""

import logging
import re
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts
from starlette.testclient import TestClient

from app.store.rows import Contact
from app.wording.address import manner_of
from app.wording.slips import slips_in
from tests.app.web.people import (
    NOW,
    Payer,
    Stand,
    add_attempt,
    add_link,
    add_payer,
    change,
    standing,
    whole,
)
from tests.databases import on_both_stores
from tests.factories import add

UNKNOWN = "A" * 22


def _paths(stand: Stand, payer: Payer) -> list[str]:
    """One address for every route that answers a GET, and some with parameters."""
    attempt = add_attempt(
        stand, payer, medium="email", subject="s", html="<html><head></head></html>"
    )
    _, leaving = add_link(stand, payer.customer_id, payer.message_id, purpose="unsubscribe")
    with stand.client() as client:
        page = client.get(payer.path).text
        to = client.post(
            f"{payer.path}/pay", data={**_hidden(page, "pay"), "currency": "ILS", "amount": "5"}
        ).headers["location"]
    filled = {
        "token": payer.token,
        "what": "stop",
        "name": "pages.css",
        "attempt_id": str(attempt),
        "session_id": to.rpartition("/")[2],
        "invoice": "1",
        "creditor": "carmel",
        "digest": "0" * 16,
    }
    paths = [
        re.sub(r"\{(\w+)\}", lambda found: filled[found[1]], str(route.path))
        for route in iter_route_contexts(stand.app.routes)
        if "GET" in (route.methods or ())
    ]
    more = [f"{payer.path}?lang=he&done=promise", f"{payer.path}/receipt?c=1&look=2"]
    more += [f"/u/{leaving}", "/outbox?medium=sms&locale=he&customer=1&before=9", "/brand/1.css"]
    return [*paths, *more, f"/p/{UNKNOWN}", "/no/such/page", f"{payer.path}/pay"]


def _hidden(page: str, action: str) -> dict[str, str]:
    form = re.search(rf'action="[^"]*/{action}">(.*?)</form>', page, re.DOTALL)
    assert form, action
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form[1]))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_at_anything_changes_nothing(
    stand: Stand, client: TestClient, dana: Payer, method: str
) -> None:
    paths = _paths(stand, dana)
    before = whole(stand)

    statuses = {path: client.request(method, path).status_code for path in paths}

    assert whole(stand) == before
    assert len(paths) > 15
    assert statuses.pop("/readyz") == 503  # nothing is published here
    assert all(status < 500 for status in statuses.values()), statuses
    assert sum(status == 200 for status in statuses.values()) > 15, statuses


def test_vector_23_a_scanner_that_follows_the_links_fifty_times_changes_nothing(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    _, leaving = add_link(stand, dana.customer_id, dana.message_id, purpose="unsubscribe")
    before = whole(stand)

    for path in (dana.path, f"/u/{leaving}"):
        assert {client.get(path).status_code for _ in range(50)} == {200}

    assert whole(stand) == before


@on_both_stores
def test_every_answer_has_the_headers(stand: Stand, client: TestClient, dana: Payer) -> None:
    answers = [client.get(path) for path in _paths(stand, dana)]
    answers += [client.post("/webhooks/sandbox", content=b"{}"), client.post(f"{dana.path}/pay")]

    for answer in answers:
        headers, path = answer.headers, answer.request.url.path
        assert "default-src 'none'" in headers["content-security-policy"], path
        assert "script" not in headers["content-security-policy"], path
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-robots-tag"].startswith("noindex")
        assert "set-cookie" not in headers
        if not path.startswith(("/static/", "/brand/")):
            assert headers["cache-control"] == "no-store", path
        if not path.endswith("/mail"):
            assert "frame-ancestors 'none'" in headers["content-security-policy"], path
            assert "unsafe-inline" not in headers["content-security-policy"], path


def test_a_failure_tells_nothing_and_still_has_the_headers(
    stand: Stand, client: TestClient, dana: Payer, caplog: pytest.LogCaptureFixture
) -> None:
    change(stand, "UPDATE creditor SET zone = 'Nowhere/Land'")

    answer = client.get(f"{dana.path}/check")

    assert answer.status_code == 500
    assert answer.text == "Sorry, something broke. Try again."
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert dana.token not in caplog.text


def test_it_shows_what_is_open_by_invoice(client: TestClient, dana: Payer) -> None:
    page = client.get(dana.path).text

    for text in ("Hello <bdi>Dana</bdi>", "₪1,240.50", "₪1,000.00", "₪240.50", "Noa Levi"):
        assert text in page
    assert "12 days ago" in page
    assert "In 3 days" in page
    assert "<title>Secure page</title>" in page


def test_currencies_are_listed_and_never_added(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    change(stand, "UPDATE invoice SET currency = 'EUR' WHERE open_minor = 24050")

    page = client.get(dana.path).text

    assert page.count('<dd class="sum">') == 2
    assert "₪1,000.00" in page
    assert "€240.50" in page
    assert "1,240.50" not in page


def test_a_debt_past_its_limitation_is_shown_and_not_asked_for(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    change(stand, "UPDATE invoice SET limitation_on = '2026-11-24' WHERE open_minor = 100000")

    page = client.get(dana.path).text

    assert "older than the law allows" in page
    assert "Pay <bdi>₪240.50</bdi>" in page


def test_nothing_open_is_said_kindly(stand: Stand, client: TestClient) -> None:
    payer = add_payer(stand, invoices=False)

    page = client.get(payer.path).text

    assert "There is nothing to pay" in page
    assert "/promise" not in page


@pytest.mark.parametrize(
    ("locale", "direction", "text"),
    [
        ("he-IL", "rtl", "שלום"),
        ("ar", "rtl", "مرحبًا"),
        ("lt", "ltr", "Sveiki"),
        ("en", "ltr", "Hello"),
    ],
)
def test_it_speaks_the_customers_language(
    stand: Stand, client: TestClient, locale: str, direction: str, text: str
) -> None:
    payer = add_payer(stand, locale=locale)

    answer = client.get(payer.path)

    assert f'<html lang="{locale[:2]}" dir="{direction}">' in answer.text
    assert text in answer.text
    assert answer.headers["content-language"] == locale[:2]


def test_a_lithuanian_is_greeted_in_the_vocative_or_without_a_name(
    stand: Stand, client: TestClient
) -> None:
    known = add_payer(stand, given_name="Jonas", vocative="Jonai", locale="lt")
    unknown = add_payer(stand, given_name="Jonas", locale="lt")

    assert "Sveiki, <bdi>Jonai</bdi>" in client.get(known.path).text
    assert "<h1>Sveiki</h1>" in client.get(unknown.path).text
    assert "Hello <bdi>Jonas</bdi>" in client.get(f"{known.path}?lang=en").text


@pytest.mark.parametrize(
    ("locale", "column", "forms"),
    [("he", "gender", ("f", "m")), ("ar", "gender", ("f", "m")),
     ("lt", "formality", ("formal", "informal"))],
)  # fmt: skip
def test_a_page_says_the_same_to_everybody(
    stand: Stand, client: TestClient, locale: str, column: str, forms: tuple[str, str]
) -> None:
    payer = add_payer(stand, vocative="Dana", locale=locale)
    neutral = client.get(payer.path).text
    assert f"{'Sveiki,' if locale == 'lt' else ''} <bdi>Dana</bdi></h1>" in neutral
    words = re.sub("<[^>]+>", " ", neutral)
    assert slips_in(words, locale, forms=(manner_of(locale).anybody,)) == []

    for form in forms:
        change(stand, f"UPDATE customer SET {column} = '{form}'")
        assert client.get(payer.path).text == neutral


def test_a_page_speaks_the_language_of_the_contact_whom_its_message_was_for(
    stand: Stand, client: TestClient
) -> None:
    firm = add_payer(stand, "Millstone Bakery", given_name=None, kind="business", locale="he")
    contact = add(
        stand.database, Contact, customer_id=firm.customer_id, name="Rasa", locale="lt_LT"
    )
    assert '<html lang="he"' in client.get(firm.path).text
    change(stand, f"UPDATE contact_point SET contact_id = {contact}")
    assert '<html lang="lt"' in client.get(firm.path).text
    assert '<html lang="en"' in client.get(f"{firm.path}?lang=en").text
    change(stand, "UPDATE contact SET locale = NULL")
    assert '<html lang="he"' in client.get(firm.path).text


def test_the_language_can_be_switched_by_a_plain_link(client: TestClient, dana: Payer) -> None:
    assert 'dir="rtl"' in client.get(f"{dana.path}?lang=ar").text
    assert '<html lang="en"' in client.get(f"{dana.path}?lang=xx").text


def test_names_cannot_carry_markup_or_links(stand: Stand, client: TestClient) -> None:
    evil = '"><script>alert(1)</script>{{7*7}}%(num)s'
    payer = add_payer(stand, evil, given_name=evil)
    change(stand, f"UPDATE invoice SET number = '<img src=x onerror=1>{payer.customer_id}'")
    add_attempt(stand, payer, text="<script>x</script> {{link:1}}")

    for path in (payer.path, "/outbox", "/"):
        page = client.get(path).text
        assert "<script" not in page
        assert "<img" not in page
        assert "{{7*7}}" not in page or "49" not in page


@pytest.mark.parametrize("token", [UNKNOWN, "short", "x" * 23, "<script>", "%00" * 22, "." * 22])
def test_an_unknown_link_leads_to_a_page_without_data(
    client: TestClient, dana: Payer, token: str
) -> None:
    answer = client.get(f"/p/{token}")

    assert answer.status_code == 404
    assert "This page is closed" in answer.text
    assert "Carmel" not in answer.text


@pytest.mark.parametrize("end", ["expires_at", "revoked_at"])
def test_a_link_that_has_ended_leads_to_a_page_without_data(
    stand: Stand, client: TestClient, dana: Payer, end: str
) -> None:
    change(stand, f"UPDATE link SET {end} = '2026-11-01 00:00:00+00:00'")

    for path in (dana.path, f"{dana.path}/receipt"):
        answer = client.get(path, headers={"accept-language": "he,en"})
        assert answer.status_code == 404
        assert "העמוד הזה סגור" in answer.text
        assert "Dana" not in answer.text


def test_an_erased_customer_has_no_page(stand: Stand, client: TestClient, dana: Payer) -> None:
    change(stand, "UPDATE customer SET erased_at = '2026-11-01 00:00:00+00:00'")

    assert client.get(dana.path).status_code == 404


def test_a_link_to_unsubscribe_opens_no_page(stand: Stand, client: TestClient, dana: Payer) -> None:
    _, made = add_link(stand, dana.customer_id, dana.message_id, purpose="unsubscribe")

    assert client.get(f"/p/{made}").status_code == 404
    assert "Dana" not in client.get(f"/u/{made}").text


def test_the_log_holds_no_token_and_no_customer(
    client: TestClient, dana: Payer, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger="app.web"):
        client.get(dana.path)
        client.post(f"{dana.path}/pay", data={"amount": "Dana", "nonce": "secret-nonce"})
        client.get(f"/p/{UNKNOWN}")

    lines = [record for record in caplog.records if record.name == "app.web.shield"]
    told = "\n".join(record.getMessage() for record in lines)
    assert "GET /p/{token} 200" in told
    for secret in (dana.token, UNKNOWN, "Dana", "secret-nonce"):
        assert secret not in told


def test_a_body_that_is_too_large_is_refused(client: TestClient, dana: Payer) -> None:
    assert client.post(f"{dana.path}/help", content=b"x" * 300_000).status_code == 413
    call = iter([b"x" * 1_000_000] * 3)
    assert client.post("/webhooks/sandbox", content=call).status_code == 413


def test_a_field_that_is_too_long_is_refused_without_being_repeated(
    client: TestClient, dana: Payer
) -> None:
    answer = client.post(f"{dana.path}/help", data={"words": "wordy" * 1000})

    assert answer.status_code == 400
    assert "wordy" not in answer.text


def test_it_is_alive_and_once_words_are_published_ready(stand: Stand, client: TestClient) -> None:
    from app.loops.assembly import publish_shipped

    assert client.get("/healthz").text == "alive\n"
    early = client.get("/readyz")
    assert (early.status_code, early.json()["ready"]) == (503, False)
    publish_shipped(stand.database, NOW)
    assert client.get("/readyz").json() == {"ready": True, "problem": None}


def test_it_is_not_ready_without_its_tables(database_url: str) -> None:
    from app.store.migrate import upgrade

    upgrade(database_url)
    with standing(database_url) as stand, stand.client() as client:
        change(stand, "DELETE FROM alembic_version")
        answer = client.get("/readyz")

    assert answer.status_code == 503
    assert "duly db upgrade" in answer.text


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
def test_nothing_describes_the_routes_to_strangers(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_production_has_no_outbox_and_no_index(migrated_url: str) -> None:
    changed: dict[str, Any] = {"environment": "production", "rehearsal": True}
    address = "https://pay.example"
    with standing(migrated_url, base_url=address, **changed) as stand, stand.client() as client:
        payer = add_payer(stand)

        for path in ("/outbox", "/outbox/1", "/sandbox/pay/x"):
            assert client.get(path).status_code == 404, path
        assert 'name="code"' in client.get("/").text  # the front door
        answer = client.get(payer.path)
        assert answer.status_code == 200
        assert "Rehearsal: nothing is sent" in answer.text
        assert "max-age" in answer.headers["strict-transport-security"]


@pytest.mark.parametrize("purpose", ["dispute", "help"])
def test_a_link_about_something_opens_that_part(
    stand: Stand, client: TestClient, dana: Payer, purpose: str
) -> None:
    _, made = add_link(stand, dana.customer_id, dana.message_id, purpose=purpose)

    assert client.get(f"/p/{made}").headers["location"] == f"/p/{made}/{purpose}?lang=en"
    assert client.get(f"/p/{made}?lang=en").status_code == 200, "the front stays within reach"
    assert client.get(dana.path).status_code == 200
