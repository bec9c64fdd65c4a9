"""Who opens a page: the question before it, the door without a link, other accounts, old links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.routing import iter_route_contexts
from starlette.testclient import TestClient

from app.loops.assembly import publish_shipped
from app.store.rows import Creditor
from app.web.door import TRIES, network_of, slug_of
from app.web.tickets import COOKIE, Ticket
from app.wording.daily_codes import daily_code
from app.wording.page_codes import code, code_hash
from tests.app.web.people import NOW, Payer, Stand, add_payer, change, one_value
from tests.databases import on_both_stores
from tests.factories import add, add_customer, add_invoice

SHOWN_TO_STRANGERS = frozenset({"/p/{token}/check", "/p/{token}/prove", "/p/{token}/renew"})
"""Routes that tell nothing of a debt, and so ask nothing."""
TELLING = re.compile(r"1[,.]?000|1[,.]?240|240[,.]50|A-\d+|Dana|Cohen|invoices? with")


@pytest.fixture
def asked(stand: Stand, dana: Payer) -> Payer:
    """Dana, whose page asks first: by postcode, or by what else is on file."""
    wants(stand)
    change(stand, """UPDATE customer SET postal = '{"postcode": "SW1A 1AA"}'""")
    return dana


def wants(stand: Stand) -> None:
    change(stand, """UPDATE creditor SET page_check = '["postcode", "birth_year", "invoice"]'""")


def coded(stand: Stand, payer: Payer) -> str:
    """The short code of a payer's link, kept as delivery keeps it."""
    made = code(stand.settings.secret, payer.link_id)
    kept = code_hash(stand.settings.secret, made)
    change(stand, f"UPDATE link SET code_hash = '{kept}' WHERE id = {payer.link_id}")
    return made


def count(stand: Stand, table: str, where: str = "1 = 1") -> int:
    return int(one_value(stand, f"SELECT count(*) FROM {table} WHERE {where}"))


def routes(stand: Stand) -> Iterator[tuple[str, str]]:
    for route in iter_route_contexts(stand.app.routes):
        if str(route.path).startswith("/p/{token}"):
            yield from ((method, str(route.path)) for method in sorted(route.methods or ()))


def prove(client: TestClient, payer: Payer, answer: str = "sw1a1aa") -> str:
    """Answers the page's question; the client keeps the proof."""
    led = client.post(f"{payer.path}/prove", data={"answer": answer})
    assert led.status_code == 303, led.text
    return str(led.headers["set-cookie"])


def test_no_route_tells_anything_before_the_proof(
    stand: Stand, client: TestClient, asked: Payer
) -> None:
    before = {table: count(stand, table) for table in ("event", "promise", "dispute", "hardship")}
    seen = 0
    for method, pattern in routes(stand):
        path = pattern.replace("{token}", asked.token).replace("{invoice}", "1")
        if pattern in SHOWN_TO_STRANGERS or path.endswith(("/stop", "/wrong-person")):
            continue
        form = {"nonce": "x"} if method == "POST" else None
        answer = client.request(method, path, data=form)
        assert answer.status_code == (403 if method == "POST" else 200), (method, pattern)
        assert not TELLING.search(answer.text), (method, pattern)
        assert "set-cookie" not in answer.headers
        assert method == "HEAD" or "One question first" in answer.text
        seen += 1
    assert seen > 25
    for path in (f"{asked.path}/check", f"{asked.path}/stop", f"{asked.path}/wrong-person"):
        assert not TELLING.search(client.get(path).text), path
    assert before == {table: count(stand, table) for table in before}


def test_only_pages_that_tell_nothing_look_behind_a_link_without_the_proof() -> None:
    web = Path(__file__).parents[3] / "app" / "web"
    using = {
        file.relative_to(web).as_posix()
        for file in web.rglob("*.py")
        if re.search(r"\bbehind\(", file.read_text("utf-8"))
    }
    assert using == {
        "visits.py", "prove.py", "door.py", "genuine.py",
        "submission.py",  # this is not for me
        "outbox.py", "sandbox.py",  # in development alone
    }  # fmt: skip


