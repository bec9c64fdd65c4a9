"""Two customers who share a telephone: no page of the one tells anything of the other."""

from __future__ import annotations

from fastapi.routing import iter_route_contexts
from starlette.testclient import TestClient

from app.web.tickets import COOKIE, Ticket
from app.wording.page_codes import code, code_hash
from tests.app.web.people import NOW, Payer, Stand, change, one_value
from tests.app.web.security.forms import DREAMED, PLANNED
from tests.app.web.security.neighbours import SECRETS, press

MORE = (
    "?lang=en", "?lang=he", "?done=promise", f"/{PLANNED}", f"/{DREAMED}",
    "/statement?period=all", "/statement.csv?period=all",
)  # fmt: skip


def pages(stand: Stand) -> list[str]:
    """Every route below a link that answers a GET, and some with what a page adds to it."""
    patterns = [
        str(route.path)
        for route in iter_route_contexts(stand.app.routes)
        if str(route.path).startswith("/p/{token}") and "GET" in (route.methods or ())
    ]
    return [*(pattern.removeprefix("/p/{token}") for pattern in patterns), *MORE]


def test_the_neighbours_own_pages_hold_what_must_not_be_seen_elsewhere(
    client: TestClient, zimri: Payer
) -> None:
    """Else the tests below could not fail."""
    seen = "".join(
        client.get(zimri.path + page).text
        for page in ("?lang=en", "/statement", "/thread", "/timeline", "/call", "/card")
    )
    assert [word for word in SECRETS if word not in seen] == []


def test_no_page_of_one_tells_anything_of_the_other(
    stand: Stand, client: TestClient, dana: Payer, zimri: Payer
) -> None:
    shared = one_value(
        stand,
        "SELECT count(DISTINCT customer_id) FROM contact_point"
        f" WHERE address_id = {dana.address_id}",
    )
    assert shared == 2
    invoice = one_value(
        stand, f"SELECT max(id) FROM invoice WHERE customer_id = {zimri.customer_id}"
    )
    checkout = one_value(stand, "SELECT max(id) FROM checkout")
    asked = [page.replace("{invoice}", str(invoice)) for page in pages(stand)]
    asked += [f"/receipt?c={checkout}", f"/dispute?invoice={invoice}", f"/call?number={invoice}"]
    seen = 0
    for page in asked:
        answer = client.get(dana.path + page, follow_redirects=True)
        assert answer.status_code in (200, 404), page
        for word in SECRETS:
            assert word not in answer.text, (page, word)
        seen += answer.status_code == 200
    assert seen > 25


def test_what_one_does_is_not_shown_to_the_other(
    stand: Stand, client: TestClient, dana: Payer, zimri: Payer
) -> None:
    press(client, dana, "/thread", "thread", words="A word of Dana's")
    press(client, dana, "/promise", "promise")

    for page in pages(stand):
        text = client.get(zimri.path + page.replace("{invoice}", "1"), follow_redirects=True).text
        for word in ("A word of Dana", "1,240.50", "A-11", "Hello <bdi>Dana"):
            assert word not in text, (page, word)


def test_neither_opens_the_page_of_the_other_by_an_answer_a_code_or_a_proof_of_their_own(
    stand: Stand, client: TestClient, dana: Payer, zimri: Payer
) -> None:
    change(stand, """UPDATE creditor SET page_check = '["birth_year"]'""")
    change(stand, f"UPDATE customer SET birth_year = 1984 WHERE id = {dana.customer_id}")
    secret = stand.settings.secret
    typed = code(secret, dana.link_id)
    kept = code_hash(secret, typed)
    change(stand, f"UPDATE link SET code_hash = '{kept}' WHERE id = {dana.link_id}")

    assert client.post(f"{dana.path}/prove", data={"answer": "1990"}).status_code == 422
    assert client.post("/c", data={"code": typed, "answer": "1990"}).status_code == 422
    assert client.post(f"{zimri.path}/prove", data={"answer": "1990"}).status_code == 303

    proof = str(client.cookies[COOKIE])
    assert Ticket(zimri.token, proof).is_proven(secret, NOW)
    assert not Ticket(dana.token, proof).is_proven(secret, NOW)
    stolen = client.get(dana.path, headers={"cookie": f"{COOKIE}={proof}"})
    assert "One question first" in stolen.text
    assert client.post(f"{dana.path}/prove", data={"answer": "1984"}).status_code == 303


def test_this_is_not_for_me_ends_the_pages_of_its_own_customer_alone(
    client: TestClient, dana: Payer, zimri: Payer
) -> None:
    client.post(f"{dana.path}/wrong-person")

    assert client.get(dana.path).status_code == 404
    assert client.get(zimri.path).status_code == 200