@on_both_stores
def test_one_answer_opens_the_page_for_half_an_hour(
    stand: Stand, client: TestClient, asked: Payer
) -> None:
    wrong = client.post(f"{asked.path}/prove", data={"answer": "SW1A 2AA"})
    assert (wrong.status_code, "set-cookie" in wrong.headers) == (422, False)
    assert 'role="alert"' in wrong.text

    cookie = prove(client, asked)

    for part in (f"Path={asked.path}", "HttpOnly", "SameSite=lax", "Max-Age=1800"):
        assert part in cookie
    assert "Secure" not in cookie, "the stand is not served by https"
    page = client.get(asked.path)
    assert "Hello <bdi>Dana</bdi>" in page.text
    assert one_value(stand, f"SELECT clicked_at FROM message WHERE id = {asked.message_id}")
    stand.clock.move_to(NOW + timedelta(minutes=31))
    assert "One question first" in client.get(asked.path).text


def test_a_proof_is_of_one_page(stand: Stand, client: TestClient, asked: Payer) -> None:
    secret = stand.settings.secret
    prove(client, asked)
    kept = str(client.cookies[COOKIE])
    until, _, mac = kept.partition(".")
    assert Ticket(asked.token, kept).is_proven(secret, NOW)
    assert not Ticket("A" * 22, kept).is_proven(secret, NOW)
    later = int(until) + 9
    for forged in ("", "x", f"{later}.{mac}", f"{until}.{'0' * 32}", f"{until}.{mac}0", f"٣.{mac}"):
        assert not Ticket(asked.token, forged).is_proven(secret, NOW), forged
    assert not Ticket(asked.token, kept).is_proven(bytes(32), NOW)


@on_both_stores
def test_five_wrong_answers_end_the_link_and_say_where_the_new_one_goes(
    stand: Stand, client: TestClient, asked: Payer
) -> None:
    publish_shipped(stand.database, NOW)
    said = [client.post(f"{asked.path}/prove", data={"answer": f"no{n}"}) for n in range(6)]
    assert [answer.status_code for answer in said] == [422] * 4 + [410, 404]
    assert "A new link is on its way" in said[4].text
    assert "This page is closed" in client.get(asked.path).text
    assert count(stand, "event", "kind = 'invoice_asked'") == 1


def test_without_anything_on_file_the_page_says_whom_to_talk_to(
    stand: Stand, client: TestClient
) -> None:
    payer = add_payer(stand, invoices=False)
    wants(stand)
    page = client.get(payer.path).text
    assert "nothing on file" in page
    assert "+972 4 855 0100" in page


def test_whoever_it_is_not_for_needs_no_proof(
    stand: Stand, client: TestClient, asked: Payer
) -> None:
    assert client.post(f"{asked.path}/stop").headers["location"].startswith("/thanks/stop")
    left = client.post(f"{asked.path}/wrong-person")
    assert left.headers["location"].startswith("/thanks/wrong_person")
    assert count(stand, "suppression", "reason = 'wrong_person'") > 0


def test_a_rule_of_law_asks_without_anybodys_wish(stand: Stand, client: TestClient) -> None:
    publish_shipped(stand.database, NOW)
    payer = add_payer(stand, country="US", region="IL", birth_year=1984)
    assert "Hello" in client.get(payer.path).text
    change(stand, "UPDATE creditor SET role = 'third_party_collector'")
    page = client.get(payer.path).text
    assert "the year in which you were born" in page
    assert "invoice numbers" not in page, "it stands in the message itself"


# The door without a link.


@on_both_stores
def test_the_code_and_an_answer_open_the_page(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    typed = coded(stand, dana).lower().replace("-", " ")
    door = client.get("/c/carmel")
    assert ("Carmel Water" in door.text, "set-cookie" in door.headers) == (True, False)

    led = client.post("/c/carmel", data={"code": typed, "answer": "A-11"})
    assert led.status_code == 422, "four digits are too few to be the end of this number"
    change(stand, "UPDATE customer SET birth_year = 1984")
    led = client.post("/c/carmel", data={"code": typed, "answer": "١٩٨٤"})

    assert (led.status_code, led.headers["location"]) == (303, dana.path)
    assert f"Path={dana.path}" in led.headers["set-cookie"]
    assert client.post("/c", data={"code": typed, "answer": "1984"}).status_code == 303


def test_a_wrong_code_an_old_one_and_a_wrong_answer_look_alike(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    change(stand, "UPDATE customer SET birth_year = 1984")
    add(stand.database, Creditor, external_id="Galil & Co", name="Galil", country="IL",
        zone="Asia/Jerusalem", locale="en", currency="ILS", created_at=NOW)  # fmt: skip
    typed = coded(stand, dana)

    def said(code: str, answer: str, path: str = "/c/carmel") -> tuple[int, str]:
        got = client.post(path, data={"code": code, "answer": answer})
        return got.status_code, got.text.replace(code, "CODE")

    wrong = said("22222-22222", "1984")
    assert said(typed, "1985") == wrong
    assert said("no code", "1984") == wrong
    assert said(typed, "1984", "/c/galil-co")[0] == 422, "it is another creditor's door"
    change(stand, "UPDATE link SET expires_at = '2026-11-01 00:00:00+00:00'")
    assert said(typed, "1984") == wrong
    assert client.get("/c/nobody").text.replace("/c/nobody", "/c") == client.get("/c").text


def test_who_tries_codes_locks_out_their_own_network_alone(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    change(stand, "UPDATE customer SET birth_year = 1984")
    right = {"code": coded(stand, dana), "answer": "1984"}
    for _ in range(TRIES):
        assert client.post("/c", data={"code": "22222-22222", "answer": "1"}).status_code == 422
    assert client.post("/c", data=right).status_code == 429
    assert client.get(dana.path).status_code == 200, "the link itself goes on"
    with TestClient(stand.app, client=("203.0.113.9", 1), follow_redirects=False) as elsewhere:
        assert elsewhere.post("/c", data=right).status_code == 303
    stand.clock.move_to(NOW + timedelta(minutes=2))
    assert client.post("/c", data=right).status_code == 303, "one try a minute comes back"


def test_a_network_is_an_address_or_a_line() -> None:
    assert network_of("203.0.113.9") == network_of("::ffff:203.0.113.9") == "203.0.113.9"
    assert network_of("2001:db8:1:2:3::4") == network_of("2001:db8:1:2::5")
    assert network_of("2001:db8:1:3::5") != network_of("2001:db8:1:2::5")
    assert network_of("unix:") == "unix:"
    assert slug_of(" Galil & Co. (North) ") == "galil-co-north"


# All that a person owes.


@on_both_stores
def test_a_person_sees_all_their_accounts_and_nobody_elses(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    galil = add(stand.database, Creditor, external_id="galil", name="Galil Power", country="IL",
                zone="Asia/Jerusalem", locale="en", currency="ILS", created_at=NOW)  # fmt: skip
    key = str(one_value(stand, "SELECT key FROM person"))
    hers = add_customer(stand.database, galil, "G-1", person=key)
    add_invoice(stand.database, hers, "G-2026", amount=7_700)
    other = add_payer(stand, "Avi Levi", given_name="Avi")
    change(stand, "UPDATE customer SET birth_year = 1984")
    phone = f"(SELECT address_id FROM contact_point WHERE customer_id = {dana.customer_id} LIMIT 1)"
    change(stand, f"UPDATE contact_point SET address_id = {phone}"
                  f" WHERE customer_id = {other.customer_id}")  # fmt: skip

    assert "All your accounts with us" in client.get(dana.path).text
    assert "All your accounts with us" not in client.get(other.path).text
    strangers = client.get(f"{dana.path}/accounts")
    assert "One question first" in strangers.text
    assert "Galil" not in strangers.text
    assert client.post(f"{dana.path}/accounts", data={"customer": hers}).status_code == 403

    led = client.post(f"{dana.path}/prove", data={"answer": "1984", "to": "accounts"})
    assert led.headers["location"] == f"{dana.path}/accounts"
    page = client.get(f"{dana.path}/accounts").text
    assert ("Galil Power" in page, "77.00" in page, "Avi" in page) == (True, True, False)

    there = client.post(f"{dana.path}/accounts", data={"customer": hers})
    path = there.headers["location"].partition("?")[0]
    assert f"Path={path}" in there.headers["set-cookie"]
    assert "G-2026" in client.get(path).text
    stolen = client.post(f"{dana.path}/accounts", data={"customer": other.customer_id})
    assert stolen.headers["location"].startswith(dana.path)
    assert "set-cookie" not in stolen.headers


def test_two_customers_on_one_number_never_see_each_other(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    other = add_payer(stand, "Avi Levi", given_name="Avi", birth_year=1990)
    prove(client, other, "1990")
    assert "<bdi>Dana" not in client.get(f"{other.path}/accounts").text
    assert not Ticket(dana.token, str(client.cookies[COOKIE])).is_proven(stand.settings.secret, NOW)


# Whether it is us, and what becomes of old links.


def test_the_check_shows_the_code_that_staff_have(
    stand: Stand, client: TestClient, asked: Payer
) -> None:
    change(stand, """UPDATE creditor SET brand = '{"website": "https://carmel.example/pay"}'""")
    page = client.get(f"{asked.path}/check").text
    assert daily_code(stand.settings.secret, asked.customer_id, NOW.date()) in page
    assert "carmel.example" in page
    assert 'href="https://' not in page
    assert f'href="{asked.path}/check' in client.get(asked.path).text


def test_a_page_closes_a_week_after_all_is_settled_and_not_for_a_dispute(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    change(stand, f"UPDATE customer SET ledger_changed_at = '{NOW:%Y-%m-%d %H:%M:%S}+00:00'")
    prices = "UPDATE invoice SET open_minor = 0 WHERE id = 1"
    change(stand, prices)
    stand.clock.move_to(NOW + timedelta(days=8))
    assert client.get(dana.path).status_code == 200, "one invoice is still open"
    change(stand, "UPDATE invoice SET open_minor = 0")
    assert client.get(dana.path).status_code == 404
    lately = NOW + timedelta(days=2)
    change(stand, f"UPDATE customer SET ledger_changed_at = '{lately:%Y-%m-%d %H:%M:%S}+00:00'")
    assert client.get(dana.path).status_code == 200, "the receipt may be read again"


@on_both_stores
def test_an_old_link_asks_for_a_new_one_and_every_token_is_answered_alike(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    publish_shipped(stand.database, NOW)
    change(stand, "UPDATE link SET expires_at = '2026-11-01 00:00:00+00:00'")
    tampered, foreign = dana.token[:-1] + "x", "B" * 22
    pages = [client.get(f"/p/{token}") for token in (dana.token, tampered, foreign)]
    alike = {(page.status_code, re.sub(r"/p/[^/?\"]+", "", page.text)) for page in pages}
    assert len(alike) == 1
    assert f'action="{dana.path}/renew' in pages[0].text

    answers = [client.post(f"/p/{token}/renew") for token in (dana.token, tampered, "<script>")]
    told = {(answer.status_code, answer.headers["location"]) for answer in answers}
    assert told == {(303, "/thanks/new_link?lang=en")}
    assert "If the link was one of ours" in client.get("/thanks/new_link").text
    assert count(stand, "event", "kind = 'invoice_asked'") == 1
    for _ in range(9):
        client.post(f"{dana.path}/renew")
    assert count(stand, "event", "kind = 'invoice_asked'") == 1
    change(stand, "UPDATE customer SET erased_at = '2026-11-02 00:00:00+00:00'")
    assert client.get(dana.path).status_code == 404


def test_every_page_is_neutral_and_leads_to_the_check(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    """Titles, previews and headers of all pages below a link, and of the door."""
    for method, pattern in (*routes(stand), ("GET", "/c"), ("GET", "/c/{creditor}")):
        if method != "GET":
            continue
        path = pattern.replace("{token}", dana.token).replace("{invoice}", "999")
        answer = client.get(f"{path.replace('{creditor}', 'carmel')}?lang=en")
        headers = answer.headers
        assert headers["cache-control"] == "no-store", path
        assert headers["referrer-policy"] == "no-referrer", path
        assert headers["x-robots-tag"].startswith("noindex"), path
        assert "default-src 'none'" in headers["content-security-policy"], path
        assert "script" not in headers["content-security-policy"], path
        if answer.status_code == 303 or not headers["content-type"].startswith("text/html"):
            continue
        assert "<title>Secure page</title>" in answer.text, path
        assert not re.search(r"og:|twitter:|name=.description", answer.text), path
        assert "<script" not in answer.text, path
        assert ("/check?lang=" in answer.text) == pattern.startswith("/p/"), path
